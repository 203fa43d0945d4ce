# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A typical hand-written script: activates a fleet with aiohttp, with one polling loop per device.

Usage: script.py FLEET.csv, with SENTINEL_API_URL, SENTINEL_TOKEN and SENTINEL_CORP_ID in the environment. Prints a line
of JSON with the number of active devices and the elapsed seconds. Shares no code with the collection.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
import time
from typing import Any
from urllib.parse import quote

import aiohttp  # type: ignore[import-not-found, unused-ignore]

CONNECTIONS = 16
POLL_INTERVAL = 1.0  # seconds
TIMEOUT = 600.0  # seconds, for a device
DONE = {"COMPLETED"}
FAILED = {"FAILED"}

#: Column of the file → field of the request.
FIELDS = {
    "imei": "imei",
    "iccid": "iccid",
    "carrier": "carrier",
    "device_group": "deviceGroup",
    "filter_group": "filterGroup",
    "service_zip_code": "serviceZipCode",
    "nickname": "nickname",
}


async def call(session: aiohttp.ClientSession, method: str, url: str, body: Any = None) -> Any:
    """Sends a request, again after each 429; returns the JSON of the answer."""
    while True:
        async with session.request(method, url, json=body) as response:
            if response.status != 429:
                response.raise_for_status()
                return await response.json()
            pause = float(response.headers.get("Retry-After", 1))
        # Other requests can use the connection in the meantime.
        await asyncio.sleep(pause)


async def activate(session: aiohttp.ClientSession, url: str, body: dict[str, str]) -> bool:
    """Submits a device and polls its transaction until it has ended; returns whether the device is active."""
    reply = await call(session, "POST", url, body)
    transaction = f"{url}s/{quote(str(reply['transactionId']), safe='')}"
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        await asyncio.sleep(POLL_INTERVAL)
        lines = await call(session, "GET", transaction)
        states = {line["status"] for line in lines}
        if states <= DONE:
            return True
        if states <= DONE | FAILED:
            return False
    return False


def read_fleet(path: str) -> list[dict[str, str]]:
    """The request of each device in the file."""
    with open(path, encoding="utf-8", newline="") as stream:
        return [
            {"corpId": os.environ["SENTINEL_CORP_ID"], **{FIELDS[name]: text for name, text in row.items()}}
            for row in csv.DictReader(stream)
        ]


async def main() -> int:
    """Activates the fleet; returns the exit code."""
    started = time.monotonic()
    url = os.environ["SENTINEL_API_URL"] + "/v1.0/activation/transaction"
    bodies = read_fleet(sys.argv[1])
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        headers={"Authorization": f"Bearer {os.environ['SENTINEL_TOKEN']}"},
        # No limit for waiting until a connection is free
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=30),
    ) as session:
        active = sum(await asyncio.gather(*(activate(session, url, body) for body in bodies)))
    print(json.dumps({"active": active, "elapsed": time.monotonic() - started}))
    return 0 if active == len(bodies) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
