# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ansible-inventory, with what they list."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from . import warm
from .playbooks import assert_not_deprecated, environment
from .processes import kill_family


@dataclass
class Inventory:
    """A finished ``ansible-inventory --list``. `errors`: stderr; `raw`: what was listed, as text."""

    rc: int
    raw: str = field(repr=False)
    errors: str = field(repr=False)

    @property
    def listed(self) -> dict[str, Any]:
        """What was listed, with plain texts of variables. Ansible wraps those that are not templates."""
        found: dict[str, Any] = json.loads(self.raw, object_hook=lambda entry: entry.get("__ansible_unsafe", entry))
        return found

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """The hosts with their variables."""
        found: dict[str, dict[str, Any]] = self.listed["_meta"]["hostvars"]
        return found

    @property
    def groups(self) -> dict[str, list[str]]:
        """The groups that have hosts, and their names, sorted."""
        entries = {name: entry for name, entry in self.listed.items() if name not in ("_meta", "all", "ungrouped")}
        return {name: sorted(entry["hosts"]) for name, entry in entries.items() if "hosts" in entry}

    def of(self, variable: str) -> dict[str, Any]:
        """One variable of each host."""
        return {name: variables[variable] for name, variables in self.hosts.items()}


class Inventories:
    """Runs ansible-inventory for configurations of an inventory plugin.

    Args:
        directory: for the configurations; commands run there.
        env: of every run, besides what the harness sets.
    """

    def __init__(self, directory: Path, env: Mapping[str, str]) -> None:
        self._directory = directory
        self._env = env

    def write(self, config: Mapping[str, Any] | str, name: str = "fleet.sentinel.yml") -> Path:
        """Writes a configuration, as text or as what it says."""
        path = self._directory / name
        path.write_text(config if isinstance(config, str) else yaml.safe_dump(dict(config)), encoding="utf-8")
        return path

    def run(self, *arguments: str, env: Mapping[str, str | None] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command of Ansible with these arguments; a failed inventory is an error."""
        ours = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
        started = warm.start(
            arguments,
            self._directory,
            environment(self._directory / "inventories.results", {**ours, **self._env, **(env or {})}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            output, errors = started.communicate(timeout=120)
        except BaseException:
            kill_family(started)
            raise
        assert_not_deprecated(errors)
        return subprocess.CompletedProcess(arguments, started.returncode, output, errors)

    def __call__(
        self,
        config: Mapping[str, Any] | str,
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        expect_rc: int = 0,
    ) -> Inventory:
        """What a configuration makes: ``ansible-inventory --list`` with these arguments as well."""
        path = self.write(config)
        done = self.run("ansible-inventory", "-i", str(path), "--list", *arguments, env=env)
        assert done.returncode == expect_rc, done.stdout + done.stderr
        return Inventory(done.returncode, done.stdout, done.stderr)
