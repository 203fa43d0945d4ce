# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads history and device list, from the service or from exported files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...module_utils._errors import InputError, SentinelError, reason_of
from ...module_utils._observe.listing import ListingReader
from ...module_utils._observe.reading import HistoryReader
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import path_problem
from ...module_utils._transport.body import text_lines
from ...module_utils._wire import IDENTIFIERS, Entry, Line, LineReader, Reader, StatusWords, Table, read_table
from ...module_utils._wire.devices import LEAN
from .account import Account

#: Fields of an entry that are compared or shown. All are strings.
_FIELDS = (*IDENTIFIERS, "mdn", "status", "carrier", "device_group", "device_group_name", "filter_group", "nickname")
_EXPECTED = "give a result_file of sentinel_devices_info in JSON lines, or the list of devices that it returns"


def read_account(api: SentinelAPI, listing: str) -> tuple[Account, list[str]]:
    """Return history and device list of the account, and warnings. Takes one request for each.

    Args:
        api: the service.
        listing: whether to read the device list; see `ListingReader`.

    Raises SentinelError if the history, or a required device list, cannot be read.
    """
    lines, warnings = HistoryReader(api, api.reader.words, "full").read_all()
    entries, more = ListingReader(api, listing, columns=(*LEAN, "device_group_name")).read_entries()
    return Account(lines, api.reader.words, entries, api.reader.device_statuses), warnings + more


def read_history(
    path: str, field_names: Mapping[str, list[str]] | None = None, words: StatusWords | None = None
) -> list[Line]:
    """Return the lines of an exported history, in its order. Raises InputError if the file is not a history.

    Args:
        path: of the file.
        field_names: as the connection option of that name.
        words: meanings of status words. A column may be recognised by them.
    """

    def lines(table: Table | None) -> list[Line]:
        return list(LineReader(Reader(field_names, words), table, path).records()) if table else []

    problem = path_problem(path)
    if problem:
        raise InputError([f"history: {problem}"])
    try:
        with open(path, "rb", buffering=0) as stream:
            return read_table(text_lines(stream), path, lines)
    except OSError as error:
        raise InputError([f"history: {path} cannot be read: {reason_of(error)}"]) from None
    except SentinelError as error:
        raise InputError([f"history: {error}"]) from None


def read_listing(given: Any) -> list[Entry] | None:
    """Return the entries of a device list, in its order, or None if none is given.

    Args:
        given: the path of a result file in JSON lines, or a list of devices, of `sentinel_devices_info`.

    Raises InputError for anything else.
    """
    if given is None:
        return None
    if not isinstance(given, str):
        if not isinstance(given, Iterable) or isinstance(given, Mapping):
            raise InputError([f"listing: {given!r} is not a device list; {_EXPECTED}"])
        return [_entry(device, f"device {number}") for number, device in enumerate(given, 1)]
    problem = path_problem(given)
    if problem:
        raise InputError([f"listing: {problem}"])
    try:
        with open(given, encoding="utf-8") as stream:
            return list(_entries(stream, given))
    except OSError as error:
        raise InputError([f"listing: {given} cannot be read: {reason_of(error)}"]) from None
    except UnicodeDecodeError:
        raise InputError([f"listing: {given} is not in UTF-8; {_EXPECTED}"]) from None


def _entries(lines: Iterable[str], path: str) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        where = f"{path}, line {number}"
        try:
            device = json.loads(line)
        except ValueError:
            raise InputError([f"listing: {where}: invalid JSON; {_EXPECTED}"]) from None
        yield _entry(device, where)


def _entry(device: Any, where: str) -> Entry:
    if not isinstance(device, Mapping) or "status" not in device or "mdn" not in device:
        raise InputError([f"listing: {where}: is not a device with mdn and status; {_EXPECTED}"])
    values = {field: str(value) for field in _FIELDS if (value := device.get(field)) is not None}
    return Entry(**values)  # type: ignore[arg-type]  # all of these fields are strings
