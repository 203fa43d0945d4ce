# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of an activation module in its own process: the module itself, or ansible-playbook."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from harness.devices import csv_of
from harness.playbooks import activation, environment
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME

from .drawn import Memory, RunDraw
from .fleets import FLEET_MODULE, MODULE, Member
from .interrupts import Victim
from .service import Service

#: Seconds after which a run is considered to hang.
PATIENCE = 150.0
_PACKAGE = "ansible_collections.kajeet.sentinel.plugins.modules."
#: Internal arguments that Ansible passes to a module.
_ANSIBLE = {
    "_ansible_check_mode": False,
    "_ansible_debug": False,
    "_ansible_diff": False,
    "_ansible_keep_remote_files": False,
    "_ansible_no_log": False,
    "_ansible_shell_executable": "/bin/sh",
    "_ansible_verbosity": 0,
}
_PAUSE = 0.01
#: Seconds within which an interrupted run ends, in addition to its request timeout.
_SOON = 20.0
#: Starts a module as a child of a shell, as Ansible does.
_SHELL = ("/bin/sh", "-c", '"$@"; exit $?', "sh")
#: The host's name in arguments of a play and in file names.
_HOST = "{{ inventory_hostname }}"
#: Last line of a journal whose run was killed while writing it, before the submission.
_TORN = b'{"intent":"0123456789abcdef","at":17'


class Aborted(Exception):
    """The soak's time is up; the run was not completed."""


@dataclass
class Run:
    """A run that has ended.

    `started`, `ended`: seconds since the epoch. `interrupted`: the same, or None. `had_written`: whether a write had
    arrived before the interruption. `result`: None if it was interrupted. `output`: all its output, including its
    files. `survivors`: its processes that still run. `siblings`: the runs on the other hosts of its play.
    """

    draw: RunDraw
    members: Sequence[Member]
    arguments: dict[str, Any]
    started: float = 0.0
    ended: float = 0.0
    interrupted: float | None = None
    had_written: bool = False
    hung: bool = False
    result: dict[str, Any] | None = None
    output: str = field(default="", repr=False)
    listed: list[dict[str, Any]] = field(default_factory=list, repr=False)
    survivors: list[psutil.Process] = field(default_factory=list, repr=False)
    siblings: list[Run] = field(default_factory=list, repr=False)

    @property
    def has_failed(self) -> bool:
        """Whether the run ended by itself and failed."""
        return bool(self.result and self.result.get("failed"))


