# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_transactions_info in playbooks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from harness.infos import Infos, documented
from harness.playbooks import Outcome, Playbooks
from harness.simulators import (
    ACTIVE,
    FAILED,
    HISTORY_PATH,
    LINES_PATH,
    OLD_ACTIVE,
    PENDING,
    TOKEN_WITHOUT_SCOPES,
    Simulator,
)

V1 = "GET /v1.0/activation/transactions?"
V2 = f"GET {HISTORY_PATH}?"
PLUGIN = "modules/sentinel_transactions_info"
#: Two transactions of yesterday, of which one has two lines.
SEEDED: tuple[dict[str, Any], ...] = (
    {"transaction_id": "ACT-A", "days_ago": 1, "imei": "355737360073462", "status": "active", "carrier": "Verizon"},
    {"transaction_id": "ACT-A", "days_ago": 1, "imei": "355737361000015", "status": "failed", "carrier": "AT&T"},
    {"transaction_id": "ACT-B 1", "days_ago": 1, "imei": "355737361000023", "status": "pending", "carrier": "AT&T"},
)


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module. The history does not change."""
    sentinel.reset_unchanging()
    sentinel.history(*SEEDED)
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_transactions_info")


def ids(outcome: Outcome) -> list[str]:
    """The ids of the transactions in a result."""
    return [entry["transaction_id"] for entry in outcome["transactions"]]


def find(outcome: Outcome, device: dict[str, str]) -> dict[str, Any]:
    """The transaction of a device."""
    (transaction,) = [entry for entry in outcome["transactions"] if entry["imei"] == device["imei"]]
    assert isinstance(transaction, dict)
    return transaction


def test_the_whole_history_or_a_page_is_returned(sentinel: Simulator, info: Infos) -> None:
    outcomes = info.both(
        {
            "recent": {},
            "all": {"version": 1, "sort_dir": "ASC"},
            "page": {"offset": 2, "limit": 3},
            "page of all": {"version": 1, "sort_dir": "ASC", "limit": 4},
            "from": {"offset": 30},
        }
    )
    recent, everything = outcomes["recent"], outcomes["all"]
    assert len(ids(recent)) == recent["total_count"] == 24 + 5 + 2
    assert len(ids(everything)) == everything["total_count"] == 32 + 6 + 2
    assert ids(everything)[-31:] == ids(recent)[::-1]
    assert ids(outcomes["page"]) == ids(recent)[2:5]
    assert ids(outcomes["page of all"]) == ids(everything)[:4]
    assert ids(outcomes["from"]) == ids(recent)[30:]
    assert [outcomes[name]["total_count"] for name in ("page", "page of all", "from")] == [31, 40, 31]
    # The second request overlaps the first one by one transaction.
    assert sentinel.calls(recent) == [f"{V2}sortDir=ASC&offset={offset}&limit=500" for offset in (0, 30)]
    assert sentinel.calls(everything) == [f"{V1}sortDir=ASC&offset={offset}&limit=500" for offset in (0, 39)]
    assert sentinel.calls(outcomes["page"]) == [f"{V2}sortDir=DESC&offset=2&limit=3"]
    assert sentinel.calls(outcomes["page of all"]) == [f"{V1}sortDir=ASC&offset=0&limit=4"]
    assert sentinel.calls(outcomes["from"]) == [f"{V2}sortDir=DESC&offset=30&limit=500"]


def test_a_transaction_has_the_documented_values(info: Infos) -> None:
    outcome = info({"all": {"version": 1}})["all"]
    states = [(ACTIVE, "active"), (PENDING, "pending"), (OLD_ACTIVE, "active"), (FAILED, "failed")]
    assert [find(outcome, device)["state"] for device, state in states] == [state for device, state in states]
    samples = documented(PLUGIN, "RETURN")["transactions"]["contains"]
    active = find(outcome, ACTIVE)
    assert set(active) == set(samples) - {"lines"}
    changing = ("transaction_id", "started")
    assert {**active, **dict.fromkeys(changing)} == {
        **{name: field["sample"] for name, field in samples.items() if name != "lines"},
        **dict.fromkeys(changing),
    }
    assert find(outcome, PENDING)["pending_lines"] == 1
    (mixed,) = [entry for entry in outcome["transactions"] if entry["transaction_id"] == "ACT-A"]
    assert (mixed["state"], mixed["total_lines"], mixed["success_lines"], mixed["failed_lines"]) == ("failed", 2, 1, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"page_max": 7},
        {"page_max": 5, "page_overlap": 2},
        {"page_max": 1},
        {"envelope": "list"},
        {"envelope": "no_total"},
    ],
)
def test_pages_that_are_short_overlap_or_have_no_total_are_read_completely(
    sentinel: Simulator, info: Infos, settings: dict[str, Any]
) -> None:
    whole = info({"whole": {"version": 1}})["whole"]
    sentinel.settings(**settings)
    outcomes = info({"again": {"version": 1}, "page": {"limit": 1}})
    assert ids(outcomes["again"]) == ids(whole)
    assert outcomes["again"]["total_count"] == 40
    assert outcomes["page"]["total_count"] == (None if "envelope" in settings else 31)


def test_transactions_can_be_selected_by_id(sentinel: Simulator, info: Infos) -> None:
    listed = info({"listed": {}})["listed"]
    active, pending = find(listed, ACTIVE)["transaction_id"], find(listed, PENDING)["transaction_id"]
    outcomes = info.both(
        {
            "some": {"transaction_ids": [pending, active, "ACT-A", pending]},
            "one": {"transaction_ids": "ACT-B 1"},
            "none": {"transaction_ids": []},
            "of a carrier": {"transaction_ids": [active, "ACT-A"], "carrier": "at&t"},
        }
    )
    some = outcomes["some"]["transactions"]
    assert ids(outcomes["some"]) == [pending, active, "ACT-A"]
    assert [entry["state"] for entry in some] == ["pending", "active", "failed"]
    assert [(entry["total_lines"], entry["failed_lines"]) for entry in some] == [(1, 0), (1, 0), (2, 1)]
    assert [(entry["imei"], entry["iccid"]) for entry in some[:2]] == [
        (device["imei"], device["iccid"]) for device in (PENDING, ACTIVE)
    ]
    line = some[1]["lines"][0]
    samples = documented(PLUGIN, "RETURN")["transactions"]["contains"]["lines"]["contains"]
    assert set(line) == set(samples)
    same = ("imei", "iccid", "status", "state", "carrier", "device_group", "filter_group", "service_zip_code", "reason")
    assert {name: line[name] for name in same} == {name: samples[name]["sample"] for name in same}
    assert [line["state"] for line in some[2]["lines"]] == ["active", "failed"]
    assert some[2]["lines"][1]["reason"]
    assert sorted(sentinel.calls(outcomes["some"])) == sorted(
        f"GET {LINES_PATH}{name}" for name in ids(outcomes["some"])
    )
    assert ids(outcomes["one"]) == ["ACT-B 1"]
    assert (outcomes["none"]["transactions"], sentinel.calls(outcomes["none"])) == ([], [])
    (of_carrier,) = outcomes["of a carrier"]["transactions"]
    assert (of_carrier["transaction_id"], of_carrier["total_lines"]) == ("ACT-A", 2)
    assert [line["carrier"] for line in of_carrier["lines"]] == ["AT&T"]


def test_filters_select_transactions_and_lines(sentinel: Simulator, info: Infos) -> None:
    sentinel.settings(status_words={"COMPLETED": "Fertig", "SUBMITTED": "Just-Arrived"})
    german = {"status_words": {"success": ["fertig"]}}
    outcomes = info.both(
        {
            "whole": {},
            "failed": {"status": ["failed"]},
            "pending": {"status": ["pending"]},
            "their word": {"status": "FERTIG"},
            "two": {"status": ["failed", "active"], **german},
            "lines": {
                "status": ["pending", "active"],
                "lines": True,
                "carrier": "AT&T",
                "since": "2020-01-01",
                **german,
            },
            "never": {"since": "2999-01-01"},
        }
    )
    whole = outcomes["whole"]
    entries = {entry["transaction_id"]: entry for entry in whole["transactions"]}
    for state in ("failed", "pending"):
        assert ids(outcomes[state]) == [name for name, entry in entries.items() if entry["state"] == state]
    assert PENDING["imei"] in {entry["imei"] for entry in outcomes["pending"]["transactions"]}
    assert ids(outcomes["their word"]) == [name for name, entry in entries.items() if entry["status"] == "Fertig"]
    assert sorted(ids(outcomes["two"]) + ids(outcomes["pending"])) == sorted(entries)
    assert all(outcomes[name]["total_count"] == 31 for name in outcomes)
    lines = [line for entry in outcomes["lines"]["transactions"] for line in entry["lines"]]
    assert {line["carrier"] for line in lines} == {"AT&T"}
    assert "ACT-B 1" in ids(outcomes["lines"])
    asked = [call for call in sentinel.calls(outcomes["lines"]) if LINES_PATH in call]
    assert len(asked) == 31 - len(ids(outcomes["failed"]))
    assert outcomes["never"]["transactions"] == []


def test_since_is_compared_with_the_start_time_as_the_service_shows_it(sentinel: Simulator, info: Infos) -> None:
    for offset in (0, -6):
        sentinel.settings(utc_offset=offset)
        listed = info({"listed": {}})["listed"]
        entry = find(listed, ACTIVE)
        start = datetime.strptime(f"{entry['started']} +0000", "%m/%d/%Y %I:%M:%S %p %z").replace(tzinfo=None)
        outcomes = info(
            {
                "then": {"since": start.isoformat()},
                "after": {"since": str(start + timedelta(seconds=1)), "sort_dir": "ASC"},
                "that day": {"since": start.date().isoformat(), "limit": 100},
            }
        )
        place = ids(listed).index(entry["transaction_id"])
        assert ids(outcomes["then"]) == ids(listed)[: place + 1]
        assert ids(outcomes["after"]) == ids(listed)[:place][::-1]
        assert ids(listed)[: place + 1] == ids(outcomes["that day"])[: place + 1]
        assert len(ids(outcomes["that day"])) < len(ids(listed))


def test_wrong_options_are_refused_before_any_request(sentinel: Simulator, info: Infos) -> None:
    one = {"transaction_ids": ["ACT-A"]}
    outcomes = info.assert_fail(
        {
            "two ways": ({**one, "limit": 5}, "limit cannot be used with transaction_ids"),
            "no lines": ({"carrier": "AT&T"}, "carrier requires lines=true or transaction_ids"),
            "lines denied": ({**one, "lines": False}, "lines: false cannot be used"),
            "empty id": ({"transaction_ids": [" "]}, "transaction_ids: contains an empty id"),
            "no date": ({"since": "yesterday"}, "since: yesterday is not a date; use the form 2026-03-01"),
            "zone": ({"since": "2026-03-01T08:00Z"}, "since: 2026-03-01T08:00Z has a time zone"),
            "no word": ({"status": ["?"]}, "status: '?' has no letter or digit"),
            "several": ({"offset": -1, "limit": 0, "since": "x"}, "The input has 3 errors"),
            "bad order": ({"sort_dir": "UP"}, "value of sort_dir must be one of: ASC, DESC"),
            "bad version": ({"version": 3}, "value of version must be one of: 1, 2"),
        }
    )
    assert all(sentinel.calls(outcome) == [] for outcome in outcomes.values())


def test_refusals_of_the_service_are_reported(info: Infos) -> None:
    outcomes = info.assert_fail(
        {
            "unknown": ({"transaction_ids": ["ACT-2026-0313-999"]}, "does not know transaction ACT-2026-0313-999."),
            "two unknown": (
                {"transaction_ids": ["ACT-X", "ACT-A", "ACT-Y"]},
                "does not know transactions ACT-X, ACT-Y.",
            ),
            "wrong token": ({"api_token": "wrong-secret-0815"}, "api_token is not accepted (HTTP 401)"),
            "no scope": (
                {"api_token": TOKEN_WITHOUT_SCOPES},
                f"GET {HISTORY_PATH}: the credentials lack the scope aux_activation (HTTP 403)",
            ),
            "no scope for lines": (
                {"api_token": TOKEN_WITHOUT_SCOPES, "transaction_ids": ["ACT-A"]},
                "the credentials lack the scope aux_activation (HTTP 403)",
            ),
        }
    )
    error, sample = outcomes["unknown"]["error"], documented(PLUGIN, "RETURN")["error"]["sample"]
    assert {**error, "cure": None} == {**sample, "cure": None}
    assert error["cure"].startswith("Check the id, and that it is a transaction of this account")


def test_a_service_that_returns_the_same_page_for_every_offset_is_reported(sentinel: Simulator, info: Infos) -> None:
    page = {"transactions": [{"transactionId": "ACT-1", "status": "COMPLETED"}, {"transactionId": "ACT-2"}]}
    sentinel.faults({"kind": "status", "status": 200, "body": page, "count": 50})
    words = "the service returns the same pages for every offset: 2 entries received, there may be more"
    info.assert_fail({"repeats": ({}, words)})


def test_transactions_without_a_readable_start_time_are_kept_with_a_warning(sentinel: Simulator, info: Infos) -> None:
    page = [{"transactionId": "ACT-1", "transactionStartTimestamp": "last week"}, {"transactionId": "ACT-2"}]
    sentinel.faults({"kind": "status", "status": 200, "body": page})
    outcome = info({"odd": {"limit": 5, "since": "2026-01-01"}})["odd"]
    assert ids(outcome) == ["ACT-1", "ACT-2"]
    assert [entry["state"] for entry in outcome["transactions"]] == ["pending", "pending"]
    assert any("since: 2 transactions have no readable start time" in text for text in outcome.warnings)
