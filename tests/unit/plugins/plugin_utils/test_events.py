# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the history: each change between polls once, and the state file."""

from __future__ import annotations

import random
import sqlite3
import types
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, StatusWords, Transaction
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events import feed as event_feed
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.changes import (
    Change,
    Comparison,
    Known,
    Seen,
    keyed,
)
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.cursor import Cursor, Listed
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.feed import Feed
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.lines import read_lines
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.settings import Settings

RUNS, DONE, FAILED = "IN PROGRESS", "COMPLETED", "FAILED"
ACCOUNT = "https://sentinel.example/api"


def line(number, status=RUNS, **fields):
    return Line(imei=f"imei-{number}", iccid=f"iccid-{number}", status=status, **fields)


def listed(name, *statuses, counts=True, **fields):
    """A transaction of the list with its lines."""
    tally = Counter(statuses)
    row = Transaction(transaction_id=name, status=RUNS if tally[RUNS] else DONE, **fields)
    if counts:
        total, success, failed, pending = len(statuses), tally[DONE], tally[FAILED], tally[RUNS]
        row = row._replace(total=total, success=success, failed=failed, pending=pending)
    return Seen(row, [line(number, status) for number, status in enumerate(statuses)])


class Memory:
    """The remembered transactions, and all events."""

    def __init__(self, stuck_after=100.0):
        self.comparison = Comparison(ACCOUNT, StatusWords(), stuck_after)
        self.known = {}
        self.events = []

    def poll(self, seen, now=0.0, quiet=False):
        """Returns the events of a poll, such as "line_failed 1"."""
        known = self.known.setdefault(seen.transaction.transaction_id, {})
        emitted = []
        for change in self.comparison.changes(seen, dict(known), now, quiet):
            known[change.key] = change.known
            if change.event:
                self.events.append(change.event)
                which = change.event.get("line", {}).get("imei", "").replace("imei-", " ")
                emitted.append(change.event["type"] + which)
        return emitted


# -- Two polls compared ------------------------------------------------------------------------------------------------


def test_a_transaction_from_its_submission_to_its_end():
    memory = Memory()
    assert memory.poll(listed("A", RUNS, RUNS)) == ["transaction_submitted", "line_submitted 0", "line_submitted 1"]
    assert memory.poll(listed("A", RUNS, RUNS)) == []
    assert memory.poll(listed("A", DONE, RUNS)) == ["line_finished 0"]
    assert memory.poll(listed("A", DONE, DONE)) == ["line_finished 1", "transaction_finished"]
    assert memory.poll(listed("A", DONE, DONE)) == []


def test_a_transaction_that_has_ended_when_first_seen_was_also_submitted():
    emitted = Memory().poll(listed("A", FAILED))
    assert emitted == ["transaction_submitted", "line_submitted 0", "line_failed 0", "transaction_failed"]


def test_a_transaction_fails_if_one_line_has_failed():
    assert Memory().poll(listed("A", DONE, FAILED))[-1] == "transaction_failed"


def test_a_line_that_is_submitted_again():
    memory = Memory()
    memory.poll(listed("A", FAILED))
    assert memory.poll(listed("A", RUNS)) == ["line_submitted 0", "transaction_submitted"]
    assert memory.poll(listed("A", FAILED)) == ["line_failed 0", "transaction_failed"]
    assert len({event["id"] for event in memory.events}) == len(memory.events)


def test_a_long_running_line_is_stuck_once():
    memory = Memory(stuck_after=100)
    memory.poll(listed("A", RUNS, RUNS), now=1000)
    assert memory.poll(listed("A", RUNS, RUNS), now=1099) == []
    assert memory.poll(listed("A", DONE, RUNS), now=1100) == ["line_finished 0", "line_stuck 1", "transaction_stuck"]
    assert memory.events[-1]["pending_seconds"] == 100
    assert memory.poll(listed("A", DONE, RUNS), now=9000) == []
    assert memory.poll(listed("A", DONE, DONE), now=9001) == ["line_finished 1", "transaction_finished"]


def test_nothing_is_stuck_with_zero():
    memory = Memory(stuck_after=0)
    memory.poll(listed("A", RUNS))
    assert memory.poll(listed("A", RUNS), now=1e9) == []


