# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs and measures commands, and ends the processes that it has started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

#: The directory of the benchmark; the collection's root is two above it.
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

#: Seconds after which a command is ended. The longest one takes a few minutes.
PATIENCE = 900.0


class BenchmarkError(Exception):
    """Something does not work, so that its figures would be worthless."""


class Usage(NamedTuple):
    """Usage of a command: wall and CPU time in seconds, including its children; peak memory of the largest process in
    bytes; and its output."""

    wall: float
    cpu: float
    peak: int
    output: str


def measured(command: Sequence[str], directory: Path, more: Mapping[str, str] | None = None) -> Usage:
    """Runs a command in this directory, with additional environment variables; raises BenchmarkError if it fails."""
    usage, log = directory / "usage.json", directory / "output.log"
    usage.unlink(missing_ok=True)
    with open(log, "wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", str(HERE / "launch.py"), str(usage), *command],
            cwd=directory,
            env={**os.environ, "no_proxy": "127.0.0.1", **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"{command[0]} took longer than {PATIENCE:g} s\n{_tail(log)}") from None
        finally:
            kill_family(process)
    if code:
        raise BenchmarkError(f"{Path(command[0]).name} ended with exit code {code}\n{_tail(log)}")
    figures = json.loads(usage.read_text(encoding="utf-8"))
    return Usage(figures["wall"], figures["cpu"], figures["peak"], log.read_text(encoding="utf-8", errors="replace"))


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])


def kill_family(process: subprocess.Popen[Any]) -> None:
    """Kills a running process and its descendants. Ansible's workers have their own sessions."""
    if process.poll() is not None:
        return
    members = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    for member in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    process.wait()


class Server:
    """A server in its own process, which runs within the context.

    Args:
        command: starts the server.
        directory: working directory.
        ready: file that the server writes as soon as it listens.
        log: file for its output.
    """

    def __init__(self, command: Sequence[str], directory: Path, ready: Path, log: Path) -> None:
        self._command = command
        self._directory = directory
        self._ready = ready
        self._log = log

    def __enter__(self) -> str:
        """Returns the content of the ready file."""
        self._ready.unlink(missing_ok=True)
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            deadline = time.monotonic() + 30
            while not self._ready.exists():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise BenchmarkError(f"{' '.join(self._command[:3])} does not start\n{_tail(self._log)}")
                time.sleep(0.05)
            return self._ready.read_text(encoding="utf-8")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_details: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
