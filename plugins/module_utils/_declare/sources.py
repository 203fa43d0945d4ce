# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find where a task declares its devices, and how to read a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from .._errors import InputError
from .._options import DEVICE_FIELDS
from .files import Row, Source
from .headings import IDENTIFIERS, Vocabulary, check_columns
from .history_rows import KIND
from .rows import column_names


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return what headings in a file of devices may mean: the kind, and the fields of all kinds.

    Identifiers of other kinds are read as well, to notice a file of the wrong kind.
    """
    return Vocabulary(MappingProxyType(column_names((KIND, *sorted(IDENTIFIERS), *DEVICE_FIELDS))))


def source_of(params: Mapping[str, Any], known: Vocabulary, kind: str | None, required: Sequence[str]) -> Source:
    """Return how to read a file.

    Args:
        params: may have the options `columns` and `sheet`.
        known: what the headings may mean.
        kind: kind of all devices, or None if rows may name their own.
        required: fields that each device needs and that the task does not give.

    Raises InputError for an invalid option.
    """
    columns = params.get("columns")
    given = None if columns is None else check_columns(columns, known.fields)
    return Source(known, kind, tuple(required), given, params.get("sheet"))


def declaring_option(params: Mapping[str, Any], identifiers: Sequence[str], options: Sequence[str]) -> str | None:
    """Return the option of a task that declares its devices, or None for one device at the top level.

    Args:
        params: parameters of the task.
        identifiers: identifiers of a device at the top level.
        options: options that may declare devices.

    Raises InputError if devices are not declared, or in more than one way.
    """
    given = [name for name in options if params.get(name) not in (None, False)]
    single = [name for name in identifiers if params.get(name)]
    named = [*given, *([f"a device at the top level ({', '.join(single)})"] if single else [])]
    if len(named) != 1:
        problem = f"{' and '.join(named)} cannot be used together" if named else "No devices are declared"
        choices = f"{', '.join(options)}, or one device at the top level ({', '.join(identifiers)})"
        raise InputError([f"{problem}; set exactly one of {choices}"])
    return given[0] if given else None


def listed_rows(devices: Sequence[Any]) -> list[Row]:
    """Return the rows of a list of mappings. Raises InputError if an item is not a mapping."""
    wrong = [number for number, device in enumerate(devices, 1) if not isinstance(device, Mapping)]
    if wrong:
        raise InputError([f"device {number}: must be a mapping such as {{imei: …, iccid: …}}" for number in wrong])
    return [
        Row(f"device {number}", {str(name): value for name, value in device.items() if value is not None})
        for number, device in enumerate(devices, 1)
    ]


def input_error(problems: Sequence[str], warnings: Sequence[str]) -> InputError:
    """Return the error for a list of devices, with what was ignored in it: that may be the cause."""
    error = InputError(problems, "The list of devices")
    error.warnings = list(warnings)
    return error
