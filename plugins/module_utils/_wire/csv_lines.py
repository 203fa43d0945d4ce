# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads CSVs of the history, of a transaction and of the device list: delimiter, columns, lines and entries."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, islice, repeat, starmap
from operator import itemgetter, not_
from typing import Any, Generic, NamedTuple, TypeVar

from .._errors import UnexpectedAnswerError
from .._text import word_set
from .devices import ENTRY_RULES
from .entry_answers import entry_value
from .identifiers import IDENTIFIERS, LENGTHS, clean, observed
from .masking import has_secret
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
#: Lengths of identifiers in normal form.
_PLAIN_LENGTHS = {
    **{field: frozenset(lengths) for field, lengths in LENGTHS.items()},
    "sim_id": frozenset(range(1, 65)),
}
#: MDNs in normal form, one per line.
_PLAIN_MDNS = re.compile(r"(?:[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}\n)+")
#: Fields with the same values in many entries.
_REPEATED = word_set("status carrier device_group device_group_name filter_group online labels")
#: Text fields with mostly different values.
_TEXTS = word_set("nickname device_name note ip mac name description")
_DIGITS = b"0123456789"
#: End of an ICCID that a spreadsheet rounded.
_ROUNDED_END = "0000"
#: The most frequent empty cells, compared first.
_BLANKS = frozenset(("", "N/A", "n/a", "-", "null", "NULL", "None"))


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

    #: The fields of a record.
    rules: Mapping[str, Rule]
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
        return (self.record(row, number) for number, row in enumerate(self.rows, 2))

    def records_with(self, wanted: frozenset[str]) -> Iterator[R]:
        """Yield the records with a wanted key.

        The CSV may be a thousand times longer than the result. Rows are therefore filtered in batches, column by
        column, and read one by one only if a column has a wanted key or a key that is not in normal form.
        """
        fields = [field for field in self.keys if field in self.places]
        places = [self.places[field] for field in fields]
        pick = itemgetter(*places, *places[:1])  # also returns a tuple for a single place
        known: set[tuple[str, ...]] = set()
        plain: list[list[str]] = []
        first = 2
        while rows := list(islice(self.rows, _BATCH_SIZE)):
            try:
                picked = list(map(pick, rows))
            except IndexError:  # a row that is too short
                picked = [tuple(row[place] if place < len(row) else "" for place in places) for row in rows]
            columns = list(zip(*picked))
            has_wanted = not all(map(wanted.isdisjoint, columns))
            if all(map(_is_plain, fields, columns)):
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
                        if self._may_matter(fields, values, wanted):
                            yield self.record(row, number)
                        elif len(known) < _MAX_REMEMBERED:
                            known.add(values)
            first += len(rows)
        if plain:
            yield from self._plain_records(plain)

    def _plain_records(self, rows: Sequence[Sequence[str]]) -> Iterable[R]:
        """Return the records of rows whose keys are in normal form."""
        return map(self.record, rows)

    def _may_matter(self, fields: Sequence[str], values: Sequence[str], wanted: frozenset[str]) -> bool:
        """Whether a row has a wanted key that is not in normal form, or an invalid key."""
        matters = False
        for field, cell in zip(fields, values):
            if not (cell in _BLANKS or _is_plain(field, (cell,))):
                value = self._key(field, cell)
                matters = matters or value in wanted or (value is None and clean(cell) is not None)
        return matters

    def _key(self, field: str, cell: str) -> str | None:
        """Return the cell of a key in normal form, or None if it is not a complete identifier."""
        return self._reader.identifier(field, cell, self._call)


class LineReader(RowReader[Line]):
    """Reads the lines of a history or of a transaction."""

    rules = LINE_RULES

    def _make(self, cells: Mapping[str, str], where: str) -> Line:
        return self._reader.line_of(cells, where, self._oddities, self._call)

    def lines_of(self, transactions: frozenset[str]) -> Iterator[Line]:
        """Yield the lines of some transactions; no lines if the history has no column for transaction ids."""
        place = self.places.get("transaction_id")
        if place is None:
            return
        for number, row in enumerate(self.rows, 2):
            if len(row) > place and clean(row[place]) in transactions:
                yield self.record(row, number)


