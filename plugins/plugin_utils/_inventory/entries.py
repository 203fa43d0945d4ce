# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the devices of an inventory, with their variables, from declaration, history and device list. Pure.

The planner of the activation modules decides the status of a declared device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils import _wire as wire
from ...module_utils._decide.by_history import Policy
from ...module_utils._decide.deciding import make_plan
from ...module_utils._decide.kinds import Kind
from ...module_utils._decide.outcomes import Action, Outcome
from ...module_utils._decide.plan import Item
from ...module_utils._declare.defaults import likely
from ...module_utils._declare.devices import Device
from ...module_utils._identity import Seen, values_of
from ...module_utils._observe.history import History
from ...module_utils._observe.observed import Observed, active_lines
from ...module_utils._text import fold
from ...module_utils._wire import ACTIVE, FAILED, PENDING, DeviceStatuses, Line, StatusWords
from .._fleet.devices import Fleet
from .listed import (
    CURRENT,
    IN_CONFLICT,
    MISSING,
    DeviceList,
    ListedDevice,
    current_status,
    current_variables,
    unique_devices,
)

_STATUS = {
    Action.UNCHANGED: ACTIVE.value,
    Action.WAIT: PENDING.value,
    Action.RETRY: FAILED.value,
    Action.ACTIVATE: MISSING,
    Action.CONFLICT: IN_CONFLICT,
}
#: The status of a device that the plan leaves alone because of its status in the device list, by foreseen outcome.
_INACTIVE = {Outcome.SUSPENDED: wire.devices.SUSPENDED, Outcome.DEACTIVATED: wire.devices.DEACTIVATED}

#: Fields of both a declared device and a line. The declared value takes precedence.
_COMMON = (
    *("imei", "iccid", "sim_id", "eid"),
    *("carrier", "device_group", "filter_group", "service_zip_code", "nickname"),
)
#: Fields that only the history has.
_OBSERVED = ("transaction_id", "started")
#: Fields of history and device list. The list is newer and takes precedence, here and in `_COMMON`.
_BOTH = ("mdn", "ip")
#: A device that is not declared is identified by the key of its kind, or else by the first of these.
_KEYS = ("iccid", "sim_id", "imei", "eid")
PREFIX = "sentinel_"
#: A device list that was not read.
NOT_READ = DeviceList()
#: Every host has these variables. Unknown values are None.
VARIABLES = tuple(
    PREFIX + name
    for name in (
        *(*_COMMON, *_BOTH, *_OBSERVED, "kind", "status", "line_status", "reason", "declared", "device"),
        *CURRENT,
    )
)


class Entry(NamedTuple):
    """A device of the inventory. `where`: the row, line or entry that has it. `key`: an identifier unique to it."""

    where: str
    key: str
    values: dict[str, Any]


class Key(NamedTuple):
    """An identifier, as field and value."""

    field: str
    value: str


def declared_entries(fleet: Fleet, listed: DeviceList = NOT_READ) -> list[Entry]:
    """Return the devices of a fleet, with their values in the device list. The history was not read."""
    return [_unplanned(member.kind, member.device, listed) for member in fleet.members]


def observed_entries(
    lines: Sequence[Line], words: StatusWords, kind: Kind, listed: DeviceList = NOT_READ
) -> list[Entry]:
    """Return the devices of the history, each once, with their values in the device list."""
    return list(_undeclared(_Seen(lines, words, kind), _Claimed(), listed))


def listed_entries(entries: Iterable[wire.Entry], statuses: DeviceStatuses, kind: Kind) -> list[Entry]:
    """Return the devices of the device list, each once."""
    devices = unique_devices(entries, statuses, tuple(dict.fromkeys((kind.identity.key, *_KEYS, "mdn"))))
    return [
        Entry(f"{field} {value} of the device list", value, _values(None, None, listed.state, listed, is_known=True))
        for (field, value), listed in devices.items()
    ]


