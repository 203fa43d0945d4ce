# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The header of a table: where it is, and what to say where it is missing or lacks a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from .._errors import InputError
from .._options import DEVICE_FIELDS
from .._text import printable
from .._wire.identifiers import recognise
from .headings import Header, Vocabulary, as_option, is_former, named_columns, read_header
from .history_rows import KIND
from .ignored import Ignored

#: Rows from the beginning among which the header is.
HEADER_WITHIN = 20
#: Maximum number of columns with a heading.
MAX_COLUMNS = 1000
#: Rows of devices that show what is in a column that nothing names.
SAMPLE = 20
_MDN = re.compile(r"\+?1?[ -]?\(?[2-9][0-9]{2}\)?[ -]?[0-9]{3}-?[0-9]{4}")
_NO_HEADER = "not a header: add a first line with the names of the columns, such as iccid,imei,carrier,nickname"
#: What a message calls a column.
_TITLES = {"iccid": "the ICCID", "imei": "the IMEI", "eid": "the EID", "sim_id": "the SmartSIM's id"}

#: A row of cells without blanks around them, and its number in the file.
Record = tuple[int, Sequence[Any]]


class Source(NamedTuple):
    """What a file is read for.

    `vocabulary`: what its headings may mean. `kind`: of all devices; None where rows may be of several kinds.
    `required`: fields that each device needs and that nothing else gives. `columns`, `sheet`: the options of these
    names.
    """

    vocabulary: Vocabulary
    kind: str | None = None
    required: tuple[str, ...] = ()
    columns: Mapping[str, str] | None = None
    sheet: str | None = None


class HeaderFinder:
    """Finds the header of a table.

    `headings`: the headings that mean a field, and these fields, once the header has been taken over. `ignored`:
    what is not a device.

    Args:
        name: of the file.
        unit: what a message calls a row: "line" of a text, "row" of a workbook, "device" of a list of mappings.
        source: what the file is read for.
    """

    def __init__(self, name: str, unit: str, source: Source) -> None:
        self.name = printable(name)
        self.headings: dict[str, str] = {}
        self.ignored = Ignored(self.name, unit)
        self._source = source

    def where(self, number: int) -> str:
        """Return what messages call a row."""
        return f"{self.name}, {self.ignored.unit} {number}"

    def find_header(self, records: Sequence[Record]) -> tuple[int, Header] | None:
        """Return the place of the header among the first records, and how it is read; None where there is none."""
        filled = [sum(map(bool, cells)) for _number, cells in records]
        unsure: tuple[int, Header] | None = None
        for place, (number, cells) in enumerate(records[:HEADER_WITHIN]):
            if filled[place] > MAX_COLUMNS:
                raise InputError(
                    [f"{self.where(number)}: has more than {MAX_COLUMNS:,} columns: is this a list of devices?"]
                )
            if filled[place] == 1 and any(count > 1 for count in filled[place + 1 :]):
                continue  # a title
            header = read_header([str(cell) for cell in cells], self._source.vocabulary, self._source.columns)
            if header is None:
                continue
            if header.is_sure:
                return place, header
            unsure = unsure or (place, header)
        return unsure

    def no_header(self, records: Sequence[Record]) -> InputError:
        """Return the error for a table without a header."""
        rows = [record for record in records if any(record[1])]
        is_device = [any(map(self.identifies, cells)) for _number, cells in rows]
        if is_device[:1] == [True]:
            return InputError([f"{self.where(rows[0][0])}: is a device, {_NO_HEADER}"])
        if self._source.columns is not None:
            named = named_columns(list(self._source.columns))
            return InputError([f"{self.name}: none of the columns is in its first {HEADER_WITHIN} rows: {named}"])
        # Above the first device are its headings, whatever they say.
        place = is_device.index(True) - 1 if True in is_device else 0
        number, cells = rows[place] if rows else (1, ())
        headings = [str(cell) for cell in cells]
        by_value = _by_value(headings, [None] * len(headings), rows[place + 1 :])
        wanted = [field for field in self._source.required if field in self._source.vocabulary.identifiers]
        return InputError([self._lacking(self.where(number), headings, wanted, by_value)])

    def identifies(self, cell: Any) -> bool:
        """Whether a cell is an identifier; where MDNs name devices, one of these as well."""
        text = str(cell)
        return recognise(text) is not None or (
            "mdn" in self._source.vocabulary.identifiers and bool(_MDN.fullmatch(text))
        )

    def _lacking(self, where: str, headings: Sequence[str], fields: Sequence[str], by_value: Mapping[str, str]) -> str:
        """Return what is wrong where columns are missing. `by_value`: headings of columns, by what is in them."""
        word = self.ignored.column
        what = " and ".join(_TITLES.get(field, field) for field in fields) or "an identifier"
        likely = {by_value[field]: field for field in fields if field in by_value}
        if likely:
            named = " and ".join(f'"{printable(heading)}"' for heading in likely)
            wanted = {**self.headings, **likely}
            cure = f"{named} {'has' if len(likely) == 1 else 'have'} such values; to take that, set {as_option(wanted)}"
        elif fields and set(fields).isdisjoint(self._source.vocabulary.identifiers):
            cure = f"add one, or give {fields[0]} to the task, for all devices"
        else:
            cure = f"add one, or name it, such as columns: {{HEADING: {fields[0] if fields else 'iccid'}}}"
        listed = f" There are: {named_columns(list(filter(None, headings)))}" if any(headings) else ""
        return f"{where}: no {word} for {what}: {cure}.{listed}"

    def check_missing(self, where: str, header: Header, records: Iterable[Record]) -> None:
        """Raise InputError where there is no column for what each device needs. The first records show a likely one."""
        if self._source.kind is None and (KIND in header.fields or header.is_history):
            return
        missing = [field for field in self._source.required if field not in header.fields]
        if not missing:
            return
        used = {*self._source.required, *DEVICE_FIELDS} if self._source.kind else self._source.vocabulary.fields
        fields = [field if field in used else None for field in header.fields]
        by_value = _by_value(header.cells, fields, list(islice(records, SAMPLE)))
        raise InputError([self._lacking(where, header.cells, missing, by_value)], "The header")


def _by_value(headings: Sequence[str], fields: Sequence[str | None], records: Sequence[Record]) -> dict[str, str]:
    """Return the headings without a field whose column has nothing but identifiers of one sort, by that."""
    found: dict[str, str] = {}
    for place, heading in enumerate(headings):
        values = [recognise(str(cells[place])) for _row, cells in records if place < len(cells) and cells[place]]
        # Every tenth number of 15 digits passes for an IMEI.
        surely = len(values) > (1 if "imei" in values else 0)
        is_open = heading and fields[place] is None and not is_former(heading)
        if is_open and surely and len(set(values)) == 1:
            found.setdefault(str(values[0]), heading)
    return found