class EntryReader(RowReader[Entry]):
    """Reads the entries of the device list.

    Args:
        by_mdn: whether rows are also filtered by MDN, in the form of `mdn_of`.
    """

    rules = ENTRY_RULES
    keys: Sequence[str] = (*IDENTIFIERS, "mdn")
    expected = "a CSV with a status column and one of MDN, IMEI, ICCID, EID"

    def __init__(
        self, reader: Reader, table: Table, call: str, oddities: Oddities | None = None, by_mdn: bool = False
    ) -> None:
        super().__init__(reader, table, call, oddities)
        if not by_mdn and any(field in self.places for field in IDENTIFIERS):
            self.keys = IDENTIFIERS
        if "device_group_name" in self.places:
            self.places.setdefault("device_group", self.places["device_group_name"])
        self._pick = itemgetter(*self.places.values())  # at least a status and a key, so it returns tuples
        self._known: dict[str, dict[str, Any]] = {field: {} for field in self.places if field in _REPEATED}

    def _is_status(self, text: str) -> bool:
        return self._reader.is_device_status(text)

    def _make(self, cells: Mapping[str, str], where: str) -> Entry:
        return self._reader.entry_of(cells, where, self._oddities, self._call)

    def _plain_records(self, rows: Sequence[Sequence[str]]) -> Iterable[Entry]:
        entries = self._plain_entries(rows)
        return super()._plain_records(rows) if entries is None else entries

    def _plain_entries(self, rows: Sequence[Sequence[str]]) -> list[Entry] | None:
        """Return the entries of rows with keys in normal form; None if a row needs a closer look.

        They are built column by column for speed: a fleet may have as many entries as the list.
        """
        try:
            columns = list(zip(*map(self._pick, rows)))
        except IndexError:  # a row that is too short
            return None
        cells = list(chain.from_iterable(columns))
        if not "".join(cells).isprintable() or has_secret(cells, self._reader.mask):
            return None
        made = dict(zip(self.places, map(self._column, self.places, columns)))
        fields = list(Entry._fields)
        while fields[-1] not in made:
            fields.pop()
        values = (made.get(field) or repeat(Entry._field_defaults[field]) for field in fields)
        return list(starmap(Entry, zip(*values)))

    def _column(self, field: str, cells: Sequence[str]) -> list[Any]:
        """Return the values of a field in some rows with printable cells."""
        if field in IDENTIFIERS:
            return [cell if cell not in _BLANKS and cell.strip("0") else None for cell in cells]
        if field == "mdn":
            return list(cells) if _has_values(field, cells) else [_value(field, cell) for cell in cells]
        if field in _TEXTS:
            return list(map(clean, cells))
        known = self._known.get(field)
        if known is None:
            return [_value(field, cell) for cell in cells]
        if len(known) > _MAX_REMEMBERED:
            known.clear()
        for cell in set(cells).difference(known):
            known[cell] = _value(field, cell)
        return [known[cell] for cell in cells]

    def _key(self, field: str, cell: str) -> str | None:
        return mdn_of(clean(cell) or "") if field == "mdn" else super()._key(field, cell)


def _value(field: str, cell: str) -> Any:
    text = clean(cell)
    return Entry._field_defaults[field] if text is None else entry_value(field, text)


def _is_plain(field: str, cells: Sequence[str]) -> bool:
    """Whether the cells of a key column are in normal form or empty."""
    if _BLANKS.issuperset(cells) or _has_values(field, cells):
        return True
    values = [cell for cell in cells if cell not in _BLANKS]
    return len(values) < len(cells) and _has_values(field, values)


def _has_values(field: str, cells: Sequence[str]) -> bool:
    """Whether each cell is a value in normal form."""
    if field == "mdn":
        return _PLAIN_MDNS.fullmatch("\n".join((*cells, ""))) is not None
    joined = "".join(cells)
    # Deleting the digits is several times as fast as testing for them.
    if not joined.isascii() or joined.encode().translate(None, _DIGITS):
        return False
    if not set(map(len, cells)) <= _PLAIN_LENGTHS[field]:
        return False
    if field != "iccid" or f"{_ROUNDED_END}\n" not in "\n".join((*cells, "")):
        return True
    return all(observed(field, cell) for cell in cells if cell.endswith(_ROUNDED_END))


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
