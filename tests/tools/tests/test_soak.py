# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak: what it draws, how it interrupts, and what it finds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "soak"), str(TESTS / "integration" / "targets" / "setup_harness")]

from harness.processes import wait_until  # noqa: E402
from soaking.books import Books, Change, Entry  # noqa: E402
from soaking.draw import draw_round  # noqa: E402
from soaking.drawn import How, Interruption, RoundDraw, RunDraw  # noqa: E402
from soaking.exactly_once import Terms, check_books  # noqa: E402
from soaking.fleets import WAS_ACTIVE, Fleet, Member  # noqa: E402
from soaking.interrupts import Victim, family, living  # noqa: E402
from soaking.outcomes import Case, wrong_outcome  # noqa: E402
from soaking.portal import PORTAL, Portal  # noqa: E402
from soaking.runs import Run  # noqa: E402
from soaking.seen import RESTORED, TWICE, Look, Seen  # noqa: E402
from soaking.standing import standings  # noqa: E402
from soaking.together import check_orphans, check_refusals  # noqa: E402

ROUNDS = range(1, 301)


def rounds() -> Iterator[tuple[RoundDraw, RunDraw, RunDraw]]:
    """Many rounds, with each of their runs and the run after it."""
    for number in ROUNDS:
        drawn = draw_round(1, number)
        yield from ((drawn, run, after) for run, after in zip(drawn.runs, drawn.runs[1:]))


def ends_in_its_own_time(run: RunDraw) -> bool:
    """Whether all that a run submits is taken before its processes have ended."""
    return run.interruption is None or (run.leaves_orphans and run.is_prompt)


# -- The draw ----------------------------------------------------------------------------------------------------------


def test_a_round_depends_on_the_seed_and_its_number_alone() -> None:
    assert draw_round(1, 7) == draw_round(1, 7)
    assert draw_round(1, 7) != draw_round(2, 7)


def test_runs_at_the_same_time_have_one_journal_or_nothing_that_is_late() -> None:
    for drawn, run, _after in rounds():
        if (run.rivals or run.hosts > 1) and not (drawn.journal and run.is_remembered):
            assert drawn.lag == 0, drawn.title()
            assert all(map(ends_in_its_own_time, run.together)), drawn.title()


def test_a_run_at_the_heels_of_orphans_has_their_journal_or_they_leave_nothing_that_is_late() -> None:
    for drawn, run, after in rounds():
        if run.hasty and not (drawn.journal and run.is_remembered and after.is_remembered):
            assert all(map(ends_in_its_own_time, run.together)), drawn.title()
            assert drawn.lag == 0, drawn.title()
        assert not (run.hasty and (after.last or after.torn)), drawn.title()


def test_every_interruption_is_drawn_and_rivals_with_it() -> None:
    runs = [run for _drawn, run, _after in rounds()]
    assert {run.interruption.how for run in runs if run.interruption} == set(How)
    assert {len(run.rivals) for run in runs} == {0, 1, 2, 3}
    assert {run.hosts for run in runs} == {1, 2, 3, 4}
    assert any(run.hasty for run in runs)


def test_the_device_list_is_late_by_less_than_the_runs_wait_for_it() -> None:
    late = [
        (drawn.listing_lag, run.arguments["settle_timeout"]) for drawn, run, _after in rounds() if drawn.listing_lag
    ]
    assert late
    assert all(lag < settle for lag, settle in late)


def test_every_case_of_the_device_list_is_drawn() -> None:
    drawn = [draw_round(1, number) for number in ROUNDS]
    runs = [run for one in drawn for run in one.runs]
    assert {member.fate for one in drawn for member in one.fleet.members if member.portal} == set(PORTAL)
    for option, count in (("listing", 3), ("on_suspended", 3), ("on_deactivated", 3), ("on_conflict", 3)):
        assert len({run.arguments[option] for run in runs}) == count
    struck = {(fault["kind"], fault.get("call")) for run in runs for fault in run.faults}
    assert {("partial", "listing"), ("duplicates", "listing"), ("unknown_words", "listing")} <= struck
    assert {call for _kind, call in struck} >= {"listing", "listing_csv", "listing_pages", "statuses", "set_status"}


