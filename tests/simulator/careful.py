# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that handles every fault of a hostile service, and one that simply repeats submissions."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from typing import Any, Optional

import httpx
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2

#: Seconds until an accepted submission is surely in the history, despite late commits and a late history.
SETTLED = 8.0
#: Seconds after which a client gives up, which fails the test.
PATIENCE = 80.0
USER = {"username": "fleet@northstar.example", "password": "simulator-password"}
KEYS = {TRANSACTION: "ICCID", SMARTSIM: "SIM ID", ESIM: "IMEI"}


class CarefulClient:
    """Logs in, repeats reads, and never repeats a submission that may have been accepted."""

    def __init__(self, api_url: str) -> None:
        self._http = httpx.Client(base_url=api_url, timeout=3, trust_env=False)
        self._token: Optional[str] = None
        self._end = time.monotonic() + PATIENCE
        self.faults: list[str] = []

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, method: str, path: str, **content: Any) -> Optional[httpx.Response]:
        """Send a request; return None if there is no answer."""
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            return self._http.request(method, path, headers=headers, **content)
        except httpx.ConnectError:
            raise
        except httpx.TransportError as exc:
            self.faults.append(type(exc).__name__)
            return None

    def _pause(self, reply: Optional[httpx.Response] = None) -> None:
        assert time.monotonic() < self._end, f"not done in time: {Counter(self.faults)}"
        header = reply.headers.get("retry-after", "") if reply is not None else ""
        time.sleep(min(float(header), 0.5) if header.isdigit() else 0.05)

    def _log_in(self) -> None:
        self._token = None
        self._token = self._read("/v1.0/auth/token", "POST", json=USER).json()["token"]

    def _send_until_accepted(self, method: str, path: str, **content: Any) -> Optional[httpx.Response]:
        """Send until the service may have accepted the request. 429, 401 and no connection prove that it has not."""
        while True:
            if self._token is None and not path.startswith("/v1.0/auth"):
                self._log_in()
            try:
                reply = self._send(method, path, **content)
            except httpx.ConnectError:
                self.faults.append("ConnectError")
                self._pause()
                continue
            if reply is not None and reply.status_code in (401, 429):
                self.faults.append(str(reply.status_code))
                if reply.status_code == 401:
                    self._token = None
                self._pause(reply)
                continue
            return reply

    def _read(self, path: str, method: str = "GET", **content: Any) -> httpx.Response:
        """Send until there is a complete answer."""
        while True:
            reply = self._send_until_accepted(method, path, **content)
            if reply is not None and reply.status_code == 200 and _whole(reply):
                return reply
            self.faults.append("unreadable" if reply is not None and reply.is_success else "error")
            self._pause()

    def history(self) -> list[dict[str, str]]:
        """Return all lines, oldest first."""
        text = self._read(V2 + "?export=CSV&sortDir=ASC").text
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def pages(self) -> set[str]:
        """Return the ids of all transactions of v1, read in pages that overlap by three."""
        seen: list[str] = []
        while True:
            offset = max(0, len(seen) - 3)
            reply = self._read(f"{V1}?sortDir=ASC&limit=20&offset={offset}")
            new = [item["transactionId"] for item in reply.json()["transactions"]]
            if not set(new) - set(seen):
                return set(seen)
            seen += [found for found in new if found not in seen]

    def activate(self, path: str, body: dict[str, Any], keys: set[str]) -> None:
        """Submit devices until the history has all of them."""
        while True:
            known = {row[KEYS[path]] for row in self.history()}
            if keys <= known:
                return
            reply = self._send_until_accepted("POST", path, json=body)
            if reply is None or reply.status_code != 200 or not _whole(reply):
                self.faults.append("ambiguous")
            end = time.monotonic() + SETTLED
            while time.monotonic() < end and not keys <= {row[KEYS[path]] for row in self.history()}:
                time.sleep(0.3)


class CarelessClient(CarefulClient):
    """Repeats a submission until the answer confirms it."""

    def activate(self, path: str, body: dict[str, Any], keys: set[str]) -> None:
        """Submit devices. An answer that they are already active also confirms them."""
        del keys
        while True:
            reply = self._send_until_accepted("POST", path, json=body)
            if reply is not None and (reply.status_code == 409 or (reply.status_code == 200 and _whole(reply))):
                return
            self._pause()


def _whole(reply: httpx.Response) -> bool:
    kind = reply.headers.get("content-type", "")
    if kind.startswith("text/csv"):
        return True
    try:
        return bool(reply.json()) and "json" in kind
    except ValueError:
        return False
