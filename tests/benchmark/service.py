# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator that everything runs against, in a process of its own, and its books."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests

from .fleet import COMMON, Device
from .processes import ROOT, BenchmarkError, Server

# The simulator's fixtures: an account and a token of it that never expires.
TOKEN = "simulator-token"
CORP_ID = "NORTHSTAR-ISD"

#: Seconds: how long each request takes, and how long a line takes to become active.
REQUEST_LATENCY = 0.02
LINE_LATENCY = 2.0

EXPORT = "/v2.0/activation/transactions?sortDir=ASC&export=CSV"
#: How the IMEIs of the devices begin that `generate` makes.
_GENERATED = "861"
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}


class Requests(NamedTuple):
    """How many requests reached the simulator, and how many of them it turned away with 429."""

    total: int
    turned_away: int


class Service:
    """A running simulator. `url`: where it listens; `api_url`: the base of its API."""

    def __init__(self, url: str, api_url: str) -> None:
        self._url = url
        self.api_url = api_url
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def environment(self) -> dict[str, str]:
        """How the measured programs reach it."""
        return {"SENTINEL_API_URL": self.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self._http.request(method, f"{self._url}/_simulator/{path}", json=body, timeout=300)
        reply.raise_for_status()
        return reply.json()

    def reset(self, rate_limit: float = 0.0) -> None:
        """Starts afresh. `rate_limit`: requests per second, 0 for no limit."""
        latencies = {"request_latency": REQUEST_LATENCY, "line_latency": LINE_LATENCY}
        self._control("POST", "reset", {"settings": {**latencies, "rate_limit": rate_limit}})

    def generate(self, lines: int) -> None:
        """Adds so many active lines to the history."""
        self._control("POST", "history", {"generate": lines})

    def forget_requests(self) -> None:
        """Empties the log of requests."""
        self._control("DELETE", "requests")

    def requests(self) -> Requests:
        """The requests since the reset."""
        found = self._control("GET", "requests?bodies=false")["requests"]
        return Requests(len(found), sum(request["status"] == 429 for request in found))

    def download(self, path: Path) -> None:
        """Saves the full history as CSV."""
        with (
            self._http.get(self.api_url + EXPORT, headers=_HEADERS, stream=True, timeout=300) as reply,
            open(path, "wb") as stream,
        ):
            reply.raise_for_status()
            stream.writelines(reply.iter_content(1 << 20))

    def check_each_active_once(self, devices: list[Device], directory: Path) -> None:
        """Raises BenchmarkError unless these devices and no others were submitted once each, and are active."""
        books = self._control("GET", "activations")["devices"]
        counts = {entry["iccid"]: (entry["submitted"], entry["activated"]) for entry in books}
        if counts != {device["iccid"]: (1, 1) for device in devices}:
            odd = sum(count != (1, 1) for count in counts.values())
            raise BenchmarkError(f"{len(counts)} of {len(devices)} devices were submitted, {odd} of them not once")
        path = directory / "history.csv"
        self.download(path)
        active = {row["ICCID"] for row in rows_of(path) if row["Line Status"] == "COMPLETED"}
        missing = counts.keys() - active
        if missing:
            raise BenchmarkError(f"{len(missing)} devices are not active at the end")

    def check_nothing_submitted(self) -> None:
        """Raises BenchmarkError where any device was submitted."""
        if self._control("GET", "activations")["devices"]:
            raise BenchmarkError("devices were submitted, although all of them were active")


@contextmanager
def simulator(directory: Path) -> Iterator[Service]:
    """A simulator that runs until the block is left."""
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / "ready.json"
    command = [sys.executable, "-m", "sentinel_simulator", "--port", "0", "--profile", "instant", "--control"]
    command += ["--lifetime", "1800", "--ready-file", str(ready)]
    server = Server(command, ROOT / "roles" / "simulator" / "files", ready, directory / "simulator.log")
    with server as told:
        known = json.loads(told)
        yield Service(known["url"], known["api_url"])


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a history CSV."""
    with open(path, encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def active_devices(path: Path, every: int, count: int) -> list[Device]:
    """So many devices that are active in a history CSV, one from `every` lines."""
    devices: dict[str, Device] = {}
    place = 0
    for row in rows_of(path):
        # Only SIMs made up by `generate`: of the simulator's own devices, some have several lines.
        if row["Line Status"] == "COMPLETED" and row["IMEI"].startswith(_GENERATED):
            if place % every == every - 1:
                devices[row["ICCID"]] = {
                    "imei": row["IMEI"],
                    "iccid": row["ICCID"],
                    **COMMON,
                    "nickname": f"Bus {place}",
                }
            place += 1
    if len(devices) != count:
        raise BenchmarkError(f"{len(devices)} devices were found in the history, and {count} are needed")
    return list(devices.values())
