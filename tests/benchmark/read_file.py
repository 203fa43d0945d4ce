# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a file of devices in its own process, and prints the number of devices and the CPU time as a line of JSON.

read_file.py WAY PATH, where WAY is

- engine: reads and checks it as modules do with `src`;
- library: reads all cells with only csv.reader or openpyxl.
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
    """The number of devices that the file declares."""
    return len(load({"src": path}, SIM.identity).devices)


def library(path: str) -> int:
    """The number of rows below the header."""
    if path.endswith(".csv"):
        with open(path, encoding="utf-8", newline="") as text:
            return sum(1 for _row in csv.reader(text)) - 1
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    return sum(1 for _row in sheet.iter_rows(values_only=True)) - 1


def main(way: str, path: str) -> None:
    """Reads the file in this way."""
    started = time.process_time()
    count = engine(path) if way == "engine" else library(path)
    print(json.dumps({"count": count, "elapsed": time.process_time() - started}))


if __name__ == "__main__":
    main(*sys.argv[1:])
