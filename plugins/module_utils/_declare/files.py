# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files: what a user declared (CSV, YAML, JSON) read into rows of text, without meaning."""

from __future__ import annotations

import csv
import io
import json
import os
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from .._errors import InputError, MissingLibraryError, reason_of
from .._text import fold, hint, path_problem, shown_path, unwrapped

try:
    import yaml
except ImportError:
    YAML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    YAML_IMPORT_ERROR = None

FORMATS = {
    **dict.fromkeys((".csv", ".txt"), "csv"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    ".json": "json",
    ".jsonl": "jsonl",
}
#: Columns that a run has written behind those of a device, and that declare nothing: see `failed_file`.
WRITTEN = ("outcome", "reason")
_DELIMITERS = ",;\t|"
_SAVE_AS_UTF_8 = 'save the file as UTF-8 (in spreadsheets: "CSV UTF-8")'
_EXPECTED = "a list of devices was expected, each a mapping such as {imei: …, iccid: …, carrier: …}"
_EMPTY = "is empty: a header and at least one device were expected"
_OPEN_QUOTE = (
    'a cell does not end in its line: close the quotation mark (") that opens it, or remove it; a cell cannot have a '
    "line break"
)
_CLOSED_QUOTE = (
    'text follows a closing quotation mark ("): remove the mark, or write it twice where it belongs to a quoted cell'
)
#: How YAML's BaseLoader, which leaves every scalar as it was written, shows that there is nothing.
_YAML_NOTHING = ("", "~", "null", "Null", "NULL")


class Row(NamedTuple):
    """A declared device before any check: where it stands, and its values by the names that the user wrote."""

    where: str
    values: Mapping[str, Any]


def read_rows(path: str, columns: Mapping[str, str]) -> Iterable[Row]:
    """The rows of a file; those of a CSV are read one at a time.

    Args:
        path: ends in .csv (or .txt), .yml, .yaml, .json or .jsonl.
        columns: what a CSV's header may say, as it is or folded → the field it means.

    Blank lines are ignored, and so are the columns and keys `WRITTEN`, unless they mean a field. Raises InputError that
    names the file, the row or the column, and what was expected.
    """
    name = os.path.basename(path)
    ending = os.path.splitext(path)[1]
    form = FORMATS.get(ending.lower())
    if form is None:
        raise InputError([f'{name}: unsupported file type "{ending or name}"; use .csv, .yml, .yaml, .json or .jsonl'])
    content = read_bytes(path)
    text = _text_of(content, name)
    if form == "csv":
        del text  # large files take least memory as bytes
        return CsvRows(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), name, columns)
    if form == "jsonl":
        return _rows(_json_lines(text, name), name)
    return _list_rows(_yaml(text, name) if form == "yaml" else _json(text, name), name)


def read_bytes(path: str, option: str | None = None) -> bytes:
    """Return a file's content. Raises InputError, with the option that names the file, where it cannot be read."""
    prefix = f"{option}: " if option else ""
    problem = path_problem(path)
    if problem:
        raise InputError([f"{prefix}{problem}"])
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except OSError as error:
        where = "on the machine that runs the module"
        begins = "" if os.path.isabs(path) else f"; relative paths begin in {shown_path(os.getcwd())}"
        raise InputError([f"{prefix}{shown_path(path)}: cannot be read {where}: {reason_of(error)}{begins}"]) from None


