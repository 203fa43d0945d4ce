# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines for the person who runs Ansible: progress, plan, summary. Never on a stdout that a program reads."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ansible import constants as C  # noqa: N812  as everywhere in Ansible
from ansible.utils.display import Display

from ..module_utils._decide.plan import Plan
from ..module_utils._report.plan_lines import NAMED, Sort, plan_lines
from ..module_utils._text import word_set

display = Display()


def _copy_of(descriptor: int) -> int:
    """Return a duplicate of a file descriptor, or -1 if it is closed."""
    try:
        return os.dup(descriptor)
    except OSError:
        return -1


#: Ansible loads this file before it starts the process of a task, which has no stderr of its own. When interrupted,
#: Ansible ends that process at once, and lines passed to the display are lost.
_STDERR = _copy_of(2)

#: Held while a line is passed to Ansible.
_SHOWING = threading.Lock()

#: Stdout callbacks whose output people read, without their collections. Any other may be for a program.
_FOR_PEOPLE = word_set(
    "awx_display counter_enabled debug default default_without_diff dense diy full_skip minimal oneline selective "
    "tasks_only timestamp unixy yaml"
)
#: Colours of the lines of a plan, by their signs, as settings of Ansible.
_COLOURS = {
    Sort.ACTIVATE.sign: "COLOR_DIFF_ADD",
    Sort.RESTORE.sign: "COLOR_CHANGED",
    Sort.ATTENTION.sign: "COLOR_ERROR",
}


def is_for_people(callback: str) -> bool:
    """Return whether people read the stdout of a callback, given with or without its collection."""
    return callback.rpartition(".")[2] in _FOR_PEOPLE


def shows_message(task: Any, result: Mapping[str, Any]) -> bool:
    """Return whether Ansible shows the message of a task's result, whose last line is the summary."""
    # With conditions of its own, it is not known yet whether the task fails.
    is_final = not (task.no_log or task.failed_when or task.until)
    return bool(result.get("failed")) and is_final and is_for_people(C.DEFAULT_STDOUT_CALLBACK)


@contextmanager
def _handling_signals(handle: Callable[[int], None]) -> Iterator[Callable[[], None]]:
    """Have `handle` deal with SIGINT and SIGTERM until the block ends, or until the yielded function is called."""
    before: dict[int, Any] = {}

    def restore() -> None:
        while before:
            signal.signal(*before.popitem())

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda number, _frame: handle(number)) or signal.SIG_DFL
    try:
        yield restore
    finally:
        restore()


@contextmanager
def _before_signals(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` before SIGINT or SIGTERM interrupts the process."""
    received: list[int] = []

    def handle(number: int) -> None:
        received.append(number)
        # Ansible sends several signals. One that arrives while `act` is called must not end the process before it.
        if len(received) == 1:
            with _SHOWING:
                act()
                restore()
                os.kill(os.getpid(), number)

    with _handling_signals(handle) as restore:
        yield


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait until the block ends.

    A process that ends while it passes a line to Ansible leaves the queue for lines locked, and ansible-playbook waits
    for that lock forever.
    """
    held_back: list[int] = []
    try:
        with _handling_signals(held_back.append), _SHOWING:
            yield
    finally:
        for number in held_back:
            os.kill(os.getpid(), number)


class Console:
    """Shows lines of a task, on stdout if people read it, otherwise on stderr.

    Args:
        prefix: of each line, with host and task if the task runs for several hosts.
        clean: removes secrets from a line.
        is_secret: whether only counts may be shown (no_log).
    """

    def __init__(self, prefix: str = "", clean: Callable[[str], Any] = str, is_secret: bool = False) -> None:
        self._prefix = prefix
        self._clean = clean
        self._is_secret = is_secret

    def progress(self, line: str) -> None:
        """Show the progress of a run, or what it is waiting for."""
        if not self._is_secret:
            self._show(self._prefix + line)

    def plan(self, plan: Plan, named: int = NAMED) -> None:
        """Show a plan. `named`: maximum number of devices per action."""
        if self._is_secret:
            return
        colour = None
        for line in plan_lines(plan, named):
            if not line.startswith(" "):  # otherwise it continues the line before
                colour = _COLOURS.get(line[:1])
            self._show(line, colour)

    def table(self, lines: Iterable[str]) -> None:
        """Show the lines of a table of devices."""
        if not self._is_secret:
            for line in lines:
                self._show(line)

    def summary(self, line: str, result: Mapping[str, Any] | None = None) -> None:
        """Show the last line of a task, which has only counts. `result`: of the task, or None without one."""
        colour = "COLOR_ERROR"
        if result is not None and not result.get("failed"):
            colour = "COLOR_CHANGED" if result.get("changed") else "COLOR_OK"
        self._show(self._prefix + line, colour)

    @contextmanager
    def ending(self, sentence: Callable[[], str]) -> Iterator[None]:
        """Show how far the block came if an error or a signal ends it."""

        def interrupted() -> None:
            with suppress(Exception):
                os.write(_STDERR, f"{self._clean(self._prefix + sentence())}\n".encode())

        with _before_signals(interrupted):
            try:
                yield
            except BaseException:
                self.summary(sentence())
                raise

    def _show(self, line: str, colour: str | None = None) -> None:
        """Show a line. `colour`: name of the setting."""
        text = str(self._clean(line))
        with signals_held_back():
            if is_for_people(C.DEFAULT_STDOUT_CALLBACK):
                display.display(text, color=getattr(C, colour) if colour else None)
            else:
                display.display(text, stderr=True)  # without colour, because Ansible does not check for a terminal
