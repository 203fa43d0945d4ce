# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rate of requests: one pace for all threads of a session."""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from .._errors import StoppedError, ThrottledError

try:
    from urllib3.exceptions import InvalidHeader
    from urllib3.util.retry import Retry
except ImportError:  # Session raises MissingLibraryError
    pass

#: Seconds between attempts: random from 0 to BASE * 2**attempt, at most CAP (exponential backoff, full jitter).
BACKOFF_BASE = 0.5
BACKOFF_CAP = 20.0
#: Maximum pause in seconds for a Retry-After. An absurd value must not stall a run for a day.
RETRY_AFTER_CAP = 300.0
#: Seconds of unused rate that requests may catch up at once.
_CATCH_UP_SECONDS = 0.5
#: Share of the measured rate at which requests continue after a 429 …
_SHARE = 0.9
#: … and seconds without a 429 until this rate has doubled. It grows slowly at first, then faster (16 times after twice
#: as long): one 429 has little effect, and a permanent limit is not hit all the time.
_DOUBLING_SECONDS = 30.0
#: Maximum interval between requests after a 429, in seconds; below the minimum interval the limit ends.
_MAX_INTERVAL = 1.0
_MIN_INTERVAL = 0.001
#: Seconds over which the accepted rate is measured.
_MEASURED_SECONDS = 10.0


class Pace:
    """Spaces requests evenly by `requests_per_minute`. A 429 pauses and slows down all threads.

    The service does not publish its limit. The pace after a 429 is therefore a little below the rate that was accepted,
    and grows until the next 429.

    Args:
        per_minute: requests per minute, or None for no limit.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds. None: wait until `stop` at most.
    """

    def __init__(
        self,
        per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
    ) -> None:
        self._min_interval = 60.0 / per_minute if per_minute else 0.0
        self._slowed = 0.0
        self._slowed_at = -math.inf
        #: Before the last slow-down: seconds, accepted requests in them, and the interval.
        self._throughput = (0.0, 0, 0.0)
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._lock = threading.Lock()
        self._next = clock()
        self._held_until = 0.0
        self._sent_times: deque[float] = deque(maxlen=10_000)
        #: Seconds for which 429s of the service paused requests.
        self.held_seconds = 0.0
        #: The moment until which reading calls wait because of 429s, or None.
        self.deadline: float | None = None

    @contextmanager
    def bounded(self, deadline: float | None) -> Iterator[None]:
        """Limit how long reading calls wait because of 429s, in all threads, while the block runs.

        A 429 with a wait beyond the deadline (seconds of the clock; None: no deadline) raises ThrottledError at once.
        In nested blocks, the earliest deadline counts.
        """
        outer = self.deadline
        self.deadline = min((bound for bound in (outer, deadline) if bound is not None), default=None)
        try:
            yield
        finally:
            self.deadline = outer

    def wait(self, deadline: float | None = None) -> float:
        """Wait until the calling thread may send its request. Return that moment of the clock.

        Args:
            deadline: the moment until which the caller waits because of 429s; None: no deadline.

        Raises StoppedError after `stop`, and ThrottledError at once if the deadline would pass.
        """
        while True:
            with self._lock:
                now = self._clock()
                interval = self._interval(now)
                slot = max(now, self._next)
                if deadline is not None and slot > deadline and self._held_until > now:
                    raise ThrottledError(
                        f"the service limits the rate (HTTP 429) for another {self._held_until - now:.0f} s, which is "
                        "longer than this call may wait.",
                        "Run again later, or allow more time.",
                        status=429,
                    )
                self._next = max(self._next, now - max(0.0, _CATCH_UP_SECONDS - interval)) + interval
            self.pause(max(0.0, slot - now))
            with self._lock:
                if slot >= self._held_until:  # otherwise a 429 came while this thread waited
                    self._sent_times.append(slot)
                    return slot

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds. Raises StoppedError after `stop`."""
        if seconds > 0 and not self._stopped.is_set():
            self._sleep(seconds)
        if self._stopped.is_set():
            raise StoppedError("The run was interrupted.", "Run again.")

    def stop(self) -> None:
        """Send no more requests, and end every wait."""
        self._stopped.set()

    def hold(self, seconds: float, sent_at: float | None = None) -> None:
        """Pause requests for a number of seconds, and slow down later ones.

        Args:
            seconds: the pause that a 429 requests.
            sent_at: when the request with the 429 was sent, as `wait` returned it; None: later ones are not slowed.
        """
        with self._lock:
            now = self._clock()
            if sent_at is not None:
                self._slow_down(now, sent_at, seconds)
            until = max(self._held_until, now + seconds)
            self.held_seconds += until - max(self._held_until, now)
            self._held_until = until
            self._next = max(self._next, until)

    def _interval(self, now: float) -> float:
        """Return the current number of seconds between requests."""
        slowed = (
            self._slowed * 0.5 ** min(((now - self._slowed_at) / _DOUBLING_SECONDS) ** 2, 99) if self._slowed else 0.0
        )
        if slowed < _MIN_INTERVAL:
            slowed = self._slowed = 0.0
        return max(self._min_interval, slowed)

    def _slow_down(self, now: float, sent_at: float, seconds: float) -> None:
        """Set the pace after a 429. Several 429s for requests that were sent before the slow-down count once."""
        if sent_at >= self._slowed_at:
            recent = [at for at in self._sent_times if at > now - _MEASURED_SECONDS]
            # A burst takes no time: the accepted rate depends on the pause after it.
            span = now - min(recent, default=now) + seconds
            self._throughput = (span, len(recent), self._interval(now))
            self._slowed_at = now
        span, through, interval = self._throughput
        self._throughput = (span, through - 1, interval)  # this request was not accepted
        measured = span / max(1, through - 1)
        self._slowed = min((interval if interval > self._min_interval else measured) / _SHARE, _MAX_INTERVAL)


def backoff(attempt: int, rng: Callable[[float, float], float] = random.uniform) -> float:
    """Return the seconds to wait after attempt number `attempt` (from 0) failed."""
    return rng(0.0, min(BACKOFF_CAP, BACKOFF_BASE * 2.0**attempt))


def retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, from 0 to RETRY_AFTER_CAP; None if it is missing or invalid.

    Accepts both forms of RFC 9110, section 10.2.3: seconds (also with fractions), and an HTTP date.
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = Retry().parse_retry_after(header)
        except (InvalidHeader, ValueError, OverflowError, TypeError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_CAP)
