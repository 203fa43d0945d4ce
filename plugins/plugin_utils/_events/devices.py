# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes events of an account's device list, by comparing one read with the remembered devices. Pure.

A device is listed, suspended, restored or deactivated. A read may lack devices, which has no meaning.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from ...module_utils._identity import may_be_same
from ...module_utils._wire import DeviceStatuses, Entry
from ...module_utils._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED

#: Identifiers that are remembered.
IDENTITY = ("mdn", "imei", "iccid", "sim_id", "eid")
#: Other fields of an entry in an event.
_FIELDS = ("status", "carrier", "device_group", "filter_group", "nickname")
#: A SIM is one device, whatever device it is in. An entry has at most one of these.
_SIMS = ("iccid", "sim_id")
#: Identifiers for entries without SIM and MDN.
_OTHERS = ("eid", "imei")
#: An identifier of more devices than this is a placeholder, and is ignored.
_MAX_ALIKE = 20
#: If a device has several entries, the one with the first of these states counts.
_STATES = (ACTIVE, SUSPENDED, DEACTIVATED, None)
#: State → last part of the event type when a device enters that state.
_WORDS = {ACTIVE: "restored", SUSPENDED: "suspended", DEACTIVATED: "deactivated"}
_LISTED = "listed"
#: Seconds after which it is remembered again that a device is still listed.
_NOTED_EVERY = 86400.0
_NAMESPACE = uuid.UUID("0d0f6c0e-5d0d-5c5e-8f7e-3c1b9d1a7e52")


class Device(NamedTuple):
    """A remembered device.

    `name`: by its identifiers when it was first listed. `state`: the last known one, or None. `events`: number of
    events so far. `seen`: when it was last remembered as listed, in seconds since the epoch.
    """

    name: str
    mdn: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None
    state: str | None = None
    events: int = 0
    seen: float = 0.0


class DeviceChange(NamedTuple):
    """A device to remember, after its event, if there is one, has been delivered."""

    device: Device
    event: dict[str, Any] | None = None


class _Identity(NamedTuple):
    """The identifiers of a device."""

    mdn: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None


_identity_of = attrgetter(*IDENTITY)


class _Listed:
    """A device with its entries in one read. `known`: the remembered device, or None for a new one."""

    __slots__ = ("entries", "identity", "known")

    def __init__(self, known: Device | None = None) -> None:
        self.known = known
        self.entries: list[Entry] = []
        self.identity = _Identity(*_identity_of(known)) if known else _Identity()

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        self.entries.append(entry)
        if _identity_of(entry) != self.identity:
            self.identity = self.identity._replace(**_given(entry))


class _Devices:
    """The remembered devices and those of a read, by identifier."""

    def __init__(self, known: Iterable[Device]) -> None:
        self.all = [_Listed(device) for device in known]
        # Most identifiers belong to one device, and a list for each would take memory.
        self._named: dict[str, dict[str, _Listed | list[_Listed]]] = {field: {} for field in IDENTITY}
        for listed in self.all:
            self._index(listed, listed.identity)

    def _index(self, listed: _Listed, names: Any) -> None:
        for field, value in zip(IDENTITY, _identity_of(names)):
            if not value:
                continue
            others = self._named[field].setdefault(value, listed)
            if others is listed:
                continue
            if not isinstance(others, list):
                self._named[field][value] = [others, listed]
            elif len(others) <= _MAX_ALIKE and listed not in others:
                others.append(listed)

    def add(self, listed: _Listed | None, entry: Entry) -> None:
        """Add an entry to its device. None is a new device."""
        if listed is None:
            listed = _Listed()
            self.all.append(listed)
        self._index(listed, entry)
        listed.add(entry)

    def _called(self, entry: Entry, fields: Sequence[str]) -> Iterator[_Listed]:
        for field in fields:
            found = self._named[field].get(getattr(entry, field))
            if isinstance(found, list):
                yield from found if len(found) <= _MAX_ALIKE else ()
            elif found is not None:
                yield found

    def by_sim_or_number(self, entry: Entry) -> _Listed | None:
        """Return the device with the entry's SIM, or else one with its MDN that has no other SIM or IMEI."""
        numbered = (listed for listed in self._called(entry, ("mdn",)) if may_be_same(listed.identity, entry))
        return next(self._called(entry, _SIMS), None) or next(numbered, None)

    def by_equipment(self, entry: Entry) -> _Listed | None:
        """Return the device with the entry's EID or IMEI, for entries that match no SIM or MDN.

        A deactivated device that is activated again gets another MDN.
        """
        for listed in self._called(entry, _OTHERS):
            if not may_be_same(listed.identity, entry):
                continue
            again = not listed.entries and listed.known is not None and listed.known.state == DEACTIVATED
            if again or entry.mdn is None or listed.identity.mdn is None:
                return listed
        return None


