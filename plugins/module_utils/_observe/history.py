# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of activations of some devices: its lines, indexed by identifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .._identity import Seen, holding, values_of
from .._wire import FAILED, IDENTIFIERS, Line, Odd, Oddities, StatusWords, all_identifiers
from .._wire.times import start_of

#: A field of a line, and its value.
Key = tuple[str, str]


class _Index(NamedTuple):
    lines: Mapping[Key, tuple[Line, ...]]
    reported_fields: frozenset[str]


class History:
    """Lines by identifier; immutable. Only lines with a wanted value are kept, because a history may be very long.

    Args:
        lines: the lines, the oldest first.
        wanted: values of identifiers of every kind.
        words: classifies status words.
        oddities: invalid values of identifier fields.
        warnings: warnings about how the history was read.
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
        """Return this history with newer lines, with all of their identifiers."""
        newer = list(lines)
        more, reported_fields = _indexed(newer, frozenset(value for line in newer for value in values_of(line)))
        merged = {**self._lines, **{key: self._lines.get(key, ()) + added for key, added in more.items()}}
        return self._with(_Index(merged, self._reported_fields | reported_fields))

    def updated(self, newer: History) -> History:
        """Return this history, with the lines of some identifiers replaced by those of a later read."""
        index = _Index({**self._lines, **newer._lines}, self._reported_fields | newer._reported_fields)
        return self._with(index, newer._oddities)

    def warned(self, warnings: Iterable[str]) -> History:
        """Return this history with more warnings."""
        return self._with(_Index(self._lines, self._reported_fields), warnings=warnings)

    @property
    def reported_fields(self) -> frozenset[str]:
        """The identifier fields that any line has. A line without one of them really lacks that identifier."""
        return self._reported_fields

    def suspect(self, *values: str | None) -> Odd | None:
        """Return a line, not known as failed, with an invalid identifier that may be one of these values."""
        if not self._oddities.count:
            return None
        odd = (odd for value in values for odd in self._oddities.suspects(value))
        return next((one for one in odd if self._words.state(one.line.status) != FAILED), None)

    def lines(self, field: str | None, value: str | None) -> list[Seen]:
        """Return the lines with this identifier, the oldest first: by start if all have one, else in their order."""
        found = list(self._lines.get((field or "", value or ""), ()))
        if not found:
            return []
        starts = [start_of(line.started) for line in found] if len(found) > 1 else []
        if starts and all(starts):
            order = sorted(range(len(found)), key=lambda index: (starts[index], index))
            found = [found[index] for index in order]
        return [Seen(line, self._words.state(line.status)) for line in found]

    def current(self, field: str | None, value: str | None) -> Seen | None:
        """Return the line that holds for this identifier now; see `holding`."""
        lines = self.lines(field, value)
        return holding(lines) if lines else None

    def transaction_ids(self, pair: Iterable[Key]) -> set[str]:
        """Return the ids of the transactions in which any of these identifiers appears."""
        return {line.transaction_id for key in pair for line in self._lines.get(key, ()) if line.transaction_id}


def _indexed(lines: Iterable[Line], wanted: frozenset[str]) -> _Index:
    found: dict[Key, list[Line]] = {}
    reported_fields: set[str] = set()
    for line in lines:
        for field, value in zip(IDENTIFIERS, all_identifiers(line)):
            if value is not None:
                reported_fields.add(field)
                if value in wanted:
                    found.setdefault((field, value), []).append(line)
    return _Index({key: tuple(entries) for key, entries in found.items()}, frozenset(reported_fields))
