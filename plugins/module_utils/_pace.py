# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the next request may leave: one pace for all threads of a session."""

from __future__ import annotations

import math
import random
import threading
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Callable

#: Waits between tries: drawn from 0 to BASE * 2**try seconds, at the most CAP (exponential backoff, full jitter).
BACKOFF_BASE = 0.5
BACKOFF_CAP = 20.0
#: The longest pause in seconds that a Retry-After may impose: an absurd one must not stall a run for a day.
RETRY_AFTER_CAP = 300.0


class Pace:
    """Keeps `requests_per_minute` evenly (no bursts), and holds every thread back after a 429.

    Args:
        per_minute: requests per minute, or None for no limit of ours.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._held_until = 0.0
        #: Seconds of wall time during which the service's 429s held requests back.
        self.held_seconds = 0.0

    def wait(self) -> None:
        """Returns when the calling thread may send its request."""
        while True:
            with self._lock:
                now = self._clock()
                slot = max(now, self._next)
                self._next = slot + self._interval
            if slot > now:
                self._sleep(slot - now)
            if slot >= self._held_until:  # otherwise a 429 came while this thread waited for its turn
                return

    def hold(self, seconds: float) -> None:
        """Lets no request leave for so many seconds; called for a 429, and felt by every thread."""
        with self._lock:
            free = max(self._next, self._clock())
            self._held_until = max(self._held_until, self._clock() + seconds)
            until = max(free, self._held_until)
            self.held_seconds += until - free
            self._next = until


def backoff(attempt: int, rng: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after the try number `attempt` (from 0) has failed."""
    return rng(0.0, min(BACKOFF_CAP, BACKOFF_BASE * 2.0**attempt))


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, from 0 to RETRY_AFTER_CAP; None where it is missing or unreadable.

    Both forms of RFC 9110, section 10.2.3: seconds, and an HTTP date. `now` is for tests.
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except (TypeError, ValueError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        seconds = (moment - (now or datetime.now(timezone.utc))).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_CAP)
