# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a file of devices in a process of its own, and prints what that took as a line of JSON.

read_file.py WAY PATH, where WAY is

- engine: as the modules read and check `src`;
- library: a bare pass of csv.reader or openpyxl over all cells.
"""

from __future__ import annotations

import csv
import json
import sys
import time

import openpyxl

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load


def engine(path: str) -> int:
    """How many devices the file declares."""
    return len(load({"src": path}, SIM.identity).devices)


def library(path: str) -> int:
    """How many rows the file has below its header."""
    if path.endswith(".csv"):
        with open(path, encoding="utf-8", newline="") as text:
            return sum(1 for _row in csv.reader(text)) - 1
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    return sum(1 for _row in sheet.iter_rows(values_only=True)) - 1


def main(way: str, path: str) -> None:
    """Reads the file in this way."""
    started = time.process_time()
    found = engine(path) if way == "engine" else library(path)
    print(json.dumps({"found": found, "elapsed": time.process_time() - started}))


if __name__ == "__main__":
    main(*sys.argv[1:])
