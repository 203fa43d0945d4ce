# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observed state: the activation lines of the devices that matter, indexed by ICCID, IMEI, SIM id and EID."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._wire import ACTIVE, FAILED, IDENTIFIERS, PENDING, Line, Odd, Oddities, StatusWords

_AMERICAN = re.compile(r"(0?[1-9]|1[0-2])/(\d{1,2})/(\d{4}) (0?[1-9]|1[0-2]):(\d{2}):(\d{2}) ([AaPp][Mm])$")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})")


class Observed(NamedTuple):
    """A line and its state: ACTIVE, PENDING or FAILED."""

    line: Line
    state: str


class History:
    """Lines by identifier. Keeps only those that carry a `wanted` value: a history may be far longer than a fleet.

    Args:
        wanted: values of identifiers, of any kind.
        words: sorts status words.
        oddities: values of identifier fields that are not whole identifiers.
    """

    def __init__(self, wanted: Iterable[str], words: StatusWords, oddities: Oddities | None = None) -> None:
        self._wanted = frozenset(wanted)
        self._words = words
        self._oddities = oddities or Oddities()
        #: What the user has to know of how it was read, a sentence each.
        self.warnings: list[str] = []
        self._lines: dict[tuple[str, str], list[Line]] = {}
        self._told: set[str] = set()

    def add_all(self, lines: Iterable[Line]) -> History:
        """Adds lines, the oldest first; returns itself."""
        wanted = self._wanted
        for line in lines:
            for key in IDENTIFIERS:
                value = getattr(line, key)
                if value is not None:
                    self._told.add(key)
                    if value in wanted:
                        self._lines.setdefault((key, value), []).append(line)
        return self

    def update(self, newer: History) -> None:
        """Takes over what a later look shows of some identifiers."""
        self._lines.update(newer._lines)
        self._told |= newer._told
        self._oddities = newer._oddities

    def suspect(self, *values: str | None) -> Odd | None:
        """A line, not known as failed, whose identifier is not whole and may be one of these values."""
        odd = (odd for value in values for odd in self._oddities.suspects(value))
        return next((found for found in odd if self._words.state(found.line.status) != FAILED), None)

    def tells(self, key: str) -> bool:
        """Whether any line that was seen has this identifier, so that a line without it has none."""
        return key in self._told

    def lines(self, key: str, value: str | None) -> list[Observed]:
        """The lines with this identifier, the oldest first: by their start where all tell it, else as they came."""
        found = self._lines.get((key, value or ""), [])
        starts = [start_of(line.started) for line in found] if len(found) > 1 else []
        if starts and all(starts):
            order = sorted(range(len(found)), key=lambda index: (starts[index], index))
            found = [found[index] for index in order]
        return [Observed(line, self._words.state(line.status)) for line in found]

    def current(self, key: str, value: str | None) -> Observed | None:
        """What holds for this identifier now: its newest line that has not failed, otherwise its newest failure.

        A repeat that is still running does not take away that the same pair is active already.
        """
        return holding(self.lines(key, value))

    def transaction_ids(self, key: str, value: str | None) -> set[str]:
        """The transactions in which this identifier appears."""
        return {line.transaction_id for line in self._lines.get((key, value or ""), []) if line.transaction_id}


def holding(seen: Sequence[Observed]) -> Observed | None:
    """What holds among the lines of one device, the oldest first. See `History.current`."""
    current: Observed | None = None
    for line in seen:
        if current is None or current.state == FAILED or (line.state != FAILED and not _repeats(line, current)):
            current = line
    return current


def _repeats(seen: Observed, current: Observed) -> bool:
    """Whether a pending line asks for what is active already: the same identifiers, as far as both tell them."""
    if seen.state != PENDING or current.state != ACTIVE:
        return False
    pairs = ((getattr(seen.line, key), getattr(current.line, key)) for key in IDENTIFIERS)
    return all(one is None or other is None or one == other for one, other in pairs)


def start_of(told: str | None) -> tuple[int, ...] | None:
    """A start as numbers that sort: year, month, day, hour, minute, second. None where it cannot be read.

    [I] Its form is ``MM/dd/yyyy hh:mm:ss AM``, in the user's time zone; ISO 8601 is taken, too. Only the order counts,
    and all that a history tells is in one zone. Not by strptime, which reads AM and PM by the locale.
    """
    text = told or ""
    american = _AMERICAN.match(text)
    if american:
        month, day, year, hour, minute, second = map(int, american.groups()[:6])
        return (year, month, day, hour % 12 + (12 if american[7].upper() == "PM" else 0), minute, second)
    iso = _ISO.match(text)
    return tuple(map(int, iso.groups())) if iso else None
