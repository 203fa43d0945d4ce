# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that the tests have started, and those that they have started in turn: found and ended by their ids."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from typing import Any

import psutil


def end(process: subprocess.Popen[Any], patience: float = 5.0) -> None:
    """Ends a process: asks first, then makes it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid: int) -> list[int]:
    """The process and all its descendants, parents first.

    Ansible's workers are in sessions of their own: killing the process group of ansible-playbook would spare them.
    """
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return [pid]


def kill_family(process: subprocess.Popen[Any]) -> None:
    """Kills (-9) a process and its descendants, at once, and sees that none is left."""
    members = family(process.pid)
    for pid in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 5
    while any(map(alive, members)):
        assert time.monotonic() < deadline, f"some of {members} survived"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Any, what: str, patience: float = 20.0, pause: float = 0.02) -> Any:
    """Waits until the condition returns something true, and returns that."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(pause)


def none_of(pids: Iterable[int]) -> bool:
    """Whether none of the processes runs."""
    return not any(map(alive, pids))
