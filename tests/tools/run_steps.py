# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs make targets, two side by side, and tells how each went.

run_steps.py STEP...: targets in the order in which they are begun, each as soon as one before it is done; JOBS=1: one
after the other. Long ones first, so that the last to end does not run alone for long.
Each step's output goes to .cache/logs/STEP.log, and is shown in full when the step fails. Every step runs, whatever
became of those before it. The last line counts: "N passed, N failed".
"""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".cache" / "logs"
# A step that takes longer hangs.
LIMIT = float(os.environ.get("STEP_TIMEOUT") or 2400)
# Silence makes people, and CI services, believe that nothing goes on.
HEARTBEAT = 60


class Steps:
    """The steps under way and the outcomes so far."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.waiting = collections.deque(order)
        self.outcomes: dict[str, tuple[str, float]] = {}
        self.running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self.lock = threading.RLock()
        self.stopped = False

    def run(self, jobs: int) -> bool:
        """Runs all steps, so many at once; true when every one passed."""
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
        """Runs one step after the other, as long as there are any."""
        while not self.stopped:
            try:
                step = self.waiting.popleft()
            except IndexError:
                return
            started = time.monotonic()
            outcome = self.run_step(step, LOGS / f"{step}.log")
            self.report(step, outcome, time.monotonic() - started)

    def run_step(self, step: str, log: Path) -> str:
        """One make target, in a process group of its own so that a hanging one can be ended with its children."""
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
                return f"failed: not done after {LIMIT:.0f} s"
            finally:
                end(process)
                with self.lock:
                    del self.running[step]

    def report(self, step: str, outcome: str, seconds: float) -> None:
        """A heading for a step that ended, and for one that failed all that it said."""
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
        """What is under way."""
        with self.lock:
            now = time.monotonic()
            steps = ", ".join(f"{step} ({now - started:.0f} s)" for step, (dummy, started) in self.running.items())
            say(f"... running: {steps}")

    def stop(self) -> None:
        """Ends what is under way and begins nothing more."""
        self.stopped = True
        with self.lock:
            for process, dummy in self.running.values():
                end(process)

    def summarise(self) -> None:
        """The whole run at one look."""
        width = max(map(len, self.order))
        say("", f"{'step':<{width}}  result   seconds")
        for step in self.order:
            outcome, seconds = self.outcomes.get(step, ("not run", 0.0))
            say(f"{step:<{width}}  {outcome.partition(':')[0]:<7}  {seconds:7.0f}")
        passed = sum(outcome == "passed" for outcome, dummy in self.outcomes.values())
        failed = [step for step in self.order if self.outcomes.get(step, ("",))[0] != "passed"]
        if failed:
            say("", *(f"{step}: .cache/logs/{step}.log; again with: make {step}" for step in failed))
        say("", f"{passed} passed, {len(failed)} failed")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a step and whatever it left running."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def say(*lines: str) -> None:
    """Lines that belong together, in one piece."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(order: list[str]) -> int:
    """The exit code: 0 when every step passed."""
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
