# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of a CSV file with any delimiter and any rows above its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import NamedTuple

from .._errors import InputError
from .._text import unwrapped
from .content import EMPTY
from .headings import Header
from .history_rows import Row
from .table import HEADER_WITHIN, Record, Source, Table

_DELIMITERS = ",;\t|"
#: Number of lines that show the delimiter and the header: a heading may have line breaks.
_LINES = 2 * HEADER_WITHIN
#: Maximum number of characters of one of these lines.
_LONGEST_LINE = 100_000
#: Maximum number of lines of a header.
_LINES_OF_HEADER = 4
_OPEN_QUOTE = (
    'a quoted cell does not end in its line; close or remove its quotation mark (") (a cell cannot have a line break)'
)
_CLOSED_QUOTE = (
    'text follows a closing quotation mark ("); remove the mark, or write it twice if it belongs to the text'
)
#: More consecutive digits than a heading has.
_VALUE = re.compile(r"[0-9]{6}")


class _Begin(NamedTuple):
    """The beginning of a CSV file. `line`: number of the header's first line; `above`: the rows before it."""

    delimiter: str
    line: int
    header: Header
    above: list[Record]


class CsvRows:
    """The rows of a CSV file, see `read_rows`. They can be read once, one at a time.

    `table` has the headings, and what was ignored. Problems with the form of the file are raised after its last row.

    Args:
        text: the lines, with their line ends.
        name: the file's name in messages.
        source: how to read the file.
    """

    def __init__(self, text: Iterable[str], name: str, source: Source) -> None:
        self._lines = iter(text)
        self.table = Table(name, "line", source)

    def __iter__(self) -> Iterator[Row]:
        first = next(self._lines, "")
        delimiter, skipped = None, 0
        # Excel writes the delimiter into a line of its own: sep=;
        if first[:4].lower() == "sep=":
            delimiter, skipped = first[4:5].strip('\r\n"'), 1
            first = next(self._lines, "")
        sample = [first, *islice(self._lines, _LINES)]
        for number, line in enumerate(sample, 1 + skipped):
            if len(line) > _LONGEST_LINE:
                where = self.table.where(number)
                raise InputError([f"{where}: is longer than {_LONGEST_LINE:,} characters; is this a list of devices?"])
        if not any(line.strip() for line in sample):
            raise InputError([f"{self.table.name}: {EMPTY}"])
        begin = self._begin(sample, delimiter or _DELIMITERS, skipped)
        self.table.begin(begin.above, begin.line, begin.header)
        lines = chain(sample[begin.line - 1 - skipped :], self._lines)
        # strict: otherwise a stray quotation mark silently swallows the rows after it, and their devices.
        reader = csv.reader(lines, delimiter=begin.delimiter, strict=True)
        problems: list[str] = []
        records = _records(reader, self.table, begin.line - 1, problems)
        next(records, None)  # the header
        if problems:
            raise InputError(problems, self.table.name)
        yield from self.table.rows(begin.line, begin.header, records, problems)

    def _begin(self, sample: list[str], delimiters: str, skipped: int) -> _Begin:
        """Find the header, and the delimiter that gives it most known columns. Raises InputError without a header."""
        occurring = [delimiter for delimiter in delimiters if any(delimiter in line for line in sample)]
        # With any delimiter that does not occur, each row is one cell.
        others = [delimiter for delimiter in delimiters if delimiter not in occurring][:1]
        best = self._best(sample, occurring, skipped) or self._best(sample, others, skipped)
        if best is not None:
            return best
        self._check_quotes(sample, delimiters, skipped)
        common = max(delimiters, key="".join(sample).count)
        raise self.table.no_header(_lenient(sample, common, skipped)[:HEADER_WITHIN])

    def _best(self, sample: list[str], delimiters: Iterable[str], skipped: int) -> _Begin | None:
        best: _Begin | None = None
        for delimiter in delimiters:
            records = _lenient(sample, delimiter, skipped)
            found = self.table.find_header(records)
            if found is not None and (best is None or _rank(found[1]) > _rank(best.header)):
                place, header = found
                best = _Begin(delimiter, records[place][0], header, records[:place])
        return best

    def _check_quotes(self, sample: list[str], delimiters: str, skipped: int) -> None:
        """Raise InputError if an open quotation mark hides the header."""
        for delimiter in delimiters:
            apart = [
                (number, cells)
                for number, line in enumerate(sample, 1 + skipped)
                for _line, cells in _lenient([line.replace('"', "")], delimiter, 0)
            ]
            found = self.table.find_header(apart)
            odd = [number for number, line in enumerate(sample, 1 + skipped) if line.count('"') % 2]
            if found is not None and odd and odd[0] <= apart[found[0]][0]:
                raise InputError([f"{self.table.where(odd[0])}: {_OPEN_QUOTE}"])


def _rank(header: Header) -> tuple[int, bool, int]:
    """Return how well a delimiter fits: number of known columns, whether one identifies devices, number of columns."""
    return header.known, header.is_sure, len(header.cells)


def _lenient(lines: list[str], delimiter: str, skipped: int) -> list[Record]:
    """Return the first rows, each with the number of its first line, even if their quotation marks are wrong."""
    reader = csv.reader(lines, delimiter=delimiter)
    records: list[Record] = []
    begins = 1
    with suppress(csv.Error):
        for row in reader:
            records.append((begins + skipped, unwrapped(row)))
            begins = reader.line_num + 1
    return records


def _records(reader: Iterator[list[str]], table: Table, skipped: int, problems: list[str]) -> Iterator[Record]:
    """Yield the rows of a CSV file with their line numbers. Adds a problem for each row that cannot be read.

    A cell must end in its line: the quotation mark of a later row could close an open one, and the rows between them
    would pass for text. A heading may have line breaks, because nothing in it looks like a row of values.
    """
    begins = 1
    first: list[str] = []
    try:
        for row in reader:
            line_num = reader.line_num  # type: ignore[attr-defined]
            first = first or row
            if line_num > begins and not (row == first and _is_broken_header(row, line_num - begins + 1)):
                problems.append(f"{table.where(begins + skipped)}: {_OPEN_QUOTE}")
                if begins == 1:
                    return
            else:
                yield begins + skipped, unwrapped(row)
            begins = line_num + 1
    except csv.Error as error:
        problem = f"is not valid CSV: {error}"
        line_num = reader.line_num  # type: ignore[attr-defined]
        if line_num > begins or "end of data" in str(error):
            problem = _OPEN_QUOTE
        elif "expected after" in str(error):
            problem = _CLOSED_QUOTE
        problems.append(f"{table.where(begins + skipped)}: {problem}")


def _is_broken_header(row: list[str], lines: int) -> bool:
    """Whether a row of several lines may be a header whose headings have line breaks."""
    broken = [cell for cell in row if "\n" in cell or "\r" in cell]
    return lines <= _LINES_OF_HEADER and not any(
        _VALUE.search(cell) or any(delimiter in cell for delimiter in _DELIMITERS) for cell in broken
    )
