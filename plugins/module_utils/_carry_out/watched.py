# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transaction that is being watched, and how long to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .._wire import Line, Transaction


@dataclass(frozen=True)
class Patience:
    """How to wait, in seconds.

    `timeout`: maximum wait. `settle`: maximum wait for lines that should be visible but are not. `interval`,
    `max_interval`: shortest and longest time between polls. `grace`: how much longer a 429 may delay the last poll.
    """

    timeout: float
    settle: float
    interval: float
    max_interval: float
    grace: float = 0.0


@dataclass
class Watched:
    """A transaction being watched.

    `expected`: number of our lines that it should have. `ours`: picks these from all its lines. `lines`: ours, as last
    seen. `finished`: number of our lines that have ended, as far as is known. `ended`: whether all have, or waiting was
    given up. `counts`: its entry in the history, if it was looked up there. `counted_out`: all lines have ended by
    these counts, but have not been read yet. `problem`: why waiting was given up, or the error of the last poll.
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
    #: When all lines were first seen or counted as ended.
    ended_at: float | None = None
    #: Whether its counts were wrong once; it is polled by id from then on.
    miscounted: bool = False
