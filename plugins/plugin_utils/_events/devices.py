# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of an account's device list: what one read of it shows, and what was known before, compared. Pure.

A device is listed, suspended, restored or deactivated. A read may lack devices, which says nothing of them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from ...module_utils._identity import agree
from ...module_utils._wire import DeviceStatuses, Entry
from ...module_utils._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED

#: What is remembered of what a device is called.
IDENTITY = ("mdn", "imei", "iccid", "sim_id", "eid")
#: What an event says of a device besides.
_TOLD = ("status", "carrier", "device_group", "filter_group", "nickname")
#: A SIM is one device, whatever it sits in. Of these, an entry has one at most.
_SIMS = ("iccid", "sim_id")
#: What names a device whose entries have neither its SIM nor its MDN.
_OTHERS = ("eid", "imei")
#: What more devices have in common is a placeholder, and names none of them.
_MOST_ALIKE = 20
#: Which entry counts where there are several for one device: the first of these states.
_STATES = (ACTIVE, SUSPENDED, DEACTIVATED, None)
#: State → the last part of an event's type, where a device has come to that state.
_WORDS = {ACTIVE: "restored", SUSPENDED: "suspended", DEACTIVATED: "deactivated"}
_LISTED = "listed"
#: Seconds after which it is noted again that a device is still listed.
_NOTED_EVERY = 86400.0
_NAMESPACE = uuid.UUID("0d0f6c0e-5d0d-5c5e-8f7e-3c1b9d1a7e52")


class Device(NamedTuple):
    """What is remembered of a device.

    `name`: what it was called when it was first listed. `state`: the last one that was understood, or None. `events`:
    how many there were. `seen`: seconds since the epoch, when it was last noted that it is listed.
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
    """What is to be remembered of a device, once its event, where there is one, has been taken."""

    device: Device
    event: dict[str, Any] | None = None


class _Identity(NamedTuple):
    """What a device is called."""

    mdn: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None


_identity_of = attrgetter(*IDENTITY)


class _Listed:
    """A device with its entries in one read. `known`: what is remembered of it; None for a new one."""

    __slots__ = ("entries", "identity", "known")

    def __init__(self, known: Device | None = None) -> None:
        self.known = known
        self.entries: list[Entry] = []
        self.identity = _Identity(*_identity_of(known)) if known else _Identity()

    def add(self, entry: Entry) -> None:
        """Add an entry of the read."""
        self.entries.append(entry)
        if _identity_of(entry) != self.identity:
            self.identity = self.identity._replace(**_given(entry))


class _Devices:
    """The devices that are known, and those of a read, by what they are called."""

    def __init__(self, known: Iterable[Device]) -> None:
        self.all = [_Listed(device) for device in known]
        # Most names are one device's: a list for each would take memory.
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
            elif len(others) <= _MOST_ALIKE and listed not in others:
                others.append(listed)

    def add(self, listed: _Listed | None, entry: Entry) -> None:
        """Add an entry to its device; None for a new one."""
        if listed is None:
            listed = _Listed()
            self.all.append(listed)
        self._index(listed, entry)
        listed.add(entry)

    def _called(self, entry: Entry, fields: Sequence[str]) -> Iterator[_Listed]:
        for field in fields:
            found = self._named[field].get(getattr(entry, field))
            if isinstance(found, list):
                yield from found if len(found) <= _MOST_ALIKE else ()
            elif found is not None:
                yield found

    def by_sim_or_number(self, entry: Entry) -> _Listed | None:
        """Return the device with the entry's SIM; else one with its MDN, unless that has another SIM or IMEI."""
        numbered = (listed for listed in self._called(entry, ("mdn",)) if agree(listed.identity, entry))
        return next(self._called(entry, _SIMS), None) or next(numbered, None)

    def by_equipment(self, entry: Entry) -> _Listed | None:
        """Return the device with the entry's EID or IMEI, where nothing else tells whose the entry is.

        A deactivated device that is activated again gets another MDN.
        """
        for listed in self._called(entry, _OTHERS):
            if not agree(listed.identity, entry):
                continue
            again = not listed.entries and listed.known is not None and listed.known.state == DEACTIVATED
            if again or entry.mdn is None or listed.identity.mdn is None:
                return listed
        return None


