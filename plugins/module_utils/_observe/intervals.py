# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pauses between polls of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class Intervals:
    """Seconds between rounds. They grow from `first` to `longest`, and start over after a change."""

    def __init__(self, first: float, longest: float, growth: float = 1.5) -> None:
        self._first = min(first, longest)
        self._longest = longest
        self._growth = growth
        self._next = self._first

    def next(self, happened: bool = False) -> float:
        """Return the next pause. `happened`: whether the last round brought a change."""
        if happened:
            self._next = self._first
        pause = self._next
        self._next = min(self._next * self._growth, self._longest)
        return pause


def rounds(
    seconds: float, intervals: Intervals, clock: Callable[[], float], sleep: Callable[[float], None], at_once: bool
) -> Iterator[None]:
    """Yield for each round until a number of seconds has passed, and once more after that; sleep in between.

    Args:
        seconds: the time for all rounds.
        intervals: pauses between rounds.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds.
        at_once: whether the first round is now, without a pause.
    """
    deadline = clock() + seconds
    remaining = seconds
    if at_once:
        yield
    while remaining > 0:
        sleep(min(intervals.next(), remaining))
        remaining = deadline - clock()
        yield