def test_the_end_of_a_round_has_a_list_that_is_whole_and_not_late() -> None:
    for number in ROUNDS:
        last = draw_round(1, number).finally_
        assert (last["listing_lag"], last["status_lag"], last["hidden_groups"]) == (0.0, 0.0, [])


# -- Interruptions -----------------------------------------------------------------------------------------------------

#: A shell that waits for its child, as a worker of ansible-playbook or the parent of a module does.
FAMILY = ("/bin/sh", "-c", "sleep 30; exit $?")


def has_its_child(victim: Victim) -> bool:
    """Whether the child runs its program: until then, it is a shell as well."""
    return [process.name() for process in family(victim.process.pid)[1:]] == ["sleep"]


@pytest.fixture
def victim(how: How, tmp_path: Path) -> Iterator[Victim]:
    """A shell with a child, to be interrupted."""
    with open(tmp_path / "output", "wb") as stream:
        victim = Victim(FAMILY, how, tmp_path, os.environ, stream)
    try:
        wait_until(lambda: has_its_child(victim), "the shell has a child")
        yield victim
    finally:
        victim.end()


@pytest.mark.parametrize("how", [How.ALL, How.WORKER, How.INTERRUPT, How.HANG_UP, How.TERMINAL])
def test_what_reaches_the_worker_leaves_nothing(victim: Victim) -> None:
    members = family(victim.process.pid)
    victim.interrupt()
    victim.process.wait(10)
    wait_until(lambda: not living(members), "all have ended")


@pytest.mark.parametrize("how", [How.PARENT, How.TERMINATE])
def test_what_reaches_the_parent_leaves_an_orphan(victim: Victim) -> None:
    victim.interrupt()
    victim.process.wait(10)
    assert [process.name() for process in victim.survivors()] == ["sleep"]


