# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of API requests, with which tests prove that nothing was written, or only once."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any, Optional

#: The calls that submit activations. ``uploadCSV`` and the token calls are also POSTs, but change nothing [P].
WRITE_PATHS = frozenset(
    f"/v1.0/activation/{name}" for name in ("transaction", "smartsim-transaction", "esim-transaction")
)
UPLOAD_PATH = "/v1.0/activation/uploadCSV"
STATUS_PATH = re.compile(r"/v1\.0/devices/[^/]+/status")
AUTH_PREFIX = "/v1.0/auth/"


@dataclass
class Entry:
    """One request. ``at`` is the machine's time in seconds since the epoch; ``path`` lacks the API's base path."""

    number: int
    at: float
    method: str
    path: str
    query: str
    raw_body: bytes = b""
    status: Optional[int] = None
    fault: Optional[str] = None

    @property
    def is_write(self) -> bool:
        """Whether this request submits activations, or sets the status of devices."""
        return self.is_status_change or (self.method == "POST" and self.path in WRITE_PATHS)

    @property
    def is_status_change(self) -> bool:
        """Whether this request sets the status of devices."""
        return self.method == "PUT" and STATUS_PATH.fullmatch(self.path) is not None

    @property
    def is_auth(self) -> bool:
        """Whether the body of this request has credentials."""
        return self.path.startswith(AUTH_PREFIX)

    def as_dict(self, bodies: bool) -> dict[str, Any]:
        """Return the entry as the control interface shows it."""
        shown: dict[str, Any] = {
            "id": self.number,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "write": self.is_write,
            "fault": self.fault,
        }
        if bodies:
            shown["body"] = _parsed(self.raw_body)
        return shown


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


class RequestLog:
    """All API requests since the start, reset or last clearing. Keeps nothing unless ``enabled``."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._entries: list[Entry] = []
        self._last = 0

    def begin(self, method: str, path: str, query: str) -> Entry:
        """Record a request that has arrived."""
        self._last += 1
        entry = Entry(self._last, time.time(), method, path, query)
        if self.enabled:
            self._entries.append(entry)
        return entry

    def attach(self, entry: Entry, body: bytes, content_type: bytes) -> None:
        """Record the body of a POST or PUT (shown if it is JSON), but never one with credentials."""
        wanted = entry.method in ("POST", "PUT") and not entry.is_auth and not content_type.startswith(b"multipart")
        if self.enabled and wanted:
            entry.raw_body = body

    def clear(self) -> None:
        """Remove all requests."""
        self._entries.clear()

    def listing(self, bodies: bool, since: int) -> list[dict[str, Any]]:
        """Return the requests whose id is above ``since``."""
        return [entry.as_dict(bodies) for entry in self._entries if entry.number > since]

    def puts(self) -> list[dict[str, Any]]:
        """Return the requests that set the status of devices, with MDNs, status word and HTTP status."""
        shown = []
        for entry in self._entries:
            if entry.is_status_change:
                body = _parsed(entry.raw_body)
                body = body if isinstance(body, dict) else {}
                shown.append(
                    {
                        "id": entry.number,
                        "at": entry.at,
                        "path": entry.path,
                        "status": entry.status,
                        "fault": entry.fault,
                        "mdns": body.get("mdns"),
                        "word": body.get("status"),
                    }
                )
        return shown

    def counts(self) -> dict[str, int]:
        """Count the requests by method, and those that write, that log in and that upload."""
        posts = [entry for entry in self._entries if entry.method == "POST"]
        return {
            "total": len(self._entries),
            "get": sum(1 for entry in self._entries if entry.method == "GET"),
            "post": len(posts),
            "put": sum(1 for entry in self._entries if entry.method == "PUT"),
            "write": sum(1 for entry in self._entries if entry.is_write),
            "token": sum(1 for entry in self._entries if entry.is_auth),
            "upload": sum(1 for entry in posts if entry.path == UPLOAD_PATH),
        }
