# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the device list: each change between reads once, and the remembered devices."""

from __future__ import annotations

import sqlite3
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    InputError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events import cursor as event_cursor
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events import feed as event_feed
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.cursor import Cursor
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.devices import Device, device_changes
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.feed import Feed
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.settings import Settings
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import entry, iccid, imei, mdn

ACCOUNT = "https://sentinel.example/api"
STATUSES = DeviceStatuses()
DAY = 86400.0
ACTIVE, PAUSED, RETIRED, ODD = "active", "Paused", "Retired", "Port pending"


class Memory:
    """The remembered devices, and all events."""

    def __init__(self, account=ACCOUNT):
        self.account = account
        self.known = {}
        self.events = []

    def read(self, *entries, now=0.0, quiet=False, stop_after=None):
        """Returns the events of a read, such as "suspended 1". `stop_after`: number of changes that are remembered."""
        emitted = []
        changes = device_changes(self.account, STATUSES, entries, sorted(self.known.values()), now, quiet)
        for change in changes[:stop_after]:
            self.known[change.device.name] = change.device
            if change.event:
                self.events.append(change.event)
                number = next(n for n in range(100) if imei(n) == change.event["device"]["imei"])
                emitted.append(f"{change.event['type'].removeprefix('device_')} {number}")
        return emitted


# -- Two reads compared ------------------------------------------------------------------------------------------------


def test_only_new_devices_are_reported():
    memory = Memory()
    assert memory.read(entry(1), entry(2, PAUSED), quiet=True) == []
    assert memory.read(entry(1), entry(2, PAUSED), entry(3, PAUSED)) == ["listed 3"]
    assert memory.read(entry(1), entry(2, PAUSED), entry(3, PAUSED)) == []


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (ACTIVE, PAUSED, "suspended"),
        (ACTIVE, RETIRED, "deactivated"),
        (PAUSED, ACTIVE, "restored"),
        (PAUSED, RETIRED, "deactivated"),
        (RETIRED, ACTIVE, "restored"),
        (RETIRED, PAUSED, "suspended"),
        (ODD, ACTIVE, None),
        (ODD, PAUSED, "suspended"),
        (ODD, RETIRED, "deactivated"),
        (ACTIVE, ODD, None),
        (PAUSED, "SUSPENDED", None),
        (ACTIVE, ACTIVE, None),
        (ACTIVE, None, None),
    ],
)
def test_a_change_of_the_state_is_one_event(before, after, event):
    memory = Memory()
    memory.read(entry(1, before), quiet=True)
    assert memory.read(entry(1, after)) == ([] if event is None else [f"{event} 1"])
    assert memory.read(entry(1, after)) == []


def test_an_unknown_word_does_not_change_the_remembered_state():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    memory.read(entry(1, ODD))
    assert memory.read(entry(1)) == []
    memory.read(entry(1, ODD))
    assert memory.read(entry(1, PAUSED)) == ["suspended 1"]


def test_a_missing_device_is_not_forgotten():
    memory = Memory()
    memory.read(entry(1), entry(2), quiet=True)
    assert memory.read(entry(1)) == []
    assert memory.read() == []
    assert memory.read(entry(1), entry(2, PAUSED)) == ["suspended 2"]


def test_the_best_state_of_several_entries_counts():
    memory = Memory()
    memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1), quiet=True)
    assert memory.read(entry(1), entry(1, RETIRED, mdn=mdn(9))) == []
    assert memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1, PAUSED)) == ["suspended 1"]


def test_the_old_entry_of_a_reactivated_device_is_ignored():
    memory = Memory()
    memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1), quiet=True)
    assert memory.read(entry(1, RETIRED, mdn=mdn(9))) == [], "the list is partial"
    assert memory.read(entry(1, RETIRED)) == ["deactivated 1"]


def test_an_event_has_all_fields():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    memory.read(entry(1, "SUSPENDED", iccid=None, nickname="Bus {{ x }}", device_group="Lab", filter_group="Staff"))
    (event,) = memory.events
    assert event == {
        "id": event["id"],
        "type": "device_suspended",
        "device": {
            "state": "suspended",
            "previous_state": "active",
            "mdn": mdn(1),
            "imei": imei(1),
            "iccid": iccid(1),
            "sim_id": None,
            "eid": None,
            "status": "SUSPENDED",
            "carrier": "Verizon",
            "device_group": "Lab",
            "filter_group": "Staff",
            "nickname": "Bus {{ x }}",
        },
        "meta": {"uuid": event["id"]},
    }


