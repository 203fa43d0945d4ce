# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake controller: updates the inventory of a project, slices it, starts playbooks and passes artifacts on."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import warm
from harness.fleets import QUICK, connection_env
from harness.places import collection_root
from harness.playbooks import Outcome, Run, environment
from harness.simulators import Simulator

#: Default answers of the survey, with short waits.
ANSWERS = {**QUICK, "fleet_carrier_defaults": "", "fleet_max_new_activations": 100}
HOSTS = {"fleet_hosts_pattern": "all:!localhost"}


@dataclass
class Job:
    """A started playbook, its process and the file of its results."""

    process: subprocess.Popen[str]
    results: Path = field(repr=False)

    def done(self, expect_rc: int = 0) -> Run:
        """Waits until it ends, and asserts its exit code."""
        output = self.process.communicate(timeout=120)[0]
        raw = self.results.read_text(encoding="utf-8") if self.results.exists() else ""
        run = Run(self.process.returncode, output, [Outcome(**json.loads(line)) for line in raw.splitlines()], raw)
        assert run.rc == expect_rc, f"exit code {run.rc}, expected {expect_rc}\n{output}"
        return run


class Controller:
    """A controller with the project of the role awx_setup, in a directory."""

    def __init__(self, directory: Path, simulator: Simulator) -> None:
        self.project = directory / "project"
        shutil.copytree(collection_root() / "roles" / "awx_setup" / "files" / "project", self.project)
        self._directory = directory
        self._env = {**connection_env(simulator), "ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        self._number = 0

    def update_inventory(self) -> dict[str, dict[str, Any]]:
        """The hosts of the inventory source, with their variables."""
        command = ["ansible-inventory", "-i", "fleet.sentinel.yml", "--list"]
        env = environment(self._directory / "inventory.results", self._env)
        listed = subprocess.run(command, cwd=self.project, env=env, capture_output=True, text=True, check=True)
        hosts: dict[str, dict[str, Any]] = json.loads(
            listed.stdout, object_hook=lambda entry: entry.get("__ansible_unsafe", entry)
        )["_meta"]["hostvars"]
        return hosts

    def start(
        self,
        playbook: str,
        hosts: Mapping[str, Mapping[str, Any]],
        variables: Mapping[str, Any],
        arguments: Sequence[str] = (),
    ) -> Job:
        """Starts a job with these hosts. Its inventory is a script, as on a controller."""
        self._number += 1
        stem = self._directory / f"job-{self._number}"
        listing = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": {name: dict(hosts[name]) for name in hosts}}}
        stem.with_suffix(".json").write_text(json.dumps(listing), encoding="utf-8")
        script = stem.with_suffix(".sh")
        script.write_text(f"#!/bin/sh\nexec cat '{stem.with_suffix('.json')}'\n", encoding="utf-8")
        script.chmod(0o700)
        extra = stem.with_suffix(".vars.json")
        extra.write_text(json.dumps(dict(variables)), encoding="utf-8")
        results = stem.with_suffix(".results")
        process = warm.start(
            ["ansible-playbook", "-i", str(script), "-e", f"@{extra}", playbook, *arguments],
            self.project,
            environment(results, self._env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return Job(process, results)


def slices(hosts: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """The hosts of each slice, distributed by name: one to each slice in turn."""
    ordered = sorted(hosts)
    return [{name: hosts[name] for name in ordered[number::count]} for number in range(count)]


def artifacts(run: Run) -> dict[str, Any]:
    """The artifacts of a job, as Ansible passes them to the controller."""
    line = next(line for line in run.output.splitlines() if line.startswith("\tRUN: "))
    data: dict[str, Any] = json.loads(line.removeprefix("\tRUN: "))
    return data
