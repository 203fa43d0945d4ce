# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interrupts a process as a person, a terminal or the system does, and finds the processes that survive."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from .drawn import InterruptionKind

_LAUNCH = Path(__file__).resolve().parent / "launch.py"
_HEARING = (InterruptionKind.INTERRUPT, InterruptionKind.HANG_UP, InterruptionKind.TERMINAL)
_TO_THE_GROUP = {
    InterruptionKind.INTERRUPT: signal.SIGINT,
    InterruptionKind.HANG_UP: signal.SIGHUP,
    InterruptionKind.TERMINAL: signal.SIGHUP,
}
_TO_THE_PARENT = {InterruptionKind.PARENT: signal.SIGKILL, InterruptionKind.TERMINATE: signal.SIGTERM}


class Victim:
    """Starts a command in its own session.

    Args:
        command: program and arguments.
        kind: how it is going to be interrupted, or None.
        cwd: working directory.
        env: all environment variables.
        stream: file for its output, even if it has a terminal.
    """

    def __init__(
        self, command: Sequence[str], kind: InterruptionKind | None, cwd: Path, env: Mapping[str, str], stream: Any
    ) -> None:
        self._kind = kind
        self._terminal: int | None = None
        self._members: list[psutil.Process] = []
        inner: int | None = None
        if kind is InterruptionKind.TERMINAL:
            # Minimal containers may have no pseudo-terminals; see `interrupt`.
            with contextlib.suppress(OSError):
                self._terminal, inner = os.openpty()
        launcher = [sys.executable, "-I", "-S", str(_LAUNCH)] if kind in _HEARING else []
        try:
            self.process = subprocess.Popen(
                [*launcher, *["--terminal"] * (inner is not None), *command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL if inner is None else inner,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except BaseException:
            self.close()
            raise
        finally:
            if inner is not None:
                os.close(inner)

    def interrupt(self) -> None:
        """Interrupts it. Without pseudo-terminals, sends the signal that the system sends when a terminal closes."""
        assert self._kind is not None
        self._members = family(self.process.pid)
        if self._kind in _TO_THE_PARENT:
            self.process.send_signal(_TO_THE_PARENT[self._kind])
        elif self._terminal is not None:
            self.close()
        elif self._kind in _TO_THE_GROUP:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, _TO_THE_GROUP[self._kind])
        else:
            # Without a worker, kill the parent, or nothing would be interrupted.
            spared = 1 if self._kind is InterruptionKind.WORKER and len(self._members) > 1 else 0
            kill(self._members[spared:])

    def survivors(self) -> list[psutil.Process]:
        """Those of its processes at the time of the interruption that still run."""
        return living(self._members)

    def end(self) -> None:
        """Kills all that is left of it."""
        if self.process.poll() is None:
            self._members = family(self.process.pid)
        kill(self._members)
        self.process.wait()
        self.close()

    def close(self) -> None:
        """Closes its terminal, if it has one."""
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None


def family(pid: int) -> list[psutil.Process]:
    """The process and all its descendants, parents first; empty if the process has ended."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kills processes with SIGKILL, some of which may have ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """The processes that still run. Zombies, and other processes with a reused id, do not count."""
    running = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
    return running
