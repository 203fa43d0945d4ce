# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long lines took: the figures, a distribution, and a timeline of completions, as coordinates of a drawing."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

#: The plot, in units of the drawing.
WIDTH, HEIGHT = 600, 160
#: Where the figures of the lines are split: half of them, and nearly all.
SPLIT = (50, 90)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MOST_BARS, _MOST_TICKS = 24, 6
#: The curve has so many points; the page cannot show more.
_POINTS = 300
#: Few lines take very long at times: the drawing ends at so many times what nearly all took, and tells of the others.
_TAIL = 2.5


class Tick(NamedTuple):
    """A mark on an axis: where, and what is written there."""

    place: float
    text: str

    @property
    def percent(self) -> float:
        """Where it is, in percent of the axis."""
        return round(100 * self.place / WIDTH, 2)


class Bar(NamedTuple):
    """How many lines took between `since` and `until`."""

    x: float
    width: float
    y: float
    height: float
    told: str


@dataclass(frozen=True)
class Times:
    """The drawing of the distribution and of the timeline. `beyond`: lines that took longer than it shows."""

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
    """The value that so many percent of the ordered values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def in_words(seconds: float) -> str:
    """A duration for people: 0.4 s, 42 s, 3 min 20 s, 2 h 5 min."""
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
    """A duration in the unit of its axis, which is short."""
    size, unit = (1, "s") if until <= 120 else (60, "min") if until <= 7200 else (3600, "h")
    return f"{round(seconds / size, 1):g} {unit}"


def statistics(seconds: Iterable[float | None]) -> dict[str, Any] | None:
    """The figures alone; None where no line tells how long it took."""
    ordered = sorted(value for value in seconds if value is not None)
    if not ordered:
        return None
    told = {f"percentile_{percent}": percentile(ordered, percent) for percent in SPLIT}
    return {"lines": len(ordered), **told, "slowest": ordered[-1]}


def distribution(seconds: Iterable[float | None]) -> Times | None:
    """The drawing; None where no line tells how long it took."""
    ordered = sorted(value for value in seconds if value is not None)
    if not ordered:
        return None
    until = min(ordered[-1], _TAIL * percentile(ordered, 95)) or _STEPS[0]
    tick = _step(until, _MOST_TICKS)
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
    """A round duration of which `until` holds at most so many."""
    fitting = (step for step in _STEPS if until / step <= most)
    return next(fitting, 86400 * math.ceil(until / most / 86400))


def _place(value: float, until: float) -> float:
    return round(WIDTH * min(value / until, 1), 1)


def _bars(ordered: Sequence[float], until: float) -> tuple[list[Bar], int]:
    """Bars, each from above its beginning to its end; the first one has zero, too."""
    step = _step(until, _MOST_BARS)
    ends = [step * (n + 1) for n in range(math.ceil(round(until / step, 6)))]
    upto = [bisect_right(ordered, round(end, 6)) for end in ends]
    counts = [upper - lower for lower, upper in zip([0, *upto], upto)]
    highest = max(counts)
    bars = []
    for end, count in zip(ends, counts):
        if not count:
            continue
        # A single line is seen beside ten thousand.
        height = max(HEIGHT * count / highest, 1.5)
        told = f"{in_words(end - step)} to {in_words(end)}: {count:,} {'line' if count == 1 else 'lines'}"
        x = _place(end - step, until)
        width = round(_place(end, until) - x - 1, 1)
        bars.append(Bar(x, width, round(HEIGHT - height, 1), round(height, 1), told))
    return bars, highest


def _curve(ordered: Sequence[float], until: float) -> str:
    """The share of lines that had ended, as a path; it climbs in steps where there are few."""
    path = [f"M0 {HEIGHT}"]
    for n in range(1, _POINTS + 1):
        share = bisect_right(ordered, until * n / _POINTS) / len(ordered)
        path.append(f"H{round(WIDTH * n / _POINTS, 1)}V{round(HEIGHT * (1 - share), 1)}")
    return "".join(path)
