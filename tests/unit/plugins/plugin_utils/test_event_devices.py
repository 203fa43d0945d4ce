# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the device list: what has changed between reads of it, reported once; and what is remembered of it."""

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
    """What is known of devices, and all events."""

    def __init__(self, account=ACCOUNT):
        self.account = account
        self.known = {}
        self.events = []

    def read(self, *entries, now=0.0, quiet=False, stop_after=None):
        """The events of a read, in short: "suspended 1"; `stop_after`: only so many changes are remembered."""
        told = []
        changes = device_changes(self.account, STATUSES, entries, sorted(self.known.values()), now, quiet)
        for change in changes[:stop_after]:
            self.known[change.device.name] = change.device
            if change.event:
                self.events.append(change.event)
                number = next(n for n in range(100) if imei(n) == change.event["device"]["imei"])
                told.append(f"{change.event['type'].removeprefix('device_')} {number}")
        return told


# -- Two reads compared ------------------------------------------------------------------------------------------------


def test_what_was_listed_before_is_quiet_and_what_is_listed_from_then_on_is_reported():
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


def test_a_word_that_nobody_knows_changes_nothing_of_what_is_remembered():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    memory.read(entry(1, ODD))
    assert memory.read(entry(1)) == []
    memory.read(entry(1, ODD))
    assert memory.read(entry(1, PAUSED)) == ["suspended 1"]


def test_a_device_that_is_not_shown_is_not_forgotten():
    memory = Memory()
    memory.read(entry(1), entry(2), quiet=True)
    assert memory.read(entry(1)) == []
    assert memory.read() == []
    assert memory.read(entry(1), entry(2, PAUSED)) == ["suspended 2"]


def test_of_several_entries_the_best_state_counts():
    memory = Memory()
    memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1), quiet=True)
    assert memory.read(entry(1), entry(1, RETIRED, mdn=mdn(9))) == []
    assert memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1, PAUSED)) == ["suspended 1"]


def test_what_a_device_left_behind_when_it_was_activated_again_is_not_its_state():
    memory = Memory()
    memory.read(entry(1, RETIRED, mdn=mdn(9)), entry(1), quiet=True)
    assert memory.read(entry(1, RETIRED, mdn=mdn(9))) == [], "the list is partial"
    assert memory.read(entry(1, RETIRED)) == ["deactivated 1"]


def test_an_event_says_what_is_known():
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


def test_ids_are_the_same_whoever_makes_them_and_others_for_another_account_and_another_time():
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


def test_another_sim_is_another_device_whatever_it_sits_in():
    memory = Memory()
    memory.read(entry(1), quiet=True)
    assert memory.read(entry(1), entry(1, iccid=iccid(9), mdn=mdn(9))) == ["listed 1"]
    assert memory.read(entry(1), entry(1, PAUSED, iccid=iccid(9), mdn=mdn(9))) == ["suspended 1"]


def test_a_device_that_is_activated_again_is_restored_with_another_number():
    for known in ({}, {"iccid": None}):
        memory = Memory()
        memory.read(entry(1, RETIRED, **known), quiet=True)
        assert memory.read(entry(1, mdn=mdn(9), **known)) == ["restored 1"]


def test_two_numbers_of_one_device_are_two_as_long_as_nothing_says_otherwise():
    memory = Memory()
    both = [entry(1, iccid=None), entry(1, PAUSED, iccid=None, mdn=mdn(9))]
    memory.read(*both, quiet=True)
    assert memory.read(both[1]) == []
    assert memory.read(*both) == []
    assert memory.read(both[0], entry(1, iccid=None, mdn=mdn(9))) == ["restored 1"]


def test_a_device_without_a_number_gets_one():
    memory = Memory()
    memory.read(entry(1, iccid=None, mdn=None), quiet=True)
    assert memory.read(entry(1, iccid=None)) == []
    assert len(memory.known) == 1


def test_an_entry_without_any_name_is_left_out():
    memory = Memory()
    assert memory.read(entry(1, iccid=None, imei=None, mdn=None)) == []
    assert memory.known == {}


def test_a_number_that_is_given_to_another_sim_is_that_ones():
    memory = Memory()
    memory.read(entry(1, RETIRED), quiet=True)
    assert memory.read(entry(1, RETIRED), entry(2, mdn=mdn(1))) == ["listed 2"]
    assert memory.read(entry(1, RETIRED), entry(2, PAUSED, mdn=mdn(1))) == ["suspended 2"]


def test_a_placeholder_that_many_have_names_none_of_them():
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
def test_whatever_happens_each_change_is_reported_once_and_restarts_repeat_nothing(reads, cuts, ways):
    """Reads may be cut off anywhere, and be of pages: all in all, the same is reported."""
    calm, disturbed = Memory(), Memory()
    calm.read(*shown(reads[0]), quiet=True)
    disturbed.read(*shown(reads[0]), quiet=True)
    for statuses, pages in zip(reads[1:], ways):
        calm.read(*shown(statuses))
        while cuts:
            disturbed.read(*shown(statuses, pages), stop_after=cuts.pop())
        disturbed.read(*shown(statuses, pages))

    def told(memory):
        return sorted((event["type"], event["device"]["imei"], event["device"]["state"]) for event in memory.events)

    assert told(disturbed) == told(calm)
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
def test_the_same_list_again_is_no_news_and_names_are_unique(reads):
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


