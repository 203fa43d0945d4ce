# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request and its answer: whether bytes of the request were sent, and whether the answer keeps arriving."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

#: Minimum rate of an answer in bytes per second. At this rate, it may take any time.
MIN_BYTES_PER_SECOND = 1024
#: Multiple of the request's timeout for the header of an answer, and for its body before the rate is checked.
GRACE = 4
#: Maximum number of bytes without content: headers, interim answers, chunk sizes, trailers.
MAX_FRAMING_BYTES = 4 << 20
#: Framing bytes that one byte of content permits. A chunk of one byte has five.
_FRAMING_PER_BYTE = 16


class Exchange:
    """A request and its answer, as seen by the connection.

    The connection reports every byte. It is therefore known whether a request was sent, regardless of later errors.

    Args:
        timeout: timeout of the request in seconds.
        clock: seconds that never go backwards.
    """

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        #: Whether bytes of the request were passed to the socket.
        self.has_left = False
        #: Why the answer was abandoned, or None.
        self.problem: str | None = None
        self._clock = clock
        self._grace = timeout * GRACE
        self._since = clock()
        self._in_body = False
        self._received = 0
        self._framing = 0

    def leave(self) -> None:
        """Record that bytes of the request are passed to the socket."""
        self.has_left = True
        self._since = self._clock()

    def head_read(self) -> None:
        """Record that the header of the answer was read, and that its body follows."""
        self._in_body = True
        self._since = self._clock()
        self._received = self._framing = 0

    def receive(self, size: int) -> None:
        """Count received bytes. Raises a socket timeout if the answer is abandoned."""
        self._received += size
        self._framing += size
        if self._framing > MAX_FRAMING_BYTES:
            self._give_up(f"{self._framing >> 20} MB of headers or framing without content")
        elapsed = self._clock() - self._since
        if elapsed <= self._grace:
            return
        if not self._in_body:
            self._give_up(f"no response header within {self._grace:g} s")
        if self._received < elapsed * MIN_BYTES_PER_SECOND:
            self._give_up(f"the answer is too slow: {self._received} bytes in {elapsed:.0f} s")

    def deliver(self, size: int) -> None:
        """Record the number of content bytes among the received bytes."""
        self._framing = max(0, self._framing - size * _FRAMING_PER_BYTE)

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        # The error that HTTP libraries expect for an unusable connection.
        raise socket.timeout(errno.ETIMEDOUT, problem)


_thread = threading.local()


@contextmanager
def exchange(timeout: float) -> Iterator[Exchange]:
    """Create the exchange to which the connections of this thread report while the block runs."""
    outer = current_exchange()
    inner = _thread.exchange = Exchange(timeout)
    try:
        yield inner
    finally:
        _thread.exchange = outer


def current_exchange() -> Exchange | None:
    """Return the current exchange of this thread, or None."""
    return getattr(_thread, "exchange", None)
