# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of an inventory, its file, history and cache."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AuthenticationError, InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Entry
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.sources import (
    Account,
    Settings,
    check_options,
    find_devices,
    from_cache,
    read_account,
    to_cache,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    declared,
    iccid,
    imei,
    line,
    params,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, serving

DEFAULTS = {
    "source": None,
    "src": None,
    "kind": "sim",
    "defaults": {},
    "undeclared": True,
    "status_words": {},
    "statuses": [],
    "carriers": [],
    "device_groups": [],
    "filter_groups": [],
    "device_statuses": [],
    "listing": "auto",
    "online": False,
}


@pytest.fixture
def fleet(tmp_path):
    """A file that declares two devices."""
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps([declared(0, nickname="Bus 0"), declared(1)]), encoding="utf-8")
    return path


def settings(directory, **options):
    """The settings by these options."""
    return Settings.read({**DEFAULTS, **options}.get, str(directory))


def problems_of(function, *args, **kwargs):
    """The problems that a call raises."""
    with pytest.raises(InputError) as caught:
        function(*args, **kwargs)
    return caught.value.problems


@pytest.mark.parametrize(
    ("options", "source"),
    [
        ({}, "history"),
        ({"src": "fleet.json"}, "merged"),
        ({"src": "fleet.json", "source": "declared"}, "declared"),
        ({"src": " "}, "history"),
    ],
)
def test_the_source_follows_from_the_file_unless_it_is_given(fleet, options, source):
    assert settings(fleet.parent, **options).source == source


def test_a_path_is_relative_to_the_inventory_file(fleet, tmp_path, monkeypatch):
    assert settings(fleet.parent, src="fleet.json").src == str(fleet)
    assert settings("/", src=str(fleet)).src == str(fleet)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings("/", src="~/fleet.json").src == str(fleet)


def test_other_settings_are_as_given(fleet):
    found = settings(
        fleet.parent,
        src="fleet.json",
        kind="esim",
        defaults={"carrier": "AT&T"},
        undeclared=False,
        status_words={"success": ["live"]},
        carriers=["AT&T"],
        statuses=["missing"],
    )
    assert (found.kind, found.defaults, found.undeclared) == (ESIM, {"carrier": "AT&T"}, False)
    assert found.words.state("Live") == "active"
    assert found.filters._asdict() == {
        "statuses": ["missing"],
        "carriers": ["AT&T"],
        "device_groups": [],
        "filter_groups": [],
        "device_statuses": [],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "declared"}, "src: is required with source: declared"),
        ({"source": "merged"}, "src: is required with source: merged"),
        ({"source": "history", "src": "fleet.json"}, "src: cannot be used with source: history; use source:"),
        ({"src": "none.csv"}, "src: {0}/none.csv is not a file; paths are relative to the directory of the inv"),
        ({"src": "."}, "src: {0}/. is not a file"),
        (
            {"source": "listing", "src": "fleet.json"},
            "src: cannot be used with source: listing; use source: declared or merged",
        ),
        ({"source": "listing", "listing": "none"}, "listing: none cannot be used with source: listing"),
        ({"listing": "none", "online": True}, "online: the device list is not read; set listing: required"),
        ({"listing": "none", "device_statuses": ["x"]}, "device_statuses: the device list is not read"),
        ({"source": "declared", "src": "fleet.json", "online": True}, "online: the device list is not read"),
        (
            {"source": "declared", "src": "fleet.json", "statuses": ["active"]},
            "statuses: source: declared reads no status",
        ),
        ({"status_words": {"good": ["live"]}}, "status_words: unknown key 'good'"),
        ({"status_words": {"success": {"live": True}}}, "status_words: success must be a string or a list of strings"),
        ({"kind": "radio"}, "kind: 'radio' is not a kind of device"),
        ({"defaults": {"colour": "red"}}, 'defaults: unknown field "colour"'),
    ],
)
def test_invalid_settings_are_refused(fleet, options, message):
    problems = problems_of(settings, fleet.parent, **options)
    assert len(problems) == 1
    assert problems[0].startswith(message.format(fleet.parent))


def test_all_problems_are_reported_at_once(tmp_path):
    assert len(problems_of(settings, tmp_path, source="declared", statuses=["active"], status_words={"x": []})) == 3


