# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a history of a million lines with the engine and with a bare csv.reader.

The simulator renders the history once. Then a file server serves it, so that rendering is not measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from .fleet import fleet
from .lines import Line, best_of
from .processes import HERE, BenchmarkError, Server, measured
from .service import active_devices, simulator

LINES = 1_000_000
#: Number of devices that the engine looks for, and of those that are in the history.
WANTED, KNOWN = 10_000, 5_000

_TITLES = {
    "file": "bare `csv.reader`, from a file",
    "download": "bare `csv.reader`, over HTTP",
    "engine": f"the engine, looking for {WANTED:,} devices, over HTTP",
}


def history_lines(directory: Path) -> Iterator[Line]:
    """The lines of this scenario."""
    history = directory / "million.csv"
    with simulator(directory) as service:
        service.reset()
        service.generate(LINES)
        service.download(history)
    rows = _count(history) - 1
    devices = active_devices(history, LINES // KNOWN, KNOWN) + fleet(WANTED - KNOWN)
    wanted = directory / "wanted.txt"
    wanted.write_text("".join(f"{entry['iccid']}\n{entry['imei']}\n" for entry in devices), encoding="utf-8")
    del devices
    ready = directory / "file_server.url"
    server = Server(
        [sys.executable, str(HERE / "file_server.py"), str(history), str(ready)],
        directory,
        ready,
        directory / "server.log",
    )
    with server as url:
        own_peak = _read("nothing", url, directory, 0).peak
        for way, expected in (("file", rows + 1), ("download", rows + 1), ("engine", KNOWN)):
            source = str(history) if way == "file" else url
            best = best_of(partial(_read, way, source, directory, expected))
            yield replace(best, count=rows, peak=best.peak - own_peak, size=history.stat().st_size)
    history.unlink()


def _read(way: str, source: str, directory: Path, expected: int) -> Line:
    """Reads the history in a new process."""
    command = [sys.executable, str(HERE / "read_history.py"), way, source, "wanted.txt"]
    usage = measured(command, directory, {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]})
    reading = json.loads(usage.output)
    if reading["count"] != expected:
        raise BenchmarkError(f"history, {way}: {reading['count']} read, {expected} expected")
    return Line(f"history-{way}", _TITLES.get(way, way), LINES, usage.wall, usage.cpu, usage.peak, reading["elapsed"])


def _count(path: Path) -> int:
    with open(path, "rb") as stream:
        return sum(1 for _line in stream)
