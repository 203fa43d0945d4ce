# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that use the role, and the outcomes of each use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
from harness.places import collection_root
from harness.playbooks import Outcome, Playbooks, Run
from harness.processes import none_of

STEP = "step: "


def use(step: str, **variables: Any) -> list[dict[str, Any]]:
    """Tasks that use the role with these variables (without their prefix), after a heading."""
    return [
        {"name": STEP + step, "ansible.builtin.debug": {"msg": step}},
        {
            "name": "Use the role",
            "ansible.builtin.include_role": {"name": "kajeet.sentinel.simulator"},
            "vars": {f"simulator_{name}": value for name, value in variables.items()},
        },
        {
            "name": f"facts: {step}",
            "ansible.builtin.debug": {
                "msg": {
                    "url": "{{ simulator_url | default('') }}",
                    "api_url": "{{ simulator_api_url | default('') }}",
                    "pid": "{{ simulator_pid | default(0) }}",
                }
            },
        },
    ]


class Steps:
    """The outcomes of each use of the role, by the headings of `use`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._steps: dict[str, list[Outcome]] = {}
        for outcome in run:
            if outcome.name.startswith(STEP):
                current = self._steps.setdefault(outcome.name[len(STEP) :], [])
            else:
                current.append(outcome)

    def changed(self, step: str) -> list[str]:
        """The tasks of a step that changed something."""
        return [outcome.name for outcome in self._steps[step] if outcome.changed]

    def facts(self, step: str) -> dict[str, Any]:
        """The facts that the role has set in a step."""
        facts: dict[str, Any] = self._run[f"facts: {step}"]["msg"]
        return facts

    def failures(self) -> list[str]:
        """The messages of tasks that failed."""
        return [outcome.msg for outcome in self._run if outcome.failed]


class Role:
    """Uses the role.

    Args:
        playbook: runs the plays.
        directory: for the simulators of the test.
        venv: the virtual environment of all simulators.
    """

    def __init__(self, playbook: Playbooks, directory: Path, venv: Path) -> None:
        self._playbook = playbook
        self.directory = directory
        self._venv = venv

    def variables(self, **more: Any) -> dict[str, Any]:
        """Variables for the test's own simulator, which ends by itself if it is not stopped."""
        own = {"directory": str(self.directory), "venv": str(self._venv), "port": 0, "lifetime": 120}
        return {**own, "profile": "instant", **more}

    def __call__(self, steps: Sequence[list[dict[str, Any]]], **options: Any) -> Steps:
        """Run steps that `use` has created."""
        return Steps(self.run([task for step in steps for task in step], **options))

    def run(self, tasks: list[dict[str, Any]], **options: Any) -> Run:
        """Run any tasks."""
        return self._playbook(tasks, **options)

    def stop(self) -> None:
        """Stop the simulator, if it runs, as the role does."""
        launcher = collection_root() / "roles" / "simulator" / "files" / "launcher.py"
        subprocess.run([sys.executable, launcher, "stop", self.directory], check=True, timeout=30)


def answers(url: str) -> bool:
    """Whether a service answers at this URL."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url + "/openapi.json", timeout=5).ok
        except requests.ConnectionError:
            return False


def status_of(url: str) -> int:
    """The HTTP status of a URL."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=5).status_code


def is_gone(pid: int) -> bool:
    """Whether the process has ended."""
    return none_of([pid])


def pids(steps: Steps, names: Sequence[str]) -> Iterator[int]:
    """The process ids of simulators that these steps have started."""
    return (int(steps.facts(name)["pid"]) for name in names)
