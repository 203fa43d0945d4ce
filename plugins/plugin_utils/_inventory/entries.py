# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is declared, and what history and device list show → the devices of an inventory, with their variables.

Whatever comes of a declared device is what the activation modules would plan for it: it is their planner that decides.
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
from .listed import IN_CONFLICT, MISSING, PRESENT, DeviceList, Found, each_device, status_now, variables

_STATUS = {
    Action.UNCHANGED: ACTIVE.value,
    Action.WAIT: PENDING.value,
    Action.RETRY: FAILED.value,
    Action.ACTIVATE: MISSING,
    Action.CONFLICT: IN_CONFLICT,
}
#: Where nothing is done for a device because of its status in the device list, the plan foresees that status.
_INACTIVE = {Outcome.SUSPENDED: wire.devices.SUSPENDED, Outcome.DEACTIVATED: wire.devices.DEACTIVATED}

#: What both a declared device and a line may say. What is declared outranks the line.
_COMMON = (
    *("imei", "iccid", "sim_id", "eid"),
    *("carrier", "device_group", "filter_group", "service_zip_code", "nickname"),
)
#: What only the history can say.
_OBSERVED = ("transaction_id", "started")
#: What history and device list say. The list, which is newer, outranks the history here and in `_COMMON`.
_BOTH = ("mdn", "ip")
#: By which identifier a device is told apart that nobody declares: its kind's, or the first of these.
_KEYS = ("iccid", "sim_id", "imei", "eid")
PREFIX = "sentinel_"
#: A device list that nobody has read.
NOT_READ = DeviceList()
#: Every host has these variables; what is not known is None.
VARIABLES = tuple(
    PREFIX + name
    for name in (
        *(*_COMMON, *_BOTH, *_OBSERVED, "kind", "status", "line_status", "reason", "declared", "device"),
        *PRESENT,
    )
)


class Entry(NamedTuple):
    """A device of the inventory. `where`: what declares or shows it; `key`: an identifier that no other entry has."""

    where: str
    key: str
    values: dict[str, Any]


class Key(NamedTuple):
    """An identifier: the field, and what stands there."""

    field: str
    value: str


def declared_entries(fleet: Fleet, listed: DeviceList = NOT_READ) -> list[Entry]:
    """The devices of a fleet, with what the device list says of them. Nobody has looked at the history."""
    return [_unplanned(member.kind, member.device, listed) for member in fleet.members]


def observed_entries(
    lines: Sequence[Line], words: StatusWords, kind: Kind, listed: DeviceList = NOT_READ
) -> list[Entry]:
    """The devices that the history shows, each once, with what the device list says of them."""
    return list(_undeclared(_Seen(lines, words, kind), _Claimed(), listed))


def listed_entries(entries: Iterable[wire.Entry], statuses: DeviceStatuses, kind: Kind) -> list[Entry]:
    """The devices of the device list, each once."""
    devices = each_device(entries, statuses, tuple(dict.fromkeys((kind.identity.key, *_KEYS, "mdn"))))
    return [
        Entry(f"{field} {value} of the device list", value, _values(None, None, found.state, found, is_known=True))
        for (field, value), found in devices.items()
    ]


def merged_entries(
    fleet: Fleet,
    lines: Sequence[Line],
    words: StatusWords,
    kind: Kind,
    undeclared: bool = True,
    listed: DeviceList = NOT_READ,
) -> list[Entry]:
    """The devices of a fleet, with what history and device list show of them.

    Args:
        fleet: what is declared.
        lines: the history, the oldest first.
        words: sorts status words.
        kind: of the lines that nobody declares.
        undeclared: whether the devices follow that the history shows and nobody declares.
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
            found = Found(item.entry, listed.listing.state(item.entry)) if item.entry else None
            entries.append(_planned(own, item, found, listed.is_known))
    if undeclared:
        entries += [
            Entry(entry.where, entry.key, {**entry.values, PREFIX + "declared": False})
            for entry in _undeclared(seen, claimed, listed)
        ]
    return entries


class _Seen:
    """The lines, the whole history of them, and by what each is told apart."""

    def __init__(self, lines: Sequence[Line], words: StatusWords, kind: Kind) -> None:
        self.lines = lines
        self.history = History(lines, {value for line in lines for value in values_of(line)}, words)
        self._fields = tuple(dict.fromkeys((kind.identity.key, *_KEYS)))

    def key(self, line: Line) -> Key | None:
        """By what the line's device is told apart; None for a line without any identifier."""
        for field in self._fields:
            value = getattr(line, field)
            if value:
                return Key(field, value)
        return None

    def devices(self) -> Iterable[tuple[Key, Seen]]:
        """The devices of the history with what holds of each.

        A device whose SIM was replaced is one device, with the newer SIM.
        """
        for key in dict.fromkeys(map(self.key, self.lines)):
            now = self.history.current(*key) if key else None
            # Not so where a later line tells an identifier that this one lacked: then that one stands for the device.
            if key is None or now is None or self.key(now.line) != key:
                continue
            if all(self._stands_for(key, field, getattr(now.line, field)) for field in _KEYS):
                yield key, now

    def _stands_for(self, key: Key, field: str, value: str | None) -> bool:
        """Whether the device with that key is the one that has this identifier now."""
        if value is None or field == key.field:
            return True
        newest = self.history.current(field, value)
        return newest is None or self.key(newest.line) == key


