# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands at a terminal of 80 columns; with a pipe for their output where the machine has no pseudo-terminals."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Optional

COLUMNS = 80
#: Maximum seconds that a command takes.
_PATIENCE = 120.0


class Started(NamedTuple):
    """A command that runs. `pid`: its process, which leads a session; `terminal`: where it reads, or None."""

    pid: int
    terminal: Optional[int]

    def interrupt(self) -> None:
        """Ctrl-C."""
        if self.terminal is None:
            os.killpg(self.pid, signal.SIGINT)
        else:
            os.write(self.terminal, b"\x03")

    def answer(self, text: str) -> None:
        """Type a line."""
        assert self.terminal is not None, "nobody can type without a terminal"
        os.write(self.terminal, f"{text}\r".encode())


def has_terminals() -> bool:
    """Whether the machine has pseudo-terminals."""
    try:
        first, second = os.openpty()
    except OSError:
        return False
    os.close(first)
    os.close(second)
    return True


def at_a_terminal(
    directory: Path, command: list[str], env: Mapping[str, str], mark: str, act: Callable[[Started], None]
) -> tuple[int, str]:
    """Runs a command; returns its exit status and what was on the screen.

    Args:
        directory: where it runs.
        command: with its arguments.
        env: its whole environment.
        mark: what the screen shows when it is time to act.
        act: gets the command.
    """
    if not has_terminals():
        return _with_a_pipe(directory, command, env, mark, act)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvpe(command[0], command, dict(env))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    screen = _screen(terminal, mark, lambda: act(Started(child, terminal)))
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen


def _with_a_pipe(
    directory: Path, command: list[str], env: Mapping[str, str], mark: str, act: Callable[[Started], None]
) -> tuple[int, str]:
    process = subprocess.Popen(
        command,
        cwd=directory,
        env={**env, "COLUMNS": str(COLUMNS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    screen = _screen(process.stdout.fileno(), mark, lambda: act(Started(process.pid, None)))
    process.stdout.close()
    return process.wait(_PATIENCE), screen


def _screen(output: int, mark: str, act: Callable[[], None]) -> str:
    """What is written until the last process has closed the output; acts once the mark is there."""
    screen, acted = b"", False
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if select.select([output], [], [], 0.1)[0]:
            try:
                read = os.read(output, 65536)
            except OSError:  # the terminal is closed with its last process
                break
            screen += read
            if not read:
                break
        if not acted and mark.encode() in screen:
            act()
            acted = True
    return screen.decode(errors="replace").replace("\r\n", "\n")