def test_ids_depend_on_account_and_occurrence_only():
    def ids(account):
        memory = Memory(account)
        for status in (ACTIVE, PAUSED, ACTIVE, PAUSED):
            memory.read(entry(1, status))
        return [event["id"] for event in memory.events]

    assert ids(ACCOUNT) == ids(ACCOUNT)
    assert len(set(ids(ACCOUNT))) == 4
    assert not set(ids(ACCOUNT)) & set(ids("https://other.example/api"))


# -- Which device it is ------------------------------------------------------------------------------------------------


def test_csv_and_pages_show_the_same_devices():
    memory = Memory()
    memory.read(entry(1), entry(2), quiet=True)
    pages = [entry(1, iccid=None), entry(2, PAUSED, iccid=None)]
    assert memory.read(*pages) == ["suspended 2"]
    assert memory.read(entry(1), entry(2, PAUSED)) == []
    other = Memory()
    other.read(*pages, quiet=True)
    assert other.read(entry(1), entry(2)) == ["restored 2"]
    assert {device.iccid for device in other.known.values()} == {iccid(1), iccid(2)}


def test_a_sim_that_moves_is_the_same_device():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    assert memory.read(entry(1, imei=imei(9))) == []
    assert memory.read(entry(1, PAUSED, imei=imei(9), mdn=mdn(5))) == ["suspended 9"]


def test_another_sim_is_another_device_in_any_equipment():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    assert memory.read(entry(1), entry(1, iccid=iccid(9), mdn=mdn(9))) == ["listed 1"]
    assert memory.read(entry(1), entry(1, PAUSED, iccid=iccid(9), mdn=mdn(9))) == ["suspended 1"]


def test_a_reactivated_device_is_restored_with_another_mdn():
    for known in ({}, {"iccid": None}):
        memory = Memory()
        memory.read(entry(1, RETIRED, **known), quiet=True)
        assert memory.read(entry(1, mdn=mdn(9), **known)) == ["restored 1"]


def test_two_mdns_with_one_imei_are_two_devices():
    memory = Memory()
    both = [entry(1, iccid=None), entry(1, PAUSED, iccid=None, mdn=mdn(9))]
    memory.read(*both, quiet=True)
    assert memory.read(both[1]) == []
    assert memory.read(*both) == []
    assert memory.read(both[0], entry(1, iccid=None, mdn=mdn(9))) == ["restored 1"]


def test_a_device_without_an_mdn_gets_one():
    memory = Memory()
    memory.read(entry(1, iccid=None, mdn=None), quiet=True)
    assert memory.read(entry(1, iccid=None)) == []
    assert len(memory.known) == 1


def test_an_entry_without_identifiers_is_left_out():
    memory = Memory()
    assert memory.read(entry(1, iccid=None, imei=None, mdn=None)) == []
    assert memory.known == {}


def test_an_mdn_that_moves_to_another_sim_belongs_to_that_sim():
    memory = Memory()
    memory.read(entry(1, RETIRED), quiet=True)
    assert memory.read(entry(1, RETIRED), entry(2, mdn=mdn(1))) == ["listed 2"]
    assert memory.read(entry(1, RETIRED), entry(2, PAUSED, mdn=mdn(1))) == ["suspended 2"]


def test_a_placeholder_of_many_devices_identifies_none():
    memory = Memory()
    many = [entry(number, imei=imei(99), iccid=None) for number in range(60)]
    assert memory.read(*many, quiet=True) == []
    assert len(memory.known) == 60
    assert memory.read(*many[:30], entry(70, imei=imei(99), iccid=None)) == ["listed 99"]


# -- Whatever is listed ------------------------------------------------------------------------------------------------

#: Statuses of four devices; None: the list does not show it.
READS = st.lists(st.tuples(*[st.sampled_from([ACTIVE, PAUSED, RETIRED, ODD, None])] * 4), min_size=1, max_size=8)


def shown(statuses, pages=False):
    """The entries of a read."""
    more = {"iccid": None} if pages else {}
    return [entry(number, status, **more) for number, status in enumerate(statuses) if status]