def test_existing_transactions_are_quiet_until_they_change():
    memory = Memory()
    assert memory.poll(listed("A", RUNS, FAILED), now=1000, quiet=True) == []
    assert memory.poll(listed("A", RUNS, FAILED), now=1001) == []
    assert memory.poll(listed("A", RUNS, FAILED), now=1100) == ["line_stuck 0", "transaction_stuck"]
    assert memory.poll(listed("A", DONE, FAILED), now=1200) == ["line_finished 0", "transaction_failed"]


def test_lines_of_transactions_that_had_ended_before_are_not_new():
    memory = Memory()
    assert memory.poll(listed("A", DONE, DONE)._replace(lines=None), quiet=True) == []
    assert memory.poll(listed("A", DONE, FAILED)) == ["transaction_failed"]
    assert memory.poll(listed("A", DONE, DONE)) == ["line_finished 1", "transaction_finished"]


def test_the_end_of_a_transaction_follows_its_lines():
    memory = Memory()
    unread = listed("A", DONE)._replace(lines=None)
    assert memory.poll(unread) == ["transaction_submitted"]
    assert memory.poll(unread) == []
    assert memory.poll(listed("A", DONE)) == ["line_submitted 0", "line_finished 0", "transaction_finished"]


@pytest.mark.parametrize(("status", "emitted"), [(DONE, "transaction_finished"), (FAILED, "transaction_failed")])
def test_without_readable_lines_the_list_decides_the_end(status, emitted):
    memory = Memory()
    assert memory.poll(listed("A", status)._replace(lines=None, final=True)) == ["transaction_submitted", emitted]


def test_a_transaction_with_missing_lines_has_not_ended():
    memory = Memory()
    seen = listed("A", DONE, DONE)
    memory.poll(seen._replace(lines=seen.lines[:1]))
    assert memory.poll(seen) == ["line_submitted 1", "line_finished 1", "transaction_finished"]


@pytest.mark.parametrize(
    ("row", "shown", "emitted"),
    [
        (Transaction("A", DONE, None, 3, 2, 0, 0), [DONE, DONE], "transaction_finished"),
        (Transaction("A", DONE, None, 3, 2, 1, 0), [DONE, DONE], "transaction_failed"),
        (Transaction("A", DONE, None, 3, 2, 0, 0), [DONE, FAILED], "transaction_failed"),
        (Transaction("A", FAILED, None, 3), [DONE, DONE], "transaction_failed"),
    ],
)
def test_a_transaction_that_has_ended_in_the_list_ends_without_all_its_lines(row, shown, emitted):
    memory = Memory(stuck_after=60)
    lines = [line(number, status) for number, status in enumerate(shown)]
    assert "transaction_submitted" in memory.poll(Seen(row, lines), now=0)
    assert memory.poll(Seen(row, lines), now=100) == []
    assert memory.poll(Seen(row, lines, final=True), now=200) == [emitted]
    # A later poll with less information does not change it.
    assert memory.poll(Seen(row, lines), now=300) == []
    assert memory.poll(Seen(row, None), now=400) == []


def test_a_transaction_that_has_ended_in_the_list_is_stuck_only_with_stuck_lines():
    memory = Memory(stuck_after=60)
    seen = listed("A", DONE)
    memory.poll(seen._replace(lines=None), now=0)
    assert memory.poll(seen._replace(lines=None), now=100) == []
    assert memory.poll(seen._replace(lines=[line(0, RUNS)]), now=200) == ["line_submitted 0", "transaction_stuck"]
    memory.poll(listed("B", RUNS)._replace(lines=None), now=0)
    assert memory.poll(listed("B", RUNS)._replace(lines=None), now=100) == ["transaction_stuck"]


def test_an_event_has_all_fields():
    memory = Memory()
    row = Transaction("A", DONE, "03/13/2026 09:15:02 AM", 2, 1, 1, 0)
    lines = [line(0, DONE, mdn="2015550001", carrier="AT&T"), line(1, FAILED, reason="Unknown ICCID")]
    memory.poll(Seen(row, lines))
    failed = next(event for event in memory.events if event["type"] == "line_failed")
    assert failed == {
        "id": failed["id"],
        "type": "line_failed",
        "transaction_id": "A",
        "transaction": {
            "transaction_id": "A",
            "status": DONE,
            "started": "03/13/2026 09:15:02 AM",
            "total": 2,
            "success": 1,
            "failed": 1,
            "pending": 0,
        },
        "line": {"state": "failed", **lines[1]._replace(transaction_id="A")._asdict()},
        "meta": {"uuid": failed["id"]},
    }