def _recognised(entries: Sequence[Entry], known: Iterable[Device]) -> list[_Listed]:
    """Return the devices of a read, remembered and new ones. Entries without identifier and MDN are left out.

    Devices are matched by SIM, which does not change, or else by MDN, because the list's pages have no ICCID.
    """
    devices = _Devices(known)
    unmatched = []
    for entry in entries:
        listed = devices.by_sim_or_number(entry)
        if listed is None:
            unmatched.append(entry)
        else:
            devices.add(listed, entry)
    # Entries with a SIM come first, so that others are matched to them.
    for entry in sorted(unmatched, key=lambda entry: not any(getattr(entry, field) for field in _SIMS)):
        if _given(entry):
            devices.add(devices.by_sim_or_number(entry) or devices.by_equipment(entry), entry)
    return [listed for listed in devices.all if listed.entries]


def device_changes(
    account: str,
    statuses: DeviceStatuses,
    entries: Sequence[Entry],
    known: Sequence[Device],
    now: float,
    quiet: bool = False,
) -> list[DeviceChange]:
    """Return the changes of a read of the device list.

    Args:
        account: identity of the account, as part of event ids.
        statuses: meanings of status words.
        entries: of the list, which may be incomplete.
        known: the remembered devices.
        now: seconds since the epoch.
        quiet: whether to make no events, for devices that were listed before the source was started.
    """
    names = {device.name for device in known}
    changes = []
    for listed in _recognised(entries, known):
        best = listed.entries[0]
        if len(listed.entries) > 1:
            best = min(listed.entries, key=lambda entry: _STATES.index(statuses.read(entry.status)))
        state = statuses.read(best.status)
        if listed.known is None:
            name = _new_name(best, names)
            device = Device(name, **_given(best), state=state, seen=now)
            word = None if quiet else _LISTED
        elif _is_left_over(listed.known, best, state):
            continue
        else:
            device = listed.known._replace(**_given(best), state=state or listed.known.state)
            word = None if quiet else _word(listed.known.state, device.state)
        if word is not None:
            device = device._replace(events=device.events + 1, seen=now)
            before = listed.known.state if listed.known else None
            changes.append(DeviceChange(device, _event(account, word, device, best, before)))
        elif device != listed.known or now - device.seen >= _NOTED_EVERY:
            changes.append(DeviceChange(device._replace(seen=now)))
    return changes


def _word(before: str | None, state: str | None) -> str | None:
    """Return the last part of the event type for a new state, or None. A device is restored only from another state."""
    if state is None or state == before or (before is None and state == ACTIVE):
        return None
    return _WORDS[state]


def _is_left_over(known: Device, best: Entry, state: str | None) -> bool:
    """Return whether an entry is the old, deactivated one of a device that was activated again with another MDN."""
    has_other_number = None not in (known.mdn, best.mdn) and known.mdn != best.mdn
    return has_other_number and state == DEACTIVATED and known.state != DEACTIVATED


def _event(account: str, word: str, device: Device, entry: Entry, before: str | None) -> dict[str, Any]:
    # The same event always has the same id.
    event_id = str(uuid.uuid5(_NAMESPACE, json.dumps([account, device.name, word, device.events])))
    fields = {field: getattr(entry, field) for field in _FIELDS}
    identity = {field: getattr(device, field) for field in IDENTITY}
    return {
        "id": event_id,
        "type": f"device_{word}",
        "device": {"state": device.state, "previous_state": before, **identity, **fields},
        # Otherwise, ansible-rulebook adds a random one. It adds the other keys of `meta`.
        "meta": {"uuid": event_id},
    }


def _given(entry: Entry) -> dict[str, Any]:
    """Return the identifiers of an entry."""
    return {field: value for field, value in zip(IDENTITY, _identity_of(entry)) if value}


def _new_name(entry: Entry, taken: set[str]) -> str:
    """Return a unique name for a device that is listed for the first time, and add it to `taken`."""
    given = _given(entry)
    named = {field: given[field] for field in _SIMS if field in given} or given
    text = name = " ".join(f"{field} {value}" for field, value in named.items())
    number = 0
    while name in taken:
        number += 1
        name = f"{text}#{number}"
    taken.add(name)
    return name
