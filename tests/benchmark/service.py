# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator for all scenarios, in its own process, and checks of its database."""

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

#: Seconds that each request takes, and seconds until a line is active.
REQUEST_LATENCY = 0.02
LINE_LATENCY = 2.0

#: Calls with a CSV: the full history, and the device list with the columns that a plan needs.
EXPORT = "/v2.0/activation/transactions?sortDir=ASC&export=CSV"
LISTING_EXPORT = (
    f"/v1.0/devices/{CORP_ID}?export=CSV&columns=MDN,IMEI,UICC,EID,STATUS,NETWORK,CORP_ID,FILTER_GROUP,NICKNAME"
)
#: Prefix of the IMEIs of generated devices.
_GENERATED = "861"
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}


class Requests(NamedTuple):
    """Number of requests that reached the simulator, and of those that it turned away with 429."""

    total: int
    turned_away: int


class Service:
    """A running simulator. `api_url`: the base URL of its API."""

    def __init__(self, url: str, api_url: str) -> None:
        self._url = url
        self.api_url = api_url
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of the measured programs."""
        return {"SENTINEL_API_URL": self.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self._http.request(method, f"{self._url}/_simulator/{path}", json=body, timeout=300)
        reply.raise_for_status()
        return reply.json()

    def reset(self, rate_limit: float = 0.0) -> None:
        """Resets the simulator. `rate_limit`: requests per second, 0 for no limit."""
        latencies = {"request_latency": REQUEST_LATENCY, "line_latency": LINE_LATENCY}
        self._control("POST", "reset", {"settings": {**latencies, "rate_limit": rate_limit}})

    def generate(self, lines: int) -> None:
        """Adds this number of active lines to the history."""
        self._control("POST", "history", {"generate": lines})

    def forget_requests(self) -> None:
        """Clears the log of requests."""
        self._control("DELETE", "requests")

    def requests(self) -> Requests:
        """The number of requests since the reset, or since they were forgotten."""
        entries = self._control("GET", "requests?bodies=false")["requests"]
        return Requests(len(entries), sum(request["status"] == 429 for request in entries))

    def download(self, path: Path, call: str = EXPORT) -> None:
        """Saves a CSV."""
        with (
            self._http.get(self.api_url + call, headers=_HEADERS, stream=True, timeout=300) as reply,
            open(path, "wb") as stream,
        ):
            reply.raise_for_status()
            stream.writelines(reply.iter_content(1 << 20))

    def check_each_active_once(self, devices: list[Device], directory: Path) -> None:
        """Raises BenchmarkError unless exactly these devices were submitted once each and are active."""
        books = self._control("GET", "activations")["devices"]
        counts = {entry["iccid"]: (entry["submitted"], entry["activated"]) for entry in books}
        if counts != {device["iccid"]: (1, 1) for device in devices}:
            odd = sum(count != (1, 1) for count in counts.values())
            raise BenchmarkError(
                f"{len(counts)} of {len(devices)} devices were submitted, {odd} of them not exactly once"
            )
        path = directory / "history.csv"
        self.download(path)
        active = {row["ICCID"] for row in rows_of(path) if row["Line Status"] == "COMPLETED"}
        missing = counts.keys() - active
        if missing:
            raise BenchmarkError(f"{len(missing)} devices are not active at the end")

    def check_nothing_submitted(self) -> None:
        """Raises BenchmarkError if a device was submitted."""
        if self._control("GET", "activations")["devices"]:
            raise BenchmarkError("devices were submitted, although all were active")


@contextmanager
def simulator(directory: Path) -> Iterator[Service]:
    """A simulator that runs within the context."""
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / "ready.json"
    command = [sys.executable, "-m", "sentinel_simulator", "--port", "0", "--profile", "instant", "--control"]
    command += ["--lifetime", "1800", "--ready-file", str(ready)]
    server = Server(command, ROOT / "roles" / "simulator" / "files", ready, directory / "simulator.log")
    with server as ready_text:
        addresses = json.loads(ready_text)
        yield Service(addresses["url"], addresses["api_url"])


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a history CSV."""
    with open(path, encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def active_devices(path: Path, every: int, count: int) -> list[Device]:
    """`count` devices that are active in a history CSV: every `every`-th one."""
    devices: dict[str, Device] = {}
    place = 0
    for row in rows_of(path):
        # Only generated devices: some of the simulator's initial devices have several lines.
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
        raise BenchmarkError(f"the history has {len(devices)} suitable devices, but {count} are required")
    return list(devices.values())