def test_ids_depend_on_the_account_only():
    def ids(account):
        comparison = Comparison(account, StatusWords(), 0)
        return [change.event["id"] for change in comparison.changes(listed("A", DONE, FAILED), {}, random.random())]

    assert ids(ACCOUNT) == ids(ACCOUNT)
    assert not set(ids(ACCOUNT)) & set(ids("https://other.example/api"))
    assert len(set(ids(ACCOUNT))) == 6


STATUSES = st.sampled_from([RUNS, DONE, FAILED])


@given(st.lists(st.tuples(STATUSES, STATUSES, STATUSES), max_size=8), st.lists(st.integers(0, 8), max_size=8))
def test_each_change_is_reported_once_despite_restarts(polls, cuts):
    """A poll can be interrupted anywhere. In total, the events are those of an undisturbed source."""
    calm, disturbed = Memory(), Memory()
    for now, statuses in enumerate(polls):
        seen = listed("A", *statuses)
        calm.poll(seen, now)
        known = disturbed.known.setdefault("A", {})
        changes = disturbed.comparison.changes(seen, dict(known), now)
        while changes:
            taken = changes[: cuts.pop()] if cuts else changes
            for change in taken:
                known[change.key] = change.known
                disturbed.events.append(change.event)
            changes = disturbed.comparison.changes(seen, dict(known), now)
    assert [event["id"] for event in disturbed.events] == [event["id"] for event in calm.events]
    assert len({event["id"] for event in calm.events}) == len(calm.events)


def test_lines_keep_their_keys():
    esim = Line(imei="1", eid="2")
    twins = [Line(imei="3", iccid="5"), Line(imei="3", iccid="4")]
    keys = dict(keyed([esim, *twins, Line(sim_id="6", imei="1"), Line(iccid="7"), Line(), Line(mdn="8")]))
    assert list(keys) == ["1", "3", "3#1", "6", "7", "-", "-#1"]
    assert dict(keyed([esim._replace(iccid="9")])).keys() == {"1"}
    assert dict(keyed(twins)) == dict(keyed(reversed(twins)))


def test_lines_are_consistent_with_the_list_or_not():
    comparison = Comparison(ACCOUNT, StatusWords(), 0)
    seen = listed("A", DONE, RUNS)
    assert comparison.is_consistent(seen)
    assert comparison.is_settled(seen)
    assert not comparison.is_consistent(seen._replace(lines=seen.lines[:1]))
    assert not comparison.is_consistent(seen._replace(lines=listed("A", DONE, DONE).lines))
    assert not comparison.is_consistent(seen._replace(lines=None))


def test_without_counts_a_transaction_is_settled_only_at_its_end():
    comparison = Comparison(ACCOUNT, StatusWords(), 0)
    running, ended = listed("A", DONE, RUNS, counts=False), listed("A", DONE, DONE, counts=False)
    assert comparison.is_consistent(running)
    assert not comparison.is_settled(running)
    assert comparison.is_settled(ended)
    assert not comparison.is_consistent(running._replace(lines=ended.lines))
    unread = running._replace(lines=None, final=True)
    assert comparison.state_of(unread) == "pending"


# -- The cursor --------------------------------------------------------------------------------------------------------


@pytest.fixture
def cursor(tmp_path):
    made = Cursor(str(tmp_path / "state"), {"api_url": ACCOUNT})
    yield made
    made.close()


def test_a_cursor_remembers_after_a_restart(tmp_path):
    path = str(tmp_path / "state")
    first = Cursor(path, {"api_url": ACCOUNT, "corp_id": None})
    row = Transaction("A", RUNS, None, 2, 1, 0, 1)
    with first.writing():
        first.remember_listed(Listed(row, True, 3), 5.0)
        first.remember(Change("A", "", Known("pending", 1.5, 1)))
        first.remember(Change("A", "x", Known("pending", 2.5, 2, True)))
        first.catch_up(5.0)
    first.close()
    second = Cursor(path, {"api_url": ACCOUNT, "corp_id": "NORTHSTAR-ISD"})
    assert second.listed("A") == Listed(row, True, 3)
    assert second.listed("B") is None
    assert second.known("A") == {"": Known("pending", 1.5, 1), "x": Known("pending", 2.5, 2, True)}
    assert second.running() == {"A": 1.5}
    assert second.overdue(1.5) == {"A"}
    assert second.overdue(1.4) == set()
    assert second.has_caught_up
    second.close()
    with pytest.raises(InputError, match="belongs to another corp_id: NORTHSTAR-ISD, not SOUTHSTAR-ISD"):
        Cursor(path, {"api_url": ACCOUNT, "corp_id": "SOUTHSTAR-ISD"})


