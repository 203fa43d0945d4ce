# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of an Excel workbook (.xlsx). openpyxl is imported only if a file needs it."""

from __future__ import annotations

import io
import traceback
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from .._errors import InputError, MissingLibraryError
from .._text import cut_short, hint, printable
from .cells import texts_of
from .content import EMPTY
from .headings import Header
from .history_rows import Row
from .table import HEADER_WITHIN, Record, Source, Table

#: Maximum size of an unpacked workbook, maximum compression of a large one, and size of a large one, in bytes.
MAX_UNPACKED, _RATIO, _LARGE = 256 << 20, 200, 50 << 20
#: Maximum number of rows of a sheet, as in Excel.
_ROWS = 1_048_576
#: The main part of a workbook, its content in the strict variant of the format, and the main part of a binary one.
_WORKBOOK, _STRICT, _BINARY = "xl/workbook.xml", b"purl.oclc.org/ooxml", "xl/workbook.bin"
#: Folder of the sheets, and number of bytes of a sheet that are read at a time.
_SHEETS, _CHUNK = "xl/worksheets/", 1 << 20
#: Maximum number of sheets that a message names.
_NAMED = 10
_SAVE_AGAIN = "download or save it again"
_NO_VALUES = "has formulas without saved values; open the workbook in a spreadsheet and save it"


def openpyxl() -> Any:
    """Return the library, which is slow to load and rarely needed. Raises MissingLibraryError without it."""
    try:
        import openpyxl as library
    except ImportError:
        raise MissingLibraryError("openpyxl", traceback.format_exc()) from None
    return library


def open_workbook(content: bytes, data_only: bool = True) -> Any:
    """Return an openpyxl workbook to read row by row. `data_only`: whether cells have values instead of formulas."""
    library = openpyxl()
    # These warnings are about styles and extensions, which do not matter here.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
    return library.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)


def is_workbook(content: bytes, name: str) -> bool:
    """Whether a zip is a workbook. Raises InputError for another zip, and for a broken or too large one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            names = archive.namelist()
            is_strict = _WORKBOOK in names and size <= MAX_UNPACKED and _STRICT in archive.read(_WORKBOOK)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError):
        raise InputError([f"{name}: is a broken workbook or zip; {_SAVE_AGAIN}"]) from None
    if _WORKBOOK not in names:
        raise InputError([f"{name}: {_other_zip(names)}"])
    if size > MAX_UNPACKED or (size > _LARGE and size > _RATIO * len(content)):
        raise InputError([f"{name}: is larger than {MAX_UNPACKED >> 20} MB unpacked, the maximum; save it as .csv"])
    if is_strict:
        raise InputError([f"{name}: is a Strict Open XML workbook; save it as Excel Workbook (.xlsx)"])
    return True


def _other_zip(names: list[str]) -> str:
    """Return the problem of a zip that is not a workbook. `names`: names of its entries."""
    if "mimetype" in names and "content.xml" in names:
        return "is an OpenDocument spreadsheet (.ods); save it as .xlsx or .csv"
    return (
        "is a binary workbook (.xlsb); save it as .xlsx" if "xl/workbook.bin" in names else "is a zip; unpack it first"
    )


def _has_formulas(content: bytes) -> bool:
    """Whether any sheet of a workbook has a formula. This is much faster than reading the workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith(_SHEETS):
                with archive.open(name) as part:
                    tail = b""
                    while chunk := part.read(_CHUNK):
                        if b"<f>" in tail + chunk or b"<f " in tail + chunk:
                            return True
                        tail = chunk[-2:]
    return False


class _Sheet(NamedTuple):
    """The sheet with the devices. `first`, `rest`: its rows; `place`: index of the header in `first`."""

    title: str
    place: int
    header: Header
    first: list[Record]
    rest: Iterable[Record]


