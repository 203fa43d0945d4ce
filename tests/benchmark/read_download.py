# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a CSV in its own process, and prints the number of lines and the time as a line of JSON.

read_download.py WAY SOURCE WANTED, where WAY is

- history, listing: as modules do, from the URL SOURCE, for the identifiers in the file WANTED, one per line;
- download: with only csv.reader, from the URL SOURCE;
- file: with only csv.reader, from the file SOURCE;
- nothing: reads nothing, to measure the memory of the interpreter.

All import the same modules, so that their peak memory can be compared.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import requests

from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import ListingReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.reading import HistoryReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.session import Session
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import StatusWords


def engine(way: str, source: str, values: Sequence[str]) -> Callable[[], int]:
    """Reads the history or the device list; returns a function that counts the wanted ICCIDs in it."""
    api = SentinelAPI(Session(ConnectionOptions(source, api_token="none", corp_id="NONE")))
    if way == "listing":
        listing = ListingReader(api, "required").read(values)
        return lambda: sum(bool(listing.entries("iccid", value)) for value in values)
    history = HistoryReader(api, StatusWords(), "full").read(values)
    return lambda: sum(history.current("iccid", value) is not None for value in values)


def download(source: str) -> int:
    """The number of rows in the download."""
    with requests.get(source, stream=True, timeout=60) as response:
        raw: Any = response.raw
        raw.decode_content = True
        raw.auto_close = False
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        return sum(1 for _row in csv.reader(text))


def from_file(source: str) -> int:
    """The number of rows in the file."""
    with open(source, encoding="utf-8", newline="") as text:
        return sum(1 for _row in csv.reader(text))


def main(way: str, source: str, wanted: str) -> None:
    """Reads the CSV in this way."""
    values = Path(wanted).read_text(encoding="utf-8").split() if way in ("history", "listing") else []
    started = time.monotonic()
    count = 0
    found = None
    if way in ("history", "listing"):
        found = engine(way, source, values)
    elif way == "download":
        count = download(source)
    elif way == "file":
        count = from_file(source)
    elapsed = time.monotonic() - started
    print(json.dumps({"count": found() if found else count, "elapsed": elapsed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