def test_a_failed_write_is_rolled_back(cursor):
    def fail():
        with cursor.writing():
            cursor.remember(Change("A", "", Known("pending", 1.0)))
            raise KeyError("A")

    with pytest.raises(KeyError):
        fail()
    assert cursor.known("A") == {}


def test_old_transactions_are_forgotten(cursor):
    for name, state, at in (("old", "active", 1.0), ("running", "pending", 1.0), ("new", "failed", 3.0)):
        cursor.remember_listed(Listed(Transaction(name), True), at)
        cursor.remember(Change(name, "", Known(state, at)))
        cursor.remember(Change(name, "line", Known(state, at)))
    cursor.forget(2.0)
    assert [name for name in ("old", "running", "new") if cursor.listed(name)] == ["running", "new"]
    assert [name for name in ("old", "running", "new") if cursor.known(name)] == ["running", "new"]


@pytest.mark.usefixtures("cursor")
def test_a_cursor_is_for_one_source(tmp_path):
    with pytest.raises(InputError, match="is used by another source"):
        Cursor(str(tmp_path / "state"), {"api_url": ACCOUNT})


def test_a_file_that_is_not_a_state_file(tmp_path):
    (tmp_path / "state").write_text("Precious. " * 500, encoding="utf-8")
    with pytest.raises(InputError, match="is not a state file"):
        Cursor(str(tmp_path / "state"), {})
    with pytest.raises(InputError, match="state_file"):
        Cursor(str(tmp_path / "nowhere" / "state"), {})


def test_a_cursor_that_cannot_be_written(cursor):
    cursor._db.execute("PRAGMA query_only = ON")
    with pytest.raises(InputError, match=r"state_file: .* cannot be written"), cursor.writing():
        cursor.remember(Change("A", "", Known("pending", 1.0)))


def test_a_full_disk_is_named(cursor):
    cursor._db.execute("PRAGMA max_page_count = 12")

    def fill():
        for number in range(10_000):
            with cursor.writing():
                cursor.remember(Change(f"T{number}", "", Known("pending", 1.0)))

    with pytest.raises(InputError, match=r"state_file: .* cannot be written: database or disk is full"):
        fill()
    # Earlier writes are kept, and the next transaction works.
    assert cursor.known("T0")
    cursor._db.execute("PRAGMA max_page_count = 10000")
    with cursor.writing():
        cursor.remember(Change("last", "", Known("pending", 1.0)))


def test_a_commit_that_fails_leaves_nothing_open(cursor):
    cursor._db.execute("PRAGMA foreign_keys = ON")
    cursor._db.execute("CREATE TABLE late (name TEXT REFERENCES about (name) DEFERRABLE INITIALLY DEFERRED)")

    def write():
        with cursor.writing():
            cursor._db.execute("INSERT INTO late VALUES ('nobody')")

    with pytest.raises(InputError, match="cannot be written: FOREIGN KEY"):
        write()
    with cursor.writing():
        cursor.catch_up(1.0)
    assert cursor.has_caught_up


def test_an_account_is_identified_by_its_corp_id_and_not_by_its_user(cursor):
    cursor.claim("fleet", "NORTHSTAR-ISD")
    cursor.claim("robot", "NORTHSTAR-ISD")
    # Without a corp_id, the last user counts.
    cursor.claim("robot", None)
    cursor.claim(None, None)
    with pytest.raises(InputError, match="belongs to another corp_id: NORTHSTAR-ISD, not SOUTHSTAR-ISD"):
        cursor.claim("robot", "SOUTHSTAR-ISD")
    with pytest.raises(
        InputError, match="belongs to another api_username: robot, not fleet; if both users belong to one"
    ):
        cursor.claim("fleet", None)


def test_a_state_file_without_a_corp_id_belongs_to_its_user(tmp_path):
    def claimed(username, reported, given=None):
        cursor = Cursor(str(tmp_path / "state"), {"api_url": ACCOUNT, "corp_id": given})
        try:
            cursor.claim(username, given or reported)
        finally:
            cursor.close()

    claimed("fleet", None)
    with pytest.raises(
        InputError, match="belongs to another api_username: fleet, not robot; if both users belong to one"
    ):
        claimed("robot", "NORTHSTAR-ISD")
    claimed("robot", None, given="NORTHSTAR-ISD")
    claimed("fleet", "NORTHSTAR-ISD")


