# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: python -m benchmark [SCENARIO...]

Without arguments, runs all scenarios and writes the documents. With names or prefixes of names, runs only those and
writes nothing. Fails if something does not work, never for being slow.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .lines import Line, by_name
from .processes import ROOT, BenchmarkError
from .report import write
from .scenarios import Bench, Scenario
from .service import simulator
from .targets import verdicts

#: Load average above which the figures are unreliable.
BUSY = 0.7


def main(only: Sequence[str]) -> int:
    """Runs the benchmark; returns the exit code."""
    # As after Ctrl-C: end all processes first.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    started = time.monotonic()
    load = os.getloadavg()[0]
    if load > BUSY:
        print(f"make bench: the machine is busy (load {load:.1f}), so the figures will be unreliable")
    parent = Path(os.environ.get("CACHE", ROOT / ".cache"))
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=parent) as name:
        directory = Path(name)
        try:
            with simulator(directory) as service:
                scenarios = Bench(service, directory).scenarios()
                chosen = _chosen(scenarios, only)
                lines = _run(chosen)
        except BenchmarkError as error:
            print(f"make bench: {error}", file=sys.stderr)
            return 1
    for verdict in verdicts(by_name(lines)):
        mark = "met   " if verdict.is_met else "MISSED"
        print(f"{mark}  {verdict.target.title}: {verdict.measured_text} (target {verdict.target_text})")
    if chosen == scenarios:
        write(ROOT / "docs", lines, load)
        print(f"wrote docs/benchmarks.md, .json and .svg after {time.monotonic() - started:.0f} s")
    return 0


def _chosen(scenarios: Sequence[Scenario], only: Sequence[str]) -> list[Scenario]:
    if not only:
        return list(scenarios)
    names = [name for scenario in scenarios for name in scenario.names]
    wanted: set[str] = set()
    for word in only:
        matches = {word} & set(names) or {name for name in names if name.startswith(word)}
        if not matches:
            raise BenchmarkError(f'scenario "{word}" does not exist; valid scenarios: {", ".join(names)}')
        wanted |= matches
    return [scenario for scenario in scenarios if wanted & set(scenario.names)]


def _run(scenarios: Sequence[Scenario]) -> list[Line]:
    """Runs the scenarios, and prints each line of the tables."""
    lines: list[Line] = []
    print(f"{'':18} {'wall s':>8} {'own s':>8} {'CPU s':>8} {'requests':>9} {'429':>7} {'peak MB':>8}", flush=True)
    for scenario in scenarios:
        for line in scenario.run():
            own = "" if line.own is None else f"{line.own:.2f}"
            requests = "" if line.requests is None else str(line.requests)
            shown = (
                f"{line.name:18} {line.wall:8.2f} {own:>8} {line.cpu:8.2f} {requests:>9} {line.turned_away or '':>7}"
            )
            print(f"{shown} {line.peak / 1e6:8.1f}", flush=True)
            lines.append(line)
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
