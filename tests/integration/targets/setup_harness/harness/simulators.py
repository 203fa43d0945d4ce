# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator in a process of its own, and its control interface."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from .environments import simulator_python
from .places import collection_root
from .playbooks import Outcome
from .processes import end, wait_until

if TYPE_CHECKING:
    from typing_extensions import Self

#: The simulator's fixtures; see its file fixtures.py. They are repeated because the harness must not import its code.
TOKEN = "simulator-token"
TOKEN_WITHOUT_ESIM = "simulator-token-activation"
TOKEN_WITHOUT_SCOPES = "simulator-token-viewer"
USERNAME = "fleet@northstar.example"
PASSWORD = "simulator-password"
CORP_ID = "NORTHSTAR-ISD"

#: Devices of the seeded history.
ACTIVE = {"imei": "355737361044124", "iccid": "89148000003100412076", "carrier": "Verizon"}
PENDING = {"imei": "355737362273169", "iccid": "89014103277400581638", "carrier": "AT&T"}
OLD_ACTIVE = {"imei": "351612080388272", "iccid": "89012600214550903348", "carrier": "T-Mobile"}
FAILED = {"imei": "867234055510488", "iccid": "89148000002718305425", "carrier": "Verizon"}

TOKEN_PATH = "/v1.0/auth/token"
CARRIERS_PATH = "/v1.0/activation/carriers"
SUBMIT_PATH = "/v1.0/activation/transaction"
HISTORY_PATH = "/v2.0/activation/transactions"
LINES_PATH = "/v1.0/activation/transactions/"
EXPORT = "sortDir=ASC&export=CSV"
LIST_PATH = f"/v1.0/devices/{CORP_ID}"
STATUS_PATH = f"{LIST_PATH}/status"
#: The call that reads the device list for a plan.
_COLUMNS = ("MDN", "IMEI", "UICC", "EID", "STATUS", "NETWORK", "CORP_ID", "FILTER_GROUP", "NICKNAME")
LISTING = f"GET {LIST_PATH}?export=CSV&columns={'%2C'.join(_COLUMNS)}"