def merged_entries(
    fleet: Fleet,
    lines: Sequence[Line],
    words: StatusWords,
    kind: Kind,
    undeclared: bool = True,
    listed: DeviceList = NOT_READ,
) -> list[Entry]:
    """Return the devices of a fleet, with their values in history and device list.

    Args:
        fleet: the declared devices.
        lines: the history, oldest first.
        words: meanings of status words.
        kind: of lines that are not declared.
        undeclared: whether to add the devices of the history that are not declared.
        listed: the device list.
    """
    seen = _Seen(lines, words, kind)
    claimed = _Claimed()
    entries = []
    groups: dict[str, tuple[Kind, list[Device]]] = {}
    for member in fleet.members:
        groups.setdefault(member.kind.name, (member.kind, []))[1].append(member.device)
    for own, devices in groups.values():
        active = active_lines(devices, seen.history)
        observed = Observed.of(devices, seen.history, active, listed.listing)
        plan = make_plan(devices, observed, Policy(), {own.name: {}})
        for item in plan.items:
            claimed.add(own, item)
            current = ListedDevice(item.entry, listed.listing.state(item.entry)) if item.entry else None
            entries.append(_planned(own, item, current, listed.is_known))
    if undeclared:
        entries += [
            Entry(entry.where, entry.key, {**entry.values, PREFIX + "declared": False})
            for entry in _undeclared(seen, claimed, listed)
        ]
    return entries


class _Seen:
    """The devices of the history."""

    def __init__(self, lines: Sequence[Line], words: StatusWords, kind: Kind) -> None:
        self.lines = lines
        self.history = History(lines, {value for line in lines for value in values_of(line)}, words)
        self._fields = tuple(dict.fromkeys((kind.identity.key, *_KEYS)))

    def key(self, line: Line) -> Key | None:
        """Return the identifier of a line's device, or None for a line without one."""
        for field in self._fields:
            value = getattr(line, field)
            if value:
                return Key(field, value)
        return None

    def devices(self) -> Iterable[tuple[Key, Seen]]:
        """Yield the devices of the history with their current lines.

        A device whose SIM was replaced is one device, with the newer SIM.
        """
        for key in dict.fromkeys(map(self.key, self.lines)):
            now = self.history.current(*key) if key else None
            # If a later line has an identifier that this one lacks, the device is listed under that one.
            if key is None or now is None or self.key(now.line) != key:
                continue
            if all(self._is_current(key, field, getattr(now.line, field)) for field in _KEYS):
                yield key, now

    def _is_current(self, key: Key, field: str, value: str | None) -> bool:
        """Return whether the device with that key has this identifier now."""
        if value is None or field == key.field:
            return True
        newest = self.history.current(field, value)
        return newest is None or self.key(newest.line) == key


class _Claimed:
    """The identifiers and lines of declared devices."""

    def __init__(self) -> None:
        self._keys: set[Key] = set()
        self._partners: set[Key] = set()
        self._lines: set[int] = set()

    def add(self, kind: Kind, item: Item) -> None:
        """Add a declared device."""
        key, partner = kind.identity.key, kind.identity.partner
        self._keys.add(Key(key, getattr(item.device, key)))
        if partner and getattr(item.device, partner):
            self._partners.add(Key(partner, getattr(item.device, partner)))
        if item.line is not None and item.action != Action.CONFLICT:
            self._lines.add(id(item.line))

    def has(self, seen: Seen) -> bool:
        """Return whether a line belongs to a declared device. For a failed line, a partner is enough."""
        line = seen.line
        if id(line) in self._lines:
            return True
        keys = [Key(field, getattr(line, field)) for field in _KEYS if getattr(line, field)]
        if any(key in self._keys for key in keys):
            return True
        return seen.state == FAILED and any(key in self._partners for key in keys)


def _undeclared(seen: _Seen, claimed: _Claimed, listed: DeviceList) -> Iterable[Entry]:
    for key, now in seen.devices():
        if not claimed.has(now):
            line = now.line
            where = f"{key.field} {key.value}"
            if line.transaction_id:
                where += f" of the transaction {line.transaction_id}"
            current = listed.of_line(key.field, line, now.state == ACTIVE)
            values = _values(None, line, current_status(now.state.value, current), current, listed.is_known)
            if values[PREFIX + "status"] == FAILED:
                values[PREFIX + "reason"] = line.reason
            yield Entry(where, key.value, values)


def _planned(kind: Kind, item: Item, current: ListedDevice | None, is_known: bool) -> Entry:
    """Return a declared device with the status of its plan. `current`: its entry in the device list, or None."""
    status = _INACTIVE[item.foreseen] if item.action == Action.INACTIVE else _STATUS[item.action]
    # In a conflict, line and entry belong to another device.
    line, own = (None, None) if status == IN_CONFLICT else (item.line, current)
    values = _values(item.device, line, status, own, is_known)
    if status == FAILED:
        values[PREFIX + "reason"] = (item.line.reason if item.line else None) or item.reason
    elif status == IN_CONFLICT:
        values[PREFIX + "reason"] = item.reason
    return _declared(kind, item.device, values)


