# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that use the role, and what each use of it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
from harness.playbooks import Outcome, Playbooks, Run
from harness.processes import none_of

STEP = "step: "


def use(step: str, **variables: Any) -> list[dict[str, Any]]:
    """Tasks that use the role with these variables (without their prefix), under a heading."""
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
    """What each use of the role did, by the headings of `use`."""

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
        """What the role published."""
        found: dict[str, Any] = self._run[f"facts: {step}"]["msg"]
        return found

    def failures(self) -> list[str]:
        """The messages of tasks that failed."""
        return [outcome.msg for outcome in self._run if outcome.failed]


class Role:
    """Uses the role, and sees to it that nothing that it has started is left in the end.

    Args:
        playbook: runs the plays.
        directory: where the simulators of the test live.
        venv: the virtual environment for all of them.
    """

    def __init__(self, playbook: Playbooks, directory: Path, venv: Path) -> None:
        self._playbook = playbook
        self.directory = directory
        self._venv = venv

    def variables(self, **more: Any) -> dict[str, Any]:
        """Variables for a simulator of the test's own, that ends by itself should all else fail."""
        own = {"directory": str(self.directory), "venv": str(self._venv), "port": 0, "lifetime": 120}
        return {**own, "profile": "instant", **more}

    def __call__(self, steps: Sequence[list[dict[str, Any]]], **options: Any) -> Steps:
        """Runs steps made by `use`."""
        return Steps(self.run([task for step in steps for task in step], **options))

    def run(self, tasks: list[dict[str, Any]], **options: Any) -> Run:
        """Runs any tasks."""
        return self._playbook(tasks, **options)

    def stop(self) -> None:
        """Stops it, whatever the test did."""
        self([use("stop", **self.variables(state="stopped"))])


def answers(url: str) -> bool:
    """Whether a service answers there."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url + "/openapi.json", timeout=5).ok
        except requests.ConnectionError:
            return False


def status_of(url: str) -> int:
    """The HTTP status of an address."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=5).status_code


def is_gone(pid: int) -> bool:
    """Whether the process has ended."""
    return none_of([pid])


def pids(steps: Steps, names: Sequence[str]) -> Iterator[int]:
    """The process ids that steps published."""
    return (int(steps.facts(name)["pid"]) for name in names)
