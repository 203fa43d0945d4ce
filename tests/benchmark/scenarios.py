# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios. Each runs against a newly reset simulator, returns its lines, and fails unless all devices succeed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .declared import NAMES, declared_lines
from .downloads import HISTORY, LISTING, download_lines
from .fleet import Device, fleet, write, write_hosts
from .lines import Line, best_of
from .playbooks import CONNECTION_PLUGINS, FLOOR, LOOKUP, MODULE, SRC, YAML, Run, arguments_for, run_playbook, run_task
from .processes import HERE, BenchmarkError, measured
from .service import Service, active_devices

#: Requests per second in runs with a rate limit.
RATE_LIMIT = 50.0
#: Lines of the history for the fleet that is already active.
NOOP_HISTORY = 100_000

MILLION = 1_000_000

#: `single` polls as often as the script. All other options have their defaults.
SINGLE: dict[str, Any] = {"concurrency": 16, "poll_interval": 1}
BATCH: dict[str, Any] = {"request_format": "batch"}

#: Values of a module's result that are shown.
RESULT_EXPRESSIONS = {"elapsed": "result.elapsed", "summary": "result.summary"}

#: Ways to activate hosts that are devices: title, playbook, connection. On the connection `elsewhere`, a module is sent
#: to the host, as to any machine other than the controller.
SENT = ("one task per host, module sent to host", "hosts.yml", "elsewhere")
IN_PROCESS = ("one task per host, in the task's own process", "hosts.yml", "local")
IN_ONE_TASK = ("role `fleet`, one task for all hosts", "hosts_role.yml", "local")
FORKS = 20
#: Number of slices of a sliced job.
SLICES = 4
#: The same fleet as a file, for comparison with hosts.
BY_ROLE = "role `fleet`, CSV as src"
IN_SLICES = (f"role `fleet`, {SLICES} slices at once, one task each", "hosts_role.yml", "local")

FORM_LABELS = {LOOKUP: "JSON by lookup", YAML: "YAML in vars_files", SRC: "CSV as src"}


class Scenario(NamedTuple):
    """`names`: of its lines. `run`: returns the lines."""

    names: tuple[str, ...]
    run: Callable[[], Iterator[Line]]


