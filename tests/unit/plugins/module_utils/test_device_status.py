# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device statuses: load → list → plan → (check mode: stop) → set → confirm → result."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    GuardError,
    InputError,
    PreflightError,
    RefusedError,
    StoppedError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.device_status import device_status_spec
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.activate import Mode, Surroundings
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.device_status import declare_statuses
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Reader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import entry, imei, mdn
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import World

REFUSED = RefusedError("not this one", None, "PUT", "/x", 409)
KEYS = {"changed", "plan", "summary", "devices", "devices_omitted", "msg", "requests", "elapsed", "warnings"}


class Account(World):
    """A service that is its own session."""

    is_owned = staticmethod(lambda: True)
    closed = 0

    def __call__(self, options, on_secret):
        """Return the only session."""
        self.reader = Reader(options.field_names, device_statuses=DeviceStatuses(options.status_words))
        on_secret("obtained")
        return self

    def statistics(self):
        """Return the counts of requests."""
        return {"reads": sum(self.asked.values()), "writes": len(self.puts), "retried": 0, "throttled_seconds": 0.0}

    def close(self):
        """Count the calls."""
        self.closed += 1

    def go(self, state="suspended", check=False, diff=False, **params):
        """Run the task."""
        known = {name: option.get("default") for name, option in device_status_spec().items()}
        given = {**known, "api_token": "t", "state": state, **params}
        surroundings = Surroundings(self, is_owned=self.is_owned, clock=self.clock, sleep=self.clock.sleep)
        return declare_statuses(given, Mode(check, diff), lambda secret: None, surroundings)


@pytest.fixture
def account():
    """An account with three active devices and a suspended one."""
    made = Account()
    made.list_devices(entry(0, nickname="Bus 0"), entry(1), entry(2), entry(3, "SUSPENDED"))
    return made


def named(*numbers):
    """Devices by their MDNs."""
    return [{"mdn": mdn(number)} for number in numbers]


def test_only_differing_statuses_are_set_and_the_second_run_sets_nothing(account):
    check = account.go(check=True, diff=True, devices=named(0, 3))
    assert (check["changed"], check["summary"], account.puts) == (True, {"would_set": 1, "unchanged": 1}, [])
    first = account.go(diff=True, devices=named(0, 3), reason="Summer")
    assert (first["changed"], first["summary"]) == (True, {"set": 1, "unchanged": 1})
    assert set(first) == set(check) == KEYS | {"diff"}
    assert (first["plan"], first["diff"]) == (check["plan"], check["diff"])
    assert account.puts == [("NORTHSTAR-ISD", [mdn(0)], "SUSPENDED", "Summer")]
    (device,) = first["devices"]
    assert device == {
        "mdn": mdn(0), "imei": imei(0), "iccid": entry(0).iccid, "eid": None, "nickname": "Bus 0", "status": "active",
        "device_status": "SUSPENDED", "outcome": "set", "reason": "was listed as active",
    }  # fmt: skip
    assert check["devices"] == [
        {**device, "device_status": "active", "outcome": "would_set", "reason": "listed as active"}
    ]
    account.asked.clear()
    second = account.go(devices=named(0, 3))
    assert (second["changed"], second["summary"], second["devices"]) == (False, {"unchanged": 2}, [])
    assert (check["msg"], first["msg"], second["msg"]) == (
        "Would set 1; 1 unchanged",
        "1 set, 1 unchanged",
        "2 unchanged",
    )
    assert account.asked == {"listing": 1}
    assert account.closed == 3


def test_an_empty_list_of_devices_is_nothing_to_do(account):
    found = account.go(devices=[], except_devices=named(1), diff=True)
    assert (found["changed"], found["msg"], found["diff"]) == (False, "no devices", {"before": "", "after": ""})
    assert set(found) == KEYS | {"diff"}
    assert account.closed == 0


