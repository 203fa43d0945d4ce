# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations of lines: figures, a distribution and a timeline of completions, as coordinates of a drawing."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

#: Size of the plot, in units of the drawing.
WIDTH, HEIGHT = 600, 160
#: Percentiles in the figures.
SPLIT = (50, 90)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MAX_BARS, _MAX_TICKS = 24, 6
#: Number of points of the curve. The page cannot show more.
_POINTS = 300
#: The axis ends at this multiple of the 95th percentile, so that a few slow lines do not flatten the drawing.
_TAIL = 2.5


class Tick(NamedTuple):
    """A mark on an axis, with its place and its label."""

    place: float
    text: str

    @property
    def percent(self) -> float:
        """Place in percent of the axis."""
        return round(100 * self.place / WIDTH, 2)


class Bar(NamedTuple):
    """A bar of the distribution, with its label."""

    x: float
    width: float
    y: float
    height: float
    label: str


@dataclass(frozen=True)
class Times:
    """The drawings of the distribution and of the timeline. `beyond`: number of lines that took longer than shown."""

    count: int
    percentiles: list[float]
    slowest: float
    until: float
    beyond: int
    ticks: list[Tick]
    bars: list[Bar]
    highest: int
    curve: str
    marks: list[Tick]


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return a percentile of ordered values, by nearest rank."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def in_words(seconds: float) -> str:
    """Return a duration for people, such as 0.4 s, 42 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    larger, smaller, names = (whole // 60, whole % 60, ("min", "s"))
    if larger >= 60:
        larger, smaller, names = (larger // 60, larger % 60, ("h", "min"))
    return f"{larger:,} {names[0]} {smaller} {names[1]}" if smaller else f"{larger:,} {names[0]}"


def _on_axis(seconds: float, until: float) -> str:
    """Return a duration in the unit of its axis."""
    size, unit = (1, "s") if until <= 120 else (60, "min") if until <= 7200 else (3600, "h")
    return f"{round(seconds / size, 1):g} {unit}"


def statistics(seconds: Iterable[float | None]) -> dict[str, Any] | None:
    """Return the figures, or None without any duration."""
    ordered = sorted(value for value in seconds if value is not None)
    if not ordered:
        return None
    percentiles = {f"percentile_{percent}": percentile(ordered, percent) for percent in SPLIT}
    return {"lines": len(ordered), **percentiles, "slowest": ordered[-1]}


def distribution(seconds: Iterable[float | None]) -> Times | None:
    """Return the drawings, or None without any duration."""
    ordered = sorted(value for value in seconds if value is not None)
    if not ordered:
        return None
    until = min(ordered[-1], _TAIL * percentile(ordered, 95)) or _STEPS[0]
    tick = _step(until, _MAX_TICKS)
    until = tick * math.ceil(round(until / tick, 6))
    bars, highest = _bars(ordered, until)
    marks = [Tick(_place(percentile(ordered, percent), until), f"{percent} %") for percent in SPLIT]
    return Times(
        count=len(ordered),
        percentiles=[percentile(ordered, percent) for percent in SPLIT],
        slowest=ordered[-1],
        until=until,
        beyond=len(ordered) - bisect_right(ordered, until),
        ticks=[Tick(_place(tick * n, until), _on_axis(tick * n, until)) for n in range(round(until / tick) + 1)],
        bars=bars,
        highest=highest,
        curve=_curve(ordered, until),
        marks=marks,
    )


def _step(until: float, most: int) -> float:
    """Return a round duration that fits at most `most` times into `until`."""
    fitting = (step for step in _STEPS if until / step <= most)
    return next(fitting, 86400 * math.ceil(until / most / 86400))


def _place(value: float, until: float) -> float:
    return round(WIDTH * min(value / until, 1), 1)


def _bars(ordered: Sequence[float], until: float) -> tuple[list[Bar], int]:
    """Return the bars and the highest count. A bar excludes its start, except for zero in the first one."""
    step = _step(until, _MAX_BARS)
    ends = [step * (n + 1) for n in range(math.ceil(round(until / step, 6)))]
    upto = [bisect_right(ordered, round(end, 6)) for end in ends]
    counts = [upper - lower for lower, upper in zip([0, *upto], upto)]
    highest = max(counts)
    bars = []
    for end, count in zip(ends, counts):
        if not count:
            continue
        # A bar of a single line is visible next to one of ten thousand.
        height = max(HEIGHT * count / highest, 1.5)
        label = f"{in_words(end - step)} to {in_words(end)}: {count:,} {'line' if count == 1 else 'lines'}"
        x = _place(end - step, until)
        width = round(_place(end, until) - x - 1, 1)
        bars.append(Bar(x, width, round(HEIGHT - height, 1), round(height, 1), label))
    return bars, highest


def _curve(ordered: Sequence[float], until: float) -> str:
    """Return the share of completed lines over time, as a path."""
    path = [f"M0 {HEIGHT}"]
    for n in range(1, _POINTS + 1):
        share = bisect_right(ordered, until * n / _POINTS) / len(ordered)
        path.append(f"H{round(WIDTH * n / _POINTS, 1)}V{round(HEIGHT * (1 - share), 1)}")
    return "".join(path)
