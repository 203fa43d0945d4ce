# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak: its draws, its interruptions and its checks."""

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
from soaking.concurrent_runs import check_orphans, check_refusals  # noqa: E402
from soaking.draw import draw_round  # noqa: E402
from soaking.drawn import Interruption, InterruptionKind, RoundDraw, RunDraw  # noqa: E402
from soaking.exactly_once import Terms, check_books  # noqa: E402
from soaking.fleets import WAS_ACTIVE, Fleet, Member  # noqa: E402
from soaking.interrupts import Victim, family, living  # noqa: E402
from soaking.outcomes import Case, wrong_outcome  # noqa: E402
from soaking.portal import PORTAL, Portal  # noqa: E402
from soaking.runs import Run  # noqa: E402
from soaking.seen import RESTORED, TWICE, Look, Seen  # noqa: E402
from soaking.states import states_between  # noqa: E402

ROUNDS = range(1, 301)


def rounds() -> Iterator[tuple[RoundDraw, RunDraw, RunDraw]]:
    """(round, run, next run) of many rounds."""
    for number in ROUNDS:
        drawn = draw_round(1, number)
        yield from ((drawn, run, after) for run, after in zip(drawn.runs, drawn.runs[1:]))


def leaves_no_requests(run: RunDraw) -> bool:
    """Whether the service accepts all submissions of a run before its processes have ended."""
    return run.interruption is None or (run.leaves_orphans and run.is_prompt)


# -- The draw ----------------------------------------------------------------------------------------------------------


def test_a_round_depends_only_on_the_seed_and_its_number() -> None:
    assert draw_round(1, 7) == draw_round(1, 7)
    assert draw_round(1, 7) != draw_round(2, 7)


def test_runs_at_the_same_time_share_a_journal_or_have_no_late_requests_and_no_late_history() -> None:
    for drawn, run, _after in rounds():
        if (run.rivals or run.hosts > 1) and not (drawn.journal and run.is_remembered):
            assert drawn.lag == 0, drawn.title()
            assert all(map(leaves_no_requests, run.with_rivals)), drawn.title()


def test_a_run_that_starts_before_orphans_end_shares_their_journal_or_they_leave_no_late_requests() -> None:
    for drawn, run, after in rounds():
        if run.hasty and not (drawn.journal and run.is_remembered and after.is_remembered):
            assert all(map(leaves_no_requests, run.with_rivals)), drawn.title()
            assert drawn.lag == 0, drawn.title()
        assert not (run.hasty and (after.last or after.torn)), drawn.title()


def test_every_kind_of_interruption_and_number_of_rivals_is_drawn() -> None:
    runs = [run for _drawn, run, _after in rounds()]
    assert {run.interruption.kind for run in runs if run.interruption} == set(InterruptionKind)
    assert {len(run.rivals) for run in runs} == {0, 1, 2, 3}
    assert {run.hosts for run in runs} == {1, 2, 3, 4}
    assert any(run.hasty for run in runs)


def test_the_device_list_is_late_by_less_than_the_settle_time() -> None:
    late = [
        (drawn.listing_lag, run.arguments["settle_timeout"]) for drawn, run, _after in rounds() if drawn.listing_lag
    ]
    assert late
    assert all(lag < settle for lag, settle in late)


def test_every_case_and_fault_of_the_device_list_is_drawn() -> None:
    drawn = [draw_round(1, number) for number in ROUNDS]
    runs = [run for one in drawn for run in one.runs]
    assert {member.fate for one in drawn for member in one.fleet.members if member.portal} == set(PORTAL)
    for option, count in (("listing", 3), ("on_suspended", 3), ("on_deactivated", 3), ("on_conflict", 3)):
        assert len({run.arguments[option] for run in runs}) == count
    struck = {(fault["kind"], fault.get("call")) for run in runs for fault in run.faults}
    assert {("partial", "listing"), ("duplicates", "listing"), ("unknown_words", "listing")} <= struck
    assert {call for _kind, call in struck} >= {"listing", "listing_csv", "listing_pages", "statuses", "set_status"}


def test_the_last_run_of_a_round_has_a_complete_and_current_list() -> None:
    for number in ROUNDS:
        last = draw_round(1, number).final_settings
        assert (last["listing_lag"], last["status_lag"], last["hidden_groups"]) == (0.0, 0.0, [])


# -- Interruptions -----------------------------------------------------------------------------------------------------