@given(reads=READS, cuts=st.lists(st.integers(0, 4), max_size=8), ways=st.lists(st.booleans(), min_size=8, max_size=8))
def test_each_change_is_reported_once_despite_restarts(reads, cuts, ways):
    """Reads can be interrupted anywhere, and use pages. In total, the events are the same."""
    calm, disturbed = Memory(), Memory()
    calm.read(*shown(reads[0]), quiet=True)
    disturbed.read(*shown(reads[0]), quiet=True)
    for statuses, pages in zip(reads[1:], ways):
        calm.read(*shown(statuses))
        while cuts:
            disturbed.read(*shown(statuses, pages), stop_after=cuts.pop())
        disturbed.read(*shown(statuses, pages))

    def summary(memory):
        return sorted((event["type"], event["device"]["imei"], event["device"]["state"]) for event in memory.events)

    assert summary(disturbed) == summary(calm)
    assert len({event["id"] for event in disturbed.events}) == len(disturbed.events)
    for number in range(4):
        states = [STATUSES.read(statuses[number]) for statuses in reads]
        known = [state for state in states if state]
        types = [event["type"] for event in calm.events if event["device"]["imei"] == imei(number)]
        assert len(types) <= sum(1 for statuses in reads[1:] if statuses[number])
        assert not known or types.count("device_suspended") <= known.count("suspended")


ANY = st.builds(
    lambda one, other, number, status: entry(
        0,
        status,
        imei=None if one is None else imei(one),
        iccid=None if other is None else iccid(other),
        mdn=None if number is None else mdn(number),
    ),
    *[st.none() | st.integers(0, 2)] * 3,
    st.sampled_from([ACTIVE, PAUSED, RETIRED, ODD]),
)


@given(st.lists(st.lists(ANY, max_size=6), max_size=5))
def test_the_same_list_makes_no_events_and_names_are_unique(reads):
    known = {}
    for entries in reads:
        for repeat in range(3):
            changes = device_changes(ACCOUNT, STATUSES, entries, list(known.values()), 1.0)
            assert len({change.device.name for change in changes}) == len(changes)
            assert repeat < 2 or not any(change.event for change in changes)
            known.update({change.device.name: change.device for change in changes})


# -- What is remembered ------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "state")


def test_devices_are_remembered_after_a_restart(path):
    (change,) = device_changes(ACCOUNT, STATUSES, [entry(1, PAUSED)], [], 5.0)
    first = Cursor(path, {"api_url": ACCOUNT})
    assert first.devices.is_quiet
    with first.writing():
        first.devices.begin(False)
        first.devices.remember(change)
        first.devices.read_once(5.0)
    first.close()
    second = Cursor(path, {"api_url": ACCOUNT})
    assert second.devices.known() == [
        Device(f"iccid {iccid(1)}", mdn(1), imei(1), iccid(1), None, None, "suspended", 1, 5.0)
    ]
    assert not second.devices.is_quiet
    with second.writing():
        second.devices.forget(5.1)
    assert second.devices.known() == []
    second.close()


def test_a_state_file_without_devices_is_accepted(path):
    db = sqlite3.connect(path)
    db.executescript(event_cursor._TABLES)
    db.execute("INSERT INTO about VALUES ('version', '1'), ('api_url', ?), ('caught_up', '5.0')", (ACCOUNT,))
    db.commit()
    db.close()
    cursor = Cursor(path, {"api_url": ACCOUNT})
    assert cursor.has_caught_up
    assert cursor.devices.known() == []
    assert cursor.devices.is_quiet
    cursor.close()


# -- Reading -----------------------------------------------------------------------------------------------------------


class Service:
    """A service without a history, with a device list. `asked`: number of reads. `error`: raised by a read."""

    def __init__(self):
        self.session = types.SimpleNamespace(concurrency=1, close=lambda: None, corp_id=lambda: "NORTH")
        self.entries = []
        self.error = None
        self.asked = 0

    def transactions_page(self, *_how):
        return [], 0

    def listing_export(self, corp_id, read, *_how):
        self.asked += 1
        return self.listing_pages(corp_id, read)

    def listing_pages(self, _corp_id, read, *_how):
        if self.error is not None:
            raise self.error
        return read(iter(self.entries))


@pytest.fixture
def service(monkeypatch):
    made = Service()
    monkeypatch.setattr(event_feed, "SentinelAPI", lambda session: made)
    return made


