# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator in this process, and valid devices and bodies for tests."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any, Optional

import httpx
from sentinel_simulator import API_BASE, CONTROL_BASE
from sentinel_simulator.app import create_app
from sentinel_simulator.identifiers import make_iccid, make_imei
from sentinel_simulator.simulator import Simulator
from typing_extensions import Self

TRANSACTION = "/v1.0/activation/transaction"
SMARTSIM = "/v1.0/activation/smartsim-transaction"
ESIM = "/v1.0/activation/esim-transaction"
V1 = "/v1.0/activation/transactions"
V2 = "/v2.0/activation/transactions"
UPLOAD = "/v1.0/activation/uploadCSV"
TOKEN = "simulator-token"


def iccid(number: int, digits: str = "000") -> str:
    """Make a valid ICCID; ``digits`` are the three before the last."""
    return make_iccid("891480", number * 1000 + int(digits))


def imei(number: int, digits: str = "000") -> str:
    """Make a valid IMEI; ``digits`` are the three before the last."""
    return make_imei(f"35{number:06d}", 111_000 + int(digits))


def single(number: int, digits: str = "000", /, **fields: Any) -> dict[str, Any]:
    """Make the published body of endpoint 9 for a device."""
    body = {
        "corpId": "NORTHSTAR-ISD",
        "imei": imei(number),
        "iccid": iccid(number, digits),
        "carrier": "VERIZON",
        "filterGroup": "Student_K8",
        "deviceGroup": "Transportation",
    }
    return {**body, **fields}


def batch(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Make a body with lines."""
    body = {
        "carrier": "Verizon",
        "deviceGroup": "Transportation",
        "filterGroup": "Student_K8",
        "serviceZipCode": "30301",
        "activationLines": list(lines),
    }
    return {name: value for name, value in {**body, **fields}.items() if value is not None}


def pair(number: int, digits: str = "000", **fields: Any) -> dict[str, Any]:
    """Make a line with an IMEI and an ICCID."""
    return {"imei": imei(number), "iccid": iccid(number, digits), **fields}


def smartsim(sim_id: str, carrier: Optional[str] = "T-Mobile", **fields: Any) -> dict[str, Any]:
    """Make a line of endpoint 8."""
    details: dict[str, Any] = {
        "deviceGroup": "Transportation",
        "filterGroup": "Fleet",
        "serviceAddress": {"serviceZipCode": "30301"},
    }
    if carrier is not None:
        details["carrier"] = carrier
    return {"simID": sim_id, "serviceDetails": details, **fields}


class Service:
    """A simulator in this process with its control interface."""

    def __init__(self, profile: str = "instant", settings: Optional[dict[str, Any]] = None, **options: Any) -> None:
        self.simulator = Simulator(profile=profile, control=True, **options)
        self.simulator.settings = self.simulator.settings.merged(settings or {})
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(create_app(self.simulator))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://simulator")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()
        self.simulator.store.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to the whole application."""
        return self._loop.run_until_complete(self._client.request(method, path, **options))

    def call(self, method: str, path: str, token: Optional[str] = TOKEN, **options: Any) -> Any:
        """Call the API; return the reply."""
        headers = {**({"authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return self.request(method, API_BASE + path, headers=headers, **options)

    def get(self, path: str, status: int = 200, **options: Any) -> Any:
        """GET; return the JSON."""
        reply = self.call("GET", path, **options)
        assert reply.status_code == status, reply.text
        return reply.json()

    def post(self, path: str, body: Any, status: int = 200, **options: Any) -> Any:
        """POST a JSON body; return the JSON."""
        reply = self.call("POST", path, json=body, **options)
        assert reply.status_code == status, reply.text
        return reply.json()

    def upload(self, content: bytes, status: int = 200) -> Any:
        """POST a file to endpoint 13; return the JSON."""
        reply = self.call("POST", UPLOAD, files={"file": ("devices.csv", content, "text/csv")})
        assert reply.status_code == status, reply.text
        return reply.json()

    def lines(self, transaction: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the lines of a submission's reply."""
        found: list[dict[str, Any]] = self.get(f"{V1}/{transaction['transactionId']}")
        return found

    def table(self, path: str) -> list[dict[str, str]]:
        """GET a CSV; return its rows."""
        reply = self.call("GET", path)
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(reply.text, newline="")))

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """Call the control interface; return the JSON."""
        reply = self.request(method, f"{CONTROL_BASE}/{path}", json=body)
        assert reply.status_code == status, reply.text
        return reply.json()

    def pause(self, seconds: float) -> None:
        """Let the simulator run for some seconds."""
        self._loop.run_until_complete(asyncio.sleep(seconds))

    def settings(self, **changes: Any) -> None:
        """Change settings."""
        self.control("PUT", "settings", changes)

    def later(self, seconds: float) -> None:
        """Move the clock."""
        self.control("POST", "clock", {"advance": seconds})

    @property
    def counts(self) -> dict[str, int]:
        """The request log's counts."""
        found: dict[str, int] = self.control("GET", "requests")["counts"]
        return found
