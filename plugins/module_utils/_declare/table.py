# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn rows of cells into rows of devices: find the header, and ignore what is not a device."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import InputError
from .._text import fold, word_set
from .header_finder import HEADER_WITHIN, SAMPLE, HeaderFinder, Record, Source
from .headings import Header
from .history_rows import KIND, START, NewestRows, Row

__all__ = ["HEADER_WITHIN", "Record", "Source", "Table"]

#: First words of the rows with totals at the end of a report, folded.
_TOTALS = word_set(
    "total totals grandtotal subtotal totaldevices totalrows totalrecords totalcount sum count rowcount devicecount "
    "numberofdevices devices records rows endofreport generated exported printed"
)
_KINDS = word_set("sim smartsim esim")
#: As many digits as the shortest identifier has.
_IDENTIFIER = re.compile(r"(?:[0-9][^0-9A-Za-z]?){14}")
_NUMBERS = re.compile(r"[0-9]+")
#: A digit, or a spreadsheet error (#REF!), which may have replaced an identifier.
_DIGIT_OR_ERROR = re.compile(r"[0-9]|^#")


class Table(HeaderFinder):
    """The rows of devices in a table. They can be read once, one at a time. See `HeaderFinder` for the arguments."""

    def begin(self, above: Iterable[Record], number: int, header: Header) -> None:
        """Set the header. Raises InputError with its problems."""
        filled = [(row, cells) for row, cells in above if any(cells)]
        devices = [row for row, cells in filled if any(map(self.is_identifier, cells))]
        if devices:
            raise InputError(
                [f"{self.where(row)}: is a device above the header; move the header to the top" for row in devices]
            )
        self.ignored.above = [row for row, _cells in filled]
        self.ignored.headings = header.ignored
        self._take_headings(header)
        if header.problems:
            raise InputError([f"{self.where(number)}: {problem}" for problem in header.problems], "The header")

    def begin_keys(self, header: Header, items: Sequence[Mapping[str, Any]]) -> None:
        """Set the keys of mappings as the header. Raises InputError with their problems and for missing keys."""
        self.ignored.headings = header.ignored
        self._take_headings(header)
        if header.problems:
            raise InputError([f"{self.name}: {problem}" for problem in header.problems], "The list of keys")
        sample = [(0, [_as_cell(item.get(key)) for key in header.cells]) for item in items[:SAMPLE]]
        self.check_missing(self.name, header, sample)

    def _take_headings(self, header: Header) -> None:
        named = {cell: field for cell, field in zip(header.cells, header.fields) if field and field != START}
        # A history that is read as a fleet gives the kind of each row.
        kinds = {KIND: KIND} if header.is_history and self._source.kind is None else {}
        self.headings.update({**kinds, **named})

    def rows(self, number: int, header: Header, records: Iterable[Record], problems: list[str]) -> Iterator[Row]:
        """Yield the rows of devices below a header. Raises InputError at the end, with all problems."""
        rows = self._rows(number, header, records, problems)
        if not header.is_history:
            return rows
        return self.newest(rows)

    def newest(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the newest row of each device of a history export."""
        newest = NewestRows(rows, self._source.kind)
        yield from newest
        self.ignored.others += newest.ignored

    def _rows(self, number: int, header: Header, records: Iterable[Record], problems: list[str]) -> Iterator[Row]:
        records = iter(records)
        self.check_missing(self.where(number), header, records)
        fields, width = header.fields, len(header.fields)
        again, first = [fold(cell) for cell in header.cells], header.cells[0].lower()
        keys = [place for place, field in enumerate(fields) if field in self._source.vocabulary.identifiers]
        held: list[tuple[int, Row]] = []
        has_rows = False
        for row, cells in records:
            if not any(cells):
                continue
            if cells[0].lower() == first and [fold(cell) for cell in cells] == again:
                self.ignored.repeated.append(row)
                continue
            if len(cells) > width and any(cells[width:]):
                problems.append(
                    f"{self.where(row)}: has {len(cells)} cells, but the header has {width}; is a delimiter unquoted?"
                )
            values = {field: cell for field, cell in zip(fields, cells) if field and cell not in ("", None)}
            if KIND in values and self.is_of_other_kind(values):
                continue
            read = Row(self.where(row), values)
            if _has_identifier(cells, keys):
                yield from (waiting for _number, waiting in held)
                held.clear()
                has_rows = True
                yield read
            else:
                held.append((row, read))
        self.ignored.without_device += [row for row, _read in held]
        if problems:
            raise InputError(problems, self.name)
        if not has_rows:
            of_kind = f" of kind {self._source.kind}" if self.ignored.of_other_kinds else ""
            raise InputError([f"{self.name}: has a header but no devices{of_kind}"])

    def is_of_other_kind(self, values: dict[str, Any]) -> bool:
        """Whether a row is of another kind than the wanted one. Removes the kind from its values."""
        wanted = self._source.kind
        if wanted is None:
            return False
        kind = fold(values.pop(KIND))
        if kind not in _KINDS:  # the column means something else
            heading = next(cell for cell, field in self.headings.items() if field == KIND)
            self.ignored.headings = tuple(dict.fromkeys((*self.ignored.headings, heading)))
        is_other = kind in _KINDS and kind != wanted
        self.ignored.of_other_kinds += is_other
        return is_other


def _as_cell(value: Any) -> str:
    """Return a value of a mapping as a cell. A nested value is left out: its text could be huge."""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _has_identifier(cells: Sequence[Any], keys: Sequence[int]) -> bool:
    """Whether a row declares a device: an identifier has a digit, and the row is not the total of a report."""
    width = len(cells)
    for place in keys:
        if place < width and cells[place] and _DIGIT_OR_ERROR.search(cells[place]):
            first = next(filter(None, cells))
            if _NUMBERS.sub("", fold(first)) not in _TOTALS:
                return True
            return any(place < width and _IDENTIFIER.search(cells[place]) for place in keys)
    return False
