# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pauses between looks at the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class Intervals:
    """Seconds between rounds: grows from one to the other, and starts over when something has just happened."""

    def __init__(self, first: float, longest: float, growth: float = 1.5) -> None:
        self._first = min(first, longest)
        self._longest = longest
        self._growth = growth
        self._next = self._first

    def next(self, happened: bool = False) -> float:
        """The next pause; `happened`: whether the last round brought something new."""
        if happened:
            self._next = self._first
        pause = self._next
        self._next = min(self._next * self._growth, self._longest)
        return pause


def rounds(
    seconds: float, intervals: Intervals, clock: Callable[[], float], sleep: Callable[[float], None], at_once: bool
) -> Iterator[None]:
    """Yield for each look until so many seconds have passed, and once more when they have; sleep in between.

    Args:
        at_once: whether the first look is now, rather than after a pause.
    """
    deadline = clock() + seconds
    remaining = seconds
    if at_once:
        yield
    while remaining > 0:
        sleep(min(intervals.next(), remaining))
        remaining = deadline - clock()
        yield
