# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether a downloaded CSV is complete. A proxy may cut it off without an error."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from itertools import chain, count, groupby, islice
from operator import length_hint

from .._wire import Names, csv_delimiter, readable, transaction_place

#: Maximum number of last lines that are kept: more than a transaction has, and few megabytes.
_MAX_REMEMBERED = 10_000
#: Number of lines that are read together.
_BATCH_SIZE = 512


class CsvEnd:
    """The first and the last lines of a CSV, collected while it is read.

    Args:
        names: finds the column of the transaction ids.
    """

    def __init__(self, names: Names | None = None) -> None:
        self._names = names or Names()
        self._lines: deque[str] = deque(maxlen=_MAX_REMEMBERED)
        self._first: list[str] = []
        self._count = 0
        #: The lines of the last batch that the reader has not asked for; some remain only after an error.
        self._unread: Iterator[str] = iter(())
        #: Whether both directions have the same order: the service ignores it, or has only one transaction.
        self.is_same_order = False

    @property
    def lines(self) -> int:
        """Number of lines."""
        return self._count - length_hint(self._unread)

    @property
    def tail(self) -> str:
        """The last line with its line end; empty without lines."""
        return self._lines[-1 - length_hint(self._unread)] if self.lines else ""

    @property
    def is_full(self) -> bool:
        """Whether the last line has as many cells as the header. Its last cell may be cut off."""
        header = self._first[0] if self._first else ""
        rows = csv.reader([header, self.tail], delimiter=csv_delimiter(header))
        try:
            first, last = rows
        except (csv.Error, ValueError):
            return False
        return len(first) == len(last)

    def remembering(self, text: Iterator[str]) -> Iterator[str]:
        """Return the lines of a text, and keep the first and the last ones of those that were read."""
        self._lines.clear()
        self._first.clear()
        self._count = 0
        self._unread = iter(())
        return chain.from_iterable(self._batches(text))

    def _batches(self, text: Iterator[str]) -> Iterator[Iterator[str]]:
        """Yield the lines in batches: one step per line would take as long as reading the CSV."""
        while lines := list(islice(text, _BATCH_SIZE)):
            self._count += len(lines)
            self._lines.extend(lines)
            if len(self._first) < 2:
                self._first += list(filter(None, map(_bare, lines)))[: 2 - len(self._first)]
            self._unread = iter(lines)
            yield self._unread

    def begins(self, text: Iterator[str]) -> bool:
        """Whether these lines are the start of the same history in the other direction.

        The other direction reverses the transactions. The lines of a transaction may keep their order, and so may
        transactions with the same start. Lines are therefore compared as sets, up to the end of a transaction. The same
        order in both directions proves nothing, because both downloads may have been cut off at the same place.
        """
        self.is_same_order = False
        mine = (line for line in map(_bare, reversed(self._lines)) if line)
        differ: Counter[str] = Counter()
        first = True
        for lines in self._transactions(text):
            for line in lines:
                if first and line in self._first[1:]:
                    self.is_same_order = True
                    return False
                first = False
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

    def _transactions(self, text: Iterator[str]) -> Iterator[Iterator[str]]:
        """Yield the lines of each transaction of a history.

        A row without a transaction id, or a lone header, is a group.
        """
        records = _records(text)
        header, lines = next(records, ([], []))
        place = transaction_place(self._names, header)
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


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _records(text: Iterator[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the rows of a CSV, each with its lines, without blank ones. Invalid CSV becomes the last row."""
    lines: list[str] = []
    first = next((line for line in text if line.strip()), "")

    def noting() -> Iterator[str]:
        for line in chain([first], text):
            lines.append(_bare(line))
            yield line

    try:
        for row in csv.reader(readable(noting()), delimiter=csv_delimiter(first)):
            if row:
                yield row, list(filter(None, lines))
            lines.clear()
    except csv.Error:
        yield [], list(filter(None, lines))
