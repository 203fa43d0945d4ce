# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the declared fleet and the history → where they differ.

Whether a declared device is active is decided by the planner of the activation modules, as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ...module_utils._decide.kinds import SIM, Kind
from ...module_utils._errors import InputError, SentinelError, reason_of
from ...module_utils._text import hint, path_problem
from ...module_utils._transport.body import text_lines
from ...module_utils._wire import ACTIVE, FAILED, PENDING, Line, LineReader, Reader, StatusWords, Table, read_table
from .._fleet.devices import Fleet
from .._inventory.entries import PREFIX, Entry, merged_entries
from .._inventory.listed import IN_CONFLICT, MISSING

UNDECLARED = "undeclared"
#: In this order they are counted and listed; what is as declared comes last.
STATES = (MISSING, FAILED.value, IN_CONFLICT, PENDING.value, UNDECLARED, ACTIVE.value)
DRIFTS = STATES[:-1]
_FIELDS = (
    *("kind", "iccid", "imei", "sim_id", "eid"),
    *("carrier", "device_group", "filter_group", "nickname", "mdn", "ip", "transaction_id", "line_status"),
)


def read_history(
    path: str, field_names: Mapping[str, list[str]] | None = None, words: StatusWords | None = None
) -> list[Line]:
    """The lines of a history that was exported to a file, in its order. Raises InputError where it is none.

    Args:
        path: of the file.
        field_names: as the connection option of that name.
        words: sorts status words; a column may be known by them alone.
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


def check_states(option: str, states: Any) -> frozenset[str]:
    """States that can be tolerated: a list, or a text with commas between, as ``-e`` gives it.

    Raises InputError for words that are none, and for what is no list.
    """
    if isinstance(states, str):
        states = [word for word in (part.strip() for part in states.split(",")) if word]
    elif not isinstance(states, Iterable) or isinstance(states, Mapping):
        raise InputError([f"{option}: {states!r} is no list of states: {', '.join(DRIFTS)}"])
    listed = [str(state) for state in states]
    unknown = [state for state in listed if state not in DRIFTS]
    if unknown:
        raise InputError(
            [f"{option}: {state!r} is none of {', '.join(DRIFTS)}{hint(state, DRIFTS)}" for state in unknown]
        )
    return frozenset(listed)


def drift(
    fleet: Fleet,
    lines: Sequence[Line],
    words: StatusWords,
    tolerated: Collection[str] = (),
    undeclared: bool = True,
    kind: Kind = SIM,
) -> dict[str, Any]:
    """Where the account differs from the declaration.

    Args:
        fleet: what is declared.
        lines: the whole history, the oldest first.
        words: sorts status words.
        tolerated: states that are shown and do not count as drift.
        undeclared: whether to look for devices that are active, or under way, and not declared.
        kind: of the lines that nobody declares.

    Returns `drift`: how many devices differ; `counts`: devices by state; `devices`: each with its `state`, whether that
    is a `drift`, the `reason`, and what is known of it; those that differ first.
    """
    entries = merged_entries(fleet, lines, words, kind, undeclared)
    devices = [device for device in map(_device, entries) if device is not None]
    for device in devices:
        device["drift"] = device["state"] in DRIFTS and device["state"] not in tolerated
    devices.sort(key=lambda device: (not device["drift"], STATES.index(device["state"])))
    counts = Counter(device["state"] for device in devices)
    return {
        "drift": sum(device["drift"] for device in devices),
        "counts": {state: counts[state] for state in STATES},
        "devices": devices,
    }


def _device(entry: Entry) -> dict[str, Any] | None:
    """A device of the comparison; None for what neither is declared nor active."""
    values = {name[len(PREFIX) :]: value for name, value in entry.values.items()}
    state = values["status"]
    if not values["declared"]:
        if state not in (ACTIVE, PENDING):
            return None
        reason: str | None = f"is {'active' if state == ACTIVE else 'under way'} and not declared"
        state = UNDECLARED
    else:
        reason = _reason(state, values)
    return {
        "where": entry.where,
        "state": state,
        "reason": reason,
        **{field: values[field] for field in _FIELDS},
    }


def _reason(state: str, values: Mapping[str, Any]) -> str | None:
    if state == MISSING:
        return "is declared and was never activated like this"
    if state == PENDING:
        return f"is under way ({values['line_status']})" if values["line_status"] else "is under way"
    found: str | None = values["reason"]
    return found


def title(device: Mapping[str, Any]) -> str:
    """A device in a few words: what it is called, and its identifiers."""
    names = [f"{field} {device[field]}" for field in ("iccid", "sim_id", "imei", "eid") if device.get(field)]
    nickname = device.get("nickname")
    return f"{nickname} ({', '.join(names)})" if nickname else ", ".join(names)