def test_devices_are_remembered_over_a_restart(path):
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


def test_a_state_of_a_version_that_knew_no_devices_is_taken(path):
    db = sqlite3.connect(path)
    db.executescript(event_cursor._TABLES)
    db.execute("INSERT INTO about VALUES ('version', '1'), ('api_url', ?), ('caught_up', '5.0')", (ACCOUNT,))
    db.commit()
    db.close()
    cursor = Cursor(path, {"api_url": ACCOUNT})
    assert cursor.caught_up
    assert cursor.devices.known() == []
    assert cursor.devices.is_quiet
    cursor.close()


# -- Reading -----------------------------------------------------------------------------------------------------------


class Service:
    """A service without a history, whose device list is `entries`; `asked`: how often it was; `error`: what it says."""

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
def look(service, path):
    """Looks: look(seconds, entries…) → the types of the events. With `again`, by a source that is started anew."""
    state = {"now": 1000.0}
    arguments = {"api_url": ACCOUNT, "api_token": "token", "state_file": path, "listing_interval": 300}
    feeds = []

    def looked(*entries, seconds=300.0, again=False, take=None, **more):
        state["now"] += seconds
        if again or not feeds:
            for feed in feeds:
                feed.close()
            feeds.append(Feed(Settings.read({**arguments, **more}), lambda seconds: None, lambda: state["now"]))
        service.entries = entries
        told = []
        for batch in feeds[-1].look():
            for change in batch.changes:
                if change.event is not None:
                    if len(told) == take:
                        return told
                    told.append(change.event["type"])
                    feeds[-1].took(change)
            feeds[-1].keep(batch)
        return told

    yield looked
    for feed in feeds:
        feed.close()


def test_the_list_is_read_at_intervals_and_over_restarts(service, look):
    assert look(entry(1)) == []
    assert look(entry(1, PAUSED), seconds=299) == []
    assert service.asked == 1
    assert look(entry(1, PAUSED), seconds=1) == ["device_suspended"]
    assert look(entry(1), entry(2), again=True, seconds=1) == ["device_restored", "device_listed"]
    assert look(entry(1), entry(2)) == []


def test_from_the_beginning_everything_is_listed_once_though_the_source_is_killed(look):
    entries = [entry(number) for number in range(5)]
    assert look(*entries, take=2, **{"from": "beginning"}) == ["device_listed"] * 2
    assert look(*entries, again=True, **{"from": "beginning"}) == ["device_listed"] * 3
    assert look(*entries, again=True, **{"from": "beginning"}) == []


def test_a_source_that_had_a_state_begins_quietly(look):
    look(listing="none", **{"from": "beginning"})
    assert look(entry(1), again=True, **{"from": "beginning"}) == []
    assert look(entry(1), entry(2)) == ["device_listed"]


def test_a_list_that_is_empty_at_first_is_waited_for(look):
    assert look() == []
    assert look(entry(1), entry(2)) == []
    assert look(entry(1), entry(2), entry(3)) == ["device_listed"]


def test_a_device_that_was_not_listed_for_long_is_forgotten_and_others_are_not(look):
    assert look(entry(1), entry(2)) == []
    for _step in range(3):
        assert look(entry(1), seconds=70 * DAY) == []
    assert look(entry(1, PAUSED), entry(2, PAUSED), seconds=DAY) == ["device_suspended", "device_listed"]


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
def test_a_list_that_cannot_be_read_is_one_warning_and_no_event(service, look, said, error):
    look(entry(1), entry(2))
    service.error = error
    assert [look(entry(1, PAUSED)) for _attempt in range(3)] == [[]] * 3
    (warning,) = said()
    assert warning.startswith("The device list cannot be read; no events of it until it can: ")
    service.error = None
    assert look(entry(1, PAUSED), entry(2)) == ["device_suspended"]
    assert said()[1:] == ["The device list can be read again; what happened in the meantime is reported now."]


def test_without_an_account_there_is_one_warning(service, look, said):
    service.session.corp_id = lambda: None
    assert [look() for _attempt in range(2)] == [[], []]
    (warning,) = said()
    assert "set corp_id (SENTINEL_CORP_ID" in warning


@pytest.mark.parametrize("error", [RefusedError("no"), ScopeError("no"), ServiceError("down", status=500)])
def test_a_list_that_is_required_ends_the_look(service, look, error):
    service.error = error
    with pytest.raises(type(error)):
        look(listing="required")


def test_credentials_that_are_not_accepted_end_the_look(service, look):
    service.error = AuthenticationError("who")
    with pytest.raises(AuthenticationError):
        look()


def test_the_list_is_not_read_where_nobody_wants_it(service, look):
    assert look(entry(1), listing="none") == []
    assert service.asked == 0


def test_arguments_of_the_list_are_checked(path):
    with pytest.raises(InputError) as caught:
        Settings.read({"state_file": path, "api_token": "t", "listing": "never", "listing_interval": 0})
    assert "value of listing must be one of: auto, required, none, got: never" in str(caught.value)
    with pytest.raises(InputError, match="listing_interval: 0 is too small"):
        Settings.read({"state_file": path, "api_token": "t", "listing_interval": 0})