# -- Polling -----------------------------------------------------------------------------------------------------------


class Service:
    """A service with a history. `rows`: oldest first. `lines`: by transaction. `requests`: the calls."""

    def __init__(self):
        self.session = types.SimpleNamespace(concurrency=1, close=lambda: None)
        self.rows = []
        self.lines = {}
        self.requests = []
        self.errors = {}

    def show(self, seen):
        """Adds or replaces a transaction."""
        name = seen.transaction.transaction_id
        self.lines[name] = seen.lines
        for place, row in enumerate(self.rows):
            if row.transaction_id == name:
                self.rows[place] = seen.transaction
                return
        self.rows.append(seen.transaction)

    def transactions_page(self, version, sort_dir, offset, limit):
        assert (version, sort_dir) == (2, "DESC")
        self.requests.append(f"page {offset}")
        return self.rows[::-1][offset : offset + limit], len(self.rows)

    def transaction_lines(self, name):
        self.requests.append(f"lines {name}")
        if name in self.errors:
            raise self.errors[name]
        return self.lines[name]

    def history_export(self, read, transactions):
        self.requests.append("export")
        if "export" in self.errors:
            raise self.errors["export"]
        return read(
            entry._replace(transaction_id=name) for name in transactions for entry in self.lines.get(name) or ()
        )


@pytest.fixture
def service(monkeypatch):
    made = Service()
    monkeypatch.setattr(event_feed, "SentinelAPI", lambda session: made)
    return made


@pytest.fixture
def poll(service, tmp_path):
    """Polls the service: poll(seconds) → the events, in short. With `again`, by a restarted source."""
    state = {"now": 1000.0}
    arguments = {"api_url": ACCOUNT, "api_token": "token", "state_file": str(tmp_path / "state"), "stuck_after": 100}
    # The device list has its own tests.
    arguments["listing"] = "none"
    feeds = []

    def run(seconds=0.0, again=False, sleep=lambda seconds: None, **more):
        state["now"] += seconds
        if again or not feeds:
            for feed in feeds:
                feed.close()
            feeds.append(Feed(Settings.read({**arguments, **more}), sleep, lambda: state["now"]))
        service.requests.clear()
        emitted = []
        for batch in feeds[-1].poll():
            for change in batch.changes:
                if change.event:
                    emitted.append(f"{change.event['type']} {change.transaction_id}")
                    feeds[-1].remember(change)
            feeds[-1].keep(batch)
        return emitted

    yield run
    for feed in feeds:
        feed.close()


def test_the_first_poll_is_quiet_and_reads_the_lines_of_running_transactions(service, poll):
    service.show(listed("A", DONE))
    service.show(listed("B", RUNS))
    assert poll() == []
    assert service.requests == ["page 0", "page 1", "lines B"]
    assert poll() == []
    assert service.requests == ["page 0", "page 1"]
    service.show(listed("B", DONE))
    service.show(listed("C", RUNS))
    assert poll() == [
        "line_finished B",
        "transaction_finished B",
        "transaction_submitted C",
        "line_submitted C",
    ]
    assert poll(again=True) == []


def test_from_the_beginning(service, poll):
    for name in ("A", "B"):
        service.show(listed(name, FAILED))
    kinds = ("transaction_submitted", "line_submitted", "line_failed", "transaction_failed")
    assert poll(**{"from": "beginning"}) == [f"{kind} {name}" for name in "AB" for kind in kinds]


def test_a_poll_ends_at_a_page_without_changes(service, poll):
    for number in range(1200):
        service.show(listed(f"T{number}", DONE, started=f"2026-01-{1 + number // 100:02} 10:00:00"))
    poll()
    assert [call for call in service.requests if "page" in call] == ["page 0", "page 499", "page 998", "page 1199"]
    poll()
    assert service.requests == ["page 0"]
    # Older transactions may show up late among recent ones.
    for number in range(600):
        service.show(listed(f"U{number}", DONE, started="2026-02-01 10:00:00"))
    assert len(poll()) == 600 * 4
    poll()
    assert service.requests == ["page 0", "page 499"]
    # Without readable start times, one page is enough.
    service.rows = [row._replace(started="02/31/2026 09:15:02 AM") for row in service.rows]
    poll()
    assert service.requests == ["page 0"]


