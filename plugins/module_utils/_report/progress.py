# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress lines while a fleet is activated: counts by outcome, rate, time left, the slowest transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .._carry_out.snapshot import Snapshot
from .._decide.outcomes import Outcome
from .._service.parallel import repeating
from .._text import printable

#: Maximum seconds between two lines if nothing changes.
_SILENCE = 60.0
#: Length in seconds of the period that the rate is measured over.
_WINDOW = 60.0
#: Labels of devices for which nothing was written yet.
_TO_DO = {Outcome.WOULD_ACTIVATE: "to submit", Outcome.WOULD_RESTORE: "to restore"}


class Progress:
    """Turns snapshots into lines.

    Args:
        clock: a monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, Snapshot]] = deque()
        self._last: tuple[float, Snapshot | None] = (clock(), None)
        self._started = clock()

    def line(self, snapshot: Snapshot) -> str | None:
        """Return the line to write now, or None if nothing has changed since the last line, for at most a minute."""
        now = self._clock()
        self._seen.append((now, snapshot))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW:
            self._seen.popleft()
        at, last = self._last
        same = last is not None and (last.counts, last.note) == (snapshot.counts, snapshot.note)
        if same and now - at < _SILENCE:
            return None
        self._last = now, snapshot
        return self._words(snapshot, now)

    def _words(self, snapshot: Snapshot, now: float) -> str:
        counts = ", ".join(
            f"{snapshot.counts[word]} {_TO_DO.get(word, word.value.replace('_', ' '))}"
            for word in reversed(Outcome)
            if snapshot.counts.get(word)
        )
        parts = [f"{snapshot.done} of {snapshot.total} done after {duration(round(now - self._started))}: {counts}"]
        parts += self._speed(snapshot, now)
        if snapshot.slowest is not None:
            name, seconds = snapshot.slowest
            parts.append(f"slowest: {name}, under way for {duration(round(seconds))}")
        if snapshot.note:
            parts.append(snapshot.note)
        return printable("; ".join(parts))

    def _speed(self, snapshot: Snapshot, now: float) -> list[str]:
        """Return the rate and the time left: of the submissions until all are sent, then of the outcomes."""
        first, before = self._seen[0]
        if now <= first:
            return []
        submitting = snapshot.to_submit > 0
        remaining = snapshot.to_submit if submitting else snapshot.open
        rate = (before.to_submit - remaining if submitting else snapshot.done - before.done) / (now - first)
        if rate <= 0:
            return []
        speed = f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"
        if submitting:
            return [f"{speed} submitted, about {duration(max(1, round(remaining / rate)))} until all are submitted"]
        return [f"{speed}, about {duration(max(1, round(remaining / rate)))} left" if remaining else speed]


@contextmanager
def reporting(
    snapshot: Callable[[], Snapshot],
    say: Callable[[str], None],
    interval: float,
    clock: Callable[[], float],
) -> Iterator[None]:
    """Write a progress line every `interval` seconds while the block runs; none if `interval` is 0.

    Args:
        snapshot: returns the progress of the run.
        say: writes a line.
    """
    if interval <= 0:
        yield
        return
    progress = Progress(clock)

    def report() -> None:
        line = progress.line(snapshot())
        if line is not None:
            say(line)

    with repeating("progress", interval, report):
        yield


def duration(seconds: float) -> str:
    """Return a duration for people: "0.4 s", "41 s", "2 min 5 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    larger, smaller, units = whole // 60, whole % 60, ("min", "s")
    if larger >= 60:
        larger, smaller, units = larger // 60, larger % 60, ("h", "min")
    return f"{larger:,} {units[0]} {smaller} {units[1]}" if smaller else f"{larger:,} {units[0]}"
