# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts Ansible's commands and modules without waiting for their imports, which take longer than most runs.

A server has imported Ansible and forks for each command; a small client stands for the command, with its output, its
exit code and its end. What runs is what the command would run, in a process of its own. Settings that Ansible reads
while it is imported are part of a server's identity: each combination has a server of its own.

Modules have a server as well: see `python`.
"""

from __future__ import annotations

import atexit
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .processes import end, wait_until

_HERE = Path(__file__).resolve().parent
#: Variables of one run, which no import reads.
_OF_A_RUN = ("HARNESS_RESULTS", "TMPDIR")
_READ_BY_IMPORTS = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME", "PATH")
COMMANDS = ("ansible", "ansible-inventory", "ansible-playbook")


class _Server:
    """A process that has imported Ansible. It ends with this process, whose end closes its standard input."""

    def __init__(self, kind: str, env: Mapping[str, str], cwd: Path) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="warm-")
        self.socket = Path(self._directory.name) / "socket"
        self._log = Path(self._directory.name) / "log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(_HERE / "warm_server.py"), str(self.socket), kind],
                cwd=cwd,
                env={name: value for name, value in env.items() if name not in _OF_A_RUN},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        atexit.register(self.stop)
        wait_until(self._is_ready, "Ansible is imported")

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8", errors="replace")
        return self.socket.exists()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        end(self._process)
        self._directory.cleanup()


_servers: dict[tuple[Any, ...] | str, _Server] = {}


def start(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], is_warm: bool = True, **streams: Any
) -> subprocess.Popen[str]:
    """Starts a command.

    Args:
        command: its name and its arguments. A warm server starts those of `COMMANDS`.
        cwd: where it runs.
        env: all its environment variables.
        is_warm: False starts it as anybody does; for tests that send signals to the process, or kill it.
        streams: stdout and stderr, as for Popen.

    Killing the process that is returned kills the command with its descendants; one of a warm server a moment later.
    """
    client = _client(cwd, env) if is_warm and command[0] in COMMANDS else []
    return subprocess.Popen(
        [*client, *command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        **streams,
    )


def _client(cwd: Path, env: Mapping[str, str]) -> list[str]:
    """What starts a command by the warm server for these settings."""
    config = Path(cwd) / "ansible.cfg"
    settings = sorted((name, value) for name, value in env.items() if name.startswith(_READ_BY_IMPORTS))
    key = (*settings, str(config) if config.exists() else "")
    if key not in _servers:
        _servers[key] = _Server("commands", env, cwd)
    return _client_of(_servers[key])


def _client_of(server: _Server) -> list[str]:
    return [sys.executable, "-I", "-S", str(_HERE / "warm_client.py"), str(server.socket)]


def python(env: Mapping[str, str]) -> str:
    """The path of a Python for modules: ``ansible_python_interpreter`` of runs with this environment.

    Where a module is piped to it, a server that has imported what modules need forks for it. Whatever else it is called
    for, it is this Python. Runs that look for this collection elsewhere get this Python itself: the server has imported
    the one that is tested.
    """
    ours = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    if not ours or ours not in env.get("ANSIBLE_COLLECTIONS_PATH", ""):
        return sys.executable
    if "python" not in _servers:
        server = _servers["python"] = _Server("modules", os.environ, Path.cwd())
        script = server.socket.with_name("python")
        client = shlex.join([*_client_of(server), "python"])
        script.write_text(
            f'#!/bin/sh\n[ $# -eq 0 ] || exec {shlex.quote(sys.executable)} "$@"\nexec {client}\n', encoding="utf-8"
        )
        script.chmod(0o755)
    return str(_servers["python"].socket.with_name("python"))


def shims(directory: Path, cwd: Path, env: Mapping[str, str], variables: Mapping[str, Any] | None = None) -> Path:
    """Makes a directory for PATH in which `COMMANDS` are those of a warm server, for scripts that call them.

    Playbooks get the variables.
    """
    directory.mkdir(parents=True, exist_ok=True)
    given = directory / "variables.json"
    given.write_text(json.dumps(variables or {}), encoding="utf-8")
    for name in COMMANDS:
        call = [*_client(cwd, env), name, *(["-e", f"@{given}"] if name == "ansible-playbook" and variables else [])]
        script = directory / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(call)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return directory