def test_running_transactions_off_the_newest_pages_are_read_less_and_less_often(service, poll):
    service.show(listed("old", RUNS, started="2026-01-01 10:00:00"))
    poll()
    for number in range(600):
        service.show(listed(f"T{number}", DONE, started=f"2026-03-{1 + number // 100:02} 10:00:00"))
    poll()
    assert poll(10_000.0) == ["line_stuck old", "transaction_stuck old"]
    assert service.requests == ["page 0", "lines old"]
    poll(900.0)
    assert service.requests == ["page 0"]
    service.lines["old"] = [line(0, DONE)]
    assert poll(300.0) == ["line_finished old", "transaction_finished old"]
    assert poll(10_000.0) == []
    assert service.requests == ["page 0"]


def test_missing_lines_are_read_less_and_less_often(service, poll, logged):
    poll()
    seen = listed("A", DONE, DONE)
    service.show(Seen(seen.transaction, seen.lines[:1]))
    emitted, requests = [], 0
    for _poll in range(200):
        emitted += poll(60.0)
        requests += service.requests.count("lines A")
    assert emitted == ["transaction_submitted A", "line_submitted A", "line_finished A", "transaction_finished A"]
    assert requests <= 60
    assert logged() == ["The end of transaction A is reported without all its lines: 1 of 2 show"]
    service.show(seen)
    assert [event for _poll in range(60) for event in poll(60.0)] == ["line_submitted A", "line_finished A"]
    poll(3600.0)
    assert service.requests == ["page 0", "page 1"]


def test_wrong_counts_do_not_cause_endless_reads(service, poll):
    poll()
    seen = listed("A", DONE, FAILED)
    service.show(seen._replace(lines=[*seen.lines, line(2, DONE)]))
    for _poll in range(11):
        poll(60.0)
    poll(3600.0)
    assert service.requests == ["page 0", "page 1"]


def test_lines_that_cannot_be_read(service, poll):
    poll()
    service.show(listed("A", DONE))
    service.errors["A"] = RefusedError("not found", None, "GET", "/lines", 404)
    emitted = []
    for _poll in range(30):
        emitted += poll(1.0)
    assert emitted == ["transaction_submitted A", "transaction_finished A"]


def test_without_counts_the_lines_of_running_transactions_are_read_in_each_poll(service, poll):
    poll()
    service.show(listed("A", RUNS, RUNS, counts=False))
    assert len(poll()) == 3
    service.show(listed("A", RUNS, FAILED, counts=False))
    assert poll() == ["line_failed A"]
    service.show(listed("A", DONE, FAILED, counts=False))
    assert poll() == ["line_finished A", "transaction_failed A"]
    poll()
    assert "lines A" not in service.requests


def test_the_lines_of_many_transactions_are_read_with_one_request(service, poll):
    poll()
    for number in range(60):
        service.show(listed(f"T{number}", DONE))
    # The export lacks one transaction of the list.
    late = service.lines.pop("T7")
    service.errors["T7"] = RefusedError("not found", None, "GET", "/lines", 404)
    assert len(poll()) == 59 * 4 + 1
    assert [call for call in service.requests if "page" not in call] == ["export", "lines T7"]
    service.lines["T7"] = late
    del service.errors["T7"]
    assert poll() == ["line_submitted T7", "line_finished T7", "transaction_finished T7"]


def test_without_an_export_each_transaction_is_read(service):
    rows = [listed(f"T{number}", DONE) for number in range(60)]
    for seen in rows:
        service.show(seen)
    service.errors["export"] = RefusedError("no", None, "GET", "/export", 400)
    assert len(read_lines(service, service.rows, lambda seen: True).lines) == 60
    service.errors["export"] = UnreachableError("no", None, "GET", "/export")
    with pytest.raises(UnreachableError):
        read_lines(service, service.rows, lambda seen: True)


BROKEN = ServiceError("broken", None, "GET", "/lines", 500)
REFUSED = RefusedError("not found", None, "GET", "/lines", 404)


def test_one_failing_transaction_does_not_delay_others(service):
    for name in "ABCDEFGH":
        service.show(listed(name, DONE))
    service.errors.update(dict.fromkeys("ABEF", BROKEN))
    lines, errors, given_up = read_lines(service, service.rows, lambda seen: True)
    assert (sorted(lines), sorted(errors), given_up) == (list("CDGH"), list("ABEF"), None)


