# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-playbook with Ansible's default settings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .processes import HERE, ROOT, BenchmarkError, Usage, measured

MODULE = "kajeet.sentinel.sentinel_activation"
FLOOR = "benchmark_floor"

#: Ways to pass a fleet to a module. JSON from a lookup is the fastest within Ansible: vars_files go through Ansible's
#: YAML parser, and each value is templated. `src` is a file that the module reads itself.
LOOKUP, YAML, SRC = "lookup", "yaml", "src"

#: Folder of the connection plugin `elsewhere`, which treats this machine as a remote one.
CONNECTION_PLUGINS = ROOT / "tests" / "integration" / "targets" / "setup_harness" / "connection_plugins"

_MARK = "BENCHMARK "


class Run(NamedTuple):
    """A finished program: its usage, and the values that it reported."""

    usage: Usage
    values: dict[str, Any]


def run_task(
    module: str,
    arguments: Mapping[str, Any],
    directory: Path,
    environment: Mapping[str, str],
    expressions: Mapping[str, str] | None = None,
) -> Run:
    """Runs a play with one task. The fleet is in this directory, in the file that `arguments_for` names.

    Args:
        expressions: name → expression over the task's `result`. A second task prints the values, and its time is
            measured too. A callback plugin would cost more, because Ansible would pass it a copy of the result.
    """
    play: dict[str, Any] = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False}
    if "{{ fleet }}" in arguments.values():
        play["vars_files"] = ["fleet.yml"]
    play["tasks"] = [{"name": "Run", module: dict(arguments)}]
    if expressions:
        play["tasks"][0]["register"] = "result"
        values = ", ".join(f"'{name}': {expression}" for name, expression in expressions.items())
        message = f"{_MARK}{{{{ {{{values}}} | to_json }}}}"
        play["tasks"].append({"name": "Show the values", "ansible.builtin.debug": {"msg": message}})
    path = directory / "playbook.yml"
    path.write_text(json.dumps([play]), encoding="utf-8")
    usage = run_playbook(path, directory, environment)
    return Run(usage, _values_in(usage.output) if expressions else {})


def _values_in(output: str) -> dict[str, Any]:
    for line in output.splitlines():
        if _MARK in line:
            values: dict[str, Any] = json.loads(json.loads(f"{{{line.strip()}}}")["msg"].removeprefix(_MARK))
            return values
    raise BenchmarkError(f"the playbook did not print the values of its result\n{output}")


def arguments_for(form: str) -> dict[str, str]:
    """The arguments that pass the fleet in this way."""
    if form == SRC:
        return {"src": "fleet.csv"}
    return {"devices": "{{ lookup('file', 'fleet.json') | from_json }}" if form == LOOKUP else "{{ fleet }}"}


def run_playbook(
    path: Path,
    directory: Path,
    environment: Mapping[str, str],
    inventories: Sequence[Path] = (),
    variables: Mapping[str, Any] | None = None,
) -> Usage:
    """Runs a playbook; raises BenchmarkError if it fails.

    Args:
        inventories: with several, runs the playbook over all of them at the same time.
        variables: extra variables, only for a single run.
    """
    # These keep temporary files in the directory, and do not change Ansible's speed.
    known = {
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ANSIBLE_REMOTE_TMP": str(directory / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "local"),
    }
    playbook, hosts = os.path.relpath(path, directory), [str(inventory) for inventory in inventories]
    if len(hosts) > 1:
        command = [sys.executable, str(HERE / "together.py"), playbook, *hosts]
    else:
        extra = ["-e", json.dumps(dict(variables))] if variables else []
        command = ["ansible-playbook", *(["-i", *hosts] if hosts else []), *extra, playbook]
    return measured(command, directory, {**known, **environment})