class Bench:
    """The scenarios.

    Args:
        service: the simulator.
        directory: for fleets, playbooks and logs.
    """

    def __init__(self, service: Service, directory: Path) -> None:
        self._service = service
        self._directory = directory
        self._floors: set[str] = set()

    def scenarios(self) -> list[Scenario]:
        """All scenarios, in the order of the document."""
        return [
            self._one("uri-50", lambda name: self._uri(name, 50)),
            self._one("script-1000", lambda name: self._script(name, 1000)),
            self._one("single-1000", lambda name: self._activation(name, 1000, SINGLE)),
            self._one("batch-1000", lambda name: self._activation(name, 1000, BATCH)),
            self._one("limit-script-1000", lambda name: self._script(name, 1000, RATE_LIMIT)),
            self._one("limit-single-1000", lambda name: self._activation(name, 1000, SINGLE, limit=RATE_LIMIT)),
            self._one("limit-batch-1000", lambda name: self._activation(name, 1000, BATCH, limit=RATE_LIMIT)),
            self._one("limit-batch-10000", lambda name: self._activation(name, 10_000, BATCH, limit=RATE_LIMIT)),
            self._one("floor-10000", lambda name: self._floor(name, 10_000, LOOKUP)),
            self._one("batch-10000", lambda name: self._activation(name, 10_000, BATCH)),
            self._one("noop-10000", lambda name: self._noop(name, 10_000, LOOKUP)),
            self._one("batch-src-10000", lambda name: self._activation(name, 10_000, BATCH, SRC)),
            self._one("noop-src-10000", lambda name: self._noop(name, 10_000, SRC)),
            self._one("million-src", lambda name: self._activation(name, MILLION, BATCH, SRC)),
            self._one("floor-yaml-10000", lambda name: self._floor(name, 10_000, YAML)),
            self._one("noop-yaml-10000", lambda name: self._noop(name, 10_000, YAML)),
            self._one("hosts-sent-300", lambda name: self._hosts(name, 300, *SENT)),
            self._one("hosts-here-300", lambda name: self._hosts(name, 300, *IN_PROCESS)),
            self._one("hosts-role-300", lambda name: self._hosts(name, 300, *IN_ONE_TASK)),
            self._one("role-src-300", lambda name: self._role(name, 300)),
            self._one("hosts-role-1000", lambda name: self._hosts(name, 1000, *IN_ONE_TASK)),
            self._one("hosts-role-10000", lambda name: self._hosts(name, 10_000, *IN_ONE_TASK, options=BATCH)),
            self._one("role-src-10000", lambda name: self._role(name, 10_000, BATCH)),
            self._one("slices-1000", lambda name: self._hosts(name, 1000, *IN_SLICES, slices=SLICES)),
            Scenario(NAMES, lambda: declared_lines(self._directory)),
            Scenario(LISTING.names, lambda: download_lines(LISTING, self._directory / "listing")),
            Scenario(HISTORY.names, lambda: download_lines(HISTORY, self._directory / "million")),
        ]

    def _one(self, name: str, run: Callable[[str], Line]) -> Scenario:
        return Scenario((name,), lambda: iter([best_of(lambda: run(name))]))

    # -- One run of each -----------------------------------------------------------------------------------------------

    def _prepare(self, devices: list[Device], limit: float = 0.0) -> None:
        self._service.reset(limit)
        write(self._directory, devices)

    def _uri(self, name: str, count: int) -> Line:
        devices = fleet(count)
        self._prepare(devices)
        environment = {**self._service.environment, "FLEET": str(self._directory / "fleet.json")}
        usage = run_playbook(HERE / "playbooks" / "uri.yml", self._directory, environment)
        return self._line(name, "`ansible.builtin.uri` in a loop, `until` each is done", devices, Run(usage, {}))

    def _script(self, name: str, count: int, limit: float = 0.0) -> Line:
        devices = fleet(count)
        self._prepare(devices, limit)
        command = [sys.executable, str(HERE / "script.py"), "fleet.csv"]
        usage = measured(command, self._directory, self._service.environment)
        run = Run(usage, json.loads(usage.output))
        return self._line(name, "asyncio script, 16 connections", devices, run)

    def _activation(
        self, name: str, count: int, options: Mapping[str, Any], form: str = LOOKUP, limit: float = 0.0
    ) -> Line:
        devices = fleet(count)
        self._prepare(devices, limit)
        run = run_task(
            MODULE, {**arguments_for(form), **options}, self._directory, self._service.environment, RESULT_EXPRESSIONS
        )
        _check_summary(run, {"activated": count})
        batch = options.get("request_format") == "batch"
        title = f"`sentinel_activation`, {'batch' if batch else 'single, concurrency 16'}"
        if count in (10_000, MILLION) and not limit:
            title += f", {FORM_LABELS[form]}"
        return self._line(name, title, devices, run)

    def _floor(self, name: str, count: int, form: str) -> Line:
        write(self._directory, fleet(count))
        if form not in self._floors:
            # Check the module in a separate run, so that the measured one does nothing else.
            expressions = {"returned": "result.devices | length"}
            returned = run_task(FLOOR, arguments_for(form), self._directory, {}, expressions).values["returned"]
            if returned != count:
                raise BenchmarkError(f"the floor's module returned {returned} of {count} devices")
            self._floors.add(form)
        usage = run_task(FLOOR, arguments_for(form), self._directory, {}).usage
        title = f"Ansible's floor, {FORM_LABELS[form]}"
        return Line(name, title, count, usage.wall, usage.cpu, usage.peak)

    def _hosts(
        self,
        name: str,
        count: int,
        title: str,
        playbook: str,
        connection: str,
        slices: int = 1,
        options: Mapping[str, Any] | None = None,
    ) -> Line:
        devices = fleet(count)
        self._prepare(devices)
        inventories = write_hosts(self._directory, devices, slices)
        ansible = {
            "ANSIBLE_FORKS": str(FORKS),
            "ANSIBLE_TRANSPORT": connection,
            "ANSIBLE_CONNECTION_PLUGINS": str(CONNECTION_PLUGINS),
        }
        environment = {**self._service.environment, **ansible}
        variables = _role_variables(options or {})
        usage = run_playbook(HERE / "playbooks" / playbook, self._directory, environment, inventories, variables)
        title += ", batch" if options == BATCH else ""
        return self._line(name, title, devices, Run(usage, {}))

    def _role(self, name: str, count: int, options: Mapping[str, Any] | None = None) -> Line:
        devices = fleet(count)
        self._prepare(devices)
        variables = {"fleet_src": str(self._directory / "fleet.csv"), **_role_variables(options or {})}
        path = HERE / "playbooks" / "src_role.yml"
        usage = run_playbook(path, self._directory, self._service.environment, variables=variables)
        return self._line(name, BY_ROLE + (", batch" if options == BATCH else ""), devices, Run(usage, {}))

    def _noop(self, name: str, count: int, form: str) -> Line:
        self._service.reset()
        self._service.generate(NOOP_HISTORY)
        export = self._directory / "export.csv"
        self._service.download(export)
        write(self._directory, active_devices(export, NOOP_HISTORY // count, count))
        # In the first run, the simulator renders history and list. Only the second one is measured.
        for _number in range(2):
            self._service.forget_requests()
            run = run_task(MODULE, arguments_for(form), self._directory, self._service.environment, RESULT_EXPRESSIONS)
        _check_summary(run, {"already_active": count})
        requests = self._service.requests()
        self._service.check_nothing_submitted()
        title = f"`sentinel_activation`, nothing to do, {FORM_LABELS[form]}"
        return _line(name, title, count, run, *requests)

    def _line(self, name: str, title: str, devices: list[Device], run: Run) -> Line:
        requests = self._service.requests()
        self._service.check_each_active_once(devices, self._directory)
        return _line(name, title, len(devices), run, *requests)


def _line(name: str, title: str, count: int, run: Run, requests: int, turned_away: int) -> Line:
    usage, values = run
    own = values.get("elapsed")
    return Line(name, title, count, usage.wall, usage.cpu, usage.peak, own, requests, turned_away)


def _role_variables(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as variables of the role."""
    return {f"fleet_{name}": value for name, value in options.items()}


def _check_summary(run: Run, summary: Mapping[str, int]) -> None:
    if run.values["summary"] != summary:
        raise BenchmarkError(f"the task's summary is {run.values['summary']}; expected: {summary}")
