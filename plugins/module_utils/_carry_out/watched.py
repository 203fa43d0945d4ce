# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transaction that is being watched, and how long for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .._wire import Line, Transaction


@dataclass(frozen=True)
class Patience:
    """How to wait, in seconds: `timeout` in all, `settle` for what should be visible and is not, polls from `interval`
    apart to `max_interval`; `grace`: how much longer a 429 may hold up the last look."""

    timeout: float
    settle: float
    interval: float
    max_interval: float
    grace: float = 0.0


@dataclass
class Watched:
    """A transaction being watched.

    `expected`: how many of our lines should appear in it. `ours`: picks them from all that it has. `lines`: ours, as
    last seen. `finished`: how many of them have ended, as far as it is known; `ended`: all have.
    `counts`: as the history lists it, where it was looked for there. `counted_out`: all lines have ended by these
    counts, and are still to be read. `problem`: why nothing can be said of it any more, or what went wrong at the last
    look.
    """

    transaction_id: str
    expected: int = 1
    ours: Callable[[Iterable[Line]], list[Line]] = list
    lines: list[Line] = field(default_factory=list)
    finished: int = 0
    ended: bool = False
    counts: Transaction | None = None
    counted_out: bool = False
    problem: str | None = None
    short_since: float | None = None
    #: When it was first seen that all lines have ended, or are counted as that.
    ended_at: float | None = None
    #: Its counts were wrong once: it is looked at by its id from then on.
    miscounted: bool = False
