# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read rows from files that declare devices: CSV, workbook, YAML, JSON. The content decides what a file is."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Union

from .._errors import InputError
from .._text import fold, printable
from .content import ZIP, encoding_of, read_bytes, refuse_other, refuse_page
from .csv_file import CsvRows
from .documents import Item, json_items, json_line_items, yaml_items
from .headings import Header, read_header
from .history_rows import KIND, Row
from .table import Source, Table
from .workbook import WorkbookRows, is_workbook

__all__ = [
    "FORMATS",
    "CsvRows",
    "DocumentRows",
    "Row",
    "Rows",
    "Source",
    "WorkbookRows",
    "read_bytes",
    "read_rows",
    "warnings_of",
]

FORMATS = {
    **dict.fromkeys((".csv", ".txt", ".tsv"), "csv"),
    ".xlsx": "xlsx",
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    ".json": "json",
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
}
_PARSERS: dict[str, Callable[[str, str], list[Item]]] = {
    "yaml": yaml_items,
    "json": json_items,
    "jsonl": json_line_items,
}
#: Number of bytes from the beginning that show what a text is.
_BEGIN = 4000
#: Scalars that mean null in YAML: BaseLoader leaves them as written.
_YAML_NOTHING = ("", "~", "null", "Null", "NULL")


def read_rows(path: str, source: Source) -> Rows:
    """Return the rows of a file. Those of a CSV file or a workbook are read one at a time.

    Args:
        path: path of the file, which ends in .csv (or .txt, .tsv), .xlsx, .yml, .yaml, .json, or .jsonl.
        source: how to read the file.

    Raises InputError with the file, the row or the column, and what is wrong with it; MissingLibraryError if the format
    needs a library that is missing.
    """
    name = os.path.basename(path)
    ending = os.path.splitext(path)[1]
    form = FORMATS.get(ending.lower())
    if form is None:
        raise InputError([f'{name}: unsupported file type "{ending or name}"; use .csv, .xlsx, .yml or .json'])
    content = read_bytes(path)
    if content.startswith(ZIP) and is_workbook(content, name):  # even if its name says otherwise
        return WorkbookRows(content, name, source)
    refuse_other(content, name)
    if form == "xlsx":
        refuse_page(content[:_BEGIN].decode("utf-8", "replace"), name)
        raise InputError([f"{name}: is not a workbook; save it again as .xlsx, or rename it to .csv if it is text"])
    encoding = encoding_of(content, name)
    begin = content[:_BEGIN].decode(encoding, "ignore")
    refuse_page(begin, name)
    if form == "csv":
        _refuse_document(begin, name)
    if source.sheet is not None:
        raise InputError([f"sheet: {name} is not a workbook (.xlsx); leave sheet out"])
    if form == "csv":  # bytes take less memory than text
        lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
        return CsvRows(_without_mark(lines), name, source)
    items = _PARSERS[form](content.decode(encoding).lstrip("\ufeff"), name)
    if not any(_may_be_device(item) for _where, item in items):
        raise InputError([f"{name}: has no devices"])
    return DocumentRows(items, name, source)


def _refuse_document(begin: str, name: str) -> None:
    """Raise InputError for JSON or YAML in a file that is named like a CSV file."""
    text = begin.lstrip("\ufeff \t\r\n")
    if text.startswith(("[{", "[\n", "[\r", '{"', "{\n", "{\r", "[ {", '{ "')):
        raise InputError([f"{name}: is JSON; rename it to .json, or to .jsonl if each line is a device"])
    if text.startswith(("---\n", "---\r", "- iccid:", "- imei:", "- {", "- sim_id:", "- kind:")):
        raise InputError([f"{name}: is YAML; rename it to .yml"])


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    rest = iter(lines)
    yield next(rest, "").lstrip("\ufeff")
    yield from rest


class DocumentRows:
    """The mappings of a document as rows, with their keys as headings.

    Args:
        items: the mappings, each with its place.
        name: the document's name in messages.
        source: how to read the document.
    """

    def __init__(self, items: list[Item], name: str, source: Source) -> None:
        self._items = items
        self._source = source
        self.table = Table(name, "device", source)

    def __iter__(self) -> Iterator[Row]:
        if not self._items:
            return
        keys, spelled = self._keys()
        header = read_header(keys, self._source.vocabulary, self._source.columns, "key")
        if header is None:
            header = Header(tuple(keys), (None,) * len(keys), (), (), 0, is_sure=False)
        self.table.begin_keys(header, [item for _where, item in self._items])
        meant = dict(zip(keys, header.fields))
        fields = {key: field for key, first in spelled.items() if (field := meant[first])}
        rows = self._rows(fields)
        yield from self.table.newest(rows) if header.is_history else rows

    def _rows(self, fields: Mapping[str, str]) -> Iterator[Row]:
        for where, item in self._items:
            values = _values(item, fields)
            if not (KIND in values and self.table.is_of_other_kind(values)):
                yield Row(where, values)

    def _keys(self) -> tuple[list[str], dict[str, str]]:
        """Return the keys of all mappings in their first spelling, and each spelling with its first one."""
        first: dict[str, str] = {}
        spelled: dict[str, str] = {}
        for where, item in self._items:
            own = [str(key) for key in item]
            for key in own:
                if key not in spelled:
                    spelled[key] = first.setdefault(fold(key) or key, key)
            twice = [key for key in own if spelled[key] != key and spelled[key] in own]
            if twice:
                both = f"{printable(spelled[twice[0]])} and {printable(twice[0])}"
                raise InputError([f"{where}: {both} are the same key; remove one of them"])
        return list(first.values()), spelled


def _values(item: Mapping[Any, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    return {fields[str(key)]: value for key, value in item.items() if str(key) in fields and not _is_nothing(value)}


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in _YAML_NOTHING)


def _may_be_device(item: Mapping[Any, Any]) -> bool:
    """Whether a mapping may be a device, even a wrong one: it is empty, or has a value."""
    return not item or not all(map(_is_nothing, item.values()))


#: The rows of a file, with their `table`.
Rows = Union[CsvRows, WorkbookRows, DocumentRows]


def with_warnings(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows. An error carries what was ignored in their file, which may be the cause."""
    try:
        yield from rows
    except InputError as error:
        error.warnings += warnings_of(rows)
        raise


def warnings_of(rows: object) -> list[str]:
    """Return warnings about what was ignored in a file, once its rows were read; none for rows from elsewhere."""
    table = getattr(rows, "table", None)
    return table.ignored.sentences() if isinstance(table, Table) else []
