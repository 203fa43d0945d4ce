# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CSV of the history, or of a transaction: its delimiter, its columns, its lines."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, TypeVar

from .._errors import UnexpectedAnswerError
from .identifiers import IDENTIFIERS, LENGTHS, clean
from .messages import unexpected
from .names import Names, Path
from .oddities import Oddities
from .reader import Reader
from .records import Line
from .rules import LINE_RULES
from .table import SAMPLE, names_hint, recognise_columns

T = TypeVar("T")

DELIMITERS = (",", ";", "\t", "|")
#: A line by which spreadsheets say how what follows is delimited.
_SEP_LINE = re.compile(r"^\ufeff?sep=(.)\r?\n?$", re.IGNORECASE)
#: Maximum number of cells remembered as not wanted.
_REMEMBERED = 100_000
#: Rows that are looked at together.
_AT_A_TIME = 256
#: Lengths of identifiers that need no closer look.
_PLAIN_LENGTHS = {
    **{field: frozenset(lengths) for field, lengths in LENGTHS.items()},
    "sim_id": frozenset(range(1, 65)),
}
#: What an ICCID that a spreadsheet has rounded ends with.
_ROUNDED_END = "0000"
#: Cells without an identifier that are so frequent that they are compared first.
_BLANKS = frozenset(("", "N/A", "n/a", "-", "null", "NULL", "None"))


class Table(NamedTuple):
    """A CSV as it is read. `rows`: those below the header, without blank ones; they raise csv.Error for bad syntax."""

    delimiter: str
    header: list[str]
    rows: Iterator[list[str]]


def csv_table(text: Iterator[str]) -> Table | None:
    """Read a CSV's header and delimiter; None where the text is empty or blank.

    The delimiter is the one that makes most columns of the first line; a line "sep=;" before it names it.

    Raises csv.Error where the header is none. The CSV is read strictly: an unbalanced quote would otherwise swallow the
    lines behind it, and their devices would look new.
    """
    first = next((line for line in text if line.strip()), None)
    if first is None:
        return None
    named = _SEP_LINE.match(first)
    if named:
        first = next((line for line in text if line.strip()), None)
        if first is None:
            return None
    delimiter = named[1] if named else csv_delimiter(first)
    rows = filter(None, csv.reader(readable(chain([first], text)), delimiter=delimiter, strict=True))
    header = next(rows, None)
    return None if header is None else Table(delimiter, header, rows)


def readable(text: Iterator[str]) -> Iterator[str]:
    """Return the lines as the csv module of every Python reads them: before 3.11 it refuses any line with a NUL.

    There a NUL becomes the replacement character, which headings and identifiers are checked for as well.
    """
    if sys.version_info >= (3, 11):
        return text
    return (line.replace("\x00", "\ufffd") for line in text)


def csv_delimiter(line: str) -> str:
    """Return the delimiter that makes most columns of a line; a comma where none makes more than one."""

    def columns(delimiter: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)


