# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Excel workbooks of devices: every text stays text, so that identifiers keep all digits and nothing is a formula.

openpyxl is imported where it is needed: it is optional, and slow to load.
"""

from __future__ import annotations

import errno
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from .._declare.workbook import openpyxl
from .._errors import MissingLibraryError
from .._text import printable

#: The ending of a workbook.
XLSX = ".xlsx"
#: Maximum number of rows below the header: a sheet has 2^20 rows.
MAX_ROWS = (1 << 20) - 1
#: Maximum length of a text in a cell, in characters.
_LONGEST = 32_767
#: Numbers from here on have more digits than a spreadsheet keeps.
_LARGE = 10**15
#: The number format of cells that are text, whatever is typed into them.
_TEXT = "@"
#: Rows that are looked at for the widths of the columns, and the narrowest and the widest column, in characters.
_SAMPLE = 200
_NARROW, _WIDE = 8, 60
#: Bytes that are read at a time.
_CHUNK = 1 << 20


def is_xlsx(path: str) -> bool:
    """Whether a path ends as that of a workbook."""
    return path.lower().endswith(XLSX)


def workbook_problem(instead: str, rows: int = 0) -> str | None:
    """Return why a workbook cannot be written, as the end of a sentence that names the file, or None.

    Args:
        instead: the formats that can be used instead, such as ".csv".
        rows: number of devices, as far as it is known.
    """
    if rows > MAX_ROWS:
        return f"has {rows:,} devices, and a sheet has room for {MAX_ROWS:,}; use {instead}"
    try:
        openpyxl()
    except MissingLibraryError as error:
        install = (error.cure or "")[:1].lower() + (error.cure or "")[1:]
        return f"writing {XLSX} needs the Python library openpyxl; use {instead}, or {install}"
    return None


def workbook_parts(fields: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str = "Devices") -> Iterator[bytes]:
    """Yield a workbook with one sheet, in parts; rows and workbook are not in memory as a whole.

    Args:
        fields: the header, and the names of the cells in each row; a name that a row lacks leaves its cell empty.
        rows: by these names.
        title: of the sheet.

    Raises MissingLibraryError without openpyxl, and OSError where there are more rows than a sheet has, or no room for
    the temporary files.
    """
    workbook = openpyxl().Workbook(write_only=True)
    with tempfile.TemporaryFile() as stream:
        sheet = _Sheet(workbook.create_sheet(title), fields)
        try:
            sheet.write(rows)
            workbook.save(stream)
        except BaseException:
            sheet.discard()
            raise
        stream.seek(0)
        while part := stream.read(_CHUNK):
            yield part


class _Sheet:
    """A sheet that is being written, one row at a time.

    Args:
        sheet: an empty write-only worksheet.
        fields: as in `workbook_parts`.
    """

    def __init__(self, sheet: Any, fields: Sequence[str]) -> None:
        self._sheet = sheet
        self._fields = fields
        # A row is written before the next one is made, so each column needs only one cell.
        self._cells = [self._cell() for _field in fields]

    def _cell(self) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet)
        cell.number_format = _TEXT
        return cell

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the header and all rows. Raises OSError where a sheet does not have so many."""
        values = ([_value(row.get(field)) for field in self._fields] for row in rows)
        sample = list(islice(values, _SAMPLE))
        self._write_header(sample)
        append, cells = self._sheet.append, self._cells
        for number, row in enumerate(chain(sample, values)):
            if number == MAX_ROWS:
                raise OSError(errno.EFBIG, f"a sheet has room for {MAX_ROWS:,} devices; use .csv")
            append([_filled(cell, value) for cell, value in zip(cells, row)])

    def _write_header(self, sample: Sequence[Sequence[Any]]) -> None:
        """Write the header, with columns that fit what is in it and in the first rows."""
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        header = [_value(field) for field in self._fields]
        self._sheet.freeze_panes = "A2"
        for number, cells in enumerate(zip(header, *sample), 1):
            column = self._sheet.column_dimensions[get_column_letter(number)]
            longest = max((len(str(cell)) for cell in cells if cell is not None), default=0)
            column.width = max(_NARROW, min(_WIDE, longest + 2))
            # Digits that are typed into an empty cell must stay, too.
            column.number_format = _TEXT
        titles = [_filled(self._cell(), name) for name in header]
        for title in filter(None, titles):
            title.font = Font(bold=True)
        self._sheet.append(titles)

    def discard(self) -> None:
        """Remove the file of the rows: openpyxl keeps it until its process ends, and that of a forked process stays."""
        if not self._sheet.closed:
            with suppress(OSError):
                self._sheet.close()
        writer = getattr(self._sheet, "_writer", None)
        if writer is not None:
            with suppress(OSError):
                writer.cleanup()


def _filled(cell: Any, value: Any) -> Any:
    """Return what is appended for a value: the cell with a text, which is never a formula, or a number itself."""
    if not isinstance(value, str):
        return value
    cell.value = value
    cell.data_type = "s"
    return cell


def _value(value: Any) -> str | float | None:
    """Return a value as a cell has it: a text in one line, a number that a spreadsheet keeps, or None."""
    if value is None or value == "":
        return None
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    elif isinstance(value, bool) or (isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < _LARGE):
        return value
    text = printable(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
