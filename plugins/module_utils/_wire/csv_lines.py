# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads CSVs of the history, of a transaction and of the device list: delimiter, columns, lines and entries."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, islice
from operator import not_
from typing import Any, Generic, NamedTuple, TypeVar

from .._errors import UnexpectedAnswerError
from .._text import word_set
from .cells import REPEATED
from .columns import BLANKS, Columns, Keys, is_plain
from .devices import ENTRY_RULES
from .entry_answers import TYPED
from .identifiers import IDENTIFIERS, clean
from .messages import unexpected_answer_error
from .names import Names, Path
from .oddities import Oddities
from .reader import Reader
from .records import Entry, Line, Record
from .rules import LINE_RULES, Rule
from .table import SAMPLE, names_hint, recognise_columns
from .values import mdn_of

T = TypeVar("T")
R = TypeVar("R", bound=Record)

DELIMITERS = (",", ";", "\t", "|")
#: A line with the delimiter, as spreadsheets write it before the header.
_SEP_LINE = re.compile(r"^\ufeff?sep=(.)\r?\n?$", re.IGNORECASE)
#: Maximum number of cached cells.
_MAX_REMEMBERED = 100_000
#: Number of rows that are filtered together.
_BATCH_SIZE = 256


class Table(NamedTuple):
    """An open CSV. `rows`: the rows below the header without blank ones; iteration raises csv.Error for bad syntax."""

    delimiter: str
    header: list[str]
    rows: Iterator[list[str]]