def test_the_season_in_one_task(account):
    everyone, exceptions = named(0, 1, 2, 3), [{"imei": imei(1)}]
    away = account.go("suspended", devices=everyone, except_devices=exceptions)
    assert away["summary"] == {"set": 2, "excepted": 1, "unchanged": 1}
    back = account.go("active", devices=everyone, except_devices=exceptions)
    assert back["summary"] == {"set": 3, "excepted": 1}
    assert [(mdns, word) for _corp, mdns, word, _reason in account.puts] == [
        ([mdn(0), mdn(2)], "SUSPENDED"),
        ([mdn(0), mdn(2), mdn(3)], "active"),
    ]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"max_changes": 2}, GuardError),
        ({"devices": named(9)}, InputError),
        ({"state": "lost"}, PreflightError),
        ({"state": " "}, InputError),
        ({"reason": ""}, InputError),
        ({"max_changes": -1}, InputError),
        ({"settle_timeout": -1}, InputError),
        ({"result_limit": 2000}, InputError),
        ({"api_url": "gopher://x"}, InputError),
    ],
)
def test_some_tasks_are_refused_before_anything_is_set(account, params, error, check):
    with pytest.raises(error):
        account.go(**{"devices": named(0, 1, 2), "check": check, **params})
    assert account.puts == []


def test_a_status_that_the_account_lacks_is_an_error_before_anything_is_set(account):
    account.statuses = ["Active"]
    for check in (True, False):
        with pytest.raises(PreflightError, match="no device status suspended"):
            account.go(devices=named(0), check=check)
    # If nothing is to be set, the account's statuses are not read.
    assert account.go(devices=named(3))["summary"] == {"unchanged": 1}


def test_all_problems_of_options_and_devices_are_reported_at_once(account):
    with pytest.raises(InputError, match="The task has 4 errors") as caught:
        account.go(state="", devices=[{"mdn": "1"}], request_retries=-1, settle_timeout=-1)
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("delay", "settle", "outcome", "slept"),
    [(0, 30, "set", 0), (20, 30, "set", 20), (40, 30, "pending", 30), (5, 0, "pending", 0)],
)
def test_the_list_is_read_until_it_shows_the_status(account, delay, settle, outcome, slept):
    account.list_delay = delay
    found = account.go(devices=named(0, 1), settle_timeout=settle)
    assert found["summary"] == {outcome: 2}
    assert found["changed"]
    assert bool(found.get("failed")) == (outcome == "pending")
    assert sum(account.clock.slept) == pytest.approx(slept, abs=5)
    if outcome == "pending":
        assert {device["device_status"] for device in found["devices"]} == {"active"}
        assert "raise settle_timeout, or run the task again later" in found["msg"]


def test_without_waiting_nothing_is_looked_up(account):
    account.list_delay = 1000
    found = account.go(devices=named(0), wait=False)
    (done,) = found["devices"]
    assert (done["device_status"], done["reason"]) == (None, "was listed as active; the service accepted the request")
    account.refuses_status = {mdn(1): REFUSED}
    found = account.go(devices=named(0, 1), wait=False)
    assert found["summary"] == {"failed": 1, "set": 1}
    (failed,) = found["devices"]
    assert (failed["mdn"], failed["device_status"]) == (mdn(1), None)
    assert failed["reason"] == "listed as active; not set: PUT /x: not this one"
    assert (account.clock.slept, account.asked["listing"]) == ([], 2)


def test_a_refused_device_with_the_new_status_in_the_list_is_set(account):
    account.refuses_status = {mdn(0): REFUSED}
    account._set.append((account.clock.now, mdn(0), "SUSPENDED"))
    account.list_delay = 0.4
    found = account.go(devices=named(0, 1))
    assert found["summary"] == {"set": 2}


def test_a_deactivated_device_fails_and_the_others_are_set(account):
    account.list_devices(entry(4, "Deactivated"))
    for check in (True, False):
        found = account.go("active", check=check, devices=named(3, 4))
        assert found["failed"]
        assert found["summary"] == {"failed": 1, "would_set" if check else "set": 1}
        assert found["plan"]["refused"] == 1
        assert "activate it with an activation module" in found["msg"]
    assert [mdns for _corp, mdns, _word, _reason in account.puts] == [[mdn(3)]]


def test_if_the_list_becomes_unreadable_the_devices_are_pending(account):
    export, looks = account.listing_export, []

    def fail_later(*how):
        looks.append(how)
        if len(looks) > 1:
            raise UnreachableError("no list now", None, "GET", "/x")
        return export(*how)

    account.listing_export = fail_later
    found = account.go(devices=named(0))
    assert found["summary"] == {"pending": 1}
    assert "the device list cannot be read: GET /x: no list now" in found["devices"][0]["reason"]


