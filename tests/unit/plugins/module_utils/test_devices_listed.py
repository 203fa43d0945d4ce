# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device list as a result: filtered, limited, with the requested columns."""

from __future__ import annotations

import csv
import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    ScopeError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories import devices as story
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.devices import SHOWN, Query, devices_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Reader

ENTRIES = [
    Entry("201-555-0001", status="active", carrier="Verizon", device_group="G1", device_group_name="North"),
    Entry("201-555-0002", status="Hibernated", carrier="AT&T", device_group="G2", device_group_name="South"),
    Entry("201-555-0003", status="Resting", carrier="AT&T", device_group="North", labels=("spare",)),
    Entry("201-555-0004", status="In Stock", carrier="Verizon", note="in the depot"),
]


class Account:
    """A device list; `asked` has the columns and searches of CSV and pages."""

    def __init__(self, online=None):
        self.session = self
        self.reader = Reader(device_statuses=DeviceStatuses({"suspended": ["resting"]}))
        self.asked = []
        self._online = online

    def corp_id(self):
        """The account."""
        return "NORTH"

    def listing_export(self, _corp_id, read, columns, search, *_rest):
        """The CSV."""
        self.asked.append((columns, search))
        return read(iter(ENTRIES))

    def listing_pages(self, _corp_id, read, search, *_rest):
        """The pages."""
        self.asked.append(("pages", search))
        return read(entry._replace(online=self._online) for entry in ENTRIES)


def found(account=None, search=None, **params):
    """Return the last digit of each device's MDN."""
    listed = devices_of(account or Account(), Query.read(params), search)
    return "".join(device["mdn"][-1] for device in listed.devices)


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, "1234"),
        ({"statuses": ["active"]}, "1"),
        ({"statuses": ["Suspended"]}, "23"),
        ({"statuses": ["resting", "in-stock"]}, "34"),
        ({"carriers": ["at&t"]}, "23"),
        ({"device_groups": ["north"]}, "13"),
        ({"device_groups": ["G2", "north"], "carriers": ["AT&T"], "statuses": ["suspended"]}, "23"),
        ({"limit": 2}, "12"),
        ({"statuses": [], "carriers": [], "device_groups": [], "columns": []}, "1234"),
    ],
)
def test_filters_match_by_meaning_and_by_the_services_words(params, wanted):
    assert found(**params) == wanted


def test_omitted_devices_are_counted():
    listed = devices_of(Account(), Query.read({"limit": 1, "carriers": ["AT&T"]}))
    assert (len(listed.devices), listed.total) == (1, 2)


def test_each_device_has_the_same_keys_and_plain_values():
    listed = devices_of(Account(), Query.read({"columns": ["NOTE", "note", "Oem Serial Number"]}))
    keys = {*SHOWN, "state", "note", "oem_serial_number"}
    assert all(set(device) == keys for device in listed.devices)
    assert [device["state"] for device in listed.devices] == ["active", "suspended", "suspended", None]
    assert (listed.devices[2]["labels"], listed.devices[3]["note"]) == (["spare"], "in the depot")


@pytest.mark.parametrize("search", [None, "", "  ", "bus"])
def test_a_blank_search_is_ignored(search):
    account = Account()
    found(account, search)
    assert account.asked[0][1] == ("bus" if search == "bus" else None)


@pytest.mark.parametrize("online", [True, False])
def test_the_online_column_is_read_from_the_pages_on_request(online):
    account = Account(online)
    listed = devices_of(account, Query.read({"columns": ["ONLINE"]}), "bus")
    assert {device["online"] for device in listed.devices} == {online}
    assert account.asked[1:] == [("pages", "bus")]
    assert {device["online"] for device in devices_of(Account(online), Query.read({})).devices} == {None}


def test_every_mistake_is_reported_at_once():
    with pytest.raises(InputError) as caught:
        Query.read({"columns": ["sumer_status"], "statuses": ["-"], "limit": -1})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["columns", "statuses", "limit"]
    assert "did you mean summer_status?" in str(caught.value)


class Service(Account):
    """A device list behind the connection options; `problem`: the error of reading it."""

    def __init__(self, monkeypatch, problem=None):
        super().__init__()
        self._problem = problem
        monkeypatch.setattr(story, "Session", lambda _options, _on_secret: self)
        monkeypatch.setattr(story, "SentinelAPI", lambda _session: self)

    def close(self):
        """Close the session."""

    def listing_export(self, *arguments):
        if self._problem is not None:
            raise self._problem
        return super().listing_export(*arguments)

    def listing_pages(self, *arguments):
        if self._problem is not None:
            raise self._problem
        return super().listing_pages(*arguments)


def result(**params):
    """The module's result."""
    given = {"api_url": "https://sentinel.example", "api_token": "t", **params}
    return story.devices(given, lambda _secret: None)


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_the_result_file_has_every_device_despite_the_limit(monkeypatch, tmp_path, ending):
    Service(monkeypatch)
    path = tmp_path / f"devices.{ending}"
    found = result(limit=1, result_file=str(path), carriers=["AT&T"], columns=["note"])
    assert (len(found["devices"]), found["total"], found["devices_omitted"]) == (1, 2, 1)
    text = path.read_text(encoding="utf-8").splitlines()
    if ending == "jsonl":
        rows = [json.loads(line) for line in text]
        assert rows[0] == found["devices"][0]
        assert rows[1]["labels"] == ["spare"]
    else:
        header, *rows = csv.reader(text)
        assert header == list(found["devices"][0])
        assert rows[1][header.index("labels")] == "spare"
    assert len(rows) == 2


def test_an_unsupported_result_file_is_refused_before_any_request(monkeypatch, tmp_path):
    service = Service(monkeypatch)
    with pytest.raises(InputError, match=r"result_file: .*: unsupported file type"):
        result(result_file=str(tmp_path / "devices.xml"))
    assert service.asked == []


@pytest.mark.parametrize(
    "problem", [ScopeError("no scope"), UnexpectedAnswerError("a page of HTML"), InputError(["no corp_id"])]
)
def test_an_unreadable_list_is_a_warning_only_with_auto(monkeypatch, tmp_path, problem):
    Service(monkeypatch, problem)
    path = tmp_path / "devices.jsonl"
    with pytest.raises(type(problem)) as caught:
        result()
    assert "listing: none" not in str(caught.value)
    found = result(listing="auto", result_file=str(path))
    assert (found["available"], found["devices"], found["total"]) == (False, [], 0)
    (warning,) = found["warnings"]
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert not path.exists()


def test_a_temporary_problem_is_an_error_even_with_auto(monkeypatch):
    Service(monkeypatch, UnreachableError("no connection"))
    with pytest.raises(UnreachableError):
        result(listing="auto")


def test_listing_none_sends_no_request(monkeypatch):
    service = Service(monkeypatch)
    found = result(listing="none")
    assert (found["available"], found["devices"]) == (False, [])
    assert "warnings" not in found
    assert service.asked == []
