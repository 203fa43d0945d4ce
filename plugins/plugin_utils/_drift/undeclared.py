# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds devices that are active, pending or listed, but not declared. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import Kind
from ...module_utils._identity import values_of
from ...module_utils._observe.presence import Presence
from ...module_utils._text import printable
from ...module_utils._wire import ACTIVE, IDENTIFIERS, PENDING, Entry, Line, mdn_of
from ...module_utils._wire.devices import ACTIVE as LISTED_ACTIVE
from ...module_utils._wire.devices import DEACTIVATED, SUSPENDED
from .._fleet.devices import Fleet
from .._inventory.entries import PREFIX, merged_entries
from .._inventory.listed import presence_of_line
from .account import COMMON, Account, first_of
from .claims import Claims
from .states import Compared, Finding, State

#: If a device is listed several times, the entry with the first of these states counts.
_STATES = (LISTED_ACTIVE, SUSPENDED, None)


class _Active(NamedTuple):
    """A device that is active or pending in the history, but not declared. `key`: the field that identifies it."""

    where: str
    key: str
    line: Line
    is_active: bool


def compare_undeclared(fleet: Fleet, account: Account, kind: Kind, claims: Claims) -> list[Compared]:
    """Return the devices that are not declared: those of the history, then those that only the device list has.

    Args:
        fleet: the declared devices.
        account: history and device list.
        kind: of lines and entries that are not declared.
        claims: those of the declared devices. Those of other devices are added.
    """
    active = _active(fleet, account, kind)
    mdns = {mdn_of(item.line.mdn) for item in active if item.line.mdn}
    listing = account.listing((value for item in active for value in values_of(item.line)), mdns)
    compared = []
    for item in active:
        found = presence_of_line(item.key, item.line, listing, item.is_active)
        device = _undeclared(item, found, account)
        if device is not None:
            compared.append(device)
            claims.add(item.line, values_of(item.line), (item.line.mdn, found.entry.mdn if found else None))
    return compared + _listed_only(account, kind, claims)


def _active(fleet: Fleet, account: Account, kind: Kind) -> list[_Active]:
    found = []
    for entry in merged_entries(fleet, account.lines, account.words, kind):
        values = {name[len(PREFIX) :]: value for name, value in entry.values.items()}
        if not values["declared"] and values["status"] in (ACTIVE, PENDING):
            fields = (*COMMON, "transaction_id")
            line = Line(**{field: values[field] for field in fields}, status=values["line_status"])
            key = next(field for field in (kind.identity.key, *IDENTIFIERS) if values[field] == entry.key)
            found.append(_Active(entry.where, key, line, values["status"] == ACTIVE))
    return found


def _undeclared(item: _Active, found: Presence | None, account: Account) -> Compared | None:
    """Return a device of the history that is not declared, or None if it was deactivated since."""
    if not item.is_active:
        reason = "is under way and not declared"
    elif found is not None and found.state == DEACTIVATED:
        return None
    elif found is not None and found.state == SUSPENDED:
        reason = f"is suspended {found.place} and not declared"
    elif found is None and account.entries is not None:
        reason = "is active in the history, but neither in the device list nor declared"
    else:
        reason = "is active and not declared"
    entry = found.entry if found is not None else None
    return Compared(item.where, (Finding(State.UNDECLARED, reason),), _values(entry, item.line))


def _listed_only(account: Account, kind: Kind, claims: Claims) -> list[Compared]:
    """Return the devices of the list without a claim, each once. Deactivated ones are left out."""
    fields = tuple(dict.fromkeys((kind.identity.key, *IDENTIFIERS, "mdn")))
    devices: dict[tuple[str, str], tuple[Entry, str | None]] = {}
    for entry in account.entries or ():
        state = account.statuses.read(entry.status)
        key = next(((field, value) for field in fields if (value := getattr(entry, field))), None)
        if key is None or state == DEACTIVATED or claims.has(entry):
            continue
        _entry, best = devices.setdefault(key, (entry, state))
        if _STATES.index(state) < _STATES.index(best):
            devices[key] = entry, state
    return [_listed(field, value, entry, state) for (field, value), (entry, state) in devices.items()]


def _listed(field: str, value: str, entry: Entry, state: str | None) -> Compared:
    status = state or f"listed as {printable(entry.status or 'nothing')!r}"
    place = Presence(entry, state).place
    reason = f"is {status} {place}, but neither declared nor active in the history"
    return Compared(f"{field} {value} of the device list", (Finding(State.LISTED_ONLY, reason),), _values(entry))


def _values(entry: Entry | None, line: Line | None = None) -> dict[str, Any]:
    named: Sequence[Any] = (entry, line)
    return {
        "kind": None,
        **{field: first_of(named, field) for field in COMMON},
        "transaction_id": line.transaction_id if line else None,
        "line_status": line.status if line else None,
        "device_status": entry.status if entry else None,
    }