class WorkbookRows:
    """The rows of a workbook, see `read_rows`. They can be read once, one at a time.

    Args:
        content: content of a file for which `is_workbook` is true.
        name: the file's name in messages.
        source: how to read the file. Without its `sheet`, the first visible sheet with a header is read.
    """

    def __init__(self, content: bytes, name: str, source: Source) -> None:
        self._content = content
        self._source = source
        self._last = 0
        self._has_blank = self._is_read = False
        self.table = Table(name, "row", source)

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self._rows()
        except (InputError, MissingLibraryError):
            raise
        except Exception:  # noqa: BLE001  with a broken XML, openpyxl may raise any exception
            raise InputError([f"{self.table.name}: cannot be read as a workbook; {_SAVE_AGAIN}"]) from None

    def _rows(self) -> Iterator[Row]:
        book = self._opened()
        sheet = self._find_sheet(book)
        number = sheet.first[sheet.place][0]
        self.table.begin(sheet.first[: sheet.place], number, sheet.header)
        records = self._noting_blank(chain(sheet.first[sheet.place + 1 :], sheet.rest), sheet.header)
        problems: list[str] = []
        try:
            yield from self.table.rows(number, sheet.header, records, [])
        except InputError as error:
            if not self._is_read:
                raise
            problems = error.problems
        finally:
            book.close()
        if (self._has_blank or problems) and _has_formulas(self._content):
            problems = self._formulas_without_values(sheet.title) or problems
        if problems:
            raise InputError(problems, self.table.name)

    def _noting_blank(self, records: Iterable[Record], header: Header) -> Iterator[Record]:
        needed = [place for place, field in enumerate(header.fields) if field in self._source.required]
        for number, cells in records:
            self._last = number
            if not self._has_blank:
                self._has_blank = not any(cells) or not all(place < len(cells) and cells[place] for place in needed)
            yield number, cells
        self._is_read = True

    def _formulas_without_values(self, title: str) -> list[str]:
        """Return a problem for each row whose formulas have no saved values, as in workbooks that programs write."""
        books = self._opened(data_only=False), self._opened()
        rows = (book[title].iter_rows(values_only=True) for book in books)
        rows_without: list[int] = []
        try:
            for number, (formulas, values) in enumerate(islice(zip(*rows), self._last), 1):
                places = [place for place, value in enumerate(formulas) if isinstance(value, str) and value[:1] == "="]
                if any(values[place] for place in places if place < len(values)):
                    return []
                if places:
                    rows_without.append(number)
        finally:
            for book in books:
                book.close()
        return [f"{self.table.where(number)}: {_NO_VALUES}" for number in rows_without]

    def _opened(self, data_only: bool = True) -> Any:
        return open_workbook(self._content, data_only)

    def _find_sheet(self, book: Any) -> _Sheet:
        """Return the sheet with the devices. Raises InputError if there is none."""
        unsure: _Sheet | None = None
        begins: list[Record] = []
        for sheet in self._candidate_sheets(book):
            sheet.reset_dimensions()  # the dimensions in the file may be wrong
            records = self._records(sheet)
            first = list(islice(records, 2 * HEADER_WITHIN))
            found = self.table.find_header(first)
            if found is not None and found[1].is_sure:
                return _Sheet(sheet.title, *found, first, records)
            if found is not None and unsure is None:
                unsure = _Sheet(sheet.title, *found, first, records)
            begins = begins or [record for record in first[:HEADER_WITHIN] if any(record[1])]
        if unsure is not None:
            return unsure
        raise self.table.no_header(begins) if begins else InputError([f"{self.table.name}: {EMPTY}"])

    def _candidate_sheets(self, book: Any) -> list[Any]:
        """Return the sheets that may have the devices: the visible ones, or the one that the option names."""
        sheets = book.worksheets
        wanted = self._source.sheet
        if wanted is None:
            return [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
        named = [sheet for sheet in sheets if sheet.title == wanted]
        if named:
            return named
        names = [sheet.title for sheet in sheets]
        likely = hint(wanted, names).partition("?")
        start = f"{self.table.name}: has no sheet '{printable(wanted)}'"
        listed = cut_short([printable(name) for name in names], _NAMED) or "none"
        raise InputError([f"{start}{likely[0]}? Sheets: {listed}" if likely[1] else f"{start}; sheets: {listed}"])

    def _records(self, sheet: Any) -> Iterator[Record]:
        for number, cells in enumerate(sheet.iter_rows(), 1):
            if number > _ROWS:
                raise InputError(
                    [f"{self.table.name}: has more than {_ROWS:,} rows, the maximum of Excel; {_SAVE_AGAIN}"]
                )
            yield number, texts_of(cells)
