# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads devices from the variables of hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._decide.kinds import KINDS, Kind
from ...module_utils._declare.files import Row
from ...module_utils._declare.history_rows import KIND
from ...module_utils._errors import InputError
from ...module_utils._options import DEVICE_FIELDS
from ...module_utils._text import fold
from .devices import is_blank

#: Prefix of the variables of a host, and the variables that are not a field of a device.
PREFIX = "sentinel_"
_DEVICE, _DECLARED, _KIND = PREFIX + "device", PREFIX + "declared", PREFIX + KIND


def rows_of_hosts(names: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], kind: Kind) -> list[Row]:
    """Return one row per host that is a declared device.

    Args:
        names: of the hosts.
        hostvars: their variables.
        kind: of the devices without a kind of their own.

    Raises InputError for invalid variables.
    """
    rows, problems = [], []
    for name in names:
        variables = hostvars[name]
        given = variables.get(_DECLARED)
        try:
            # In an INI inventory, it is a string.
            declared = is_blank(given) or boolean(given)
        except TypeError:
            problems.append(f"host {name}: {_DECLARED}: {given!r} is neither true nor false")
            continue
        if declared:
            rows.append(_host_row(name, variables, kind))
    if problems:
        raise InputError(problems, "The list of hosts")
    return rows


def _host_row(name: str, variables: Mapping[str, Any], kind: Kind) -> Row:
    kind_name = variables.get(_KIND)
    declared = variables.get(_DEVICE)
    if isinstance(declared, Mapping):
        values = dict(declared)
    else:
        fields = (KINDS.get(fold(kind_name or "")) or kind).identity.identifiers + DEVICE_FIELDS
        values = {field: variables[PREFIX + field] for field in fields if PREFIX + field in variables}
    given = {field: value for field, value in values.items() if not is_blank(value)}
    return Row(f"host {name}", {**given, **({KIND: kind_name} if kind_name else {})})
