# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out a round: runs one run after another and compares each with the books."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.processes import wait_until

from .concurrent_runs import check_orphans, check_refusals
from .drawn import RoundDraw, RunDraw
from .exactly_once import Terms, check_books
from .fleets import LATE, LATE_LATENCY, WAS_PENDING, Member
from .interrupts import kill, living
from .runs import PATIENCE, Aborted, Run, Runner
from .seen import WRONG, Finding, Seen
from .service import Service
from .verify import check_last, check_output, check_result

#: eSIMs in stock for each carrier, more than any round needs.
_STOCK = 5000
#: Maximum seconds that a rival waits for the first submission.
_WITHOUT_SUBMISSION = 2.0
#: Seconds within which a run notices that its owner is gone, even on a busy machine.
_OWNER_CHECK = 15.0


@dataclass
class Step:
    """A run that has ended, what the simulator saw of it, and the findings.

    `rivals`: runs at the same time. `terms`: what all of them may do.
    """

    run: Run
    seen: Seen
    terms: Terms
    findings: list[Finding]
    rivals: list[Run] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        """The run and its rivals, with one run per host of a play."""
        return [one for run in (self.run, *self.rivals) for one in (run, *run.siblings)]

    @property
    def was_interrupted(self) -> bool:
        """Whether the run or a rival was interrupted."""
        return any(run.interrupted is not None for run in self.runs)


@dataclass
class Round:
    """A round that was carried out, up to the first run with findings. `seconds`: its duration."""

    draw: RoundDraw
    directory: Path
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def findings(self) -> list[Finding]:
        """The findings of all runs."""
        return [finding for step in self.steps for finding in step.findings]