def test_reading_lines_stops_after_failures_in_a_row(service):
    for name in "ABCDEFGH":
        service.show(listed(name, DONE))
    service.errors.update(dict.fromkeys("ABCDE", BROKEN))
    lines, errors, given_up = read_lines(service, service.rows, lambda seen: True)
    assert service.requests == [f"lines {name}" for name in "ABCDE"]
    assert (lines, sorted(errors), given_up) == ({}, list("ABCDEFGH"), BROKEN)
    # Transactions that could be read before come first.
    assert sorted(read_lines(service, service.rows, lambda seen: True, last="ABCDE").lines) == list("FGH")


@pytest.mark.parametrize(
    "error",
    [
        BROKEN,
        UnexpectedAnswerError("a page"),
        UnreachableError("no answer", None, "GET", "/lines"),
        ScopeError("a proxy's 403", None, "GET", "/lines", 403),
    ],
    ids=lambda error: error.kind,
)
@pytest.mark.parametrize("statuses", [(DONE,), (RUNS,)], ids=" ".join)
def test_lines_that_cannot_be_read_are_reported_later(service, poll, logged, error, statuses):
    poll(stuck_after=0)
    service.show(listed("A", *statuses))
    service.errors["A"] = error
    emitted, requests = [], 0
    for number in range(100):
        # Other transactions come and go.
        service.show(listed(f"B{number}", DONE))
        emitted += [event for event in poll(60.0) if event.endswith(" A")]
        requests += service.requests.count("lines A")
    assert emitted == ["transaction_submitted A"]
    # Less and less often, and at least once an hour.
    assert 5 <= requests <= 50
    assert len(logged()) == 1
    assert "Lines cannot be read" in logged()[0]
    del service.errors["A"]
    service.lines["A"] = [line(0, DONE)]
    emitted = [event for _poll in range(60) for event in poll(60.0) if event.endswith(" A")]
    assert emitted == ["line_submitted A", "line_finished A", "transaction_finished A"]
    assert len(logged()) == 2
    assert "All lines can be read again" in logged()[1]


def test_a_restarted_source_still_waits_for_lines(service, poll):
    poll()
    service.show(listed("A", FAILED))
    service.errors["A"] = BROKEN
    for _poll in range(15):
        poll(60.0)
    del service.errors["A"]
    assert poll(again=True) == ["line_submitted A", "line_failed A", "transaction_failed A"]


def test_refused_lines_do_not_delay_the_end_and_are_reported_later(service, poll, logged):
    poll()
    service.show(listed("A", DONE, FAILED))
    service.errors["A"] = REFUSED
    emitted = [event for _poll in range(30) for event in poll(60.0, again=_poll == 20)]
    assert emitted == ["transaction_submitted A", "transaction_failed A"]
    assert len(logged()) == 1
    assert "The end of transaction A is reported without all its lines: GET /lines: not found" in logged()[0]
    del service.errors["A"]
    emitted = [event for _poll in range(60) for event in poll(60.0)]
    assert emitted == ["line_submitted A", "line_finished A", "line_submitted A", "line_failed A"]
    poll(3600.0)
    assert "lines A" not in service.requests


def test_the_first_poll_fails_until_all_lines_are_known(service, poll):
    for name in "ABCDEF":
        service.show(listed(name, DONE, RUNS))
    service.errors.update(dict.fromkeys("ABCDEF", BROKEN))
    with pytest.raises(ServiceError):
        poll()
    service.errors.clear()
    assert poll() == []
    service.show(listed("A", DONE, FAILED))
    assert poll() == ["line_failed A", "transaction_failed A"]


def test_refusals_do_not_delay_the_first_poll(service, poll):
    for name in "ABCDEF":
        service.show(listed(name, RUNS))
    service.errors.update(dict.fromkeys("ABCDEF", REFUSED))
    assert poll() == []


@pytest.mark.parametrize("lines", [(), (DONE,)], ids=len)
def test_a_transaction_off_the_newest_pages_ends_without_its_lines(service, poll, lines):
    poll()
    seen = listed("A", DONE, DONE)
    service.show(seen._replace(lines=[line(number, status) for number, status in enumerate(lines)]))
    poll()
    for number in range(600):
        service.show(listed(f"T{number}", DONE, started=f"2026-03-{1 + number // 100:02} 10:00:00"))
    emitted = [event for _poll in range(30) for event in poll(3600.0) if event.endswith(" A")]
    assert emitted == ["transaction_finished A"]
    poll(3600.0)
    assert service.requests == ["page 0"]