def test_an_unknown_option_is_refused_with_a_suggestion():
    check_options(["plugin", "src"], ["plugin", "src", "source"])
    assert problems_of(check_options, ["plugin", "sorce"], ["plugin", "src", "source"]) == [
        "unknown option 'sorce'; did you mean source? Valid: source, src, plugin"
    ]


# -- Finding -----------------------------------------------------------------------------------------------------------


def statuses(found):
    """The status of each device."""
    return {entry.key: entry.values["sentinel_status"] for entry in found.entries}


def not_called(_declared):
    """Fails if the service is called."""
    raise AssertionError("the service was called")


def shows(*lines, entries=None):
    """An account with this history and device list."""
    return lambda _declared: Account(lines, entries)


def test_source_declared_needs_no_history(fleet):
    found = find_devices(settings(fleet.parent, src="fleet.json", source="declared"), not_called)
    assert statuses(found) == {iccid(0): None, iccid(1): None}


def test_an_invalid_file_is_refused_before_the_history_is_read(fleet):
    fleet.write_text(json.dumps([declared(0, imei="1")]), encoding="utf-8")
    assert (
        "fleet.json, device 1: imei 1: has 1 digit"
        in problems_of(find_devices, settings(fleet.parent, src="fleet.json"), not_called)[0]
    )


def test_source_history_needs_no_file(tmp_path):
    assert statuses(find_devices(settings(tmp_path), shows(line(5)))) == {iccid(5): "active"}


def test_both_are_merged_and_filtered(fleet):
    lines = [line(0), line(5, "Queued"), line(6, "Failed")]
    found = find_devices(settings(fleet.parent, src="fleet.json"), shows(*lines))
    assert statuses(found) == {iccid(0): "active", iccid(1): "missing", iccid(5): "pending", iccid(6): "failed"}
    found = find_devices(settings(fleet.parent, src="fleet.json", statuses=["missing", "pending"]), shows(*lines))
    assert statuses(found) == {iccid(1): "missing", iccid(5): "pending"}
    found = find_devices(settings(fleet.parent, src="fleet.json", undeclared=False), shows(*lines))
    assert statuses(found) == {iccid(0): "active", iccid(1): "missing"}


def test_remarks_and_misspelt_filters_are_reported(fleet):
    fleet.write_text(json.dumps([declared(0, iccid=iccid(0)[:-1] + "0", device_group=None)]), encoding="utf-8")
    found = find_devices(settings(fleet.parent, src="fleet.json", source="declared", carriers=["Verizn"]), not_called)
    assert found.entries == []
    assert [warning.partition(":")[0] for warning in found.warnings] == ["carriers"]
    assert any("device_group is required" in remark for remark in found.remarks)


# -- The history -------------------------------------------------------------------------------------------------------

CSV = f"Transaction ID,IMEI,ICCID,Line Status\nT1,{imei(0)},{iccid(0)},Completed\nT2,{imei(1)},{iccid(1)},Queued\n"


def history_of(given):
    """The lines and warnings of reading only the history."""
    account, warnings = read_account(given.get, settings("/", listing="none"), frozenset())
    assert account.entries is None
    return account.lines, warnings


def test_the_history_is_one_request():
    with serving(Answer(CSV.encode())) as server:
        lines, warnings = history_of(params(api_url=server.url, api_token="t"))
        paths = [request.path for request in server.requests]
    assert len(paths) == 1
    assert paths[0].endswith("/v2.0/activation/transactions?sortDir=ASC&export=CSV")
    assert (lines, warnings) == ([line(0), line(1, "Queued", "T2")], [])


def test_without_an_export_the_history_is_read_from_its_pages_with_a_warning():
    def answer(request):
        if "export=CSV" in request.path:
            return Answer({"message": "no export"}, 403)
        page = [{"transactionId": "T1", "status": "Completed", "totalLines": 1, "imei": imei(0), "iccid": iccid(0)}]
        return Answer(page if "v1.0" in request.path and "offset=0" in request.path else page[:0])

    with serving(answer) as server:
        lines, warnings = history_of(params(api_url=server.url, api_token="t"))
    assert lines == [line(0)]
    assert "The whole history was read from its pages instead (1 transactions)" in warnings[0]