class Rounds:
    """Carries out rounds against one simulator, one after another.

    Args:
        service: the simulator.
        collections: folder in which Ansible finds the collection.
        directory: for files of the rounds. Files of a round without findings are removed.
        stop: set when the soak's time is over.
    """

    def __init__(self, service: Service, collections: Path, directory: Path, stop: threading.Event) -> None:
        self._service = service
        self._collections = collections
        self._directory = directory
        self._stop = stop
        self._mark = 0

    def carry_out(self, draw: RoundDraw) -> Round:
        """Carry out a round. Raises `Aborted` if the soak's time is up first."""
        started = time.monotonic()
        done = Round(draw, self._directory / f"{draw.seed}-{draw.number}")
        shutil.rmtree(done.directory, ignore_errors=True)
        done.directory.mkdir(parents=True)
        self._prepare(draw)
        journal = done.directory / "journal" if draw.journal else None
        runner = Runner(self._service, self._collections, draw.fleet.module, done.directory, self._stop, journal)
        try:
            self._carry_out_runs(runner, done)
        finally:
            kill([process for step in done.steps for run in step.runs for process in run.survivors])
        done.seconds = time.monotonic() - started
        if not done.findings:
            shutil.rmtree(done.directory, ignore_errors=True)
        return done

    def _carry_out_runs(self, runner: Runner, done: Round) -> None:
        draw, alone = done.draw, True
        for number, run_draw in enumerate(draw.runs):
            self._set_up(draw, number, run_draw)
            orphans = done.steps[-1].runs if number and draw.runs[number - 1].hasty else []
            done.steps.append(self._step(runner, done, number, alone, orphans))
            if done.findings:
                break
            alone = self._pause(done, number)
            if done.findings:
                break

    def _prepare(self, draw: RoundDraw) -> None:
        """Resets the simulator to the round's settings, history and devices."""
        control = self._service.control
        state = {"seed": _seed(draw, "simulator"), "profile": "instant", "settings": dict(draw.settings)}
        control("POST", "reset", state)
        lines = [line for member in draw.fleet.members if (line := member.past())]
        control("POST", "history", {"lines": lines, "generate": draw.past})
        entries = [entry for member in draw.fleet.members for entry in member.entries()]
        control("POST", "listing", {"entries": entries, "generate": draw.others})
        self._decide(draw.fleet.members, last=False)
        for carrier in {member.carrier for member in draw.fleet.members if member.kind == "esim"}:
            control("PUT", "stock", {"carrier": carrier, "available": _STOCK})

    def _decide(self, members: Sequence[Member], last: bool) -> None:
        decisions = [decision for member in members if (decision := member.decision(last))]
        self._service.control("POST", "devices", decisions)

    def _set_up(self, draw: RoundDraw, number: int, run: RunDraw) -> None:
        """Sets the faults of a run. Before the last run, removes them and ends late lines."""
        control = self._service.control
        control("DELETE", "faults")
        self._service.wait_until_open()
        if run.faults:
            seed = _seed(draw, f"faults/{number}")
            control("POST", "faults", {"seed": seed, "faults": list(run.faults)})
        if run.last and not draw.runs[number - 1].last:
            control("PUT", "settings", dict(draw.final_settings))
            self._decide(draw.fleet.members, last=True)
            self._wait_for_failures()
            if draw.fleet.with_fate(LATE, WAS_PENDING):
                control("POST", "clock", {"advance": 2 * LATE_LATENCY})

    def _wait_for_failures(self) -> None:
        """Waits until the history shows all failures, because the last run submits failed devices again."""

        def none_left() -> bool:
            books = self._service.books()
            entries = (entry for entries in books.lines.values() for entry in entries if entry.fails)
            return all(entry.has_ended(books.now) and entry.visible_at < books.now for entry in entries)

        wait_until(none_left, "all lines that fail have failed", pause=0.1)

    def _step(self, runner: Runner, done: Round, number: int, alone: bool, orphans: Sequence[Run]) -> Step:
        """Carries out a run with its rivals, and checks them. `orphans`: earlier runs that may still have processes."""
        draw = done.draw
        service, run_draw = self._service, draw.runs[number]
        offset = service.control("GET", "clock")["offset"]
        run, rivals = self._run_with_rivals(runner, draw, number)
        requests = service.log_since(self._mark)
        self._mark = max((request["id"] for request in requests), default=self._mark)
        seen = self._seen(draw, requests, offset, alone and not rivals and run_draw.hosts == 1, run_draw.last)
        terms = Terms.of([run, *rivals], seen, draw.fleet)
        step = Step(run, seen, terms, [], rivals)
        step.findings += check_books(seen, draw.fleet, [*(earlier.terms for earlier in done.steps), terms])
        for one in (run, *rivals):
            step.findings += check_output(one)
        for one in step.runs:
            if one.interrupted is None:
                step.findings += check_result(one, step.seen)
            elif one.hung:
                step.findings.append(Finding(WRONG, f"the run did not end ({one.draw.interruption})"))
        step.findings += check_refusals(step.runs, orphans)
        if run_draw.last:
            for one in (run, *run.siblings):
                step.findings += check_last(one, step.seen, draw)
        return step

    def _seen(self, draw: RoundDraw, requests: list[dict[str, Any]], offset: float, alone: bool, is_last: bool) -> Seen:
        """What the simulator saw of a step. `is_last`: whether `final_settings` were in force."""
        shown_ids: dict[str, str] | None = {} if "dialect" in draw.settings else None
        books = self._service.books()
        if is_last:
            return Seen(requests, books, offset, alone, shown_ids)
        hidden = draw.settings.get("hidden_groups", ())
        return Seen(requests, books, offset, alone, shown_ids, draw.listing_lag, hidden)

    def _run_with_rivals(self, runner: Runner, draw: RoundDraw, number: int) -> tuple[Run, list[Run]]:
        """Carries out a run and its rivals."""
        run_draw = draw.runs[number]
        name = f"run-{number + 1}"
        before = self._service.writes() if run_draw.rivals else 0
        with ThreadPoolExecutor(1 + len(run_draw.rivals)) as pool:
            members = _declared(draw, run_draw, f"{number}")
            running = pool.submit(runner.run, run_draw, members, name, run_draw.outages)

            def compete(index: int, rival: RunDraw) -> Run:
                self._wait_to_begin(rival, running, before)
                declared = _declared(draw, rival, f"{number}/{index}")
                return runner.run(rival, declared, f"{name}-rival-{index}")

            rivals = [pool.submit(compete, index, rival) for index, rival in enumerate(run_draw.rivals, 1)]
            return running.result(), [rival.result() for rival in rivals]

    def _wait_to_begin(self, rival: RunDraw, running: Future[Run], before: int) -> None:
        """Waits until a rival has to start. `before`: number of writes before the other run started."""
        if rival.begins is not None:
            time.sleep(rival.begins)
            return
        until = time.monotonic() + _WITHOUT_SUBMISSION
        while time.monotonic() < until and self._service.writes() == before and not running.done():
            time.sleep(0.02)

    # -- Between two runs ----------------------------------------------------------------------------------------------

    def _pause(self, done: Round, number: int) -> bool:
        """Waits until the history shows all submissions so far, unless the next run learns of them from the journal.

        Returns whether no request of earlier runs can still arrive.
        """
        draw, run, step = done.draw, done.draw.runs[number], done.steps[number]
        if run.hasty:
            return False
        for earlier in done.steps:
            step.findings += self._wait_for_orphans(earlier, is_alone=earlier is step and step.seen.alone)
        restless = step.was_interrupted or (number > 0 and draw.runs[number - 1].hasty)
        remembered = draw.journal and all(one.is_remembered for one in draw.runs[number : number + 2])
        if remembered and not run.last:
            return not restless
        if restless:
            self._service.wait_until_quiet()
            # Late requests do not belong to the next run.
            self._mark = max((request["id"] for request in self._service.log_since(self._mark)), default=self._mark)
        time.sleep(draw.lag)
        return True

    def _wait_for_orphans(self, step: Step, is_alone: bool) -> list[Finding]:
        """Waits until orphans have ended. `is_alone`: whether all requests that arrive are those of the step's run."""
        findings = []
        for run in (step.run, *step.rivals):
            # A run that has not recorded its owner yet cannot notice that the owner is gone.
            patience = _OWNER_CHECK + run.arguments["request_timeout"] if run.had_written else PATIENCE
            deadline = time.monotonic() + patience
            while run.survivors:
                if self._stop.is_set():
                    raise Aborted
                if time.monotonic() > deadline:
                    text = f"orphans have not ended {patience:.0f} s after the interruption ({run.draw.interruption})"
                    findings.append(Finding(WRONG, text))
                    break
                time.sleep(0.02)
                run.survivors = living(run.survivors)
        if is_alone and step.run.had_written:
            findings += check_orphans(step.run, [*step.seen.requests, *self._service.log_since(self._mark)])
        return findings


def _seed(draw: RoundDraw, purpose: str) -> int:
    return random.Random(f"{draw.seed}/{draw.number}/{purpose}").randrange(1 << 30)


def _declared(draw: RoundDraw, run: RunDraw, name: str) -> list[Member]:
    """The devices that a run declares: the whole fleet or a part. `name`: of the run in its round."""
    members = list(draw.fleet.members)
    if run.share >= 1.0:
        return members
    rng = random.Random(f"{draw.seed}/{draw.number}/{name}")
    return rng.sample(members, max(1, int(run.share * len(members))))


def describe(value: Any, length: int = 2000) -> str:
    """A value as text, shortened if it is long."""
    text = str(value)
    return text if len(text) <= length else f"{text[:length]} … ({len(text)} characters)"
