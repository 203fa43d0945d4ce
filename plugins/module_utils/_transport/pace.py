# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the next request may leave: one pace for all threads of a session."""

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
except ImportError:  # Without it, there is no session.
    pass

#: Waits between tries: drawn from 0 to BASE * 2**try seconds, at the most CAP (exponential backoff, full jitter).
BACKOFF_BASE = 0.5
BACKOFF_CAP = 20.0
#: The longest pause in seconds that a Retry-After may impose: an absurd one must not stall a run for a day.
RETRY_AFTER_CAP = 300.0
#: So many seconds' worth of requests may catch up at once after a time in which fewer left than were allowed.
_CATCH_UP_SECONDS = 0.5
#: After a 429, requests leave at this share of the rate that the service has just been seen to bear …
_SHARE = 0.9
#: … which has doubled after so many seconds without a further 429: first carefully, then ever faster (16 times after
#: twice as long), so that one 429 is soon forgotten, and a limit that stays is not run into all the time.
_DOUBLING_SECONDS = 30.0
#: The longest interval, in seconds, that a 429 may lead to; below the shortest one there is no limit any more.
_MAX_INTERVAL = 1.0
_MIN_INTERVAL = 0.001
#: The rate that the service bears is measured over the last so many seconds.
_MEASURED_SECONDS = 10.0


class Pace:
    """Keeps `requests_per_minute` evenly, and lets a 429 hold back and slow down every thread.

    How much the service bears it says nowhere. So the pace after a 429 is a little below what has been getting through,
    and grows from there until the next one.

    Args:
        per_minute: requests per minute, or None for no limit of ours.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds; None: or until `stop`, which comes first.
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
        #: Of the last slow-down: seconds, the requests that got through in them, and the interval before.
        self._throughput = (0.0, 0, 0.0)
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._lock = threading.Lock()
        self._next = clock()
        self._held_until = 0.0
        self._sent_times: deque[float] = deque(maxlen=10_000)
        #: Seconds of wall time during which the service's 429s held requests back.
        self.held_seconds = 0.0
        #: The moment until which calls that only read wait out 429s, or None.
        self.deadline: float | None = None

    @contextmanager
    def bounded(self, deadline: float | None) -> Iterator[None]:
        """Bound how long calls that only read wait out 429s, in every thread, while the block runs.

        Where a 429 asks to wait beyond the deadline (seconds of the clock; None: as without), they raise ThrottledError
        at once. Of blocks within one another, the earliest deadline counts.
        """
        outer = self.deadline
        self.deadline = min((bound for bound in (outer, deadline) if bound is not None), default=None)
        try:
            yield
        finally:
            self.deadline = outer

    def wait(self, deadline: float | None = None) -> float:
        """Returns when the calling thread may send its request: at that moment of the clock.

        Args:
            deadline: the moment until which the caller waits while a 429 holds requests back; None: without end.

        Raises StoppedError from `stop` on, ThrottledError at once where the deadline would pass.
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
                if slot >= self._held_until:  # otherwise a 429 came while this thread waited for its turn
                    self._sent_times.append(slot)
                    return slot

    def pause(self, seconds: float) -> None:
        """Waits for so many seconds. Raises StoppedError from `stop` on."""
        if seconds > 0 and not self._stopped.is_set():
            self._sleep(seconds)
        if self._stopped.is_set():
            raise StoppedError("The run was interrupted.", "Run again.")

    def stop(self) -> None:
        """Lets no request leave any more, and ends every wait."""
        self._stopped.set()

    def hold(self, seconds: float, sent_at: float | None = None) -> None:
        """Lets no request leave for so many seconds, and slows down those after it.

        Args:
            seconds: what a 429 asks for.
            left: when the request left that got the 429, as `wait` told; None: those after the pause are not slowed.
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
        """Seconds from one request to the next, now."""
        slowed = (
            self._slowed * 0.5 ** min(((now - self._slowed_at) / _DOUBLING_SECONDS) ** 2, 99) if self._slowed else 0.0
        )
        if slowed < _MIN_INTERVAL:
            slowed = self._slowed = 0.0
        return max(self._min_interval, slowed)

    def _slow_down(self, now: float, sent_at: float, seconds: float) -> None:
        """Chooses the pace to go on at. Requests that were on their way together, and get a 429 each, count once."""
        if sent_at >= self._slowed_at:
            recent = [at for at in self._sent_times if at > now - _MEASURED_SECONDS]
            # A burst is over in a moment: it is the pause after it that tells what the service bears.
            span = now - min(recent, default=now) + seconds
            self._throughput = (span, len(recent), self._interval(now))
            self._slowed_at = now
        span, through, interval = self._throughput
        self._throughput = (span, through - 1, interval)  # this one did not get through
        measured = span / max(1, through - 1)
        self._slowed = min((interval if interval > self._min_interval else measured) / _SHARE, _MAX_INTERVAL)


def backoff(attempt: int, rng: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after the try number `attempt` (from 0) has failed."""
    return rng(0.0, min(BACKOFF_CAP, BACKOFF_BASE * 2.0**attempt))


def retry_after(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, from 0 to RETRY_AFTER_CAP; None where it is missing or unreadable.

    Both forms of RFC 9110, section 10.2.3: seconds (here with fractions, too), and an HTTP date.
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
