# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real runs of ansible-playbook, with the result of each task."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import yaml

from . import warm
from .places import HARNESS
from .processes import kill_family

#: A playbook's path, one task, several, or several as YAML.
Tasks = Union[Path, Mapping[str, Any], Sequence[Mapping[str, Any]], str]

MODULE = "kajeet.sentinel.sentinel_activation"
GROUP = "group/kajeet.sentinel.sentinel"


@dataclass
class Outcome:
    """The result of one task: `data`. `started`, `ended`: seconds since the epoch."""

    name: str
    status: str
    started: float
    ended: float
    data: dict[str, Any] = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    @property
    def failed(self) -> bool:
        """Whether the task failed, ignored or not."""
        return self.status == "failed"

    @property
    def changed(self) -> bool:
        """Whether the task says that it changed something."""
        return bool(self.data.get("changed"))

    @property
    def msg(self) -> str:
        """The task's message."""
        message = self.data.get("msg", "")
        return message if isinstance(message, str) else json.dumps(message)

    @property
    def warnings(self) -> list[str]:
        """The warnings of the task."""
        found = self.data.get("warnings") or []
        return [str(entry) for entry in found]

    @property
    def by_iccid(self) -> dict[str, dict[str, Any]]:
        """The devices that the result lists, by ICCID."""
        return {entry["iccid"]: entry for entry in self.data["devices"]}

    def outcomes(self) -> dict[str, str]:
        """The outcome of each listed device, by ICCID."""
        return {iccid: entry["outcome"] for iccid, entry in self.by_iccid.items()}


@dataclass
class Run:
    """A finished ansible-playbook. `output`: stdout and stderr. `raw`: the results as text."""

    rc: int
    output: str = field(repr=False)
    outcomes: list[Outcome]
    raw: str = field(repr=False)

    def __getitem__(self, name: str) -> Outcome:
        found = [outcome for outcome in self.outcomes if outcome.name == name]
        assert found, f"no task {name!r} among {[outcome.name for outcome in self.outcomes]}\n{self.output}"
        return found[-1]

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @property
    def only(self) -> Outcome:
        """The outcome of the only task."""
        assert len(self.outcomes) == 1, self.output
        return self.outcomes[0]


