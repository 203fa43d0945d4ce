# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the soak: workers, each with its own simulator, run rounds until the time is up."""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

from harness.places import collection_root

from .draw import draw_round
from .rounds import Rounds
from .runs import Aborted
from .service import Service
from .tally import Tally, report

#: More than there are cores, because runs mostly wait.
WORKERS = 4
#: Number of rounds with findings after which the soak ends.
_MAX_FAILED_ROUNDS = 5
#: Time that running rounds get after the time is up: in seconds, and as a share of the time. The lesser counts.
_GRACE, _GRACE_SHARE = 60.0, 1 / 3


def main() -> int:
    """Runs the soak; returns the exit code."""
    options = _options()
    soak = Soak(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, soak.interrupt)
    return soak.run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seed", type=int, help="seed that determines all rounds (default: random)")
    parser.add_argument("--round", type=int, help="run only this round")
    parser.add_argument("--seconds", type=float, default=510.0, help="start no round after this time (default: 510)")
    parser.add_argument("--rounds", type=int, default=0, help="maximum number of rounds (default: 0, no limit)")
    parser.add_argument("--runs", type=int, default=0, help="fail if there are fewer runs (default: 0)")
    parser.add_argument("--keep", type=Path, default=collection_root() / ".cache" / "soak", help="folder for files")
    # make may pass options without a value, such as "--seed="
    given = [word for word in sys.argv[1:] if not word.endswith("=")]
    options = parser.parse_args(given)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 1_000_000)
    if options.round is not None:
        options.runs = 0
    return options


def _copy_collection(target: Path) -> None:
    """Copies the parts of the collection that runs need, so that edits during the soak do not affect them."""
    place = Path("ansible_collections") / "kajeet" / "sentinel"
    source = (Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / place).resolve()
    for name in ("plugins", "meta"):
        shutil.copytree(source / name, target / place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "galaxy.yml", target / place)


class Soak:
    """A soak: its workers, and the rounds so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        #: Seconds after which running rounds are aborted.
        self._limit = options.seconds + min(_GRACE, _GRACE_SHARE * options.seconds)
        self._tally = Tally()
        self._collections = options.keep / f"collections-{os.getpid()}"
        self._numbers = iter([options.round]) if options.round is not None else itertools.count(1)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._failed: list[int] = []
        self._broken = False
        self._interrupted = ""

    def interrupt(self, number: int, _frame: FrameType | None) -> None:
        """Ends the soak immediately."""
        self._interrupted = signal.Signals(number).name
        self._stop.set()

    def run(self) -> int:
        """Runs the rounds; returns the exit code."""
        options = self._options
        only = f", only round {options.round}" if options.round is not None else ""
        self._say(f"soak: seed {options.seed}{only}; at most {self._limit:.0f} s")
        _copy_collection(self._collections)
        workers = [threading.Thread(target=self._work, args=(number,)) for number in range(self._worker_count())]
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.2)
                if time.monotonic() - self._started > self._limit:
                    self._stop.set()
        shutil.rmtree(self._collections, ignore_errors=True)
        return self._conclude()

    def _worker_count(self) -> int:
        return 1 if self._options.round is not None else WORKERS

    def _conclude(self) -> int:
        self._say(f"soak: seed {self._options.seed}, {time.monotonic() - self._started:.0f} s")
        self._say(self._tally.totals())
        runs = self._tally.runs["all"]
        if self._failed:
            self._say("FAILED rounds: " + "; ".join(map(self._command, self._failed)))
        if runs < self._options.runs and not self._interrupted:
            self._say(f"FAILED: only {runs} runs in the available time; {self._options.runs} are required")
        ended_well = not (self._failed or self._broken or self._interrupted)
        return 0 if ended_well and runs >= max(1, self._options.runs) else 1

    def _command(self, number: int) -> str:
        return f"make soak SEED={self._options.seed} ROUND={number}"

    def _say(self, text: str) -> None:
        with self._lock:
            print(text, flush=True)

    def _next(self) -> int | None:
        options = self._options
        over = time.monotonic() - self._started > options.seconds or len(self._failed) >= _MAX_FAILED_ROUNDS
        with self._lock:
            if over or self._stop.is_set() or self._broken:
                return None
            number = next(self._numbers, None)
        return None if number is None or 0 < options.rounds < number else number

    def _work(self, worker: int) -> None:
        directory = self._options.keep / f"worker-{os.getpid()}-{worker}"
        try:
            with Service(directory, 2 * self._limit) as service:
                rounds = Rounds(service, self._collections, self._options.keep, self._stop)
                while (number := self._next()) is not None:
                    self._carry_out(rounds, number)
            shutil.rmtree(directory, ignore_errors=True)
        except Aborted:
            reason = self._interrupted or "time is up"
            self._say(f"worker {worker}: round aborted: {reason}")
            shutil.rmtree(directory, ignore_errors=True)
        except Exception:  # noqa: BLE001 (the other workers must end as well, and the exit code must be 1)
            self._broken = True
            self._say(f"internal error of the soak:\n{traceback.format_exc()}")

    def _carry_out(self, rounds: Rounds, number: int) -> None:
        draw = draw_round(self._options.seed, number)
        done = rounds.carry_out(draw)
        self._tally.add(done)
        state = "ok" if not done.findings else "WRONG"
        self._say(
            f"{time.monotonic() - self._started:5.0f} s: round {number} ({draw.title()}): {state}, {done.seconds:.1f} s"
        )
        if done.findings:
            self._failed.append(number)
            text = report(done, self._command(number))
            (done.directory / "report.txt").write_text(text + "\n", encoding="utf-8")
            self._say(text)
