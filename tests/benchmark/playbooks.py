# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real runs of ansible-playbook, with Ansible's own settings."""

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

#: The ways to hand a fleet over. JSON that a lookup reads is the leanest; what is in vars_files is templated value by
#: value, and parsed by Ansible's own YAML parser. `src` is a file that the module reads itself.
LOOKUP, YAML, SRC = "lookup", "yaml", "src"

#: Where the connection `elsewhere` is: this machine, as if it were another one.
CONNECTION_PLUGINS = ROOT / "tests" / "integration" / "targets" / "setup_harness" / "connection_plugins"

_MARK = "BENCHMARK "


class Run(NamedTuple):
    """A finished program: what it took, and what it told."""

    usage: Usage
    told: dict[str, Any]


def run_task(
    module: str,
    arguments: Mapping[str, Any],
    directory: Path,
    environment: Mapping[str, str],
    tell: Mapping[str, str] | None = None,
) -> Run:
    """Runs a play of one task. The fleet is where `arguments_for` says, in this directory.

    Args:
        tell: name → expression over the task's `result`; told by a second task, whose time is measured, too. Not by a
            callback plugin: Ansible would hand it a copy of the result, which costs more.
    """
    play: dict[str, Any] = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False}
    if "{{ fleet }}" in arguments.values():
        play["vars_files"] = ["fleet.yml"]
    play["tasks"] = [{"name": "Run", module: dict(arguments)}]
    if tell:
        play["tasks"][0]["register"] = "result"
        values = ", ".join(f"'{name}': {expression}" for name, expression in tell.items())
        message = f"{_MARK}{{{{ {{{values}}} | to_json }}}}"
        play["tasks"].append({"name": "Tell", "ansible.builtin.debug": {"msg": message}})
    path = directory / "playbook.yml"
    path.write_text(json.dumps([play]), encoding="utf-8")
    usage = run_playbook(path, directory, environment)
    return Run(usage, _told(usage.output) if tell else {})


def _told(output: str) -> dict[str, Any]:
    for line in output.splitlines():
        if _MARK in line:
            told: dict[str, Any] = json.loads(json.loads(f"{{{line.strip()}}}")["msg"].removeprefix(_MARK))
            return told
    raise BenchmarkError(f"the playbook does not tell what it was asked for\n{output}")


def arguments_for(form: str) -> dict[str, str]:
    """The arguments that hand the fleet over in this way."""
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
    """Runs a playbook; raises BenchmarkError where it fails.

    Args:
        inventories: with these, it is run over each of them, at the same time.
        variables: extra variables, where it is run once.
    """
    # None of these makes Ansible faster or slower; nothing is left outside of the directory.
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
