# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of an activation module, in a process of its own: the module itself, or a whole ansible-playbook."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.devices import csv_of
from harness.playbooks import activation, environment
from harness.processes import kill_family
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME

from .draw import RunDraw
from .fleets import MODULE, Member
from .service import Service

#: A run that takes longer hangs, in seconds.
PATIENCE = 150.0
_PACKAGE = "ansible_collections.kajeet.sentinel.plugins.modules."
#: What Ansible tells a module besides its arguments.
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
#: What a run leaves that is killed while it writes to the journal: it had not submitted what it was about to say.
_TORN = b'{"intent":"0123456789abcdef","at":17'


class Aborted(Exception):
    """The soak's own time is over: nothing can be said of this run."""


@dataclass
class Run:
    """A run that has ended. `started`, `ended`: seconds since the epoch. `result`: None where it was killed.

    `output`: all that it has written, its files included.
    """

    draw: RunDraw
    members: Sequence[Member]
    arguments: dict[str, Any]
    started: float = 0.0
    ended: float = 0.0
    killed: bool = False
    hung: bool = False
    result: dict[str, Any] | None = None
    output: str = field(default="", repr=False)
    listed: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def failed(self) -> bool:
        """Whether it ended by itself and failed."""
        return bool(self.result and self.result.get("failed"))


class Runner:
    """Runs an activation module against a simulator.

    Args:
        service: the simulator.
        collections: where Ansible finds the collection.
        kind: of the devices.
        directory: for the files of the runs.
        stop: set when the soak's time is over.
        journal: path of the journal that all runs share, or None.
    """

    def __init__(
        self,
        service: Service,
        collections: Path,
        kind: str,
        directory: Path,
        stop: threading.Event,
        journal: Path | None,
    ) -> None:
        self._service = service
        self._collections = collections
        self._kind = kind
        self._directory = directory
        self._stop = stop
        self._journal = journal

    def run(self, draw: RunDraw, members: Sequence[Member], name: str) -> Run:
        """Carries out a run, whose files get this name. Raises Aborted where the soak's time is over first."""
        stem = self._directory / name
        arguments = self._arguments(draw, members, stem)
        run = Run(draw, members, arguments)
        if draw.torn and self._journal is not None and self._journal.exists():
            with open(self._journal, "ab") as journal:
                journal.write(_TORN)
        run.started = time.time()
        output = stem.with_suffix(".output")
        with open(output, "wb") as stream:
            process = (
                self._start_playbook(run, stem, stream) if draw.playbook else self._start_module(run, stem, stream)
            )
            self._attend(process, run)
        run.ended = time.time()
        run.output = output.read_text(encoding="utf-8", errors="replace")
        if not run.killed:
            run.result = _playbook_result(stem) if draw.playbook else _module_result(run.output)
        run.listed = _read_result_file(Path(arguments["result_file"]))
        run.output += "".join(path.read_text(encoding="utf-8", errors="replace") for path in self._written(arguments))
        return run

    # -- What the run is told ------------------------------------------------------------------------------------------

    def _arguments(self, draw: RunDraw, members: Sequence[Member], stem: Path) -> dict[str, Any]:
        arguments: dict[str, Any] = {"api_url": self._service.api_url, "result_devices": "all", **draw.arguments}
        if self._kind != "sim":
            del arguments["request_format"]
        if draw.login:
            arguments.update(api_username=USERNAME, api_password=PASSWORD)
        else:
            arguments.update(api_token=TOKEN, corp_id=CORP_ID)
        declared = [member.declared() for member in members]
        if draw.form == "devices":
            arguments["devices"] = declared
        else:
            arguments["src"] = str(_write_fleet(stem, draw.form, declared))
        arguments["result_file"] = str(stem.with_suffix(".csv" if draw.form == "csv" else ".jsonl"))
        if self._journal is not None:
            arguments["journal"] = str(self._journal)
        return arguments

    def _written(self, arguments: Mapping[str, Any]) -> list[Path]:
        named = (arguments.get("result_file"), arguments.get("journal"))
        return [Path(path) for path in named if path and Path(path).is_file()]

    def _start_module(self, run: Run, stem: Path, stream: Any) -> subprocess.Popen[bytes]:
        path = stem.with_suffix(".args.json")
        told = {**_ANSIBLE, "_ansible_check_mode": run.draw.check, **run.arguments}
        path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": told}), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-m", _PACKAGE + MODULE[self._kind], str(path)],
            cwd=self._directory,
            env=self._environment(stem, {"PYTHONPATH": str(self._collections)}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _start_playbook(self, run: Run, stem: Path, stream: Any) -> subprocess.Popen[bytes]:
        path = stem.with_suffix(".playbook.yml")
        module = f"kajeet.sentinel.{MODULE[self._kind]}"
        task = activation("soak", ignore=False, module=module, **run.arguments)
        play = {"name": "Soak", "hosts": "localhost", "gather_facts": False, "tasks": [task]}
        play["vars"] = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
        path.write_text(json.dumps([play]), encoding="utf-8")
        return subprocess.Popen(
            ["ansible-playbook", "-i", "localhost,", str(path), *["--check"] * run.draw.check],
            cwd=self._directory,
            env=self._environment(stem, {}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _environment(self, stem: Path, more: Mapping[str, str]) -> dict[str, str]:
        found = {"ANSIBLE_COLLECTIONS_PATH": str(self._collections), **more}
        return environment(stem.with_suffix(".results"), found)

    # -- While it runs -------------------------------------------------------------------------------------------------

    def _attend(self, process: subprocess.Popen[bytes], run: Run) -> None:
        """Waits for the end; closes the simulator's port, and kills the run, when the draw says so."""
        started = time.monotonic()
        outages = sorted(run.draw.outages)
        kill = run.draw.kill
        before = self._service.submissions() if kill and kill.submissions else 0
        while process.poll() is None:
            elapsed = time.monotonic() - started
            if outages and elapsed >= outages[0][0]:
                self._service.control("POST", "outage", {"seconds": outages.pop(0)[1]})
            run.killed = kill is not None and (
                elapsed >= kill.seconds
                if kill.seconds is not None
                else self._service.submissions() - before >= (kill.submissions or 0)
            )
            run.hung = elapsed > PATIENCE
            if run.killed or run.hung or self._stop.is_set():
                kill_family(process)
                break
            time.sleep(_PAUSE)
        if self._stop.is_set():
            raise Aborted


def _write_fleet(stem: Path, form: str, declared: list[dict[str, Any]]) -> Path:
    path = stem.with_suffix(f".fleet.{form}")
    # JSON is YAML, too.
    path.write_text(csv_of(declared) if form == "csv" else json.dumps(declared), encoding="utf-8")
    return path


def _module_result(output: str) -> dict[str, Any] | None:
    """The JSON that a module prints last."""
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                return found
    return None


def _playbook_result(stem: Path) -> dict[str, Any] | None:
    path = stem.with_suffix(".results")
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines:
        return None
    entry = json.loads(lines[-1])
    result: dict[str, Any] = entry["data"]
    return {**result, "failed": entry["status"] == "failed"}


def _read_result_file(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        import csv
        import io

        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]
    return [json.loads(line) for line in text.splitlines()]