class Simulator:
    """Starts a simulator, and talks to its control interface.

    Args:
        directory: for its ready file and its log.
        profile: how it behaves.
        arguments: more of its command line.
    """

    def __init__(self, directory: Path, profile: str = "instant", arguments: tuple[str, ...] = ()) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._ready_file = directory / "ready.json"
        self._log = directory / "simulator.log"
        self._command = [
            *(str(simulator_python()), "-m", "sentinel_simulator", "--port", "0", "--profile", profile),
            *("--ready-file", str(self._ready_file), "--control", "--lifetime", "3600", *arguments),
        ]
        self._profile = profile
        self._http = requests.Session()
        self._http.trust_env = False
        self.url = self.api_url = ""

    def __enter__(self) -> Self:
        files = collection_root() / "roles" / "simulator" / "files"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=files, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(self._is_ready, "the simulator is ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        self._http.close()
        end(self._process)

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8", errors="replace")
        if not self._ready_file.exists():
            return False
        ready = json.loads(self._ready_file.read_text(encoding="utf-8"))
        self.url, self.api_url = ready["url"], ready["api_url"]
        return True

    @property
    def connection(self) -> dict[str, Any]:
        """Arguments for modules that reach this simulator, and do not wait long for anything."""
        return {
            "api_url": self.api_url,
            "api_token": TOKEN,
            "corp_id": CORP_ID,
            "poll_interval": 0.05,
            "poll_max_interval": 0.2,
            "settle_timeout": 5,
            "wait_timeout": 30,
        }

    # -- The control interface -----------------------------------------------------------------------------------------

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Calls the control interface; returns the JSON."""
        reply = self._http.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=20)
        assert reply.ok, f"{method} {path}: {reply.text}"
        return reply.json()

    def reset(self, **body: Any) -> None:
        """Starts afresh; `settings`, `profile` and `seed` may be given, and hold until the next reset."""
        self.control("POST", "reset", {"profile": self._profile, "seed": 0, **body})

    def settings(self, **changes: Any) -> None:
        """Changes settings."""
        self.control("PUT", "settings", changes)

    def faults(self, *specs: dict[str, Any]) -> None:
        """Sets faults; the oldest that strikes wins a request."""
        self.control("POST", "faults", list(specs))

    def submission_faults(self, *specs: dict[str, Any]) -> None:
        """Sets a fault for each submission to come, in turn; an empty one lets its submission pass."""
        passing = {"kind": "delay"}
        self.faults(*({**(spec or passing), "method": "POST", "path": f"^{SUBMIT_PATH}$"} for spec in specs))

    def assert_faults_struck(self) -> None:
        """Asserts that each fault that was set has struck: a fault nobody met would prove nothing."""
        idle = [fault for fault in self.control("GET", "faults")["faults"] if not fault["fired"]]
        assert not idle, idle

    def reset_unchanging(self) -> None:
        """Starts afresh with a history that does not change, so that two reads give the same."""
        self.reset(settings={"pending_fixture": 10_000})

    def advance(self, seconds: float) -> None:
        """Moves the simulator's clock."""
        self.control("POST", "clock", {"advance": seconds})

    def advance_when_polled(self, seconds: float) -> None:
        """Waits until someone looks at a transaction, and moves the clock then."""
        wait_until(lambda: any(LINES_PATH in call for call in self.calls()), "someone looks at a transaction", 60.0)
        self.advance(seconds)

    def devices(self, *decisions: dict[str, Any]) -> None:
        """Decides what becomes of devices."""
        self.control("POST", "devices", list(decisions))

    def history(self, *lines: dict[str, Any]) -> None:
        """Adds lines to the history."""
        self.control("POST", "history", list(lines))

    def list_devices(self, *devices: dict[str, Any]) -> None:
        """Puts devices on the device list; `history` of one says what the history has of it."""
        self.control("POST", "listing", list(devices))

    def change_listed(self, device: str, **values: Any) -> None:
        """Changes a listed device, named by its MDN or an identifier, as in the portal."""
        self.control("PUT", "listing", {"device": device, "set": values})

    # -- What was requested --------------------------------------------------------------------------------------------

    def requests(self, during: Outcome | None = None) -> list[dict[str, Any]]:
        """The API requests since the reset, or those of one task."""
        found: list[dict[str, Any]] = self.control("GET", "requests")["requests"]
        if during is not None:
            found = [request for request in found if during.started <= request["at"] <= during.ended]
        return found

    def calls(self, during: Outcome | None = None) -> list[str]:
        """The same in words: "GET /path?query"."""
        return [
            f"{request['method']} {request['path']}{'?' + request['query'] if request['query'] else ''}"
            for request in self.requests(during)
        ]

    def writes(self, during: Outcome | None = None) -> list[dict[str, Any]]:
        """The requests that submit devices, or set their status."""
        return [request for request in self.requests(during) if request["write"]]

    def bodies(self, during: Outcome | None = None) -> list[dict[str, Any]]:
        """What was submitted."""
        return [request["body"] for request in self.writes(during)]

    def posts(self, during: Outcome | None = None) -> list[str]:
        """Paths of all POSTs but the token calls."""
        sent = [request["path"] for request in self.requests(during) if request["method"] != "GET"]
        return [path for path in sent if not path.startswith("/v1.0/auth/")]

    def logins(self, during: Outcome | None = None) -> int:
        """How many token calls there were."""
        return sum(request["path"] == TOKEN_PATH for request in self.requests(during))

    def puts(self, during: Outcome | None = None) -> list[dict[str, Any]]:
        """The bodies of the requests that set the status of devices."""
        return [request["body"] for request in self.requests(during) if request["method"] == "PUT"]

    def count_writes(self) -> int:
        """How many submissions have arrived; quicker than a listing."""
        return int(self.control("GET", "requests?bodies=false&since=999999999")["counts"]["write"])

    def assert_wrote_nothing(self, during: Outcome | None = None) -> None:
        """Asserts that nothing was sent but GETs and logins."""
        assert self.posts(during) == []

    # -- What was activated --------------------------------------------------------------------------------------------

    def activations(self) -> dict[str, Any]:
        """Submissions and successes of each device, and the highest of both."""
        found: dict[str, Any] = self.control("GET", "activations")
        return found

    def submitted(self) -> dict[str, int]:
        """How often each device was submitted, by ICCID."""
        return {entry["iccid"]: entry["submitted"] for entry in self.activations()["devices"]}

    def assert_each_once(self, devices: list[dict[str, Any]], key: str = "iccid") -> None:
        """Asserts that exactly these devices, identified by `key`, were submitted once and activated once."""
        seen = self.activations()
        counts = {entry[key]: (entry["submitted"], entry["activated"]) for entry in seen["devices"]}
        assert counts == {entry[key]: (1, 1) for entry in devices}
        assert (seen["max_submitted"], seen["max_activated"]) == (1, 1)
