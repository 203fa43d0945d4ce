# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request on its way, and its answer: whether any of it has left, and whether the answer keeps coming."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

#: An answer may take as long as it likes while it comes at so many bytes per second …
MIN_BYTES_PER_SECOND = 1024
#: … and in any case so many times the request's timeout: its head, and its body until the rate counts.
GRACE = 4
#: Maximum number of bytes without content: headers, interim answers, chunk sizes, trailers. Each byte of content makes
#: up for so many of them, as even a chunk of one byte has five around it.
MAX_FRAMING_BYTES = 4 << 20
_FRAMING_PER_BYTE = 16


class Exchange:
    """A request and its answer, as far as the connection sees them.

    The connection reports every byte, so that whether a request has left is known, whichever error follows.

    Args:
        timeout: the request's, in seconds.
        clock: seconds that never go backwards.
    """

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        #: Whether bytes of the request were handed to the socket.
        self.has_left = False
        #: Why the answer was given up, or None.
        self.problem: str | None = None
        self._clock = clock
        self._grace = timeout * GRACE
        self._since = clock()
        self._in_body = False
        self._received = 0
        self._framing = 0

    def leave(self) -> None:
        """Note that bytes of the request are handed to the socket."""
        self.has_left = True
        self._since = self._clock()

    def head_read(self) -> None:
        """Note that the head of the answer is there; its body follows."""
        self._in_body = True
        self._since = self._clock()
        self._received = self._framing = 0

    def receive(self, size: int) -> None:
        """Count bytes that came over the wire. Raises a socket's timeout where the answer is given up."""
        self._received += size
        self._framing += size
        if self._framing > MAX_FRAMING_BYTES:
            self._give_up(f"{self._framing >> 20} MB of headers or framing without content")
        elapsed = self._clock() - self._since
        if elapsed <= self._grace:
            return
        if not self._in_body:
            self._give_up(f"the head of the answer was not there within {self._grace:g} s")
        if self._received < elapsed * MIN_BYTES_PER_SECOND:
            self._give_up(f"the answer only trickles: {self._received} bytes in {elapsed:.0f} s")

    def deliver(self, size: int) -> None:
        """Note that so many bytes of content came out of what was received."""
        self._framing = max(0, self._framing - size * _FRAMING_PER_BYTE)

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        # What HTTP libraries expect of a socket, and take for a connection that is of no more use.
        raise socket.timeout(errno.ETIMEDOUT, problem)


_thread = threading.local()


@contextmanager
def exchange(timeout: float) -> Iterator[Exchange]:
    """Make the exchange that connections of this thread report to while the block runs."""
    outer = current_exchange()
    inner = _thread.exchange = Exchange(timeout)
    try:
        yield inner
    finally:
        _thread.exchange = outer


def current_exchange() -> Exchange | None:
    """Return the exchange of this thread, or None outside of one."""
    return getattr(_thread, "exchange", None)
