# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's clock: the machine's, plus an offset that the control interface can move."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from functools import lru_cache

DAY = 86_400.0


class Clock:
    """Seconds since the epoch, as the simulated service sees them."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Return the simulated time in seconds since the epoch."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the simulated time by ``seconds``."""
        self.offset += seconds


@lru_cache(maxsize=4_096)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, tz=timezone.utc).strftime("%m/%d/%Y")


@lru_cache(maxsize=86_400)
def _time(second: int) -> str:
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{hour % 12 or 12:02d}:{minute:02d}:{second:02d} {'AM' if hour < 12 else 'PM'}"


def timestamp(seconds: float, utc_offset: float = 0.0) -> str:
    """Write a time as the service does, ``MM/dd/yyyy hh:mm:ss AM`` in the user's time zone [I].

    ``utc_offset`` is that zone's offset from UTC in hours. Day and time of day are cached, because ``strftime`` would
    dominate the cost of a long export.
    """
    day, second = divmod(int(seconds + utc_offset * 3600), 86_400)
    return f"{_date(day)} {_time(second)}"


def day_of(seconds: float) -> str:
    """Return the day of a time as transaction ids carry it: ``YYYY-MMDD``."""
    return _day(int(seconds // DAY))


@lru_cache(maxsize=4_096)
def _day(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, tz=timezone.utc).strftime("%Y-%m%d")
