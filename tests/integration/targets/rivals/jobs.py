# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent jobs: each is an ansible-playbook with its own inventory, terminal and log."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import warm
from harness.playbooks import GROUP, MODULE, Outcome, environment
from harness.processes import family, none_of, wait_until


class Job:
    """A running ansible-playbook with one activation task.

    Args:
        directory: for the playbook, its results and its log.
        name: of these files.
        connection: connection plugin of the hosts.
        arguments: of the task, including the connection to the simulator.
        hosts: names of the hosts.
        in_terminal: whether the job has a controlling terminal, which `hang_up` closes. On machines without
            pseudo-terminals, such as minimal containers, the job writes to a log, and `hang_up` sends SIGHUP.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        connection: str,
        arguments: dict[str, Any],
        hosts: Sequence[str] = ("localhost",),
        in_terminal: bool = False,
    ) -> None:
        self.playbook = directory / f"{name}.yml"
        self._results = directory / f"{name}.results"
        self._log = directory / f"{name}.log"
        self._terminal: int | None = None
        task = {"name": "Activate", MODULE: {}}
        play = {"name": name, "hosts": "all", "connection": connection, "gather_facts": False, "tasks": [task]}
        play |= {
            "module_defaults": {GROUP: arguments},
            "vars": {"ansible_connection": connection, "ansible_python_interpreter": sys.executable},
        }
        self.playbook.write_text(json.dumps([play], indent=1), encoding="utf-8")
        command = ["ansible-playbook", "-i", ",".join(hosts) + ",", str(self.playbook)]
        streams: dict[str, Any] = {}
        with contextlib.ExitStack() as opened:
            terminal = _open_terminal() if in_terminal else None
            if terminal is not None:
                self._terminal, inner = terminal
                opened.callback(os.close, inner)
                streams = {"stdout": inner, "stderr": inner, "preexec_fn": _take_terminal}
            else:
                log = opened.enter_context(open(self._log, "wb"))
                streams = {"stdout": log, "stderr": log, "preexec_fn": _default_sighup}
            # Not the warm server: the job needs its own process for signals, and its own command line.
            self.process = warm.start(command, directory, environment(self._results, {}), is_warm=False, **streams)
        self._members = [self.process.pid]

    @property
    def output(self) -> str:
        """The output so far, or nothing if the job has a terminal."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def outcomes(self, patience: float = 30.0) -> list[Outcome]:
        """Wait until the job succeeds; return the outcome of each host."""
        assert self.process.wait(patience) == 0, self.output
        return [Outcome(**json.loads(line)) for line in self._results.read_text(encoding="utf-8").splitlines()]

    def kill(self) -> None:
        """Kill only ansible-playbook."""
        self._remember()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(5)

    def hang_up(self) -> None:
        """Close the terminal, as if a remote login was lost."""
        self._remember()
        if self._terminal is None:
            self.process.send_signal(signal.SIGHUP)
        self._close()
        self.process.wait(5)

    def survivors_end(self, patience: float) -> None:
        """Wait until the workers and modules of a killed job have ended by themselves."""
        assert len(self._members) > 1, "the task runs in its own process"
        wait_until(lambda: none_of(self._members), f"all of {self._members} end", patience)

    def end(self) -> None:
        """Kill all processes of the job."""
        self._remember()
        for pid in self._members:
            if not none_of([pid]):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._close()
        self.process.wait(5)

    def _remember(self) -> None:
        """Store the ids of the descendants, which cannot be found after the process has ended."""
        if self.process.poll() is None:
            self._members = family(self.process.pid)

    def _close(self) -> None:
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None


def _open_terminal() -> tuple[int, int] | None:
    """Open a pseudo-terminal; return None if the machine has none."""
    try:
        return os.openpty()
    except OSError:
        return None


def _default_sighup() -> None:
    """Restore the default action for SIGHUP, which the tests ignore if they were started with nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _take_terminal() -> None:
    """Make standard output the controlling terminal of the new session."""
    _default_sighup()
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)
