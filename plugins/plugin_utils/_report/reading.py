# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the input of a report: the result file of an activation, or a drift."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from ...module_utils._declare.workbook import is_workbook, open_workbook, openpyxl
from ...module_utils._errors import InputError, reason_of
from ...module_utils._report.workbook import is_xlsx
from ...module_utils._text import counted, path_problem, shown_path, unwrapped
from .._drift.states import State
from .entries import LABELS, outcome_problem
from .head import text_of

_RESULT_FILE = "give the result_file of an activation module or of sentinel_fleet"
_DRIFT = "give the result of sentinel_drift_info or of the filter fleet_drift, or a JSON file of it"
#: Numbers from this one have more digits than a spreadsheet keeps.
_LARGE = 10**15
#: Fields of a device that JUnit and tables need.
_DEVICE_FIELDS = ("where", "reason", "carrier", "device_group", "mdn")


def read_result_file(path: str) -> list[dict[str, Any]]:
    """Return the devices of a result file, in its order. It is a CSV or a workbook by its ending, else JSON lines.

    Raises InputError, with the number of the line or row, if it cannot be read or is not a result file.
    """
    if is_xlsx(path):
        with _opened("result_file", path, "rb") as workbook:
            return list(_sheet_rows(workbook, path))
    with _opened("result_file", path) as stream:
        rows = _csv_rows(stream, path) if path.lower().endswith(".csv") else _json_rows(stream, path)
        return list(rows)


@contextmanager
def _opened(option: str, path: str, mode: str = "r") -> Iterator[IO[Any]]:
    problem = path_problem(path)
    if problem:
        raise InputError([f"{option}: {problem}"])
    shown = shown_path(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError([f"{option}: {shown} is not a regular file"])
    try:
        with open(path, mode) if "b" in mode else open(path, mode, encoding="utf-8-sig", newline="") as stream:
            yield stream
    except OSError as error:
        raise InputError([f"{option}: {shown} cannot be read: {reason_of(error)}"]) from None
    except UnicodeDecodeError:
        raise InputError([f"{option}: {shown} is not in UTF-8"]) from None


def _json_rows(lines: Iterable[str], path: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        where = f"{shown_path(path)}, line {number}"
        try:
            device = json.loads(line)
        except ValueError:
            raise InputError([f"result_file: {where}: invalid JSON; {_RESULT_FILE}"]) from None
        if not isinstance(device, dict):
            raise InputError([f"result_file: {where}: is not a device; {_RESULT_FILE}"])
        yield _checked(device, where)


def _csv_rows(lines: Iterable[str], path: str) -> Iterator[dict[str, Any]]:
    reader = csv.reader(lines, strict=True)
    shown = shown_path(path)
    try:
        header = next(reader, [])
        if "outcome" not in header:
            raise InputError([f"result_file: {shown}, line 1: has no column outcome; {_RESULT_FILE}"])
        for row in reader:
            where = f"{shown}, line {reader.line_num}"
            if len(row) != len(header):
                cells = f"has {counted(len(row), 'cell')} instead of {len(header)}"
                raise InputError([f"result_file: {where}: {cells}; {_RESULT_FILE}"])
            yield _checked(dict(zip(header, unwrapped(row))), where)
    except csv.Error as error:
        raise InputError([f"result_file: {shown}, line {reader.line_num}: invalid CSV: {error}"]) from None


def _sheet_rows(stream: IO[bytes], path: str) -> Iterator[dict[str, Any]]:
    """Yield the devices of a workbook's first sheet."""
    shown = shown_path(path)
    rows = _cells_of(stream, shown)
    header = next(rows, ())
    if "outcome" not in header:
        raise InputError([f"result_file: {shown}, row 1: has no column outcome; {_RESULT_FILE}"])
    for number, row in enumerate(rows, 2):
        where = f"{shown}, row {number}"
        if any(cell is not None for cell in row[len(header) :]):
            raise InputError([f"result_file: {where}: has more cells than the header; {_RESULT_FILE}"])
        device = dict(zip(header, row))
        for heading, value in device.items():
            if isinstance(value, (int, float)) and abs(value) >= _LARGE:
                why = "is a number, and spreadsheets keep only 15 digits; give the file as it was written"
                raise InputError([f"result_file: {where}: {heading} {why}"])
        if any(value is not None for value in row):
            yield _checked(device, where)


def _cells_of(stream: IO[bytes], shown: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a workbook's first sheet, with whole numbers as integers. Raises MissingLibraryError."""
    openpyxl()  # a missing library is reported before any error of the file
    content = stream.read()
    try:
        is_workbook(content, shown)
        sheet = open_workbook(content).worksheets[0]
        sheet.reset_dimensions()  # the size in the file may be wrong
        for row in sheet.iter_rows(values_only=True):
            yield tuple(int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row)
    except Exception:  # noqa: BLE001  openpyxl raises any exception for an invalid file
        raise InputError([f"result_file: {shown}: is not a readable Excel workbook; {_RESULT_FILE}"]) from None


def _checked(device: dict[str, Any], where: str) -> dict[str, Any]:
    outcome = text_of(device.get("outcome"))
    if outcome not in LABELS:
        raise InputError([f"result_file: {where}: {outcome_problem(outcome)}"])
    return device


def read_drift(given: Any) -> dict[str, Any]:
    """Return a drift, given as a mapping or as the path of a JSON file. Raises InputError for anything else.

    It has `drift`, `listing`, `counts`, `devices` and `warnings`, like the result of the filter fleet_drift.
    """
    where = "drift"
    if isinstance(given, str):
        where = f"drift: {shown_path(given)}"
        with _opened("drift", given) as stream:
            try:
                given = json.load(stream)
            except ValueError:
                raise InputError([f"{where}: invalid JSON; {_DRIFT}"]) from None
    if not isinstance(given, Mapping):
        raise InputError([f"{where}: is not a dictionary; {_DRIFT}"])
    devices, counts, drifting = (given.get(name) for name in ("devices", "counts", "drift"))
    if not isinstance(devices, list) or not isinstance(counts, Mapping) or not isinstance(drifting, int):
        raise InputError([f"{where}: has no drift, counts and devices; {_DRIFT}"])
    return {
        "drift": drifting,
        "listing": bool(given.get("listing")),
        "counts": dict(counts),
        "devices": [_drift_device(device, f"{where}: device {number}") for number, device in enumerate(devices, 1)],
        "warnings": list(given.get("warnings") or []),
    }


def _drift_device(device: Any, where: str) -> dict[str, Any]:
    if not isinstance(device, Mapping) or not isinstance(device.get("drift"), bool):
        raise InputError([f"{where}: is not a device of a drift; {_DRIFT}"])
    if device.get("state") not in list(State):
        raise InputError([f"{where}: unknown state {device.get('state')!r}; valid states: {', '.join(State)}"])
    return {**dict.fromkeys(_DEVICE_FIELDS), **device}
