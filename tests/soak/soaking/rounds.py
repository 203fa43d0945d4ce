# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out one round: its runs, one after the other, each compared with the books."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.processes import wait_until

from .draw import RoundDraw, RunDraw
from .fleets import LATE, LATE_LATENCY, WAS_PENDING, Member
from .runs import Run, Runner
from .service import Service
from .verify import Finding, Seen, check_books, check_last, check_output, check_result, check_rival

#: eSIMs in stock for each carrier: no round needs more.
_STOCK = 5000
#: A rival begins after so many seconds, or with the first submission.
_RIVAL_AFTER = 0.6


@dataclass
class Step:
    """A run that has ended, what the simulator saw of it, and what is wrong with it. `rival`: what ran meanwhile."""

    run: Run
    seen: Seen
    findings: list[Finding]
    rival: Run | None = None


@dataclass
class Round:
    """A round that was carried out, up to the first run with findings. `seconds`: how long it took."""

    draw: RoundDraw
    directory: Path
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with any of its runs."""
        return [finding for step in self.steps for finding in step.findings]


class Rounds:
    """Carries out rounds against one simulator, one after the other.

    Args:
        service: the simulator.
        collections: where Ansible finds the collection.
        directory: for the rounds' files; those of a round without findings are removed.
        stop: set when the soak's time is over.
    """

    def __init__(self, service: Service, collections: Path, directory: Path, stop: threading.Event) -> None:
        self._service = service
        self._collections = collections
        self._directory = directory
        self._stop = stop
        self._mark = 0

    def carry_out(self, draw: RoundDraw) -> Round:
        """Raises `Aborted` where the soak's time is over first."""
        started = time.monotonic()
        done = Round(draw, self._directory / f"{draw.seed}-{draw.number}")
        shutil.rmtree(done.directory, ignore_errors=True)
        done.directory.mkdir(parents=True)
        self._prepare(draw)
        journal = done.directory / "journal" if draw.journal else None
        runner = Runner(self._service, self._collections, draw.kind, done.directory, self._stop, journal)
        alone = True
        for number, run_draw in enumerate(draw.runs):
            self._set_up(draw, number, run_draw)
            step = self._step(runner, draw, number, alone)
            done.steps.append(step)
            if step.findings:
                break
            alone = self._pause(draw, step.run)
        done.seconds = time.monotonic() - started
        if not done.findings:
            shutil.rmtree(done.directory, ignore_errors=True)
        return done

    def _prepare(self, draw: RoundDraw) -> None:
        """A simulator with the round's settings, history and devices."""
        control = self._service.control
        told = {"seed": _seed(draw, "simulator"), "profile": "instant", "settings": dict(draw.settings)}
        control("POST", "reset", told)
        lines = [line for member in draw.fleet.members if (line := member.past())]
        control("POST", "history", {"lines": lines, "generate": draw.past})
        self._decide(draw.fleet.members, last=False)
        for carrier in {member.carrier for member in draw.fleet.members} if draw.kind == "esim" else ():
            control("PUT", "stock", {"carrier": carrier, "available": _STOCK})

    def _decide(self, members: Sequence[Member], last: bool) -> None:
        self._service.control("POST", "devices", [told for member in members if (told := member.decision(last))])

    def _set_up(self, draw: RoundDraw, number: int, run: RunDraw) -> None:
        """The faults of a run; before the last one they are gone, and what is late has ended."""
        control = self._service.control
        control("DELETE", "faults")
        self._service.wait_until_open()
        if run.faults:
            seed = _seed(draw, f"faults/{number}")
            control("POST", "faults", {"seed": seed, "faults": list(run.faults)})
        if run.last and not draw.runs[number - 1].last:
            control("PUT", "settings", dict(draw.finally_))
            self._decide(draw.fleet.members, last=True)
            self._wait_for_failures(draw.kind)
            if draw.fleet.with_fate(LATE, WAS_PENDING):
                control("POST", "clock", {"advance": 2 * LATE_LATENCY})

    def _wait_for_failures(self, kind: str) -> None:
        """Waits until the history shows all that is going to fail: the last run submits again what has failed."""

        def none_left() -> bool:
            books = self._service.books(kind)
            entries = (entry for entries in books.lines.values() for entry in entries if entry.failed)
            return all(entry.ended(books.now) and entry.visible_at < books.now for entry in entries)

        wait_until(none_left, "all that fails has failed", pause=0.1)

    def _step(self, runner: Runner, draw: RoundDraw, number: int, alone: bool) -> Step:
        service, run_draw = self._service, draw.runs[number]
        members, name = _declared(draw, number), f"run-{number + 1}"
        offset = service.control("GET", "clock")["offset"]
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(runner.run, run_draw, members, name)
            rival = None
            if run_draw.rival:
                until = time.monotonic() + _RIVAL_AFTER
                before = service.submissions()
                while time.monotonic() < until and service.submissions() == before and not running.done():
                    time.sleep(0.02)
                meanwhile = replace(run_draw, outages=(), playbook=False, torn=False, form="devices")
                rival = runner.run(meanwhile, members, f"{name}-rival")
                # It makes no outages, and suffers from those of the other.
                rival.draw = replace(meanwhile, outages=run_draw.outages)
            run = running.result()
        requests = service.log_since(self._mark)
        self._mark = max((request["id"] for request in requests), default=self._mark)
        spoken: dict[str, str] | None = {} if "dialect" in draw.settings else None
        seen = Seen(requests, service.books(draw.kind), offset, alone and rival is None, spoken)
        findings = check_output(run)
        findings += check_books(seen.books, (member.key for member in draw.fleet.members), requests)
        if not run.killed:
            findings += check_result(run, seen, draw)
            if run_draw.last:
                findings += check_last(run, seen, draw)
        if rival:
            findings += check_output(rival) + check_rival(run, rival, seen, draw)
        return Step(run, seen, findings, rival)

    def _pause(self, draw: RoundDraw, run: Run) -> bool:
        """Waits until the history tells what the run has left; with a journal the next run need not wait for that.

        Returns whether nothing of the run is on its way any more.
        """
        if draw.journal and not run.draw.last:
            return not run.killed
        if run.killed:
            self._service.wait_until_quiet(draw.kind)
        time.sleep(draw.lag)
        return True


def _seed(draw: RoundDraw, purpose: str) -> int:
    return random.Random(f"{draw.seed}/{draw.number}/{purpose}").randrange(1 << 30)


def _declared(draw: RoundDraw, number: int) -> list[Member]:
    """The devices that a run declares: all of the fleet, or some."""
    members = list(draw.fleet.members)
    share = draw.runs[number].share
    if share >= 1.0:
        return members
    rng = random.Random(f"{draw.seed}/{draw.number}/{number}")
    return rng.sample(members, max(1, int(share * len(members))))


def describe(value: Any, length: int = 2000) -> str:
    """A value for people, cut where it is long."""
    text = str(value)
    return text if len(text) <= length else f"{text[:length]} … ({len(text)} characters)"
