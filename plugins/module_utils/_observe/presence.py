# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entry of a declared device in the device list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from .._declare.devices import Device
from .._identity import Contradiction, may_be_same
from .._wire import ACTIVE as LINE_ACTIVE
from .._wire import IDENTIFIERS, Entry, Line, mdn_of
from .._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED
from .history import History
from .listing import Listing

#: Precedence of several entries of a device: state, and whether the entry has another partner.
_RANKS = (
    (ACTIVE, False),
    (ACTIVE, True),
    (SUSPENDED, False),
    (SUSPENDED, True),
    (DEACTIVATED, False),
    (None, False),
)


class Presence(NamedTuple):
    """A device in the device list.

    `entry`: the entry that counts. `state`: `active`, `suspended` or `deactivated`, or None for an unknown status.
    `against`: another partner that the list has for the device, or None. `is_certain`: whether the entry has the key of
    the device, or the MDN that the history has for it; otherwise it has only the partner.
    """

    entry: Entry
    state: str | None
    against: Contradiction | None = None
    is_certain: bool = True

    @property
    def place(self) -> str:
        """The place of the entry as text: "in the account (MDN 521-267-1508)"."""
        return f"in the account (MDN {self.entry.mdn})" if self.entry.mdn else "in the account"


def presence(device: Device, listing: Listing, line: Line | None) -> Presence | None:
    """Return the presence of a device in the list, or None if it is not listed.

    Args:
        device: the device.
        listing: the device list.
        line: the line of the history by which the device is active, or None. Its MDN and its assigned identifiers find
            entries without the key and the partner of the device.
    """
    best: Presence | None = None
    for found in chain(_named(device, listing, line), _assigned(device, listing, line)):
        place = (found.state, found.against is not None)
        if place == _RANKS[0] and found.is_certain:
            return found
        if place in _RANKS and (best is None or _rank(found) < _rank(best)):
            best = found
    return best


def _rank(item: Presence) -> tuple[bool, bool, int]:
    place = _RANKS.index((item.state, item.against is not None))
    return item.state is None, not item.is_certain, place


def _named(device: Device, listing: Listing, line: Line | None) -> Iterator[Presence]:
    """Yield the entries with the key or the partner of the device."""
    identity = device.identity
    for field, value in device.pair():
        for entry in listing.entries(field, value):
            state, against = listing.state(entry), identity.contradiction(device, entry, listing.reported_fields)
            if field == identity.key:
                # The partner does not matter: a deactivated SIM is not active.
                yield Presence(entry, state, None if state == DEACTIVATED else against)
            elif against is not None:
                if state == ACTIVE:
                    yield Presence(entry, state, against)
            elif identity.key_of(entry) is None:
                yield from _by_partner(entry, state, line, field)


def _by_partner(entry: Entry, state: str | None, line: Line | None, field: str) -> Iterator[Presence]:
    """Yield the presence by an entry with the partner of the device and without a key."""
    differing = (name for name in IDENTIFIERS if _are_different(getattr(entry, name), getattr(line, name)))
    other = line and next(differing, None)
    if other:
        if state == ACTIVE:
            yield Presence(entry, state, Contradiction(field, other, str(getattr(entry, other))))
    elif state == ACTIVE or not _is_another_number(entry, line):
        yield Presence(entry, state, is_certain=_has_number_of(entry, line))


def _are_different(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _assigned(device: Device, listing: Listing, line: Line | None) -> Iterator[Presence]:
    """Yield the entries that only the history links to the device, by the MDN or by the assigned SIM."""
    if line is None:
        return
    fields = (*device.identity.assigned, "mdn")
    values = ((field, _value_of(line, field)) for field in fields)
    for entry in _each(entry for field, value in values for entry in listing.entries(field, value)):
        unnamed = not any(getattr(entry, name) == value for name, value in device.pair())
        if unnamed and may_be_same(entry, device) and may_be_same(entry, line):
            yield Presence(entry, listing.state(entry))


def doubt(device: Device, found: Presence, listing: Listing, history: History) -> str | None:
    """Return why a deactivated entry may belong to an older subscription than the active line, or None.

    A list without the entry of the newer subscription, or with an unknown status for it, would otherwise lead to
    another activation.

    Args:
        device: a device that is active by the history.
        found: its presence.
        listing: the device list.
        history: the history.
    """
    if not found.is_certain:
        return "the list does not show which SIM is deactivated"
    key = (device.identity.key, device.key)
    activations = [seen.line for seen in history.lines(*key) if seen.state == LINE_ACTIVE]
    line = activations[-1] if activations else None
    if _has_number_of(found.entry, line):
        return None
    if _is_another_number(found.entry, line):
        return f"the last activated MDN is {mdn_of(str(line and line.mdn))}, which the list does not show"
    states = [listing.state(entry) for entry in listing.entries(*key)]
    if None in states:
        return "the list also has it with an unknown status"
    if states.count(DEACTIVATED) < len(activations):
        return f"the history has {len(activations)} activations, but the list shows {states.count(DEACTIVATED)}"
    return None


def _value_of(line: Line, field: str) -> str | None:
    value: str | None = getattr(line, field)
    return mdn_of(value) if value and field == "mdn" else value


def _each(entries: Iterable[Entry]) -> list[Entry]:
    return list(dict.fromkeys(entries))


def _has_number_of(entry: Entry, line: Line | None) -> bool:
    """Whether an entry has the MDN that the history has for the device."""
    return line is not None and bool(line.mdn) and entry.mdn == mdn_of(line.mdn or "")


def _is_another_number(entry: Entry, line: Line | None) -> bool:
    """Whether an entry has another MDN than the history has for the device, so that it is another subscription."""
    return line is not None and _are_different(entry.mdn, line.mdn and mdn_of(line.mdn))