def test_the_history_is_read_with_custom_field_names():
    names = {"imei": "zorp", "iccid": "bleep", "status": "flurb", "transaction_id": "wimble"}
    csv = CSV.replace("Transaction ID,IMEI,ICCID,Line Status", "Wimble,Zorp,Bleep,Flurb")
    with serving(Answer(csv.encode())) as server:
        given = params(api_url=server.url, api_token="t", field_names=names)
        assert history_of(given)[0] == [line(0), line(1, "Queued", "T2")]


def test_without_credentials_nothing_is_requested():
    with pytest.raises(AuthenticationError, match="Set api_token"):
        history_of(params())


# -- The cache ---------------------------------------------------------------------------------------------------------

ACCOUNT = {"api_url": "https://h", "corp_id": "C", "api_username": "u", "api_token": "secret", "api_password": "secret"}


HISTORY = Settings.read(DEFAULTS.get, "/")
LISTED = [
    Entry("521-267-1508", imei(0), iccid(0), status="Paused", last_30_days_used=3, labels=("a", "b"), online=False),
    Entry("521-267-1509", imei(1)),
]


def kept(account, options, asked=HISTORY):
    """The cache of an account, read back from JSON."""
    return json.loads(json.dumps(to_cache(account, asked, options.get)))


def lines_from(cache, options):
    """The lines in the cache."""
    account = from_cache(cache, HISTORY, options.get)
    return account and account.lines


def test_the_cache_is_json_without_secrets():
    account = Account([line(0, nickname="{{ x }}"), line(1, "Queued", None)], LISTED)
    cache = kept(account, ACCOUNT)
    assert from_cache(cache, HISTORY, ACCOUNT.get) == account
    assert "secret" not in json.dumps(cache)


@pytest.mark.parametrize("option", ["api_url", "corp_id", "api_username", "field_names"])
def test_the_cache_of_another_account_is_ignored(option):
    assert lines_from(kept(Account([line(0)], []), ACCOUNT), {**ACCOUNT, option: "other"}) is None


@pytest.mark.parametrize("missing", [("api_username", "api_password"), ("api_username",), ("api_password",)])
def test_without_a_login_the_token_identifies_the_account(missing):
    options = {**ACCOUNT, **dict.fromkeys(missing)}
    cache = kept(Account([line(0)], []), options)
    assert "secret" not in json.dumps(cache)
    assert lines_from(cache, options) == [line(0)]
    assert lines_from(cache, {**options, "api_token": " secret\n"}) == [line(0)]
    assert lines_from(cache, {**options, "api_token": "other"}) is None
    assert lines_from(cache, {**options, "api_token": None}) is None
    assert lines_from(kept(Account([line(0)], []), {**options, "api_token": None}), options) is None


def test_with_a_login_a_new_token_is_the_same_account():
    cache = kept(Account([line(0)], []), ACCOUNT)
    assert lines_from(cache, {**ACCOUNT, "api_token": "other"}) == [line(0)]


@pytest.mark.parametrize("cache", [None, [], {}, {"fields": ["imei"], "account": ["https://h", "C", "u"], "lines": []}])
def test_the_cache_of_another_version_is_ignored(cache):
    assert from_cache(cache, HISTORY, ACCOUNT.get) is None


@pytest.mark.parametrize(
    ("kept_with", "wanted", "taken"),
    [
        ({}, {}, True),
        ({}, {"listing": "none"}, True),
        ({}, {"source": "listing"}, True),
        ({"listing": "none"}, {}, False),
        ({"source": "listing"}, {}, False),
        ({"source": "listing"}, {"source": "listing"}, True),
        ({}, {"online": True}, False),
        ({"online": True}, {}, True),
    ],
)
def test_the_cache_is_used_if_it_has_everything_that_is_needed(kept_with, wanted, taken):
    before, now = settings("/", **kept_with), settings("/", **wanted)
    account = Account([line(0)] if before.reads_history else None, LISTED if before.reads_listing else None)
    found = from_cache(kept(account, ACCOUNT, before), now, ACCOUNT.get)
    assert (found is not None) is taken
    if found:
        assert (found.lines is not None) >= now.reads_history
        assert (found.entries is not None) is now.reads_listing


def test_a_list_that_could_not_be_read_is_requested_again_only_if_required():
    cache = kept(Account([line(0)], None), ACCOUNT)
    assert from_cache(cache, HISTORY, ACCOUNT.get) == Account([line(0)], None)
    assert from_cache(cache, settings("/", listing="required"), ACCOUNT.get) is None