class LineReader:
    """Reads the rows of a history CSV by their header, and by their values where that leaves something open.

    Args:
        reader: knows names and words.
        table: the CSV.
        what: the call, for errors.
        oddities: collects values of identifier columns that are not whole identifiers.

    Raises UnexpectedAnswerError where no column is an identifier's, or none is the status.
    """

    def __init__(self, reader: Reader, table: Table, what: str, oddities: Oddities | None = None) -> None:
        self._reader = reader
        self._what = what
        self._oddities = oddities
        header, rows = table.header, table.rows
        names: list[Path] = [(heading,) for heading in header]
        shown = [str(heading) for heading in reader.redact(header)]
        if any(mark in heading for heading in header for mark in ("\x00", "\ufffd")):
            raise unexpected(what, "a header in a charset that the answer names", table.delimiter.join(shown))
        sample: list[list[str]] = []

        def some() -> list[list[str]]:
            sample.extend(islice(rows, SAMPLE - len(sample)))
            return sample

        self.found = recognise_columns(names, LINE_RULES, reader.names, some, reader.is_status, what)
        if reader.observer is not None:
            reader.observer(what, self.found, some())
        self.rows: Iterator[list[str]] = chain(sample, rows)
        missing = [field for field in ("status",) if field not in self.found.found]
        if not any(field in self.found.found for field in IDENTIFIERS):
            missing = ["iccid", "imei", *missing]
        if missing:
            error = unexpected(
                what, "a CSV with a status column and one of IMEI, ICCID, SIM ID, EID", table.delimiter.join(shown)
            )
            error.cure = names_hint([(heading,) for heading in shown], missing)
            raise error
        self.places: dict[str, int] = {field: found.place for field, found in self.found.found.items()}

    def line(self, row: Sequence[str], number: int | None = None) -> Line:
        """Return the line of one row; a row that is too short lacks its last fields. `number`: from 1, the header's."""
        width = len(row)
        cells = {field: row[place] for field, place in self.places.items() if place < width}
        return self._reader.line_of(cells, f"row {number}", self._oddities, self._what)

    def lines(self) -> Iterator[Line]:
        """Yield every line."""
        return (self.line(row, number) for number, row in enumerate(self.rows, 2))

    def lines_with(self, wanted: frozenset[str]) -> Iterator[Line]:
        """Yield the lines that carry a wanted identifier, of a history that may be a thousand times longer.

        So rows are looked at many at a time, column by column, and one by one only where a column has something wanted,
        or something written in an odd way.
        """
        fields = [field for field in IDENTIFIERS if field in self.places]
        places = [self.places[field] for field in fields]
        pick = itemgetter(*places, *places[:1])  # a tuple for one place, too
        known: set[tuple[str, ...]] = set()
        first = 2
        while True:
            rows = list(islice(self.rows, _AT_A_TIME))
            if not rows:
                return
            try:
                picked = list(map(pick, rows))
            except IndexError:  # a row that is too short
                picked = [tuple(row[place] if place < len(row) else "" for place in places) for row in rows]
            columns = list(zip(*picked))
            has_wanted = not all(map(wanted.isdisjoint, columns))
            has_odd = not all(map(_is_plain, fields, columns))
            if has_wanted or has_odd:
                for number, (row, values) in enumerate(zip(rows, picked), first):
                    if has_wanted and not wanted.isdisjoint(values):
                        yield self.line(row, number)
                    elif has_odd and values not in known:
                        if self._may_matter(fields, values, wanted):
                            yield self.line(row, number)
                        elif len(known) < _REMEMBERED:
                            known.add(values)
            first += len(rows)

    def _may_matter(self, fields: Sequence[str], values: Sequence[str], wanted: frozenset[str]) -> bool:
        """Whether a row has odd cells that are wanted identifiers, or should be identifiers and are none."""
        matters = False
        for field, cell in zip(fields, values):
            plain = len(cell) in _PLAIN_LENGTHS[field] and cell.isdigit() and cell.isascii()
            if not (cell in _BLANKS or (plain and not (field == "iccid" and cell.endswith(_ROUNDED_END)))):
                value = self._reader.identifier(field, cell, self._what)
                matters = matters or value in wanted or (value is None and clean(cell) is not None)
        return matters

    def lines_of(self, transactions: frozenset[str]) -> Iterator[Line]:
        """Yield the lines of some transactions. None where the history has no column for their ids."""
        place = self.places.get("transaction_id")
        if place is None:
            return
        for number, row in enumerate(self.rows, 2):
            if len(row) > place and clean(row[place]) in transactions:
                yield self.line(row, number)


def _is_plain(field: str, cells: Sequence[str]) -> bool:
    """Whether the cells of an identifier's column are identifiers as they are compared, or say that there is none."""
    if not _BLANKS.isdisjoint(cells):
        cells = [cell for cell in cells if cell not in _BLANKS]
    if not cells:
        return True
    joined = "\n".join(cells)
    digits = joined.replace("\n", "")
    if not (digits.isdigit() and digits.isascii() and set(map(len, cells)) <= _PLAIN_LENGTHS[field]):
        return False
    return field != "iccid" or f"{_ROUNDED_END}\n" not in f"{joined}\n"


def transaction_place(names: Names, header: Sequence[str]) -> int | None:
    """Return the column of a history in which its transactions are named; None where it has none."""
    found = names.find([(heading,) for heading in header], LINE_RULES).get("transaction_id")
    return found.place if found else None


def read_table(text: Iterator[str], what: str, read: Callable[[Table | None], T]) -> T:
    """Give `read` a CSV; what is no CSV becomes an UnexpectedAnswerError, while its rows are read, too."""
    try:
        return read(csv_table(text))
    except csv.Error as error:
        raise UnexpectedAnswerError(f"{what}: the answer is not a CSV: {error}") from None
