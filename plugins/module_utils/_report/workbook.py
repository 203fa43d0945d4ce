# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes Excel workbooks of devices. All text stays text, so identifiers keep their digits and nothing is a formula.

openpyxl is imported where it is needed, because it is optional and slow to load.
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

#: Extension of a workbook.
XLSX = ".xlsx"
#: Maximum number of rows below the header: a sheet has 2^20 rows.
MAX_ROWS = (1 << 20) - 1
#: Maximum number of characters in a cell.
_LONGEST = 32_767
#: Smallest number with more digits than a spreadsheet keeps.
_LARGE = 10**15
#: Number format of cells that keep their content as text.
_TEXT = "@"
#: Number of rows that column widths are measured from; minimum and maximum width in characters.
_SAMPLE = 200
_NARROW, _WIDE = 8, 60
#: Number of bytes read at once.
_CHUNK = 1 << 20


def is_xlsx(path: str) -> bool:
    """Whether a path has the extension of a workbook."""
    return path.lower().endswith(XLSX)


def workbook_problem(instead: str, rows: int = 0) -> str | None:
    """Return why a workbook cannot be written, as the end of a sentence that names the file, or None.

    Args:
        instead: formats to use instead, such as ".csv".
        rows: number of devices, if known.
    """
    if rows > MAX_ROWS:
        return f"has {rows:,} devices, but a sheet holds at most {MAX_ROWS:,}; use {instead}"
    try:
        openpyxl()
    except MissingLibraryError as error:
        install = (error.cure or "")[:1].lower() + (error.cure or "")[1:]
        return f"writing {XLSX} needs the Python library openpyxl; use {instead}, or {install}"
    return None


def workbook_parts(fields: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str = "Devices") -> Iterator[bytes]:
    """Yield a workbook with one sheet, in parts, without having all rows or the whole workbook in memory.

    Args:
        fields: the header, and the names of the cells in each row. If a row lacks a name, its cell is empty.
        rows: by these names.
        title: of the sheet.

    Raises MissingLibraryError without openpyxl, and OSError if there are too many rows for a sheet, or no space for the
    temporary files.
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
        # Each row is written before the next one is made, so one cell per column is enough.
        self._cells = [self._cell() for _field in fields]

    def _cell(self) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet)
        cell.number_format = _TEXT
        return cell

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the header and all rows. Raises OSError if there are too many rows for a sheet."""
        values = ([_value(row.get(field)) for field in self._fields] for row in rows)
        sample = list(islice(values, _SAMPLE))
        self._write_header(sample)
        append, cells = self._sheet.append, self._cells
        for number, row in enumerate(chain(sample, values)):
            if number == MAX_ROWS:
                raise OSError(errno.EFBIG, f"a sheet holds at most {MAX_ROWS:,} devices; use .csv")
            append([_filled(cell, value) for cell, value in zip(cells, row)])

    def _write_header(self, sample: Sequence[Sequence[Any]]) -> None:
        """Write the header, and set the column widths by the header and the first rows."""
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        header = [_value(field) for field in self._fields]
        self._sheet.freeze_panes = "A2"
        for number, cells in enumerate(zip(header, *sample), 1):
            column = self._sheet.column_dimensions[get_column_letter(number)]
            longest = max((len(str(cell)) for cell in cells if cell is not None), default=0)
            column.width = max(_NARROW, min(_WIDE, longest + 2))
            # Digits that are typed into an empty cell must stay text as well.
            column.number_format = _TEXT
        titles = [_filled(self._cell(), name) for name in header]
        for title in filter(None, titles):
            title.font = Font(bold=True)
        self._sheet.append(titles)

    def discard(self) -> None:
        """Remove the file of the rows. openpyxl removes it only when its process ends, and never in a forked one."""
        if not self._sheet.closed:
            with suppress(OSError):
                self._sheet.close()
        writer = getattr(self._sheet, "_writer", None)
        if writer is not None:
            with suppress(OSError):
                writer.cleanup()


def _filled(cell: Any, value: Any) -> Any:
    """Return what to append for a value: a text cell, which is never a formula, or the number itself."""
    if not isinstance(value, str):
        return value
    cell.value = value
    cell.data_type = "s"
    return cell


def _value(value: Any) -> str | float | None:
    """Return the value of a cell: text in one line, a number that a spreadsheet keeps, or None."""
    if value is None or value == "":
        return None
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    elif isinstance(value, bool) or (isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < _LARGE):
        return value
    text = printable(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
