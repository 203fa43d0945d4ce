# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets of several kinds, the role and the playbooks that take them, and what they published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .devices import COMMON, csv_of, device, imei
from .playbooks import GROUP, Playbooks, Run
from .simulators import CORP_ID, TOKEN, Simulator

MODULE = "kajeet.sentinel.sentinel_fleet"
ROLE = "kajeet.sentinel.fleet"
PATHS = {
    "sim": "/v1.0/activation/transaction",
    "smartsim": "/v1.0/activation/smartsim-transaction",
    "esim": "/v1.0/activation/esim-transaction",
}
#: The names of the role's task.
PLAN, ACTIVATE = TASKS = ("Plan the fleet", "Activate the fleet")
#: One POST a kind, and no long waits.
_QUICK = {"request_format": "batch", "poll_interval": 0.05, "poll_max_interval": 0.2}
QUICK = {f"fleet_{name}": value for name, value in _QUICK.items()}


def smartsim(number: int, **fields: Any) -> dict[str, Any]:
    """A SmartSIM with this number."""
    return {"kind": "smartsim", "sim_id": f"8910390001{number:08d}", **COMMON, "carrier": "T-Mobile", **fields}


def esim(number: int, **fields: Any) -> dict[str, Any]:
    """A device whose eSIM is wanted."""
    return {"kind": "esim", "imei": imei(number), **COMMON, "carrier": "AT&T", **fields}


def mixed(start: int = 1) -> list[dict[str, Any]]:
    """Three SIMs, two SmartSIMs and two eSIMs, in no order."""
    one, two, three = (device(start + number, nickname=f"Bus {start + number}") for number in range(3))
    return [one, esim(start + 3), smartsim(start), {**two, "kind": "SIM"}, smartsim(start + 1), three, esim(start + 4)]


def csv_file(path: Path, devices: Sequence[dict[str, Any]]) -> Path:
    """The devices as a CSV file."""
    path.write_text(csv_of(devices), encoding="utf-8")
    return path


def connection_env(simulator: Simulator) -> dict[str, str]:
    """The environment that reaches a simulator."""
    return {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}


def task(name: str = "Fleet", /, **arguments: Any) -> dict[str, Any]:
    """A task of the module with these options, whose failure the playbook outlives."""
    return {"name": name, MODULE: {**_QUICK, **arguments}, "ignore_errors": True}


def role(**variables: Any) -> dict[str, Any]:
    """A task that uses the role with these variables, without their prefix."""
    given = {**QUICK, **{f"fleet_{name}": value for name, value in variables.items()}}
    return {"name": "Use the role", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}


def result(run: Run) -> dict[str, Any]:
    """What the fleet's task has returned last."""
    return results(run)[-1]


def results(run: Run) -> list[dict[str, Any]]:
    """What the fleet's tasks have returned, one after the other."""
    return [outcome.data for outcome in run if outcome.name in TASKS and outcome.status != "skipped"]


class Hosts:
    """Runs the role over hosts, each of which is a device, in a play of their own.

    Args:
        directory: for the playbooks.
        playbook: runs them.
        simulator: is reached.
        instead: keywords of the play instead of the role.
    """

    def __init__(
        self, directory: Path, playbook: Playbooks, simulator: Simulator, instead: Mapping[str, Any] | None = None
    ) -> None:
        self._instead = instead or {"roles": [ROLE]}
        self._path = directory / "hosts.yml"
        self._playbook = playbook
        self._simulator = simulator

    def __call__(
        self, hosts: Mapping[str, Mapping[str, Any]], of_play: Mapping[str, Any] | None = None, **options: Any
    ) -> Run:
        """Runs the play. `hosts`: variables by name, without the prefix sentinel_; `of_play`: more keywords of it."""
        listed = [
            {"name": name, "groups": ["fleet"], **{f"sentinel_{field}": value for field, value in fields.items()}}
            for name, fields in hosts.items()
        ]
        first = {
            "name": "Inventory",
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"name": "Add hosts", "ansible.builtin.add_host": "{{ item }}", "loop": listed}],
        }
        # As text: add_host takes each of its arguments as a variable.
        second = {
            "name": "Fleet",
            "hosts": "fleet",
            "gather_facts": False,
            "module_defaults": {GROUP: self._simulator.connection},
            "vars": dict(QUICK),
            **self._instead,
            **(of_play or {}),
        }
        self._path.write_text(json.dumps([first, second]), encoding="utf-8")
        return self._playbook(self._path, **options)


def posted(simulator: Simulator) -> dict[str, int]:
    """How many submissions of each kind there were; kinds without one are left out."""
    paths = [request["path"] for request in simulator.writes()]
    return {kind: paths.count(path) for kind, path in PATHS.items() if path in paths}


def names(run: Run) -> Iterable[str]:
    """The tasks that were not skipped."""
    return [outcome.name for outcome in run if outcome.status != "skipped"]