@pytest.mark.parametrize("how", [How.TERMINAL])
def test_a_terminal_closes_also_where_there_are_none(how: How, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> NoReturn:
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", refuse)
    with open(tmp_path / "output", "wb") as stream:
        victim = Victim(FAMILY, how, tmp_path, os.environ, stream)
    wait_until(lambda: has_its_child(victim), "the shell has a child")
    victim.interrupt()
    victim.process.wait(10)
    wait_until(lambda: not victim.survivors(), "all have ended")


# -- What it finds -----------------------------------------------------------------------------------------------------


def a_run(name: str, devices: tuple[str, ...] = ("1", "2"), refused: bool = False, **more: Any) -> Run:
    """A run with a journal; `refused`: as another one had it."""
    members = [Member("sim", {"iccid": key, "imei": key}, "Verizon") for key in devices]
    message = "journal: /j is in use by another run: wait until that has ended" if refused else name
    run = Run(RunDraw({}), members, {"journal": "/j", "concurrency": 2})
    run.result = {"failed": refused, "msg": message}
    for field, value in more.items():
        setattr(run, field, value)
    return run


@pytest.mark.parametrize(
    ("devices", "interrupted", "finds"),
    [(("3",), None, False), (("2", "3"), None, True), (("2", "3"), 17.0, False)],
    ids=["other devices", "common devices", "common devices, and a kill"],
)
def test_a_journal_refuses_other_devices_only(devices: tuple[str, ...], interrupted: float | None, finds: bool) -> None:
    other = a_run("other", devices, interrupted=interrupted)
    assert bool(check_refusals([a_run("one", refused=True), other], [])) is finds


def test_a_journal_that_nobody_else_has_refuses_nobody() -> None:
    assert check_refusals([a_run("one", refused=True)], [])
    assert not check_refusals([a_run("one", refused=True)], [a_run("orphan", ("3",))])


@pytest.mark.parametrize(
    ("late", "finds"),
    [((), False), ((0.5, 0.6), False), ((0.5, 0.6, 0.7), True), ((9.0,), True)],
    ids=["nothing", "one for each thread", "more than that", "much later"],
)
def test_an_orphan_submits_what_was_about_to_leave_and_nothing_more(late: tuple[float, ...], finds: bool) -> None:
    gone = time.time()
    run = a_run("one", interrupted=gone)
    run.draw = RunDraw({}, interruption=Interruption(How.PARENT, writes=1))
    requests = [{"write": True, "at": gone - 1.0}, *({"write": True, "at": gone + seconds} for seconds in late)]
    assert bool(check_orphans(run, requests)) is finds


# -- What it finds of the device list ----------------------------------------------------------------------------------

PAIR = {"iccid": "1", "imei": "2"}


def listed(fate: str, status: str, past: Any = False) -> Member:
    """A device that the list has before the round."""
    return Member("sim", PAIR, "Verizon", fate, portal=Portal(PAIR, status, "Transportation", past))


def taken(name: str, at: float, seeded: bool = False, outcome: str = "success") -> Entry:
    """A line of it, which ended a second later."""
    return Entry(name, "1", "2", None, at, at, at + 1, outcome, None, seeded)


def seen(lines: list[Entry], changes: tuple[Change, ...] = (), requests: tuple[dict[str, Any], ...] = ()) -> Seen:
    """What the simulator saw, long after all of that."""
    return Seen(list(requests), Books(1000.0, {"1": lines}, changes), 0.0, alone=True)


ACTIVE, SUSPENDED = listed("listed", "active"), listed("suspended", "paused")
DEACTIVATED = listed("deactivated", "retired", {"status": "active"})
MOVED = listed("moved", "active", {"status": "active"})
OLD = [taken("T1", 10.0, seeded=True)]


@pytest.mark.parametrize(
    ("member", "lines", "terms", "finds"),
    [
        (ACTIVE, [taken("T1", 100.0)], Terms(50.0), True),
        (ACTIVE, [taken("T1", 100.0)], Terms(50.0, frozenset("1")), False),
        (SUSPENDED, [taken("T1", 100.0)], Terms(50.0, restores=True), True),
        (MOVED, [*OLD, taken("T2", 100.0)], Terms(50.0, frozenset("1"), swaps=True), True),
        (DEACTIVATED, [*OLD, taken("T2", 100.0)], Terms(50.0), True),
        (DEACTIVATED, [*OLD, taken("T2", 100.0)], Terms(50.0, activates=True), False),
        (DEACTIVATED, [*OLD, taken("T2", 100.0), taken("T3", 200.0)], Terms(50.0, activates=True), True),
        (Member("sim", PAIR, "Verizon", WAS_ACTIVE), [*OLD, taken("T2", 100.0)], Terms(50.0, activates=True), True),
    ],
    ids=[
        *("listed as active", "the same, unseen", "suspended", "moved, whatever is allowed", "deactivated"),
        *("the same, to be activated", "the same, twice", "active"),
    ],
)
def test_what_the_list_shows_is_not_submitted_unless_the_run_may(
    member: Member, lines: list[Entry], terms: Terms, finds: bool
) -> None:
    found = check_books(seen(lines), Fleet("sim", (member,)), [terms])
    assert {finding.kind for finding in found} == ({TWICE} if finds else set())


def test_only_what_a_run_before_it_was_allowed_excuses_a_submission() -> None:
    terms = [Terms(50.0), Terms(150.0), Terms(250.0, activates=True)]
    lines = [*OLD, taken("T2", 200.0)]
    assert check_books(seen(lines), Fleet("sim", (DEACTIVATED,)), terms)


@pytest.mark.parametrize(
    ("member", "key", "after", "restores", "finds"),
    [
        (SUSPENDED, "1", "active", True, False),
        (SUSPENDED, "1", "active", False, True),
        (SUSPENDED, "1", "suspended", True, True),
        (ACTIVE, "1", "active", True, True),
        (SUSPENDED, "7", "active", True, True),
        (SUSPENDED, None, "active", True, True),
    ],
    ids=["suspended", "not asked for", "to another status", "never suspended", "not declared", "another kind"],
)
def test_nobody_is_restored_that_was_not_suspended_or_not_to_be(
    member: Member, key: str | None, after: str, restores: bool, finds: bool
) -> None:
    books = seen([], (Change(key, 100.0, "suspended", after),))
    found = check_books(books, Fleet("sim", (member,)), [Terms(50.0, restores=restores)])
    assert [finding.kind for finding in found] == [RESTORED] * finds


def test_a_device_stands_as_it_was_listed_until_something_was_done() -> None:
    restored = Books(1000.0, {"1": []}, (Change("1", 100.0, "suspended", "active"),))
    assert standings(SUSPENDED, restored, 0.0, 99.0) == {"suspended"}
    assert standings(SUSPENDED, restored, 99.0, 101.0) == {"suspended", "active"}
    assert standings(SUSPENDED, restored, 101.0, 102.0) == {"active"}
    anew = Books(1000.0, {"1": [*OLD, taken("T2", 100.0)]})
    assert standings(DEACTIVATED, anew, 50.0, 60.0) == {"deactivated"}
    assert standings(DEACTIVATED, anew, 101.0, 102.0) == {"active"}


def a_list(fault: str | None, query: str = "export=CSV", status: int = 200) -> dict[str, Any]:
    """A request for the device list."""
    return {"method": "GET", "path": "/v1.0/devices/X", "query": query, "fault": fault, "status": status}


@pytest.mark.parametrize(
    ("requests", "look"),
    [
        ([a_list(None)], Look()),
        ([a_list("duplicates"), a_list("reset")], Look()),
        ([a_list("partial")], Look(lied=True, unreadable=True)),
        ([a_list("status", status=403), a_list(None, "offset=0")], Look(by_pages=True)),
        ([a_list("html"), a_list("html", "offset=0")], Look(unreadable=True, by_pages=True)),
    ],
    ids=["whole", "whole in the end", "not whole", "by its pages", "not at all"],
)
def test_what_can_be_seen_of_a_list_follows_from_the_answers(requests: list[dict[str, Any]], look: Look) -> None:
    assert Look.of(requests) == look


@pytest.mark.parametrize(
    ("member", "outcome", "options", "finds"),
    [
        (ACTIVE, "already_active", {}, False),
        (SUSPENDED, "already_active", {}, True),
        (SUSPENDED, "suspended", {}, False),
        (SUSPENDED, "restored", {"on_suspended": "restore"}, True),
        (SUSPENDED, "skipped", {"on_suspended": "skip"}, False),
        (SUSPENDED, "skipped", {"on_conflict": "skip"}, True),
        (DEACTIVATED, "deactivated", {}, False),
        (DEACTIVATED, "already_active", {}, True),
        (DEACTIVATED, "already_active", {"listing": "none"}, False),
        (MOVED, "conflict", {}, False),
        (MOVED, "already_active", {}, True),
        (ACTIVE, "conflict", {}, True),
    ],
)
def test_an_outcome_is_what_the_list_has_shown(
    member: Member, outcome: str, options: dict[str, str], finds: bool
) -> None:
    lines = OLD if member.portal and member.portal.is_active_in_history else []
    run = Run(RunDraw({}), [member], {"listing": "auto", **options}, started=500.0, ended=510.0)
    transaction = "T1" if outcome == "already_active" and lines else None
    entry = {"outcome": outcome, "transaction_id": transaction, "reason": None}
    assert bool(wrong_outcome(Case(entry, member, run, seen(list(lines))))) is finds