def _recognised(entries: Sequence[Entry], known: Iterable[Device]) -> list[_Listed]:
    """Return the devices of a read: known ones, and new ones. An entry without an identifier and MDN is left out.

    By its SIM, as that stays what it is; else by its MDN, as the list's pages have no ICCID.
    """
    devices = _Devices(known)
    strange = []
    for entry in entries:
        listed = devices.by_sim_or_number(entry)
        if listed is None:
            strange.append(entry)
        else:
            devices.add(listed, entry)
    # What is known by a better name is not to be taken for another device.
    for entry in sorted(strange, key=lambda entry: not any(getattr(entry, field) for field in _SIMS)):
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
    """Return the changes that a read of the device list shows.

    Args:
        account: what events of this account are told apart from those of others by.
        statuses: sorts status words.
        entries: of the list, which may be partial.
        known: what is remembered.
        now: seconds since the epoch.
        quiet: without events: what was listed before anybody listened.
    """
    names = {device.name for device in known}
    found = []
    for listed in _recognised(entries, known):
        best = listed.entries[0]
        if len(listed.entries) > 1:
            best = min(listed.entries, key=lambda entry: _STATES.index(statuses.read(entry.status)))
        state = statuses.read(best.status)
        if listed.known is None:
            name = _new_name(best, names)
            device = Device(name, **_given(best), state=state, seen=now)
            word = None if quiet else _LISTED
        elif _is_of_old(listed.known, best, state):
            continue
        else:
            device = listed.known._replace(**_given(best), state=state or listed.known.state)
            word = None if quiet else _word(listed.known.state, device.state)
        if word is not None:
            device = device._replace(events=device.events + 1, seen=now)
            before = listed.known.state if listed.known else None
            found.append(DeviceChange(device, _event(account, word, device, best, before)))
        elif device != listed.known or now - device.seen >= _NOTED_EVERY:
            found.append(DeviceChange(device._replace(seen=now)))
    return found


def _word(before: str | None, state: str | None) -> str | None:
    """Return what has become of a device; None for nothing. Whether one was restored is known from its state before."""
    if state is None or state == before or (before is None and state == ACTIVE):
        return None
    return _WORDS[state]


def _is_of_old(known: Device, best: Entry, state: str | None) -> bool:
    """Whether all that a read has of a device is what it left behind when it was activated again, with another MDN."""
    has_other_number = None not in (known.mdn, best.mdn) and known.mdn != best.mdn
    return has_other_number and state == DEACTIVATED and known.state != DEACTIVATED


def _event(account: str, word: str, device: Device, entry: Entry, before: str | None) -> dict[str, Any]:
    # The same event gets the same id, whoever makes it, and when.
    event_id = str(uuid.uuid5(_NAMESPACE, json.dumps([account, device.name, word, device.events])))
    told = {field: getattr(entry, field) for field in _TOLD}
    identity = {field: getattr(device, field) for field in IDENTITY}
    return {
        "id": event_id,
        "type": f"device_{word}",
        "device": {"state": device.state, "previous_state": before, **identity, **told},
        # Otherwise ansible-rulebook would give it one, another at each time; it adds the rest.
        "meta": {"uuid": event_id},
    }


def _given(entry: Entry) -> dict[str, Any]:
    """Return what an entry says of what its device is called."""
    return {field: value for field, value in zip(IDENTITY, _identity_of(entry)) if value}


def _new_name(entry: Entry, taken: set[str]) -> str:
    """Return a name for a device that is listed for the first time, and add it to those that are taken."""
    given = _given(entry)
    named = {field: given[field] for field in _SIMS if field in given} or given
    text = name = " ".join(f"{field} {value}" for field, value in named.items())
    number = 0
    while name in taken:
        number += 1
        name = f"{text}#{number}"
    taken.add(name)
    return name
