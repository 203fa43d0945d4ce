# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the declared devices. The planner of the activation modules decides their state. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...module_utils._decide.by_history import Policy, in_transaction
from ...module_utils._decide.deciding import make_plan
from ...module_utils._decide.kinds import Kind
from ...module_utils._decide.outcomes import Action, Outcome
from ...module_utils._decide.plan import Item
from ...module_utils._declare.devices import Device
from ...module_utils._identity import values_of
from ...module_utils._text import fold, printable
from ...module_utils._wire import Entry
from .._fleet.devices import Fleet
from .account import COMMON, Account, first_of
from .claims import Claims
from .states import Compared, Finding, State

#: Foreseen outcome of a plan → state. A device that would be submitted again is FAILED.
_STATES = {
    Outcome.ALREADY_ACTIVE: State.ACTIVE,
    Outcome.WOULD_ACTIVATE: State.MISSING,
    Outcome.PENDING: State.PENDING,
    Outcome.CONFLICT: State.CONFLICT,
    Outcome.SUSPENDED: State.SUSPENDED,
    Outcome.DEACTIVATED: State.DEACTIVATED,
}
#: States of devices whose entry in the device list is compared with the declared settings.
_SETTLED = (State.ACTIVE, State.UNRECORDED, State.SUSPENDED)
#: Settings that are compared: field, state, label, and the fields of an entry with a value for it.
_SETTINGS = (
    ("device_group", State.OTHER_DEVICE_GROUP, "device group", ("device_group", "device_group_name")),
    ("filter_group", State.OTHER_FILTER_GROUP, "filter group", ("filter_group",)),
    ("nickname", State.OTHER_NICKNAME, "nickname", ("nickname",)),
)


class Declared(NamedTuple):
    """The declared devices of all kinds.

    `claims`: their entries in the device list. `warnings`: sentences for the user.
    """

    devices: list[Compared]
    claims: Claims
    warnings: list[str]


def compare_declared(fleet: Fleet, account: Account) -> Declared:
    """Return each declared device with its differences from the account."""
    history = account.history()
    groups: dict[str, tuple[Kind, list[Device]]] = {}
    for member in fleet.members:
        groups.setdefault(member.kind.name, (member.kind, []))[1].append(member.device)
    devices: list[Compared] = []
    claims = Claims()
    warnings: dict[str, None] = {}
    for kind, declared in groups.values():
        observed = account.observed(declared, history)
        warnings.update(dict.fromkeys(observed.warnings))
        for item in make_plan(declared, observed, Policy(), {kind.name: {}}).items:
            _claim(item, kind, claims)
            devices.append(_compared(item, kind, account))
    return Declared(devices, claims, list(warnings))


def _claim(item: Item, kind: Kind, claims: Claims) -> None:
    """Claim the identifiers of a device, including those that the service assigned."""
    # In a conflict, line and entry belong to another device.
    line, entry = (None, None) if item.action == Action.CONFLICT else (item.line, item.entry)
    assigned = [getattr(line, name) for name in kind.identity.assigned if line is not None]
    mdns = [seen.mdn for seen in (line, entry) if seen is not None]
    claims.add(item.device, [*values_of(item.device), *filter(None, assigned)], mdns)


def _compared(item: Item, kind: Kind, account: Account) -> Compared:
    state = _state(item, account)
    findings = [] if state == State.ACTIVE else [Finding(state, _reason(state, item))]
    differences = []
    if item.entry is not None and state in _SETTLED:
        for finding, difference in _differences(item.device, item.entry):
            findings.append(finding)
            differences.append(difference)
    key = kind.identity.key
    where = f"{item.device.where} ({key} {getattr(item.device, key)})"
    return Compared(where, tuple(findings), _values(item, kind, state), tuple(differences))


def _state(item: Item, account: Account) -> State:
    if item.action == Action.RETRY:
        return State.FAILED
    state = _STATES[item.foreseen]
    if state != State.ACTIVE or account.entries is None:
        return state
    if item.entry is None:
        return State.UNLISTED
    # With an unknown status in the list, the device is active by its line.
    return State.UNRECORDED if item.line is None else State.ACTIVE


def _reason(state: State, item: Item) -> str:
    line = item.line
    if state == State.UNLISTED:
        place = f"active in the history {in_transaction(line) if line else ''}".rstrip()
        return f"{place}, but not in the device list"
    if state == State.UNRECORDED:
        return f"{item.reason}, but without an activation in the history"
    if state == State.PENDING:
        return f"is under way ({line.status})" if line is not None and line.status else "is under way"
    if item.entry is None and state == State.MISSING:
        return "is declared, but has no activation in the history"
    if item.entry is None and state == State.FAILED:
        return (line.reason if line is not None else None) or item.reason
    return item.reason


def _differences(device: Device, entry: Entry) -> Iterator[tuple[Finding, dict[str, str]]]:
    """Yield the settings with another value in the device list."""
    for field, state, name, fields in _SETTINGS:
        declared = (getattr(device, field) or "").strip()
        listed = [text for known in fields if (text := (getattr(entry, known) or "").strip())]
        alike = str.strip if field == "nickname" else fold
        if declared and listed and alike(declared) not in map(alike, listed):
            shown = printable(listed[-1])
            yield (
                Finding(state, f"{name} is {shown!r} instead of {declared!r}"),
                {"field": field, "declared": declared, "listed": shown},
            )


def _values(item: Item, kind: Kind, state: State) -> dict[str, Any]:
    """Return the fields of a device. In a conflict, line and entry belong to another device."""
    line, entry = (None, None) if state == State.CONFLICT else (item.line, item.entry)
    named = (item.device, entry, line)
    return {
        "kind": kind.name,
        **{field: first_of(named, field) for field in COMMON},
        "transaction_id": line.transaction_id if line else None,
        "line_status": line.status if line else None,
        "device_status": entry.status if entry else None,
    }
