# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of a report as plain values, from a result, a file or a playbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._errors import InputError
from ...module_utils._report.result import ATTENTION
from .head import seconds_of, text_of

__all__ = ["ATTENTION", "FIELDS", "LABELS", "OUTCOMES", "Entry", "entries_of"]

#: A device of a report, with all FIELDS. Values are strings or None, `seconds` is a number.
Entry = dict[str, Any]

#: Fields of a device, in the order of the CSV's columns.
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
#: Outcomes by their words.
OUTCOMES = {outcome.value: outcome for outcome in Outcome}
#: Labels of outcomes for people.
LABELS = {outcome.value: outcome.label for outcome in Outcome}


def entries_of(devices: Any) -> list[Entry]:
    """Return the devices in their order. Raises InputError with each invalid device."""
    if isinstance(devices, (str, bytes, Mapping)) or not isinstance(devices, Iterable):
        raise InputError(["devices: must be a list of devices, as the activation modules return it"])
    entries: list[Entry] = []
    problems: list[str] = []
    for number, device in enumerate(devices, 1):
        if not isinstance(device, Mapping):
            problems.append(f"device {number}: must be a dictionary with imei, outcome and so on")
            continue
        entry: Entry = {field: text_of(device.get(field)) for field in FIELDS}
        entry["seconds"] = seconds_of(device.get("seconds"))
        if entry["outcome"] not in LABELS:
            problems.append(f"device {number}: {outcome_problem(entry['outcome'], is_first=not problems)}")
        entries.append(entry)
    if problems:
        raise InputError(problems, "The report's devices")
    return entries


def outcome_problem(outcome: str | None, is_first: bool = True) -> str:
    """Return what is wrong with an outcome that is not in LABELS; the first message lists the valid ones."""
    problem = "has no outcome" if outcome is None else f"unknown outcome {outcome!r}"
    return f"{problem}; valid outcomes: {', '.join(LABELS)}" if is_first else problem