@pytest.fixture
def poll(service, path):
    """Polls: poll(entries…, seconds) → the types of the events. With `again`, by a restarted source."""
    state = {"now": 1000.0}
    arguments = {"api_url": ACCOUNT, "api_token": "token", "state_file": path, "listing_interval": 300}
    feeds = []

    def run(*entries, seconds=300.0, again=False, take=None, **more):
        state["now"] += seconds
        if again or not feeds:
            for feed in feeds:
                feed.close()
            feeds.append(Feed(Settings.read({**arguments, **more}), lambda seconds: None, lambda: state["now"]))
        service.entries = entries
        emitted = []
        for batch in feeds[-1].poll():
            for change in batch.changes:
                if change.event is not None:
                    if len(emitted) == take:
                        return emitted
                    emitted.append(change.event["type"])
                    feeds[-1].remember(change)
            feeds[-1].keep(batch)
        return emitted

    yield run
    for feed in feeds:
        feed.close()


def test_the_list_is_read_at_intervals_and_after_restarts(service, poll):
    assert poll(entry(1)) == []
    assert poll(entry(1, PAUSED), seconds=299) == []
    assert service.asked == 1
    assert poll(entry(1, PAUSED), seconds=1) == ["device_suspended"]
    assert poll(entry(1), entry(2), again=True, seconds=1) == ["device_restored", "device_listed"]
    assert poll(entry(1), entry(2)) == []


def test_from_the_beginning_every_device_is_listed_once_despite_a_kill(poll):
    entries = [entry(number) for number in range(5)]
    assert poll(*entries, take=2, **{"from": "beginning"}) == ["device_listed"] * 2
    assert poll(*entries, again=True, **{"from": "beginning"}) == ["device_listed"] * 3
    assert poll(*entries, again=True, **{"from": "beginning"}) == []


def test_a_source_with_a_state_does_not_report_the_first_list(poll):
    poll(listing="none", **{"from": "beginning"})
    assert poll(entry(1), again=True, **{"from": "beginning"}) == []
    assert poll(entry(1), entry(2)) == ["device_listed"]


def test_a_list_that_is_empty_at_first_is_not_the_first_list(poll):
    assert poll() == []
    assert poll(entry(1), entry(2)) == []
    assert poll(entry(1), entry(2), entry(3)) == ["device_listed"]


def test_a_device_that_is_not_listed_for_long_is_forgotten(poll):
    assert poll(entry(1), entry(2)) == []
    for _step in range(3):
        assert poll(entry(1), seconds=70 * DAY) == []
    assert poll(entry(1, PAUSED), entry(2, PAUSED), seconds=DAY) == ["device_suspended", "device_listed"]


@pytest.mark.parametrize(
    "error",
    [
        RefusedError("no"),
        ScopeError("no"),
        UnexpectedAnswerError("odd"),
        ServiceError("down", status=500),
        UnreachableError("gone"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_list_that_cannot_be_read_is_one_warning_and_no_event(service, poll, logged, error):
    poll(entry(1), entry(2))
    service.error = error
    assert [poll(entry(1, PAUSED)) for _attempt in range(3)] == [[]] * 3
    (warning,) = logged()
    assert warning.startswith("The device list cannot be read; no device events until it can: ")
    service.error = None
    assert poll(entry(1, PAUSED), entry(2)) == ["device_suspended"]
    assert logged()[1:] == ["The device list can be read again; changes in the meantime are reported now."]


def test_without_an_account_there_is_one_warning(service, poll, logged):
    service.session.corp_id = lambda: None
    assert [poll() for _attempt in range(2)] == [[], []]
    (warning,) = logged()
    assert "set corp_id (SENTINEL_CORP_ID" in warning


@pytest.mark.parametrize("error", [RefusedError("no"), ScopeError("no"), ServiceError("down", status=500)])
def test_a_required_list_that_cannot_be_read_ends_the_poll(service, poll, error):
    service.error = error
    with pytest.raises(type(error)):
        poll(listing="required")


def test_credentials_that_are_not_accepted_end_the_poll(service, poll):
    service.error = AuthenticationError("who")
    with pytest.raises(AuthenticationError):
        poll()


def test_the_list_is_not_read_with_listing_none(service, poll):
    assert poll(entry(1), listing="none") == []
    assert service.asked == 0


def test_arguments_of_the_list_are_checked(path):
    with pytest.raises(InputError) as caught:
        Settings.read({"state_file": path, "api_token": "t", "listing": "never", "listing_interval": 0})
    assert "value of listing must be one of: auto, required, none, got: never" in str(caught.value)
    with pytest.raises(InputError, match=r"listing_interval: must be at least 0\.1, not 0"):
        Settings.read({"state_file": path, "api_token": "t", "listing_interval": 0})
