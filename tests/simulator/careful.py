# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that does all that one can do about a hostile service, and one that does what is usually done."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from typing import Any, Optional

import httpx
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2

#: Longer than a hostile service needs to carry out and show what it has taken: late commits and late history.
SETTLED = 8.0
#: When a client gives up, which none should have to.
PATIENCE = 80.0
USER = {"username": "fleet@northstar.example", "password": "simulator-password"}
KEYS = {TRANSACTION: "ICCID", SMARTSIM: "SIM ID", ESIM: "IMEI"}


class CarefulClient:
    """Logs in, repeats what only reads, and never repeats a submission that may have been taken."""

    def __init__(self, api_url: str) -> None:
        self._http = httpx.Client(base_url=api_url, timeout=3, trust_env=False)
        self._token: Optional[str] = None
        self._end = time.monotonic() + PATIENCE
        self.troubles: list[str] = []

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def _send(self, method: str, path: str, **content: Any) -> Optional[httpx.Response]:
        """Send one request; None when no answer came."""
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            return self._http.request(method, path, headers=headers, **content)
        except httpx.ConnectError:
            raise
        except httpx.TransportError as exc:
            self.troubles.append(type(exc).__name__)
            return None

    def _pause(self, reply: Optional[httpx.Response] = None) -> None:
        assert time.monotonic() < self._end, f"not done in time: {Counter(self.troubles)}"
        told = reply.headers.get("retry-after", "") if reply is not None else ""
        time.sleep(min(float(told), 0.5) if told.isdigit() else 0.05)

    def _log_in(self) -> None:
        self._token = None
        self._token = self._read("/v1.0/auth/token", "POST", json=USER).json()["token"]

    def _taken(self, method: str, path: str, **content: Any) -> Optional[httpx.Response]:
        """Send until the service may have taken the request: 429, 401 and no connection prove that it has not."""
        while True:
            if self._token is None and not path.startswith("/v1.0/auth"):
                self._log_in()
            try:
                reply = self._send(method, path, **content)
            except httpx.ConnectError:
                self.troubles.append("ConnectError")
                self._pause()
                continue
            if reply is not None and reply.status_code in (401, 429):
                self.troubles.append(str(reply.status_code))
                if reply.status_code == 401:
                    self._token = None
                self._pause(reply)
                continue
            return reply

    def _read(self, path: str, method: str = "GET", **content: Any) -> httpx.Response:
        """Send until there is a whole answer."""
        while True:
            reply = self._taken(method, path, **content)
            if reply is not None and reply.status_code == 200 and _whole(reply):
                return reply
            self.troubles.append("unreadable" if reply is not None and reply.is_success else "error")
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
        """Submit devices, unless the history knows them, until it does."""
        while True:
            known = {row[KEYS[path]] for row in self.history()}
            if keys <= known:
                return
            reply = self._taken("POST", path, json=body)
            if reply is None or reply.status_code != 200 or not _whole(reply):
                self.troubles.append("ambiguous")
            end = time.monotonic() + SETTLED
            while time.monotonic() < end and not keys <= {row[KEYS[path]] for row in self.history()}:
                time.sleep(0.3)


class CarelessClient(CarefulClient):
    """Repeats a submission until it is told that it was taken."""

    def activate(self, path: str, body: dict[str, Any], keys: set[str]) -> None:
        """Submit devices, which may be told to be active already."""
        del keys
        while True:
            reply = self._taken("POST", path, json=body)
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
