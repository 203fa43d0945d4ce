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
from soaking.draw import draw_round  # noqa: E402
from soaking.drawn import How, Interruption, RoundDraw, RunDraw  # noqa: E402
from soaking.fleets import Member  # noqa: E402
from soaking.interrupts import Victim, family, living  # noqa: E402
from soaking.runs import Run  # noqa: E402
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