#: A shell that waits for its child, like a worker of ansible-playbook or the parent of a module.
FAMILY = ("/bin/sh", "-c", "sleep 30; exit $?")


def has_its_child(victim: Victim) -> bool:
    """Whether the child runs its program. Until then, it is also a shell."""
    return [process.name() for process in family(victim.process.pid)[1:]] == ["sleep"]


@pytest.fixture
def victim(kind: InterruptionKind, tmp_path: Path) -> Iterator[Victim]:
    """A shell with a child."""
    with open(tmp_path / "output", "wb") as stream:
        victim = Victim(FAMILY, kind, tmp_path, os.environ, stream)
    try:
        wait_until(lambda: has_its_child(victim), "the shell has a child")
        yield victim
    finally:
        victim.end()


@pytest.mark.parametrize(
    "kind",
    [
        InterruptionKind.ALL,
        InterruptionKind.WORKER,
        InterruptionKind.INTERRUPT,
        InterruptionKind.HANG_UP,
        InterruptionKind.TERMINAL,
    ],
)
def test_an_interruption_of_the_worker_leaves_no_process(victim: Victim) -> None:
    members = family(victim.process.pid)
    victim.interrupt()
    victim.process.wait(10)
    wait_until(lambda: not living(members), "all have ended")


@pytest.mark.parametrize("kind", [InterruptionKind.PARENT, InterruptionKind.TERMINATE])
def test_an_interruption_of_only_the_parent_leaves_an_orphan(victim: Victim) -> None:
    victim.interrupt()
    victim.process.wait(10)
    assert [process.name() for process in victim.survivors()] == ["sleep"]


