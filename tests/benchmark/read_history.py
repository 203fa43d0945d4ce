# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a history in a process of its own, and prints what that took as a line of JSON.

read_history.py WAY SOURCE WANTED, where WAY is

- engine: as the modules do, from the URL SOURCE, with the identifiers in the file WANTED, one a line;
- download: a bare csv.reader pass over the same download;
- file: a bare csv.reader pass over the file SOURCE;
- nothing: only what the others import, for the memory that the interpreter needs by itself.

All four import the same, so that their peaks of memory can be compared.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.reading import HistoryReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.session import Session
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import StatusWords


def engine(source: str, wanted: Path) -> int:
    """How many of the wanted ICCIDs are in the history."""
    values = wanted.read_text(encoding="utf-8").split()
    session = Session(ConnectionOptions(source, api_token="none"))
    history = HistoryReader(SentinelAPI(session), StatusWords(), "full").read(values)
    return sum(history.current("iccid", value) is not None for value in values)


def download(source: str) -> int:
    """How many rows the download has."""
    with requests.get(source, stream=True, timeout=60) as response:
        raw: Any = response.raw
        raw.decode_content = True
        raw.auto_close = False
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        return sum(1 for _row in csv.reader(text))


def from_file(source: str) -> int:
    """How many rows the file has."""
    with open(source, encoding="utf-8", newline="") as text:
        return sum(1 for _row in csv.reader(text))


def main(way: str, source: str, wanted: str) -> None:
    """Reads the history in this way."""
    started = time.monotonic()
    found = 0
    if way == "engine":
        found = engine(source, Path(wanted))
    elif way == "download":
        found = download(source)
    elif way == "file":
        found = from_file(source)
    print(json.dumps({"found": found, "elapsed": time.monotonic() - started}))


if __name__ == "__main__":
    main(*sys.argv[1:])