class Playbooks:
    """Runs playbooks on the controller; calling it returns a `Run`.

    Args:
        directory: for playbooks, results and logs.
        defaults: arguments for all modules of the action group; `None` gives none.
        connection: ``local``, where activations run in the task's own process; or ``elsewhere``, where they are sent.
    """

    def __init__(self, directory: Path, defaults: Mapping[str, Any] | None = None, connection: str = "local") -> None:
        self._directory = directory
        self._connection = connection
        self._defaults = dict(defaults or {})
        self._number = 0

    def __call__(
        self,
        tasks: Tasks,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        extra_vars: Mapping[str, Any] | None = None,
        env: Mapping[str, str | None] | None = None,
        expect_rc: int | None = 0,
        defaults: Mapping[str, Any] | None = None,
        patience: float = 120.0,
        meanwhile: Callable[[], Any] | None = None,
    ) -> Run:
        """Runs tasks, or a playbook.

        Args:
            tasks: see `Tasks`.
            check, diff, verbosity: --check, --diff, and how many -v.
            extra_vars: handed over in a file.
            env: more environment variables; None removes one.
            expect_rc: the exit code to be asserted; None for any.
            defaults: instead of the fixture's.
            patience: seconds after which ansible-playbook is killed.
            meanwhile: is called once ansible-playbook has been started.
        """
        process, results = self.start(tasks, check, diff, verbosity, extra_vars, env, defaults, is_warm=True)
        try:
            if meanwhile is not None:
                meanwhile()
            output = process.communicate(timeout=patience)[0]
        except BaseException:
            kill_family(process)
            raise
        assert_not_deprecated(output)
        raw = results.read_text(encoding="utf-8") if results.exists() else ""
        run = Run(process.returncode, output, [Outcome(**json.loads(line)) for line in raw.splitlines()], raw)
        assert expect_rc is None or run.rc == expect_rc, f"exit code {run.rc}, expected {expect_rc}\n{output}"
        return run

    def start(
        self,
        tasks: Tasks,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        extra_vars: Mapping[str, Any] | None = None,
        env: Mapping[str, str | None] | None = None,
        defaults: Mapping[str, Any] | None = None,
        is_warm: bool = False,
    ) -> tuple[subprocess.Popen[str], Path]:
        """Starts ansible-playbook; returns the process and the path of its results. `is_warm`: see `warm.start`."""
        self._number += 1
        stem = self._directory / f"run-{self._number}"
        results = stem.with_suffix(".results")
        variables = stem.with_suffix(".vars.json")
        # The interpreter is that of the controller: ansible-test forbids to rely on a default.
        variables_of_run = environment(results, env or {})
        interpreter = warm.python(variables_of_run) if is_warm else sys.executable
        known = {"ansible_python_interpreter": interpreter, "ansible_connection": self._connection}
        variables.write_text(json.dumps({**known, **(extra_vars or {})}), encoding="utf-8")
        name = str(self._playbook(tasks, stem, self._defaults if defaults is None else defaults))
        command = ["ansible-playbook", "-i", "localhost,", "-e", f"@{variables}", name]
        command += ["--check"] * check + ["--diff"] * diff + ["-" + "v" * verbosity] * (verbosity > 0)
        process = warm.start(
            command,
            self._directory,
            variables_of_run,
            is_warm,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return process, results

    def _playbook(self, tasks: Tasks, stem: Path, defaults: Mapping[str, Any]) -> Path | str:
        if isinstance(tasks, Path):
            return tasks
        if isinstance(tasks, str) and "\n" not in tasks:
            return tasks  # a playbook of the collection, by its name
        listed = yaml.safe_load(tasks) if isinstance(tasks, str) else tasks
        listed = [listed] if isinstance(listed, Mapping) else list(listed)
        play: dict[str, Any] = {"name": "Test", "hosts": "localhost", "gather_facts": False, "tasks": listed}
        if defaults:
            play["module_defaults"] = {GROUP: dict(defaults)}
        path = stem.with_suffix(".yml")
        path.write_text(json.dumps([play], indent=1), encoding="utf-8")
        return path


def outcomes_in(path: Path | str, key: str = "iccid") -> dict[str, str]:
    """The outcome of every device in a result file of JSON lines."""
    entries = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    return {entry[key]: entry["outcome"] for entry in entries}


def assert_not_deprecated(output: str) -> None:
    """Asserts that Ansible has called nothing deprecated: what works today is to work with its next releases."""
    assert "[DEPRECATION WARNING]" not in output, output


def environment(results: Path, more: Mapping[str, str | None]) -> dict[str, str]:
    """The environment for ansible-playbook: nothing of the user's settings for Sentinel, and the harness's callback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTINEL_")}
    ours: dict[str, str | None] = {
        "ANSIBLE_CALLBACK_PLUGINS": str(HARNESS / "callback_plugins"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HARNESS / "connection_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "harness_results",
        "HARNESS_RESULTS": str(results),
        # A module that is killed leaves its files behind.
        "TMPDIR": str(results.parent),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_NOCOLOR": "1",
        # From ansible-core 2.21 on, what a module was given is in its result only where that is asked for.
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_HOST_PATTERN_MISMATCH": "error",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "no_proxy": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }
    merged = {**kept, **ours, **more}
    return {name: value for name, value in merged.items() if value is not None}


def activation(name: str, /, ignore: bool = True, module: str = MODULE, **arguments: Any) -> dict[str, Any]:
    """A task for an activation module. `ignore`: whether the play goes on where it fails."""
    check = {"check_mode": arguments.pop("check_mode")} if "check_mode" in arguments else {}
    return {"name": name, module: arguments, "ignore_errors": ignore, **check}