@pytest.mark.parametrize("kind", [InterruptionKind.TERMINAL])
def test_a_terminal_closes_also_where_there_are_none(
    kind: InterruptionKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> NoReturn:
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", refuse)
    with open(tmp_path / "output", "wb") as stream:
        victim = Victim(FAMILY, kind, tmp_path, os.environ, stream)
    wait_until(lambda: has_its_child(victim), "the shell has a child")
    victim.interrupt()
    victim.process.wait(10)
    wait_until(lambda: not victim.survivors(), "all have ended")


# -- Checks of concurrent runs -----------------------------------------------------------------------------------------


def a_run(name: str, devices: tuple[str, ...] = ("1", "2"), refused: bool = False, **more: Any) -> Run:
    """A run with a journal. `refused`: because another run uses the journal."""
    members = [Member("sim", {"iccid": key, "imei": key}, "Verizon") for key in devices]
    message = "journal: /j is in use by another run; wait until it has ended" if refused else name
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
def test_being_refused_by_the_journal_of_a_run_with_common_devices_is_a_finding(
    devices: tuple[str, ...], interrupted: float | None, finds: bool
) -> None:
    other = a_run("other", devices, interrupted=interrupted)
    assert bool(check_refusals([a_run("one", refused=True), other], [])) is finds


def test_being_refused_by_a_journal_that_no_other_run_uses_is_a_finding() -> None:
    assert check_refusals([a_run("one", refused=True)], [])
    assert not check_refusals([a_run("one", refused=True)], [a_run("orphan", ("3",))])


@pytest.mark.parametrize(
    ("late", "finds"),
    [((), False), ((0.5, 0.6), False), ((0.5, 0.6, 0.7), True), ((9.0,), True)],
    ids=["nothing", "one for each thread", "more than that", "much later"],
)
def test_an_orphan_that_sends_more_than_one_late_request_per_thread_is_a_finding(
    late: tuple[float, ...], finds: bool
) -> None:
    gone = time.time()
    run = a_run("one", interrupted=gone)
    run.draw = RunDraw({}, interruption=Interruption(InterruptionKind.PARENT, writes=1))
    requests = [{"write": True, "at": gone - 1.0}, *({"write": True, "at": gone + seconds} for seconds in late)]
    assert bool(check_orphans(run, requests)) is finds


# -- Checks of the device list -----------------------------------------------------------------------------------------

PAIR = {"iccid": "1", "imei": "2"}


def listed(fate: str, status: str, past: Any = False) -> Member:
    """A device that is listed before the round."""
    return Member("sim", PAIR, "Verizon", fate, portal=Portal(PAIR, status, "Transportation", past))


def line(name: str, at: float, seeded: bool = False, outcome: str = "success") -> Entry:
    """A line of that device, which ended after a second."""
    return Entry(name, "1", "2", None, at, at, at + 1, outcome, None, seeded)


def seen(lines: list[Entry], changes: tuple[Change, ...] = (), requests: tuple[dict[str, Any], ...] = ()) -> Seen:
    """What the simulator saw, long after the lines ended."""
    return Seen(list(requests), Books(1000.0, {"1": lines}, changes), 0.0, alone=True)


ACTIVE, SUSPENDED = listed("listed", "active"), listed("suspended", "paused")
DEACTIVATED = listed("deactivated", "retired", {"status": "active"})
MOVED = listed("moved", "active", {"status": "active"})
OLD = [line("T1", 10.0, seeded=True)]


@pytest.mark.parametrize(
    ("member", "lines", "terms", "finds"),
    [
        (ACTIVE, [line("T1", 100.0)], Terms(50.0), True),
        (ACTIVE, [line("T1", 100.0)], Terms(50.0, frozenset("1")), False),
        (SUSPENDED, [line("T1", 100.0)], Terms(50.0, restores=True), True),
        (MOVED, [*OLD, line("T2", 100.0)], Terms(50.0, frozenset("1"), swaps=True), True),
        (DEACTIVATED, [*OLD, line("T2", 100.0)], Terms(50.0), True),
        (DEACTIVATED, [*OLD, line("T2", 100.0)], Terms(50.0, activates=True), False),
        (DEACTIVATED, [*OLD, line("T2", 100.0), line("T3", 200.0)], Terms(50.0, activates=True), True),
        (Member("sim", PAIR, "Verizon", WAS_ACTIVE), [*OLD, line("T2", 100.0)], Terms(50.0, activates=True), True),
    ],
    ids=[
        *("listed as active", "listed as active, unseen", "suspended", "moved", "deactivated"),
        *("deactivated, to be activated", "deactivated, submitted twice", "active in the history"),
    ],
)
def test_submitting_a_listed_device_is_a_finding_unless_the_run_may(
    member: Member, lines: list[Entry], terms: Terms, finds: bool
) -> None:
    findings = check_books(seen(lines), Fleet("sim", (member,)), [terms])
    assert {finding.kind for finding in findings} == ({TWICE} if finds else set())


def test_permission_of_a_later_run_does_not_excuse_a_submission() -> None:
    terms = [Terms(50.0), Terms(150.0), Terms(250.0, activates=True)]
    lines = [*OLD, line("T2", 200.0)]
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
    ids=["suspended", "not to be restored", "to another status", "not suspended", "not declared", "unknown device"],
)
def test_a_wrong_status_change_is_a_finding(
    member: Member, key: str | None, after: str, restores: bool, finds: bool
) -> None:
    books = seen([], (Change(key, 100.0, "suspended", after),))
    findings = check_books(books, Fleet("sim", (member,)), [Terms(50.0, restores=restores)])
    assert [finding.kind for finding in findings] == [RESTORED] * finds


def test_a_device_keeps_its_listed_state_until_it_is_changed() -> None:
    restored = Books(1000.0, {"1": []}, (Change("1", 100.0, "suspended", "active"),))
    assert states_between(SUSPENDED, restored, 0.0, 99.0) == {"suspended"}
    assert states_between(SUSPENDED, restored, 99.0, 101.0) == {"suspended", "active"}
    assert states_between(SUSPENDED, restored, 101.0, 102.0) == {"active"}
    reactivated = Books(1000.0, {"1": [*OLD, line("T2", 100.0)]})
    assert states_between(DEACTIVATED, reactivated, 50.0, 60.0) == {"deactivated"}
    assert states_between(DEACTIVATED, reactivated, 101.0, 102.0) == {"active"}


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
    ids=["complete", "complete in the end", "incomplete", "by pages", "unreadable"],
)
def test_what_a_run_can_read_of_the_list_follows_from_the_answers(requests: list[dict[str, Any]], look: Look) -> None:
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
def test_an_outcome_that_the_list_did_not_show_is_a_finding(
    member: Member, outcome: str, options: dict[str, str], finds: bool
) -> None:
    lines = OLD if member.portal and member.portal.is_active_in_history else []
    run = Run(RunDraw({}), [member], {"listing": "auto", **options}, started=500.0, ended=510.0)
    transaction = "T1" if outcome == "already_active" and lines else None
    entry = {"outcome": outcome, "transaction_id": transaction, "reason": None}
    assert bool(wrong_outcome(Case(entry, member, run, seen(list(lines))))) is finds
