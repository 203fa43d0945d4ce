# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs make targets, two at a time, and reports the result of each.

run_steps.py STEP...: the targets, in the order in which they start. With JOBS=1, one at a time. Put long ones first, so
that the last one does not run alone for long.
Each step writes its output to .cache/logs/STEP.log, which is shown in full if the step fails. Every step runs, even if
an earlier one fails. The last line is a count: "N passed, N failed".
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".cache" / "logs"
# Seconds after which a step is considered to hang
LIMIT = float(os.environ.get("STEP_TIMEOUT") or 2400)
# Seconds between two lines of output: without output, people and CI services believe that the run hangs.
HEARTBEAT = 60

#: Maximum number of slow tests in the summary.
SLOWEST = 10


class Steps:
    """The running steps and the outcomes so far."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.waiting = collections.deque(order)
        self.outcomes: dict[str, tuple[str, float]] = {}
        self.running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self.lock = threading.RLock()
        self.stopped = False

    def run(self, jobs: int) -> bool:
        """Runs all steps, at most `jobs` at a time; True if all passed."""
        threads = [threading.Thread(target=self.work) for _job in range(jobs)]
        for thread in threads:
            thread.start()
        last_word = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.2)
            if time.monotonic() - last_word >= HEARTBEAT:
                last_word = time.monotonic()
                self.heartbeat()
        self.summarise()
        return all(outcome == "passed" for outcome, dummy in self.outcomes.values())

    def work(self) -> None:
        """Runs waiting steps, one at a time, until none is left."""
        while not self.stopped:
            try:
                step = self.waiting.popleft()
            except IndexError:
                return
            started = time.monotonic()
            outcome = self.run_step(step, LOGS / f"{step}.log")
            self.report(step, outcome, time.monotonic() - started)

    def run_step(self, step: str, log: Path) -> str:
        """Runs a make target in its own process group, so that its children can be ended too; returns the outcome."""
        environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS"}}
        environment.update(ENVIRONMENT_READY="1", PYTHONUNBUFFERED="1")
        command = [os.environ.get("MAKE", "make"), "--no-print-directory", "--silent", step]
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            with self.lock:
                self.running[step] = process, time.monotonic()
            try:
                return "passed" if process.wait(LIMIT) == 0 else "failed"
            except subprocess.TimeoutExpired:
                return f"failed: timed out after {LIMIT:.0f} s"
            finally:
                end(process)
                with self.lock:
                    del self.running[step]

    def report(self, step: str, outcome: str, seconds: float) -> None:
        """Prints the outcome of a step, and its output if it failed."""
        with self.lock:
            self.outcomes[step] = outcome, seconds
            if self.stopped:
                return
            heading = f"=== [{len(self.outcomes)}/{len(self.order)}] {step}: {outcome} ({seconds:.0f} s)"
            if outcome == "passed":
                say(heading)
                return
            log = LOGS / f"{step}.log"
            say(heading, log.read_text(encoding="utf-8", errors="replace").rstrip(), f"=== end of {step}")

    def heartbeat(self) -> None:
        """Prints the running steps."""
        with self.lock:
            now = time.monotonic()
            steps = ", ".join(f"{step} ({now - started:.0f} s)" for step, (dummy, started) in self.running.items())
            say(f"... running: {steps}")

    def stop(self) -> None:
        """Ends the running steps and starts no more."""
        self.stopped = True
        with self.lock:
            for process, dummy in self.running.values():
                end(process)

    def summarise(self) -> None:
        """Prints a table of all steps, the logs of those that failed, and the count."""
        width = max(map(len, self.order))
        say("", f"{'step':<{width}}  result   seconds")
        for step in self.order:
            outcome, seconds = self.outcomes.get(step, ("not run", 0.0))
            say(f"{step:<{width}}  {outcome.partition(':')[0]:<7}  {seconds:7.0f}")
        slowest = sorted((test for step in self.outcomes for test in slow_tests(LOGS / f"{step}.log")), reverse=True)
        if slowest:
            say("", "slowest tests", *(f"{seconds:7.1f} s  {name}" for seconds, name in slowest[:SLOWEST]))
        passed = sum(outcome == "passed" for outcome, dummy in self.outcomes.values())
        failed = [step for step in self.order if self.outcomes.get(step, ("",))[0] != "passed"]
        if failed:
            say("", *(f"{step}: see .cache/logs/{step}.log; to run it again: make {step}" for step in failed))
        say("", f"{passed} passed, {len(failed)} failed")


def slow_tests(log: Path) -> list[tuple[float, str]]:
    """Return the seconds and names that a step's pytest lists with --durations, without parts under a second."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    found = (re.fullmatch(r"(\d+\.\d\d)s (?:call|setup|teardown) +(\S.*)", line) for line in lines)
    return [(float(match[1]), match[2]) for match in found if match and float(match[1]) >= 1]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a step and its children."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def say(*lines: str) -> None:
    """Prints lines that belong together in one write."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(order: list[str]) -> int:
    """Runs the steps; returns the exit code, 0 if all passed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    one_at_a_time = (os.cpu_count() or 1) < 2 or os.environ.get("JOBS") == "1"
    steps = Steps(order)

    def interrupted(number: int, _frame: object) -> None:
        steps.stop()
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    return 0 if steps.run(1 if one_at_a_time else 2) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