def test_an_unreadable_list_is_an_error_with_its_warnings(account):
    def fail(*_how, **_more):
        raise RefusedError("no list", None, "GET", "/x", 400)

    account.listing_export = account.listing_pages = fail
    with pytest.raises(RefusedError, match="no list") as caught:
        account.go(devices=[{"iccid": "8901410321111851072" + "1"}])
    assert "check_account" in str(caught.value)
    assert "listing: none" not in str(caught.value)
    assert len(caught.value.warnings) == 1
    assert account.closed == 1


def test_an_orphaned_run_sets_nothing(account):
    account.is_owned = lambda: False
    assert account.go(devices=named(0))["summary"] == {"failed": 1}
    assert account.puts == []


def test_an_orphaned_run_does_not_wait(account):
    account.list_delay = 1000
    account.is_owned = lambda: account.clock.now < 1007
    with pytest.raises(StoppedError):
        account.go(devices=named(0), settle_timeout=600)
    assert account.clock.now < 1020


@pytest.mark.parametrize(("which", "listed"), [("all", 3), ("changed", 2), ("attention", 0), ("none", 0)])
def test_the_result_lists_the_selected_devices(account, which, listed):
    found = account.go(devices=named(0, 1, 3), result_devices=which)
    assert len(found["devices"]) == listed
    assert found["devices_omitted"] == 0


@pytest.mark.parametrize(("which", "listed"), [("all", 1), ("changed", 1), ("attention", 1), ("none", 0)])
def test_a_failure_lists_only_devices_that_need_attention(account, which, listed):
    account.refuses_status = {mdn(1): REFUSED}
    found = account.go(devices=named(0, 1, 3), result_devices=which)
    assert [device["mdn"] for device in found["devices"]] == [mdn(1)] * listed
    assert found["devices_omitted"] == 0
    assert found["msg"].splitlines()[0] == "1 of 3 devices needs attention:"
    assert found["msg"].splitlines()[-1] == "1 set, 1 unchanged, 1 failed"


def test_a_result_fits_into_a_controller():
    account = Account()
    account.list_devices(*(entry(number, nickname="Bus " * 60) for number in range(3000)))
    account.refuses_status = {mdn(number): REFUSED for number in range(500)}
    found = account.go(devices=named(*range(3000)), diff=True)
    assert found["summary"] == {"failed": 500, "set": 2500}
    assert len(json.dumps(found)) < 700_000
    assert len(found["devices"]) + found["devices_omitted"] == 500
    assert found["diff"]["before"].splitlines()[-1] == found["diff"]["after"].splitlines()[-1]
    assert found["diff"]["before"].splitlines()[-1].startswith("and ")
    assert "and 480 more" in found["msg"]


STATUSES = st.sampled_from(["active", "Activated", "SUSPENDED", "paused", "Deactivated", "eclipse"])


@given(
    st.lists(STATUSES, min_size=1, max_size=230),
    st.sets(st.integers(0, 229), max_size=9),
    st.sets(st.integers(0, 229), max_size=20),
    st.sampled_from(["active", "suspended"]),
    st.sampled_from([1, 8]),
)
def test_in_any_fleet_the_first_run_sets_all_that_it_can_and_the_second_nothing(
    statuses, refused, exceptions, state, concurrency
):
    account = Account(concurrency=concurrency)
    account.list_devices(*(entry(number, status) for number, status in enumerate(statuses)))
    account.refuses_status = {mdn(number): REFUSED for number in refused}
    task = {
        "devices": named(*range(len(statuses))),
        "except_devices": named(*(number for number in exceptions if number < len(statuses))),
        "state": state,
        "settle_timeout": 0,
        "result_devices": "none",
    }
    check = account.go(check=True, **task)
    assert account.puts == []
    first = account.go(**task)
    assert first["plan"] == check["plan"]
    reads = DeviceStatuses().read
    for number, status in enumerate(statuses):
        now = account.listed[mdn(number)].status
        if number in exceptions or number in refused or reads(status) in (state, "deactivated"):
            assert now == status
        else:
            assert reads(now) == state
    assert all(len(mdns) <= 100 for _corp, mdns, _word, _reason in account.puts)
    assert first["changed"] == any(account._set)
    account.refuses_status = {}
    account.go(**task)
    account.puts.clear()
    assert not account.go(**task)["changed"]
    assert account.puts == []