def _unplanned(kind: Kind, device: Device, listed: DeviceList) -> Entry:
    """Return a declared device with its status in the device list, without the history."""
    current = listed.of_device(device)
    own = None if current and current.conflict else current
    values = _values(device, None, current_status(None, current), own, listed.is_known)
    values[PREFIX + "reason"] = current.conflict if current else None
    return _declared(kind, device, values)


def _declared(kind: Kind, device: Device, values: dict[str, Any]) -> Entry:
    values[PREFIX + "kind"] = kind.name
    key = kind.identity.key
    return Entry(f"{device.where} ({key} {getattr(device, key)})", getattr(device, key), values)


def _values(
    device: Device | None, line: Line | None, status: str | None, current: ListedDevice | None, is_known: bool
) -> dict[str, Any]:
    """Return the variables of a host.

    Args:
        device: its declaration, or None.
        line: its line in the history, or None.
        status: its status, or None.
        current: its entry in the device list, or None.
        is_known: whether the device list was read.
    """
    declared = device or Line()
    observed = line or Line()
    entry = current.entry if current else wire.Entry()
    values: dict[str, Any] = dict.fromkeys(VARIABLES)
    for name in _COMMON:
        values[PREFIX + name] = getattr(declared, name) or getattr(entry, name, None) or getattr(observed, name)
    for name in _OBSERVED:
        values[PREFIX + name] = getattr(observed, name)
    values[PREFIX + "mdn"] = entry.mdn or (observed.mdn and wire.mdn_of(observed.mdn))
    values[PREFIX + "ip"] = entry.ip or observed.ip
    values[PREFIX + "status"] = status
    values[PREFIX + "line_status"] = observed.status
    for name, value in current_variables(current, is_known).items():
        values[PREFIX + name] = value
    if device is not None:
        values[PREFIX + "declared"] = True
        values[PREFIX + "device"] = device.declared()
    return values


# -- Filters ---------------------------------------------------------------------------------------------


class Filters(NamedTuple):
    """The filters of an inventory, by the names of the options. An empty filter selects all devices."""

    statuses: Sequence[str] = ()
    carriers: Sequence[str] = ()
    device_groups: Sequence[str] = ()
    filter_groups: Sequence[str] = ()
    device_statuses: Sequence[str] = ()


def select(entries: Sequence[Entry], filters: Filters) -> list[Entry]:
    """Return the entries that pass every filter.

    Carriers and statuses of the device list are compared without case and punctuation.
    """
    carriers = {fold(name) for name in filters.carriers}
    current = {fold(name) for name in filters.device_statuses}
    exact = (
        (PREFIX + "status", frozenset(filters.statuses)),
        (PREFIX + "device_group", frozenset(filters.device_groups)),
        (PREFIX + "filter_group", frozenset(filters.filter_groups)),
    )
    tests = [(name, wanted) for name, wanted in exact if wanted]
    return [
        entry
        for entry in entries
        if all(entry.values[name] in wanted for name, wanted in tests)
        and (not carriers or fold(entry.values[PREFIX + "carrier"] or "") in carriers)
        and (not current or not current.isdisjoint(_device_statuses(entry.values)))
    ]


def _device_statuses(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the meaning of a host's status in the device list, and the word for it, folded."""
    return values[PREFIX + "device_state"] or "", fold(values[PREFIX + "device_status"] or "")


def unmatched_filters(entries: Sequence[Entry], filters: Filters) -> list[str]:
    """Return a warning for each value of a filter that no entry has, because it is probably misspelt."""
    warnings = []
    for option, field in (
        ("carriers", "carrier"),
        ("device_groups", "device_group"),
        ("filter_groups", "filter_group"),
    ):
        wanted: Sequence[str] = getattr(filters, option)
        known = {entry.values[PREFIX + field] for entry in entries} - {None} if wanted else set()
        same: Mapping[str, Any] = {fold(name) if field == "carrier" else name: name for name in known}
        warnings += [
            f"{option}: no device has the {field} {name!r}{likely(field, name, sorted(known))}"
            for name in wanted
            if (fold(name) if field == "carrier" else name) not in same
        ]
    return warnings
