# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that started this run. Once it has ended, the result has no reader and nothing more is submitted."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from .._errors import StoppedError
from .._service.parallel import repeating
from .processes import ansible_line, parent_of, start_time


class Owner:
    """The process that started this one, up to the Ansible command, and the process that reads its result.

    On the controller, a task runs in a worker that ansible-playbook forks. The worker has its own session, so a closed
    terminal or a killed ansible-playbook does not end it. The system then gives it another parent, and `is_alive`
    detects that.

    A module over the local connection, with or without sudo, is a child of shells of a worker, which also survive. So
    `is_alive` checks that each process between this one and ansible-playbook still has the same parent, as far as
    /proc shows them.

    A module that was sent to another machine has a shell as its parent, which outlives the connection. But sshd reads
    its standard output only as long as the connection exists. With `reader`, `is_alive` detects that the reader is
    gone. With `async`, parent and reader are Ansible's wrapper on the same machine, which is meant to outlive
    ansible-playbook, so the task continues.

    These cases are not detected:

    - The controller died or the network was cut, while sshd on the other machine still holds the connection, until its
      keep-alive or TCP ends it; with a shared connection (ControlPersist), until that closes the channel.
    - ansible-playbook died, and the connection keeps the output in a file, or a container runtime continues to read it;
      also the local connection without /proc, or with a /proc that hides other users' processes.
    - A parent ended before this object was made.
    - A parent that is process 1 or outside the container died. The container usually ends then as well.
    - The person who started the run left. Only the process counts.

    Args:
        parent: id of the process that started this one.
        started: its start time, as `start_time` returns it, or None if that is not known.
        reader: descriptor of the pipe or socket that the result is written to, or None.
        line: ids of the ancestors that must live, `parent` first; may be empty.
    """

    def __init__(
        self, parent: int, started: bytes | None = None, reader: int | None = None, line: Sequence[int] = ()
    ) -> None:
        self._parent = parent
        self._started = started
        #: Pairs of an ancestor and its parent.
        self._links = list(zip(line, line[1:])) if list(line[:1]) == [parent] else []
        self._reader = reader if reader is not None and _is_read_by_another(reader) else None

    @classmethod
    def of_this_process(cls, reader: int | None = None) -> Owner:
        """Return the owner of this process. Call it as early as possible.

        Args:
            reader: 1 (standard output) for a module that was sent. None on the controller, where the output is a
                terminal or a log, which may close before the run ends.
        """
        parent = os.getppid()
        return cls(parent, start_time(parent), reader, ansible_line(os.getpid()))

    def is_alive(self) -> bool:
        """Whether the owner still exists. Takes microseconds; once False, it stays False."""
        if os.getppid() != self._parent:
            return False
        if self._reader is not None and _has_hung_up(self._reader):
            return False
        if any(parent_of(child) not in (None, parent) for child, parent in self._links):
            return False
        started = start_time(self._parent) if self._started is not None else None
        return started in (None, self._started)


def _has_hung_up(descriptor: int) -> bool:
    """Whether the other end is closed. Thread-safe, because each call has its own poll object."""
    poll = select.poll()
    poll.register(descriptor, 0)  # errors and hang-ups are always reported
    return bool(poll.poll(0))


def _is_read_by_another(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return False
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


@contextmanager
def stopping_without_owner(is_owned: Callable[[], bool], stop: Callable[[], object], interval: float) -> Iterator[None]:
    """Stop calls that wait in the block once the owner is gone.

    A call may wait for minutes while the service limits the rate, and other runs on the same devices wait with it.

    Args:
        is_owned: whether the owner still exists.
        stop: ends waiting calls.
        interval: seconds between two checks.
    """

    def check() -> bool:
        if is_owned():
            return True
        stop()
        return False

    with repeating("owner", interval, check):
        yield


def owned_sleep(
    is_owned: Callable[[], bool], sleep: Callable[[float], None], interval: float
) -> Callable[[float], None]:
    """Return a sleep function that raises StoppedError once the owner is gone.

    Args:
        is_owned: whether the owner still exists.
        sleep: sleeps for a number of seconds.
        interval: seconds between two checks.
    """

    def owned(seconds: float) -> None:
        remaining = seconds
        while remaining > 0:
            check_owned(is_owned)
            sleep(min(remaining, interval))
            remaining -= interval

    return owned


def check_owned(is_owned: Callable[[], bool]) -> None:
    """Raise StoppedError if the owner is gone."""
    if not is_owned():
        raise StoppedError("The process that started this run has ended.", "Run again.")