class Runner:
    """Runs a module that activates devices against a simulator.

    Args:
        service: the simulator.
        collections: folder in which Ansible finds the collection.
        module: name of the module.
        directory: for files of the runs.
        stop: set when the soak's time is up.
        journal: path of the round's journal, or None.
    """

    def __init__(
        self,
        service: Service,
        collections: Path,
        module: str,
        directory: Path,
        stop: threading.Event,
        journal: Path | None,
    ) -> None:
        self._service = service
        self._collections = collections
        self._module_name = module
        self._directory = directory
        self._stop = stop
        self._journal = journal

    def run(
        self, draw: RunDraw, members: Sequence[Member], name: str, outages: Sequence[tuple[float, float]] = ()
    ) -> Run:
        """Carries out a run. Raises Aborted if the soak's time is up first.

        Args:
            name: of its files.
            outages: (seconds after its start, seconds that the simulator's port is closed).
        """
        stem = self._directory / name
        arguments = self._arguments(draw, members, stem)
        run = Run(draw, members, arguments)
        if draw.torn and self._journal is not None and self._journal.exists():
            with open(self._journal, "ab") as journal:
                journal.write(_TORN)
        run.started = time.time()
        output = stem.with_suffix(".output")
        with open(output, "wb") as stream:
            command = self._playbook(run, stem) if draw.playbook else self._module(run, stem)
            kind = draw.interruption.kind if draw.interruption else None
            more = {} if draw.playbook else {"PYTHONPATH": str(self._collections)}
            victim = Victim(command, kind, self._directory, self._environment(stem, more), stream)
            try:
                self._attend(victim, run, sorted(outages))
            except BaseException:
                victim.end()
                raise
            finally:
                victim.close()
        run.ended = time.time()
        run.output = output.read_text(encoding="utf-8", errors="replace")
        if run.interrupted is None and not run.hung:
            self._read_results(run, stem)
        run.output += "".join(path.read_text(encoding="utf-8", errors="replace") for path in self._written(run))
        return run

    def _read_results(self, run: Run, stem: Path) -> None:
        """Reads the result on each host of a run's play."""
        ended = _playbook_results(stem) if run.draw.playbook else [(_module_result(run.output), run.ended)]
        # A host without a result is a finding.
        ended += [(None, run.ended)] * (run.draw.hosts - len(ended))
        (run.result, run.ended), *others = ended
        run.siblings = [replace(run, result=result, ended=at) for result, at in others]
        for one in (run, *run.siblings):
            one.listed = _read_result_file(_result_file_of(one))

    # -- Input of a run ------------------------------------------------------------------------------------------------

    def _arguments(self, draw: RunDraw, members: Sequence[Member], stem: Path) -> dict[str, Any]:
        arguments: dict[str, Any] = {"api_url": self._service.api_url, "result_devices": "all", **draw.arguments}
        if self._module_name not in (MODULE["sim"], FLEET_MODULE):
            del arguments["request_format"]
        if draw.login:
            arguments.update(api_username=USERNAME, api_password=PASSWORD)
        else:
            arguments.update(api_token=TOKEN, corp_id=CORP_ID)
        declared = [self._declared(member) for member in members]
        if draw.form == "devices":
            arguments["devices"] = declared
        elif draw.form == "hosts":
            arguments["hosts"] = True
        else:
            arguments["src"] = str(_write_fleet(stem, draw.form, declared))
        host = f".{_HOST}" if draw.hosts > 1 else ""
        arguments["result_file"] = f"{stem}{host}{'.csv' if draw.form == 'csv' else '.jsonl'}"
        journal = stem.with_suffix(".journal") if draw.memory is Memory.OWN else self._journal
        if journal is not None and draw.memory is not Memory.NONE:
            arguments["journal"] = str(journal)
        return arguments

    def _declared(self, member: Member) -> dict[str, Any]:
        return {**member.declared(), **({"kind": member.kind} if self._module_name == FLEET_MODULE else {})}

    def _written(self, run: Run) -> list[Path]:
        paths = [run.arguments.get("journal"), *map(_result_file_of, (run, *run.siblings))]
        return [Path(path) for path in paths if path and Path(path).is_file()]

    def _module(self, run: Run, stem: Path) -> list[str]:
        path = stem.with_suffix(".args.json")
        arguments = {**_ANSIBLE, "_ansible_check_mode": run.draw.check, **run.arguments}
        path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
        return [*_SHELL, sys.executable, "-m", _PACKAGE + self._module_name, str(path)]

    def _playbook(self, run: Run, stem: Path) -> list[str]:
        path = stem.with_suffix(".playbook.yml")
        module = f"kajeet.sentinel.{self._module_name}"
        task = activation("soak", ignore=False, module=module, **run.arguments)
        play = {"name": "Soak", "hosts": "all", "gather_facts": False, "tasks": [task]}
        play["vars"] = {"ansible_python_interpreter": sys.executable, "ansible_connection": run.draw.connection}
        path.write_text(json.dumps([play]), encoding="utf-8")
        hosts = self._inventory(run, stem)
        return ["ansible-playbook", "-i", hosts, str(path), *["--check"] * run.draw.check]

    def _inventory(self, run: Run, stem: Path) -> str:
        if run.draw.form != "hosts":
            return "".join(f"host-{number}," for number in range(run.draw.hosts))
        hosts = {
            f"device-{number}": {f"sentinel_{field}": value for field, value in self._declared(member).items()}
            for number, member in enumerate(run.members)
        }
        path = stem.with_suffix(".hosts.yml")
        path.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        return str(path)

    def _environment(self, stem: Path, more: Mapping[str, str]) -> dict[str, str]:
        variables = {"ANSIBLE_COLLECTIONS_PATH": str(self._collections), **more}
        return environment(stem.with_suffix(".results"), variables)

    # -- While it runs -------------------------------------------------------------------------------------------------

    def _attend(self, victim: Victim, run: Run, outages: list[tuple[float, float]]) -> None:
        """Waits until the run ends. Closes the simulator's port, and interrupts the run, as drawn."""
        started = time.monotonic()
        patience = PATIENCE
        kill = run.draw.interruption
        before = self._service.writes() if kill else 0
        while victim.process.poll() is None:
            elapsed = time.monotonic() - started
            if outages and elapsed >= outages[0][0]:
                self._service.control("POST", "outage", {"seconds": outages.pop(0)[1]})
            if kill and run.interrupted is None and self._is_due(run, elapsed, before):
                run.had_written = self._service.writes() > before
                victim.interrupt()
                run.interrupted = time.time()
                patience = elapsed + _SOON + run.arguments["request_timeout"]
            run.hung = elapsed > patience
            if run.hung or self._stop.is_set():
                break
            time.sleep(_PAUSE)
        if self._stop.is_set():
            raise Aborted
        if run.hung:
            victim.end()
        run.survivors = victim.survivors()

    def _is_due(self, run: Run, elapsed: float, before: int) -> bool:
        """Whether it is time for the interruption. `before`: number of writes before the run started."""
        kill = run.draw.interruption
        if kill is None:
            return False
        if kill.seconds is not None:
            return elapsed >= kill.seconds
        return self._service.writes() - before >= (kill.writes or 0)


def _write_fleet(stem: Path, form: str, declared: list[dict[str, Any]]) -> Path:
    path = stem.with_suffix(f".fleet.{form}")
    # JSON is also YAML.
    path.write_text(csv_of(declared) if form == "csv" else json.dumps(declared), encoding="utf-8")
    return path


def _module_result(output: str) -> dict[str, Any] | None:
    """The last line of JSON that a module prints."""
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                return value
    return None


def _playbook_results(stem: Path) -> list[tuple[dict[str, Any] | None, float]]:
    """The task's result on each host, and when it ended, in seconds since the epoch."""
    path = stem.with_suffix(".results")
    if not path.is_file():
        return []
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [({**entry["data"], "failed": entry["status"] != "ok"}, entry["ended"]) for entry in entries]


def _result_file_of(run: Run) -> Path:
    """The path of this host's result file."""
    path = str(run.arguments["result_file"])
    if _HOST in path:
        asked = ((run.result or {}).get("invocation") or {}).get("module_args") or {}
        path = str(asked.get("result_file") or path)
    return Path(path)


def _read_result_file(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        import csv
        import io

        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]
    return [json.loads(line) for line in text.splitlines()]