def _text_of(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = f"{name}, line {line}: is not UTF-8 (byte {content[error.start]:#04x})"
        raise InputError([f"{problem}: {_SAVE_AS_UTF_8}"]) from None
    if not text.strip():
        raise InputError([f"{name}: {_EMPTY}"])
    nul = text.find("\x00")
    if nul >= 0:  # as in UTF-16 without a byte order mark; before Python 3.11 the csv module refuses it anyway
        line = text.count("\n", 0, nul) + 1
        raise InputError([f"{name}, line {line}: is not UTF-8 text (it has NUL characters): {_SAVE_AS_UTF_8}"])
    return text


class CsvRows:
    """The rows of a CSV, like those of `read_rows`; they are read once, one at a time.

    `headings`: the headings of its columns and the fields that they mean, in the file's order, once the first row has
    been read. What is wrong with the form of the file is raised behind its last row.

    Args:
        text: its lines, with their line ends.
        name: what problems call it.
        columns: see `read_rows`.
    """

    def __init__(self, text: Iterable[str], name: str, columns: Mapping[str, str]) -> None:
        self._lines = iter(text)
        self._name = name
        self._columns = columns
        self.headings: dict[str, str] = {}

    def __iter__(self) -> Iterator[Row]:
        fields: list[str | None] | None = None
        has_rows = False
        problems: list[str] = []
        reader, skipped = self._reader()
        for where, row in _records(reader, self._name, skipped, problems):
            cells = unwrapped(row)
            if not any(cells):
                continue
            if fields is None:
                if problems:  # of the header
                    break
                fields = header_fields(cells, where, self._columns)
                self.headings.update({cell: field for cell, field in zip(cells, fields) if field})
                continue
            if any(cells[len(fields) :]):
                problems.append(f"{where}: has {len(cells)} cells, the header has {len(fields)}: is a comma unquoted?")
            has_rows = True
            yield Row(where, {field: cell for field, cell in zip(fields, cells) if field and cell})
        if problems:
            raise InputError(problems, self._name)
        if not has_rows:
            raise InputError([f"{self._name}: has a header and no device"])

    def _reader(self) -> tuple[Any, int]:
        """Return a reader of the CSV, and how many lines were skipped in front of it."""
        begin = [next(self._lines, "")]
        # Excel writes the delimiter into a first line of its own: sep=;
        skipped = 0
        delimiter = None
        if begin[0][:4].lower() == "sep=":
            delimiter, skipped = begin[0][4:5].strip('\r\n"'), 1
            begin = [next(self._lines, "")]
        while not begin[-1].strip():
            line = next(self._lines, None)
            if line is None:
                raise InputError([f"{self._name}: {_EMPTY}"])
            begin.append(line)
        delimiter = delimiter or max(_DELIMITERS, key=begin[-1].count)
        # strict: otherwise a stray quotation mark swallows the rows behind it without a word, and their devices with
        # them.
        return csv.reader(chain(begin, self._lines), delimiter=delimiter, strict=True), skipped


def _records(reader: Any, name: str, skipped: int, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV and where they stand; what is wrong with one, and keeps it from being read, is a problem.

    A cell does not go on in the next line: a quotation mark that was left open may be closed by that of a later row,
    and what is between them would pass for text.
    """
    begins = 1
    try:
        for row in reader:
            where = f"{name}, line {begins + skipped}"
            if reader.line_num > begins:
                problems.append(f"{where}: {_OPEN_QUOTE}")
            else:
                yield where, row
            begins = reader.line_num + 1
    except csv.Error as error:
        what = f"is not valid CSV: {error}"
        if reader.line_num > begins or "end of data" in str(error):
            what = _OPEN_QUOTE
        elif "expected after" in str(error):
            what = _CLOSED_QUOTE
        problems.append(f"{name}, line {begins + skipped}: {what}")


def header_fields(cells: Sequence[str], where: str, columns: Mapping[str, str]) -> list[str | None]:
    """The field of each column; None for one without a heading. Raises InputError that names what is unknown."""
    problems = []
    fields: list[str | None] = []
    for cell in cells:
        field = columns.get(cell) or columns.get(fold(cell))
        if cell and field is None and fold(cell) not in WRITTEN:
            problems.append(f'{where}: unknown column "{cell}"{hint(cell, columns.values())}')
        elif field is not None and field in fields:
            problems.append(f'{where}: the column "{cell}" means {field}, which an earlier column gives already')
        fields.append(field)
    if problems:
        raise InputError(problems, "The header")
    return fields


def _yaml(text: str, name: str) -> Any:
    if YAML_IMPORT_ERROR:
        raise MissingLibraryError("PyYAML", YAML_IMPORT_ERROR)
    try:
        content, twice = _load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError([f"{name}{line}: is not valid YAML: {getattr(error, 'problem', None) or error}"]) from None
    if twice:
        raise InputError([f"{name}, line {line}: {_given_twice(key)}" for line, key in sorted(twice)], name)
    return content


def _load_yaml(text: str) -> tuple[Any, list[tuple[int, str]]]:
    """What a text in YAML says, and each key that its mapping has already, with its line."""
    twice: list[tuple[int, str]] = []
    # BaseLoader keeps scalars as they were written: 02134 stays 02134 (it is octal otherwise), 8.9E+19 is seen for what
    # it is. It builds nothing but strings, lists and mappings.
    base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

    class Loader(base):  # type: ignore[misc, valid-type]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[str] = set()
            for key, _value in node.value:
                if isinstance(key.value, str):
                    if key.value in seen:
                        twice.append((key.start_mark.line + 1, key.value))
                    seen.add(key.value)
            return super().construct_mapping(node, deep=deep)

    return yaml.load(text, Loader=Loader), twice  # noqa: S506  BaseLoader and its C twin make no objects


def _json(text: str, name: str) -> Any:
    try:
        return _parsed(text)
    except ValueError as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError([f"{name}{line}: is not valid JSON: {getattr(error, 'msg', error)}"]) from None


def _json_lines(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """What each line of JSON lines says, and where it is; blank lines are ignored."""
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"{name}, line {number}", _parsed(line)
            except ValueError as error:
                problems.append(f"{name}, line {number}: is not valid JSON: {getattr(error, 'msg', error)}")
    if problems:
        raise InputError(problems, name)


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_Object)


class _Object(dict[str, Any]):
    """An object of a JSON text, which remembers the keys that it has more than once."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _value in pairs] if len(self) < len(pairs) else []
        self.twice = sorted({key for key in keys if keys.count(key) > 1})


def _given_twice(key: str) -> str:
    return f"{key} is given twice in one mapping: does a new device begin here, or is one of the two too much?"


def _list_rows(content: Any, name: str) -> list[Row]:
    if not isinstance(content, list):
        kind = "a mapping" if isinstance(content, dict) else "a single value"
        raise InputError([f"{name}: is {kind}: {_EXPECTED}"])
    if not content:
        raise InputError([f"{name}: is an empty list: {_EXPECTED}"])
    return _rows(((f"{name}, device {number}", item) for number, item in enumerate(content, 1)), name)


def _rows(items: Iterable[tuple[str, Any]], name: str) -> list[Row]:
    """The rows that mappings declare, each with where it is."""
    problems = []
    rows = []
    for where, item in items:
        if isinstance(item, dict):
            problems += [f"{where}: {_given_twice(key)}" for key in getattr(item, "twice", ())]
            values = {str(key): value for key, value in item.items() if value is not None and key not in WRITTEN}
            rows.append(Row(where, {key: value for key, value in values.items() if value not in _YAML_NOTHING}))
        else:
            problems.append(f"{where}: is not a mapping: {_EXPECTED}")
    if problems:
        raise InputError(problems, name)
    return rows
