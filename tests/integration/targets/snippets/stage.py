# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory, the simulator and the shell variables with which the blocks of a page are run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from harness import warm
from harness.environments import simulator_python
from harness.places import collection_root
from harness.playbooks import environment
from harness.processes import alive
from harness.shells import run_in_shell
from harness.simulators import PASSWORD, USERNAME, Simulator
from harness.waits import DEFAULTS, POLL_INTERVAL, with_short_waits

#: Placeholder in the pages for a value that the reader fills in.
_LEFT_OUT = r"(?:…|\.\.\.)"
#: URL of a simulator that a page starts with default options.
_PUBLISHED_URL = "http://127.0.0.1:8642/sentinel-proxy/sentinel/api"
_SIMULATOR = re.compile(r"kajeet\.sentinel\.simulator_(start|stop)\b")


class Stage:
    """The directory and the shell of a page, in which its blocks are run one after another.

    Args:
        directory: the working directory.
        shared: a directory of all pages, so that they have the same settings and share a warm server.
        sentinel: the simulator that replaces the service.
    """

    def __init__(self, directory: Path, shared: Path, sentinel: Simulator) -> None:
        self.directory = directory
        self.sentinel = sentinel
        #: Output of the last command.
        self.output = ""
        self._tasks: list[dict[str, Any]] = []
        self._variables = {
            "SENTINEL_API_URL": sentinel.api_url,
            "SENTINEL_USERNAME": USERNAME,
            "SENTINEL_PASSWORD": PASSWORD,
        }
        self.save("simulator.json", json.dumps(_place(directory)))
        # Not the user's inventory, and an explicit interpreter, because ansible-test does not allow the default.
        (shared / "hosts.ini").write_text("localhost ansible_connection=local\n", encoding="utf-8")
        self._env = environment(directory / "results", {"ANSIBLE_INVENTORY": str(shared / "hosts.ini")})
        known = {"ansible_python_interpreter": warm.python(self._env), "fleet_poll_interval": POLL_INTERVAL}
        shims = warm.shims(shared / "bin", shared, self._env, known)
        self._env["PATH"] = f"{shims}{os.pathsep}{self._env['PATH']}"
        self._env["HOME"] = str(directory / "home")
        (directory / "home").mkdir()

    def save(self, name: str, text: str) -> None:
        """Write a file into the directory. Plays get a short poll interval."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(with_short_waits(text) if path.suffix == ".yml" else text, encoding="utf-8")

    def plays(self, name: str, content: str, **variables: Any) -> None:
        """Write a playbook with plays, or with tasks for localhost."""
        parsed = yaml.safe_load(content)
        if "hosts" in parsed[0] or any("import_playbook" in key for key in parsed[0]):
            self.save(name, content)
        else:
            self.save(name, json.dumps([_play(parsed, variables)]))

    def later(self, tasks: list[dict[str, Any]]) -> None:
        """Add tasks for `run_tasks`, which runs the tasks of several blocks in one ansible-playbook."""
        self._tasks += tasks

    def run_tasks(self) -> None:
        """Run the added tasks, if there are any."""
        tasks, self._tasks = self._tasks, []
        if tasks:
            self.save("tasks.yml", json.dumps([_play(tasks, {})]))
            self.run("ansible-playbook tasks.yml")

    def run(self, command: str, rc: int = 0) -> None:
        """Run a command in the shell. Its exports are kept for the next one. `rc`: the expected exit code."""
        kept = self.directory / ".env"
        keeping = f"trap 'env -0 > \"{kept}\"' EXIT\n{self._on_the_simulator(command)}"
        self.output = run_in_shell(keeping, self.directory, {**self._env, **self._variables}, rc, timeout=120)
        pairs = (entry.partition("=") for entry in kept.read_text(encoding="utf-8").split("\0"))
        self._variables = {name: value for name, _equals, value in pairs if name.startswith("SENTINEL_")}

    def close(self) -> None:
        """Stop the simulator that the page has started, if it still runs."""
        ready = self.directory / "simulator" / "ready.json"
        if ready.exists() and alive(json.loads(ready.read_text(encoding="utf-8"))["pid"]):
            self.run("ansible-playbook kajeet.sentinel.simulator_stop")

    def _on_the_simulator(self, command: str) -> str:
        """The command with this simulator instead of the service or of the page's own simulator."""
        known = {"SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}
        for name, value in known.items():
            command = re.sub(rf"{name}={_LEFT_OUT}", f"{name}={value}", command)
        if re.match(r"unset\b", command):
            return ""
        command = _SIMULATOR.sub(r"\g<0> -e @simulator.json", command)
        return command.replace(_PUBLISHED_URL, self.sentinel.api_url)


def repository_file(name: str) -> str:
    """The text of a file in the repository."""
    return (collection_root() / name).read_text(encoding="utf-8")


def _play(tasks: list[dict[str, Any]], variables: Mapping[str, Any]) -> dict[str, Any]:
    play = {"name": "Page", "hosts": "localhost", "gather_facts": False, "module_defaults": DEFAULTS}
    return {**play, "vars": dict(variables), "tasks": tasks}


def _place(directory: Path) -> dict[str, Any]:
    """Variables for a simulator that the page starts."""
    venv = str(simulator_python().parent.parent)
    own = {"simulator_directory": str(directory / "simulator"), "simulator_venv": venv}
    return {**own, "simulator_port": 0, "simulator_lifetime": 120, "simulator_profile": "instant"}
