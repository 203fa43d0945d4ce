# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

#: Scenarios that take less than SHORT seconds are run RUNS times, and the best run counts.
SHORT, RUNS = 15.0, 3


@dataclass(frozen=True)
class Line:
    """A line of the tables.

    `title`: description of the scenario. `count`: of devices, or of lines of a history. `wall`, `cpu`: seconds of the
    process and its children. `own`: seconds that the program measures itself, without the start of Python and Ansible,
    or None. `peak`: bytes, of the largest process. `requests`: counted by the simulator, including `turned_away` (429);
    None without a simulator. `runs`: number of runs, of which the best is shown. `size`: bytes of a history.
    """

    name: str
    title: str
    count: int
    wall: float
    cpu: float
    peak: int
    own: float | None = None
    requests: int | None = None
    turned_away: int = 0
    runs: int = 1
    size: int | None = None

    @property
    def per_device(self) -> float | None:
        """Requests per device."""
        return None if self.requests is None else self.requests / self.count

    def as_json(self) -> dict[str, Any]:
        """The line for the JSON document, in seconds and bytes."""
        numbers = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}
        return {**numbers, "requests_per_device": None if self.per_device is None else round(self.per_device, 4)}


def best_of(run: Callable[[], Line]) -> Line:
    """Runs a scenario, several times if it is short; returns the best line."""
    lines = [run()]
    if lines[0].wall < SHORT:
        lines += [run() for _again in range(RUNS - 1)]
    best = min(lines, key=lambda line: line.wall)
    return replace(best, runs=len(lines))


def by_name(lines: Iterable[Line]) -> dict[str, Line]:
    """The lines by their names."""
    return {line.name: line for line in lines}
