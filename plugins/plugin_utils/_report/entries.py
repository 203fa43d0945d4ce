# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of a report, as plain values: whatever a result, a file or a playbook says of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._errors import InputError
from ...module_utils._report.result import ATTENTION
from ...module_utils._text import printable

__all__ = ["ATTENTION", "FIELDS", "LABELS", "Entry", "entries_of"]

#: A device of a report: its fields, all of them, each a text or None; `seconds` is a number.
Entry = dict[str, Any]

#: What a report says of a device, in the order of the CSV's columns.
FIELDS = (
    "outcome",
    "kind",
    "imei",
    "iccid",
    "sim_id",
    "eid",
    "nickname",
    "carrier",
    "device_group",
    "line_status",
    "mdn",
    "ip",
    "seconds",
    "reason",
    "transaction_id",
)
#: What people call the outcomes.
LABELS = {outcome.value: outcome.label for outcome in Outcome}


def entries_of(devices: Any) -> list[Entry]:
    """The devices in their order. Raises InputError that names each one that cannot be understood."""
    if isinstance(devices, (str, bytes, Mapping)) or not isinstance(devices, Iterable):
        raise InputError(["devices: a list was expected, as the activation modules return it"])
    entries: list[Entry] = []
    problems: list[str] = []
    for number, device in enumerate(devices, 1):
        if not isinstance(device, Mapping):
            problems.append(f"device {number}: is no mapping such as {{imei: …, outcome: …}}")
            continue
        entry: Entry = {field: _text(device.get(field)) for field in FIELDS}
        entry["seconds"] = _seconds(device.get("seconds"))
        if entry["outcome"] not in LABELS:
            problems.append(f"device {number}: outcome {entry['outcome']!r} is none of {', '.join(LABELS)}")
        entries.append(entry)
    if problems:
        raise InputError(problems, "The report's devices")
    return entries


def _text(value: Any) -> str | None:
    # str() of a text that carries Ansible's marks has none of them.
    text = "" if value is None else printable(str(value)).strip()
    return text or None


def _seconds(value: Any) -> float | None:
    """A duration; None for what is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return round(number, 1) if math.isfinite(number) and number >= 0 else None
