# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a file of 100,000 devices with the engine and with a bare library."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import openpyxl

from .fleet import fleet
from .lines import Line, best_of
from .processes import HERE, BenchmarkError, measured

DEVICES = 100_000
NAMES = tuple(f"{form}-{way}" for form in ("csv", "xlsx") for way in ("library", "engine"))
_LIBRARIES = {"csv": "csv.reader", "xlsx": "openpyxl"}


def declared_lines(directory: Path) -> Iterator[Line]:
    """The lines of this scenario."""
    devices = fleet(DEVICES)
    fields = list(devices[0])
    files = {form: directory / f"declared.{form}" for form in _LIBRARIES}
    with open(files["csv"], "w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fields)
        writer.writeheader()
        writer.writerows(devices)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Devices")
    sheet.append(fields)
    for device in devices:
        sheet.append(list(device.values()))
    book.save(files["xlsx"])
    del devices
    for form, path in files.items():
        for way in ("library", "engine"):
            yield best_of(partial(_read, form, way, path, directory))
        path.unlink()


def _read(form: str, way: str, path: Path, directory: Path) -> Line:
    """Reads a file in a new process. `own` is the CPU time of reading alone."""
    command = [sys.executable, str(HERE / "read_file.py"), way, str(path)]
    usage = measured(command, directory, {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]})
    reading = json.loads(usage.output)
    if reading["count"] != DEVICES:
        raise BenchmarkError(f"{path.name}, {way}: {reading['count']} read, {DEVICES} expected")
    title = f"the engine, `src` as .{form}" if way == "engine" else f"bare `{_LIBRARIES[form]}`"
    return Line(f"{form}-{way}", title, DEVICES, usage.wall, usage.cpu, usage.peak, reading["elapsed"])
