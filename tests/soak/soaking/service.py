# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator in its own process, whose control interface can be used during outages."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from harness.places import collection_root
from harness.processes import end, wait_until

from .books import Books, read_books

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds without a change in the simulator after which no request of an ended run is expected any more.
_QUIET = 0.4


class Service:
    """Starts a simulator and calls its control interface. The soak's environment must have its requirements.

    Args:
        directory: for its database, ready file and log.
        lifetime: seconds after which it ends by itself, even if the soak is killed.
    """

    def __init__(self, directory: Path, lifetime: float) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.database = directory / "books.sqlite"
        self._ready_file = directory / "ready.json"
        self._log = directory / "simulator.log"
        self._command = [
            *(sys.executable, "-m", "sentinel_simulator", "--port", "0", "--profile", "instant", "--control"),
            *("--ready-file", str(self._ready_file), "--db", str(self.database), "--lifetime", f"{lifetime:.0f}"),
        ]
        self._http = requests.Session()
        self._http.trust_env = False
        self.url = self.api_url = ""

    def __enter__(self) -> Self:
        for stale in self.database.parent.glob("books.sqlite*"):
            stale.unlink()
        files = collection_root() / "roles" / "simulator" / "files"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=files, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(self._is_ready, "the simulator is ready", patience=60.0)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        self._http.close()
        end(self._process)

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(self.output())
        if not self._ready_file.exists():
            return False
        ready = json.loads(self._ready_file.read_text(encoding="utf-8"))
        self.url, self.api_url = ready["url"], ready["api_url"]
        return True

    def output(self) -> str:
        """The simulator's output. After its start, it writes only internal errors."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    # -- The control interface -----------------------------------------------------------------------------------------

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Calls the control interface and returns the JSON. Repeats calls that an outage refuses."""
        deadline = time.monotonic() + 20
        while True:
            try:
                reply = self._http.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=20)
            except requests.exceptions.ConnectionError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
                continue
            if not reply.ok:
                raise RuntimeError(f"{method} {path}: {reply.text}")
            return reply.json()

    def log_since(self, number: int, bodies: bool = False) -> list[dict[str, Any]]:
        """The requests with higher numbers."""
        path = f"requests?bodies={str(bodies).lower()}&since={number}"
        entries: list[dict[str, Any]] = self.control("GET", path)["requests"]
        return entries

    def writes(self) -> int:
        """The number of submissions and requests that set a status since the reset."""
        return int(self.control("GET", "requests?bodies=false&since=999999999")["counts"]["write"])

    def books(self) -> Books:
        """The accepted lines and status changes so far."""
        return read_books(self.database)

    def wait_until_open(self) -> None:
        """Waits until the port accepts connections: an outage may last longer than the run that it was drawn for."""
        address = urlsplit(self.url)

        def is_open() -> bool:
            try:
                socket.create_connection((address.hostname or "", address.port or 0), timeout=5).close()
            except OSError:
                return False
            return True

        wait_until(is_open, "the simulator's port is open")

    def wait_until_quiet(self) -> None:
        """Waits until all requests of killed runs have been carried out or dropped."""
        before: Any = None
        since = time.monotonic()
        deadline = since + 20
        while time.monotonic() - since < _QUIET:
            if time.monotonic() > deadline:
                raise RuntimeError("the simulator still receives or carries out requests after 20 s")
            counts = self.control("GET", "requests?bodies=false&since=999999999")["counts"]
            late = self.control("GET", "faults")["late"]
            books = self.books()
            seen = (counts, late, sum(map(len, books.lines.values())), len(books.changes))
            if late or seen != before:
                before, since = seen, time.monotonic()
            time.sleep(0.05)
