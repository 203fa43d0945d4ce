# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a downloaded CSV ends: at its end, or in the middle, as a proxy may cut it off and call it whole."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from itertools import count, groupby

from . import _wire
from ._errors import UnexpectedAnswerError

#: So many lines of the end are remembered: more than a transaction has, and few megabytes.
_REMEMBERED = 10_000


class CsvEnd:
    """The last lines of a CSV that is being read."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_REMEMBERED)

    @property
    def tail(self) -> str:
        """The last line, with its end; nothing where there was none."""
        return self._lines[-1] if self._lines else ""

    def remembering(self, text: Iterator[str]) -> Iterator[str]:
        """The lines of a text, of which the last ones are remembered."""
        self._lines.clear()
        for line in text:
            self._lines.append(line)
            yield line

    def begins(self, text: Iterator[str]) -> bool:
        """Whether these lines are the beginning of the same history the other way round.

        That turns transactions round. Their lines may keep their order, and so may transactions that began at once. So
        the two are compared as sets, where a transaction ends: all of its lines have to be there.
        """
        mine = (line for line in map(_bare, reversed(self._lines)) if line)
        differ: Counter[str] = Counter()
        for lines in _transactions(text):
            for line in lines:
                other = next(mine, None)
                if other is None:
                    return False
                for seen, step in ((line, 1), (other, -1)):
                    differ[seen] += step
                    if not differ[seen]:
                        del differ[seen]
            if not differ:
                return True
        return False


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _transactions(text: Iterator[str]) -> Iterator[Iterator[str]]:
    """The lines of a history, transaction by transaction; a row for itself where none is told, and a header alone."""
    records = _records(text)
    header, lines = next(records, ([], []))
    place = _transaction_place(header)
    numbers = count()

    def transaction(record: tuple[list[str], list[str]]) -> str | int:
        row = record[0]
        return row[place] if place is not None and place < len(row) else next(numbers)

    alone = bool(lines)
    for _transaction, group in groupby(records, transaction):
        alone = False
        yield (line for _row, lines in group for line in lines)
    if alone:
        yield iter(lines)


def _records(text: Iterator[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The rows of a CSV, each with the lines in which it stands; without blank ones. What is no CSV is the last row."""
    lines: list[str] = []

    def noting() -> Iterator[str]:
        for line in text:
            lines.append(_bare(line))
            yield line

    try:
        for row in csv.reader(noting()):
            if row:
                yield row, list(filter(None, lines))
            lines.clear()
    except csv.Error:
        yield [], list(filter(None, lines))


def _transaction_place(header: list[str]) -> int | None:
    """In which column the transactions are told; None where in none."""
    try:
        return _wire.LineReader(header, "the history").places.get("transaction_id")
    except UnexpectedAnswerError:
        return None