def csv_table(text: Iterator[str]) -> Table | None:
    """Read the header and the delimiter of a CSV. Return None if the text is empty or blank.

    The delimiter comes from a line "sep=;" before the header, otherwise it is the one that gives the header most
    columns.

    Raises csv.Error for an invalid header. The CSV is read strictly: an unbalanced quote would otherwise hide the lines
    after it, and their devices would look new.
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
    """Return the lines without NUL on Python before 3.11, whose csv module rejects them.

    A NUL becomes the replacement character, which is also invalid in headers and identifiers.
    """
    if sys.version_info >= (3, 11):
        return text
    return (line.replace("\x00", "\ufffd") for line in text)


def csv_delimiter(line: str) -> str:
    """Return the delimiter that gives a line most columns, or a comma if no delimiter gives more than one."""

    def columns(delimiter: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)


class RowReader(Generic[R]):
    """Reads the rows of a CSV as records. Columns are recognised by the header, otherwise by their values.

    Args:
        reader: has the names and status words.
        table: the CSV.
        call: the call, for errors.
        oddities: collects invalid values of identifier columns.

    Raises UnexpectedAnswerError without a status column or without a key column.
    """

    #: The fields of a record, and its type.
    rules: Mapping[str, Rule]
    record_type: type[R]
    #: Fields with the same values in many rows.
    repeated: frozenset[str]
    #: Fields with other types than text → their converters.
    converters: Mapping[str, Callable[[str], Any]] = {}
    #: Fields → fields whose columns they are read from if they have none.
    substitutes: Mapping[str, str] = {}
    #: The key fields: a record has at least one of them. Rows are filtered by them.
    keys: Sequence[str] = IDENTIFIERS
    expected = "a CSV with a status column and one of IMEI, ICCID, SIM ID, EID"

    def __init__(self, reader: Reader, table: Table, call: str, oddities: Oddities | None = None) -> None:
        self._reader = reader
        self._call = call
        self._oddities = oddities
        header, rows = table.header, table.rows
        names: list[Path] = [(heading,) for heading in header]
        shown = [str(heading) for heading in reader.redact(header)]
        if any(mark in heading for heading in header for mark in ("\x00", "\ufffd")):
            raise unexpected_answer_error(
                call, "a header in the charset that the answer declares", table.delimiter.join(shown)
            )
        sample: list[list[str]] = []

        def some() -> list[list[str]]:
            sample.extend(islice(rows, SAMPLE - len(sample)))
            return sample

        self.recognition = recognise_columns(names, self.rules, reader.names, some, self._is_status, call)
        if reader.observer is not None:
            reader.observer(call, self.recognition, some())
        self.rows: Iterator[list[str]] = chain(sample, rows)
        missing = [field for field in ("status",) if field not in self.recognition.fields]
        if not any(field in self.recognition.fields for field in self.keys):
            missing = ["iccid", "imei", *missing]
        if missing:
            error = unexpected_answer_error(call, self.expected, table.delimiter.join(shown))
            error.cure = names_hint([(heading,) for heading in shown], missing)
            raise error
        self.places: dict[str, int] = {field: found.place for field, found in self.recognition.fields.items()}
        for field, other in self.substitutes.items():
            if other in self.places:
                self.places.setdefault(field, self.places[other])
        self._columns: Columns[R] = Columns(self.record_type, self.places, self.repeated, self.converters)

    def _is_status(self, text: str) -> bool:
        return self._reader.is_status(text)

    def _make(self, cells: Mapping[str, str], where: str) -> R:
        """Return the record of some cells. `where`: the row, for a warning."""
        raise NotImplementedError

    def record(self, row: Sequence[str], number: int | None = None) -> R:
        """Return the record of one row.

        A short row lacks its last fields. `number`: the row number; the header is 1.
        """
        width = len(row)
        cells = {field: row[place] for field, place in self.places.items() if place < width}
        return self._make(cells, f"row {number}")

    def records(self) -> Iterator[R]:
        """Yield every record."""
        return self._chosen(lambda row: True)

    def _chosen(self, is_chosen: Callable[[Sequence[str]], bool]) -> Iterator[R]:
        """Yield the records of some rows, in batches."""
        keys, first = self._key_columns(), 2
        while batch := list(islice(self.rows, _BATCH_SIZE)):
            numbered = [(number, row) for number, row in enumerate(batch, first) if is_chosen(row)]
            if numbered:
                numbers, rows = zip(*numbered)
                are_plain = keys.are_plain(zip(*keys.of(rows)))
                yield from self._plain_records(rows) if are_plain else map(self.record, rows, numbers)
            first += len(batch)

    def _key_columns(self) -> Keys:
        return Keys({field: self.places[field] for field in self.keys if field in self.places})

    def records_with(self, wanted: frozenset[str]) -> Iterator[R]:
        """Yield the records with a wanted key.

        The CSV may be a thousand times longer than the result. Rows are therefore filtered in batches, column by
        column, and read one by one only if a column has a wanted key or a key that is not in normal form.
        """
        keys, first = self._key_columns(), 2
        known: set[tuple[str, ...]] = set()
        plain: list[list[str]] = []
        while rows := list(islice(self.rows, _BATCH_SIZE)):
            picked = keys.of(rows)
            columns = list(zip(*picked))
            has_wanted = not all(map(wanted.isdisjoint, columns))
            if keys.are_plain(columns):
                if has_wanted:
                    plain += compress(rows, map(not_, map(wanted.isdisjoint, picked)))
                    if len(plain) >= _BATCH_SIZE:
                        yield from self._plain_records(plain)
                        plain = []
            else:
                if plain:
                    yield from self._plain_records(plain)
                    plain = []
                for number, (row, values) in enumerate(zip(rows, picked), first):
                    if has_wanted and not wanted.isdisjoint(values):
                        yield self.record(row, number)
                    elif values not in known:
                        if self._may_matter(keys.fields, values, wanted):
                            yield self.record(row, number)
                        elif len(known) < _MAX_REMEMBERED:
                            known.add(values)
            first += len(rows)
        if plain:
            yield from self._plain_records(plain)

    def _plain_records(self, rows: Sequence[Sequence[str]]) -> Iterable[R]:
        """Return the records of rows whose keys are in normal form."""
        made = self._columns.records(rows, self._reader.mask)
        return map(self.record, rows) if made is None else made

    def _may_matter(self, fields: Sequence[str], values: Sequence[str], wanted: frozenset[str]) -> bool:
        """Whether a row has a wanted key that is not in normal form, or an invalid key."""
        matters = False
        for field, cell in zip(fields, values):
            if not (cell in BLANKS or is_plain(field, (cell,))):
                value = self._key(field, cell)
                matters = matters or value in wanted or (value is None and clean(cell) is not None)
        return matters

    def _key(self, field: str, cell: str) -> str | None:
        """Return the cell of a key in normal form, or None if it is not a complete identifier."""
        return self._reader.identifier(field, cell, self._call)


class LineReader(RowReader[Line]):
    """Reads the lines of a history or of a transaction."""

    rules = LINE_RULES
    record_type = Line
    repeated = REPEATED

    def _make(self, cells: Mapping[str, str], where: str) -> Line:
        return self._reader.line_of(cells, where, self._oddities, self._call)

    def lines_of(self, transactions: frozenset[str]) -> Iterator[Line]:
        """Yield the lines of some transactions; none if the history has no column for transaction ids."""
        place = self.places.get("transaction_id")
        if place is None:
            return
        yield from self._chosen(lambda row: len(row) > place and clean(row[place]) in transactions)


class EntryReader(RowReader[Entry]):
    """Reads the entries of the device list.

    Args:
        by_mdn: whether rows are also filtered by MDN, in the form of `mdn_of`.
    """

    rules = ENTRY_RULES
    record_type = Entry
    converters = TYPED
    substitutes: Mapping[str, str] = {"device_group": "device_group_name"}
    repeated = word_set("status carrier device_group device_group_name filter_group online labels")
    keys: Sequence[str] = (*IDENTIFIERS, "mdn")
    expected = "a CSV with a status column and one of MDN, IMEI, ICCID, EID"

    def __init__(
        self, reader: Reader, table: Table, call: str, oddities: Oddities | None = None, by_mdn: bool = False
    ) -> None:
        super().__init__(reader, table, call, oddities)
        if not by_mdn and any(field in self.places for field in IDENTIFIERS):
            self.keys = IDENTIFIERS

    def _is_status(self, text: str) -> bool:
        return self._reader.is_device_status(text)

    def _make(self, cells: Mapping[str, str], where: str) -> Entry:
        return self._reader.entry_of(cells, where, self._oddities, self._call)

    def _key(self, field: str, cell: str) -> str | None:
        return mdn_of(clean(cell) or "") if field == "mdn" else super()._key(field, cell)


def transaction_place(names: Names, header: Sequence[str]) -> int | None:
    """Return the column of a history with the transaction ids, or None without such a column."""
    found = names.find([(heading,) for heading in header], LINE_RULES).get("transaction_id")
    return found.place if found else None


def read_table(text: Iterator[str], call: str, read: Callable[[Table | None], T]) -> T:
    """Return the result of `read` for a CSV. Invalid CSV raises an UnexpectedAnswerError, also while rows are read."""
    try:
        return read(csv_table(text))
    except csv.Error as error:
        raise UnexpectedAnswerError(f"{call}: the answer is not a CSV: {error}") from None