class _Claimed:
    """What the declared devices take: no device that has it is one that nobody declares."""

    def __init__(self) -> None:
        self._keys: set[Key] = set()
        self._partners: set[Key] = set()
        self._lines: set[int] = set()

    def add(self, kind: Kind, item: Item) -> None:
        """A declared device."""
        key, partner = kind.identity.key, kind.identity.partner
        self._keys.add(Key(key, getattr(item.device, key)))
        if partner and getattr(item.device, partner):
            self._partners.add(Key(partner, getattr(item.device, partner)))
        if item.line is not None and item.action != Action.CONFLICT:
            self._lines.add(id(item.line))

    def has(self, seen: Seen) -> bool:
        """Whether a line belongs to a declared device. A failed one does, if its IMEI does: it was tried otherwise."""
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
            found = listed.of_line(key.field, line, now.state == ACTIVE)
            values = _values(None, line, status_now(now.state.value, found), found, listed.is_known)
            if values[PREFIX + "status"] == FAILED:
                values[PREFIX + "reason"] = line.reason
            yield Entry(where, key.value, values)


def _planned(kind: Kind, item: Item, found: Found | None, is_known: bool) -> Entry:
    """A declared device, by what is planned for it. `found`: what the device list says of it, or None."""
    status = _INACTIVE[item.foreseen] if item.action == Action.INACTIVE else _STATUS[item.action]
    # In a conflict, line and entry are another device's.
    line, own = (None, None) if status == IN_CONFLICT else (item.line, found)
    values = _values(item.device, line, status, own, is_known)
    if status == FAILED:
        values[PREFIX + "reason"] = (item.line.reason if item.line else None) or item.reason
    elif status == IN_CONFLICT:
        values[PREFIX + "reason"] = item.reason
    return _declared(kind, item.device, values)


def _unplanned(kind: Kind, device: Device, listed: DeviceList) -> Entry:
    """A declared device of which nobody knows the history, by what the device list says of it."""
    found = listed.of_device(device)
    own = None if found and found.conflict else found
    values = _values(device, None, status_now(None, found), own, listed.is_known)
    values[PREFIX + "reason"] = found.conflict if found else None
    return _declared(kind, device, values)


def _declared(kind: Kind, device: Device, values: dict[str, Any]) -> Entry:
    values[PREFIX + "kind"] = kind.name
    key = kind.identity.key
    return Entry(f"{device.where} ({key} {getattr(device, key)})", getattr(device, key), values)


def _values(
    device: Device | None, line: Line | None, status: str | None, found: Found | None, is_known: bool
) -> dict[str, Any]:
    """The variables of a host.

    Args:
        found: what the device list says of it, or None.
        is_known: whether the device list was read.
    """
    said = device or Line()
    told = line or Line()
    present = found.entry if found else wire.Entry()
    values: dict[str, Any] = dict.fromkeys(VARIABLES)
    for name in _COMMON:
        values[PREFIX + name] = getattr(said, name) or getattr(present, name, None) or getattr(told, name)
    for name in _OBSERVED:
        values[PREFIX + name] = getattr(told, name)
    values[PREFIX + "mdn"] = present.mdn or (told.mdn and wire.mdn_of(told.mdn))
    values[PREFIX + "ip"] = present.ip or told.ip
    values[PREFIX + "status"] = status
    values[PREFIX + "line_status"] = told.status
    for name, value in variables(found, is_known).items():
        values[PREFIX + name] = value
    if device is not None:
        values[PREFIX + "declared"] = True
        values[PREFIX + "device"] = device.declared()
    return values


# -- What of it is wanted ---------------------------------------------------------------------------------------------


class Filters(NamedTuple):
    """Which devices are wanted; an empty one wants all. The names are the options' own."""

    statuses: Sequence[str] = ()
    carriers: Sequence[str] = ()
    device_groups: Sequence[str] = ()
    filter_groups: Sequence[str] = ()
    device_statuses: Sequence[str] = ()


def selected(entries: Sequence[Entry], filters: Filters) -> list[Entry]:
    """The entries that pass every filter.

    Carriers and statuses of the device list are compared without case and punctuation, as everywhere.
    """
    carriers = {fold(name) for name in filters.carriers}
    present = {fold(name) for name in filters.device_statuses}
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
        and (not present or not present.isdisjoint(_device_statuses(entry.values)))
    ]


def _device_statuses(values: Mapping[str, Any]) -> tuple[str, str]:
    """What the present status of a host means, and the word for it, folded."""
    return values[PREFIX + "device_state"] or "", fold(values[PREFIX + "device_status"] or "")


def strangers(entries: Sequence[Entry], filters: Filters) -> list[str]:
    """What is filtered by and no entry has, a sentence each: it is probably misspelt."""
    found = []
    for option, field in (
        ("carriers", "carrier"),
        ("device_groups", "device_group"),
        ("filter_groups", "filter_group"),
    ):
        wanted: Sequence[str] = getattr(filters, option)
        known = {entry.values[PREFIX + field] for entry in entries} - {None} if wanted else set()
        same: Mapping[str, Any] = {fold(name) if field == "carrier" else name: name for name in known}
        found += [
            f"{option}: no device has the {field} {name!r}{likely(field, name, sorted(known))}"
            for name in wanted
            if (fold(name) if field == "carrier" else name) not in same
        ]
    return found
