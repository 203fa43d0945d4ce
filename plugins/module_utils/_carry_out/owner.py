# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that started this run: without it, nobody receives the result, and nothing more is submitted."""

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
    """The process that started this one, up to the Ansible command, and the process that awaits its result.

    On the controller, a task runs in a worker that ansible-playbook forks. The worker has a session of its own, so a
    closed terminal or a killed ansible-playbook does not end it. The system then gives it another parent, which
    `alive` notices.

    A module by the local connection, with sudo or without, is a child of shells of a worker, and these live on, too.
    So `alive` asks each process between this one and ansible-playbook whether it still has the same parent, as far
    as /proc shows them.

    A module that was sent to another machine has a shell as its parent, which outlives the connection. Its standard
    output says more: sshd reads it as long as there is a connection. With `reader`, `alive` notices that nobody reads
    any more. With `async`, parent and reader are Ansible's wrapper on the same machine, which is meant to outlive
    ansible-playbook: such a task goes on.

    It cannot be known:

    - that the controller died, or the network was cut, while sshd on the other machine still holds the connection,
      until its keep-alive or TCP ends it; or, by a shared connection (ControlPersist), until that closes the channel;
    - that ansible-playbook died, by a connection that keeps the output in a file, or through a container's runtime,
      which reads on; and by the local connection without /proc, or where /proc hides other users' processes;
    - that a parent was gone before this object was made;
    - that a parent which is process 1 or outside of the container died: then the container usually ends, too;
    - that the person who started the run left: what counts is the process.

    Args:
        parent: id of the process that started this one.
        started: its start time, as `start_time` returns it, or None where that is not known.
        reader: descriptor of a pipe or socket on which the result is awaited, or None.
        line: ids of the ancestors that must live, `parent` first, or none.
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
        """Return the owner of this process, to be asked for as early as possible.

        Args:
            reader: for a module that was sent, 1 (its standard output). None on the controller, where the output is
                a terminal or a log, which may close without an end of the run.
        """
        parent = os.getppid()
        return cls(parent, start_time(parent), reader, ansible_line(os.getpid()))

    def alive(self) -> bool:
        """Return whether the owner is still there. Takes microseconds; once false, it stays false."""
        if os.getppid() != self._parent:
            return False
        if self._reader is not None and _has_hung_up(self._reader):
            return False
        if any(parent_of(child) not in (None, parent) for child, parent in self._links):
            return False
        started = start_time(self._parent) if self._started is not None else None
        return started in (None, self._started)


def _has_hung_up(descriptor: int) -> bool:
    """Whether nobody reads from the other end any more; for any thread: a poll object is for one at a time."""
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
def ended_without(is_owned: Callable[[], bool], stop: Callable[[], object], interval: float) -> Iterator[None]:
    """Ends what waits in the block once nobody is there any more who wants its result.

    A call may wait for minutes where the service limits the rate, and whoever wants the same devices waits with it.

    Args:
        is_owned: whether somebody is there.
        stop: has waiting calls end.
        interval: seconds between two looks.
    """

    def look() -> bool:
        if is_owned():
            return True
        stop()
        return False

    with repeating("owner", interval, look):
        yield


def owned_sleep(
    is_owned: Callable[[], bool], sleep: Callable[[float], None], interval: float
) -> Callable[[float], None]:
    """Return a way to sleep that ends with StoppedError once nobody is there any more who wants the run.

    Args:
        is_owned: whether somebody is there.
        sleep: sleeps for some seconds.
        interval: seconds between two looks.
    """

    def owned(seconds: float) -> None:
        left = seconds
        while left > 0:
            check_owned(is_owned)
            sleep(min(left, interval))
            left -= interval

    return owned


def check_owned(is_owned: Callable[[], bool]) -> None:
    """Raise StoppedError where nobody is there any more who wants the run."""
    if not is_owned():
        raise StoppedError("The process that started this run is gone.", "Run again.")