class StoppedError(Exception):
    """Ends a poll."""


@pytest.mark.parametrize(("count", "after"), [(10, "page 0"), (10, "lines T0"), (100, "export")])
def test_a_poll_of_many_requests_ends_when_the_source_stops(service, poll, count, after):
    poll()
    for number in range(count):
        service.show(listed(f"T{number}", DONE))

    def sleep(_seconds):
        if after in service.requests:
            raise StoppedError

    with pytest.raises(StoppedError):
        poll(again=True, sleep=sleep)
    assert service.requests[-1] == after


# -- The arguments -----------------------------------------------------------------------------------------------------


def test_arguments_can_be_strings(tmp_path):
    given = {"state_file": str(tmp_path / "state"), "interval": "5", "stuck_after": "0", "validate_certs": "no"}
    settings = Settings.read({**given, "api_token": "token", "status_words": {"failed": ["bounced"]}})
    assert (settings.interval, settings.stuck_after, settings.beginning) == (5.0, 0.0, False)
    assert settings.connection.validate_certs is False
    assert settings.words.state("Bounced") == "failed"


@pytest.mark.parametrize("names", [{"iccid": "Chip"}, '{"iccid": ["Chip"]}'])
def test_names_are_a_mapping_or_json(tmp_path, names):
    settings = Settings.read({"state_file": str(tmp_path / "state"), "api_token": "token", "field_names": names})
    assert settings.connection.field_names == {"iccid": ["Chip"]}


def test_names_and_words_are_read_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTINEL_FIELD_NAMES", '{"iccid": "Chip"}')
    monkeypatch.setenv("SENTINEL_STATUS_WORDS", '{"failed": ["bounced"]}')
    settings = Settings.read({"state_file": str(tmp_path / "state"), "api_token": "token"})
    assert settings.connection.field_names == {"iccid": ["Chip"]}
    assert settings.words.state("Bounced") == "failed"


def test_the_environment_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "from-the-environment")
    assert Settings.read({"state_file": str(tmp_path / "state")}).connection.api_token == "from-the-environment"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"interval": 0.05}, "interval: must be at least 0.1, not 0.05"),
        ({"interval": float("nan")}, "interval: must be at least 0.1, not nan"),
        ({"stuck_after": -1}, "stuck_after: must be at least 0 (0 means never), not -1"),
        ({"state_file": "/nowhere/at/all"}, "state_file: the directory /nowhere/at does not exist"),
        ({"state_file": "/dev/null"}, "state_file: /dev/null is a character device; give a regular file"),
        ({"state_file": "a\x00b"}, "state_file: a\ufffdb is not a path: it contains a NUL character"),
        ({"api_token": None}, "No credentials are set"),
        ({"api_token": None, "api_username": "me"}, "api_username is set without api_password"),
        ({"concurrency": 1000}, "concurrency: must be at most 256, not 1000"),
        ({"stuckafter": 1}, "unknown argument 'stuckafter'; did you mean stuck_after"),
        ({"status_words": {"done": []}}, "status_words: unknown key 'done'"),
        ({"field_names": {"icid": "Chip"}}, "field_names: unknown key 'icid'; did you mean iccid?"),
        ({"api_url": "http://sentinel.example/api"}, "set allow_http: true"),
    ],
    ids=str,
)
def test_wrong_arguments(tmp_path, arguments, problem):
    given = {"state_file": str(tmp_path / "state"), "api_token": "token", **arguments}
    with pytest.raises(InputError) as error:
        Settings.read(given)
    assert problem in str(error.value)


def test_a_database_of_another_kind(tmp_path):
    path = tmp_path / "state"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE about (something TEXT)")
    other.commit()
    other.close()
    with pytest.raises(InputError, match="state_file"):
        Cursor(str(path), {})


def test_another_spelling_of_the_url_is_the_same_account(service, poll):
    service.show(listed("A", RUNS))
    assert poll() == []
    service.show(listed("A", DONE))
    emitted = poll(api_url="HTTPS://SENTINEL.example:443/./api/", again=True)
    assert emitted == ["line_finished A", "transaction_finished A"]
