# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of activations as far as it concerns some devices: its lines, indexed by identifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .._identity import Seen, holding, values_of
from .._wire import FAILED, IDENTIFIERS, Line, Odd, Oddities, StatusWords
from .._wire.times import start_of

#: A field of a line, and its value.
Key = tuple[str, str]


class _Index(NamedTuple):
    lines: Mapping[Key, tuple[Line, ...]]
    reported_fields: frozenset[str]


class History:
    """Lines by identifier; immutable. Of a history that may be far longer than a fleet, those with a wanted value.

    Args:
        lines: the oldest first.
        wanted: values of identifiers, of any kind.
        words: sorts status words.
        oddities: values of identifier fields that are not whole identifiers.
        warnings: what the user has to know of how it was read, a sentence each.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        wanted: Iterable[str],
        words: StatusWords,
        oddities: Oddities | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        self._words = words
        self._oddities = oddities or Oddities()
        self.warnings = tuple(warnings)
        self._lines, self._reported_fields = _indexed(lines, frozenset(wanted))

    def _with(self, index: _Index, oddities: Oddities | None = None, warnings: Iterable[str] = ()) -> History:
        made = History((), (), self._words, oddities or self._oddities, (*self.warnings, *warnings))
        made._lines, made._reported_fields = index
        return made

    def plus(self, lines: Iterable[Line]) -> History:
        """This history with newer lines, whatever identifiers they have."""
        newer = list(lines)
        more, reported_fields = _indexed(newer, frozenset(value for line in newer for value in values_of(line)))
        merged = {**self._lines, **{key: self._lines.get(key, ()) + found for key, found in more.items()}}
        return self._with(_Index(merged, self._reported_fields | reported_fields))

    def updated(self, newer: History) -> History:
        """This history with what a later look shows of some identifiers in the place of what was known of them."""
        index = _Index({**self._lines, **newer._lines}, self._reported_fields | newer._reported_fields)
        return self._with(index, newer._oddities)

    def warned(self, warnings: Iterable[str]) -> History:
        """This history with more warnings."""
        return self._with(_Index(self._lines, self._reported_fields), warnings=warnings)

    @property
    def reported_fields(self) -> frozenset[str]:
        """The identifiers that any line tells, so that a line without one of them has none."""
        return self._reported_fields

    def suspect(self, *values: str | None) -> Odd | None:
        """A line, not known as failed, whose identifier is not whole and may be one of these values."""
        if not self._oddities.count:
            return None
        odd = (odd for value in values for odd in self._oddities.suspects(value))
        return next((found for found in odd if self._words.state(found.line.status) != FAILED), None)

    def lines(self, field: str | None, value: str | None) -> list[Seen]:
        """The lines with this identifier, the oldest first: by their start where all tell it, else as they came."""
        found = list(self._lines.get((field or "", value or ""), ()))
        if not found:
            return []
        starts = [start_of(line.started) for line in found] if len(found) > 1 else []
        if starts and all(starts):
            order = sorted(range(len(found)), key=lambda index: (starts[index], index))
            found = [found[index] for index in order]
        return [Seen(line, self._words.state(line.status)) for line in found]

    def current(self, field: str | None, value: str | None) -> Seen | None:
        """What holds for this identifier now: see `holding`."""
        return holding(self.lines(field, value))

    def transaction_ids(self, pair: Iterable[Key]) -> set[str]:
        """The transactions in which any of these identifiers appears."""
        return {line.transaction_id for key in pair for line in self._lines.get(key, ()) if line.transaction_id}


def _indexed(lines: Iterable[Line], wanted: frozenset[str]) -> _Index:
    found: dict[Key, list[Line]] = {}
    reported_fields: set[str] = set()
    for line in lines:
        for field in IDENTIFIERS:
            value = getattr(line, field)
            if value is not None:
                reported_fields.add(field)
                if value in wanted:
                    found.setdefault((field, value), []).append(line)
    return _Index({key: tuple(entries) for key, entries in found.items()}, frozenset(reported_fields))
