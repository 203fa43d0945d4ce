# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a long history and a long device list with the engine and with a bare csv.reader.

The simulator renders each once. Then a file server serves it, so that rendering is not measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .fleet import fleet
from .lines import Line, best_of
from .processes import HERE, BenchmarkError, Server, measured
from .service import EXPORT, LISTING_EXPORT, active_devices, simulator

#: Number of devices that the engine looks for; it finds half of them.
MANY, FEW = 10_000, 1_000


class Download(NamedTuple):
    """A CSV that is read.

    `name`: "history" or "listing". `lines`: number of generated lines. `path`: of the call. `engines`: way of reading →
    number of devices that the engine looks for.
    """

    name: str
    lines: int
    path: str
    engines: Mapping[str, int]

    @property
    def titles(self) -> dict[str, str]:
        """Way of reading → title."""
        looking = {way: f"the engine, looking for {count:,} devices, over HTTP" for way, count in self.engines.items()}
        return {"file": "bare `csv.reader`, from a file", "download": "bare `csv.reader`, over HTTP", **looking}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its lines in the tables."""
        return tuple(f"{self.name}-{way}" for way in self.titles)


HISTORY = Download("history", 1_000_000, EXPORT, {"engine": MANY})
LISTING = Download("listing", 100_000, LISTING_EXPORT, {"engine": FEW, "engine-many": MANY})


def download_lines(download: Download, directory: Path) -> Iterator[Line]:
    """The lines of this scenario."""
    history, served = directory / "history.csv", directory / f"{download.name}.csv"
    with simulator(directory) as service:
        service.reset()
        service.generate(download.lines)
        for call, file in {EXPORT: history, download.path: served}.items():
            service.download(file, call)
    rows = _count(served) - 1
    for way, count in download.engines.items():
        _write_wanted(history, download.lines, count, directory / f"{way}.txt")
    ready = directory / "file_server.url"
    server = Server(
        [sys.executable, str(HERE / "file_server.py"), str(served), str(ready)],
        directory,
        ready,
        directory / "server.log",
    )
    with server as url:
        own_peak = _read(download, "nothing", url, directory, 0).peak
        for way in download.titles:
            source = str(served) if way == "file" else url
            expected = download.engines[way] // 2 if way in download.engines else rows + 1
            best = best_of(partial(_read, download, way, source, directory, expected))
            yield replace(best, count=rows, peak=best.peak - own_peak, size=served.stat().st_size)
    for file in (history, served):  # may be the same
        file.unlink(missing_ok=True)


def _write_wanted(history: Path, lines: int, count: int, path: Path) -> None:
    """Writes the identifiers of devices; half of them are in the history."""
    known = count // 2
    devices = active_devices(history, lines // known, known) + fleet(count - known)
    path.write_text("".join(f"{entry['iccid']}\n{entry['imei']}\n" for entry in devices), encoding="utf-8")


def _read(download: Download, way: str, source: str, directory: Path, expected: int) -> Line:
    """Reads the CSV in a new process."""
    reading = download.name if way in download.engines else way
    command = [sys.executable, str(HERE / "read_download.py"), reading, source, f"{way}.txt"]
    usage = measured(command, directory, {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]})
    result = json.loads(usage.output)
    name = f"{download.name}-{way}"
    if result["count"] != expected:
        raise BenchmarkError(f"{name}: {result['count']} read, {expected} expected")
    title = download.titles.get(way, way)
    return Line(name, title, download.lines, usage.wall, usage.cpu, usage.peak, result["elapsed"])


def _count(path: Path) -> int:
    with open(path, "rb") as stream:
        return sum(1 for _line in stream)
