# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the header of a table, and report a missing header or column."""

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

#: Maximum number of rows from the beginning in which the header is searched.
HEADER_WITHIN = 20
#: Maximum number of columns with a heading.
MAX_COLUMNS = 1000
#: Maximum number of rows that show what an unknown column contains.
SAMPLE = 20
_MDN = re.compile(r"\+?1?[ -]?\(?[2-9][0-9]{2}\)?[ -]?[0-9]{3}-?[0-9]{4}")
_NO_HEADER = "not a header; add a first line with the column names, such as iccid,imei,carrier,nickname"
#: Field → its name in a message, and the name of its values.
_TITLES = {"iccid": "the ICCID", "imei": "the IMEI", "eid": "the EID", "sim_id": "the SmartSIM's id"}
_VALUES = {"iccid": "ICCIDs", "imei": "IMEIs", "eid": "EIDs", "sim_id": "SmartSIM ids"}

#: The number of a row in the file, and its cells without surrounding blanks.
Record = tuple[int, Sequence[Any]]


class Source(NamedTuple):
    """How to read a file.

    `vocabulary`: what its headings may mean. `kind`: kind of all devices, or None if rows may be of several kinds.
    `required`: fields that each device needs and that the task does not give. `columns`, `sheet`: the options with
    these names.
    """

    vocabulary: Vocabulary
    kind: str | None = None
    required: tuple[str, ...] = ()
    columns: Mapping[str, str] | None = None
    sheet: str | None = None


class HeaderFinder:
    """Finds the header of a table.

    `headings`: headings → the fields that they mean, once the header was found. `ignored`: the parts of the file that
    are not devices.

    Args:
        name: name of the file.
        unit: name of a row in messages: "line" of a text, "row" of a workbook, "device" of a list of mappings.
        source: how to read the file.
    """

    def __init__(self, name: str, unit: str, source: Source) -> None:
        self.name = printable(name)
        self.headings: dict[str, str] = {}
        self.ignored = Ignored(self.name, unit)
        self._source = source

    def where(self, number: int) -> str:
        """Return the name of a row for messages."""
        return f"{self.name}, {self.ignored.unit} {number}"

    def find_header(self, records: Sequence[Record]) -> tuple[int, Header] | None:
        """Return the index of the header among the first records and the header, or None if there is none."""
        filled = [sum(map(bool, cells)) for _number, cells in records]
        unsure: tuple[int, Header] | None = None
        for place, (number, cells) in enumerate(records[:HEADER_WITHIN]):
            if filled[place] > MAX_COLUMNS:
                raise InputError(
                    [f"{self.where(number)}: has more than {MAX_COLUMNS:,} columns; is this a list of devices?"]
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
        is_device = [any(map(self.is_identifier, cells)) for _number, cells in rows]
        if is_device[:1] == [True]:
            return InputError([f"{self.where(rows[0][0])}: is a device, {_NO_HEADER}"])
        if self._source.columns is not None:
            named = named_columns(list(self._source.columns))
            problem = f"none of its headings is in the first {HEADER_WITHIN} rows of {self.name}: {named}"
            return InputError([f"columns: {problem}; correct them, or move the header up"])
        # The row above the first device must be the header, even if it has no known heading.
        place = is_device.index(True) - 1 if True in is_device else 0
        number, cells = rows[place] if rows else (1, ())
        headings = [str(cell) for cell in cells]
        by_value = _by_value(headings, [None] * len(headings), rows[place + 1 :])
        wanted = [field for field in self._source.required if field in self._source.vocabulary.identifiers]
        return InputError([self._missing_columns(self.where(number), headings, wanted, by_value)])

    def is_identifier(self, cell: Any) -> bool:
        """Whether a cell is an identifier, or an MDN if MDNs name devices."""
        text = str(cell)
        return recognise(text) is not None or (
            "mdn" in self._source.vocabulary.identifiers and bool(_MDN.fullmatch(text))
        )

    def _missing_columns(
        self, where: str, headings: Sequence[str], fields: Sequence[str], by_value: Mapping[str, str]
    ) -> str:
        """Return the problem of missing columns. `by_value`: field whose values a column contains → its heading."""
        word = self.ignored.column
        titles = " and ".join(_TITLES.get(field, field) for field in fields) or "an identifier"
        likely = {by_value[field]: field for field in fields if field in by_value}
        if likely:
            columns = (f'"{printable(heading)}" has {_VALUES.get(field, field)}' for heading, field in likely.items())
            cure = f"{' and '.join(columns)}, so set {as_option({**self.headings, **likely})}"
            others = [_TITLES.get(field, field) for field in fields if field not in by_value]
            cure += f", and add a {word} for {' and '.join(others)}" if others else ""
        elif fields and set(fields).isdisjoint(self._source.vocabulary.identifiers):
            cure = f"add one, or set {fields[0]} for all devices in the task"
        else:
            cure = f"add one, or set columns, such as columns: {{HEADING: {fields[0] if fields else 'iccid'}}}"
        listed = f". {word.title()}s: {named_columns(list(filter(None, headings)))}" if any(headings) else ""
        return f"{where}: no {word} for {titles}; {cure}{listed}"

    def check_missing(self, where: str, header: Header, records: Iterable[Record]) -> None:
        """Raise InputError if a required field has no column. The first records show which column may have it."""
        if self._source.kind is None and (KIND in header.fields or header.is_history):
            return
        missing = [field for field in self._source.required if field not in header.fields]
        if not missing:
            return
        used = {*self._source.required, *DEVICE_FIELDS} if self._source.kind else self._source.vocabulary.fields
        fields = [field if field in used else None for field in header.fields]
        by_value = _by_value(header.cells, fields, list(islice(records, SAMPLE)))
        raise InputError([self._missing_columns(where, header.cells, missing, by_value)], "The header")


def _by_value(headings: Sequence[str], fields: Sequence[str | None], records: Sequence[Record]) -> dict[str, str]:
    """Return field → heading for unknown columns that contain only identifiers of one sort."""
    headings_by_field: dict[str, str] = {}
    for place, heading in enumerate(headings):
        values = [recognise(str(cells[place])) for _row, cells in records if place < len(cells) and cells[place]]
        # One of ten numbers with 15 digits is a valid IMEI.
        has_enough = len(values) > (1 if "imei" in values else 0)
        is_open = heading and fields[place] is None and not is_former(heading)
        if is_open and has_enough and len(set(values)) == 1:
            headings_by_field.setdefault(str(values[0]), heading)
    return headings_by_field
