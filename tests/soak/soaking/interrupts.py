# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that is interrupted the way a person, a terminal or the system does it, and what is left of it then."""

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

from .drawn import How

_LAUNCH = Path(__file__).resolve().parent / "launch.py"
_HEARING = (How.INTERRUPT, How.HANG_UP, How.TERMINAL)
_TO_THE_GROUP = {How.INTERRUPT: signal.SIGINT, How.HANG_UP: signal.SIGHUP, How.TERMINAL: signal.SIGHUP}
_TO_THE_PARENT = {How.PARENT: signal.SIGKILL, How.TERMINATE: signal.SIGTERM}


class Victim:
    """Starts a command in a session of its own.

    Args:
        command: its program and arguments.
        how: how it is going to be interrupted, or None.
        cwd: where it runs.
        env: all its environment variables.
        stream: where its output goes, also where it has a terminal: nobody reads that.
    """

    def __init__(self, command: Sequence[str], how: How | None, cwd: Path, env: Mapping[str, str], stream: Any) -> None:
        self._how = how
        self._terminal: int | None = None
        self._members: list[psutil.Process] = []
        inner: int | None = None
        if how is How.TERMINAL:
            # A machine without pseudo-terminals, such as a minimal container: see `interrupt`.
            with contextlib.suppress(OSError):
                self._terminal, inner = os.openpty()
        launcher = [sys.executable, "-I", "-S", str(_LAUNCH)] if how in _HEARING else []
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
        """Interrupts it. Without pseudo-terminals, it gets what the system sends when a terminal closes."""
        assert self._how is not None
        self._members = family(self.process.pid)
        if self._how in _TO_THE_PARENT:
            self.process.send_signal(_TO_THE_PARENT[self._how])
        elif self._terminal is not None:
            self.close()
        elif self._how in _TO_THE_GROUP:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, _TO_THE_GROUP[self._how])
        else:
            # Before it has a worker, that would be no interruption.
            spared = 1 if self._how is How.WORKER and len(self._members) > 1 else 0
            kill(self._members[spared:])

    def survivors(self) -> list[psutil.Process]:
        """What is left of it, and of what it had started when it was interrupted."""
        return living(self._members)

    def end(self) -> None:
        """Kills what is left of it."""
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
    """The process and all its descendants, parents first. Of a dead process they cannot be found."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kills (-9) processes that may have ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that only waits to be buried does not, nor another one with its id."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
