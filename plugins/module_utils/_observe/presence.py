# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the device list says of a declared device."""

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

#: What counts where a device has several entries, the first that applies: state, and whether it has another partner.
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

    `entry`: the one that counts. `state`: `active`, `suspended`, `deactivated`; None where its status says none of
    them. `against`: the other partner that the list has for it, or None. `is_certain`: whether the entry names the
    device's key, or the MDN that the history has for it; otherwise only its partner was found.
    """

    entry: Entry
    state: str | None
    against: Contradiction | None = None
    is_certain: bool = True

    @property
    def place(self) -> str:
        """Where it was found: "in the account (MDN 521-267-1508)"."""
        return f"in the account (MDN {self.entry.mdn})" if self.entry.mdn else "in the account"


def presence(device: Device, listing: Listing, line: Line | None) -> Presence | None:
    """Return what the list says of a device; None where it is not listed.

    Args:
        line: the line of the history by which the device is active, or None. Its MDN and the identifiers that the
            service chose find entries that name neither the device's key nor its partner.
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
    """Yield the entries with the device's key or partner."""
    identity = device.identity
    for field, value in device.pair():
        for entry in listing.entries(field, value):
            state, against = listing.state(entry), identity.contradiction(device, entry, listing.reported_fields)
            if field == identity.key:
                # Whatever it sat in, a deactivated SIM is not active.
                yield Presence(entry, state, None if state == DEACTIVATED else against)
            elif against is not None:
                if state == ACTIVE:
                    yield Presence(entry, state, against)
            elif identity.key_of(entry) is None:
                yield from _by_partner(entry, state, line, field)


def _by_partner(entry: Entry, state: str | None, line: Line | None, field: str) -> Iterator[Presence]:
    """Yield what an entry says that has the device's partner and no key."""
    other = line and next(
        (name for name in IDENTIFIERS if _are_different(getattr(entry, name), getattr(line, name))), None
    )
    if other:
        if state == ACTIVE:
            yield Presence(entry, state, Contradiction(field, other, str(getattr(entry, other))))
    elif state == ACTIVE or not _is_another_number(entry, line):
        yield Presence(entry, state, is_certain=_has_number_of(entry, line))


def _are_different(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _assigned(device: Device, listing: Listing, line: Line | None) -> Iterator[Presence]:
    """Yield the entries that only the history connects with the device: by the MDN, or the SIM that was assigned."""
    if line is None:
        return
    fields = (*device.identity.assigned, "mdn")
    values = ((field, _value_of(line, field)) for field in fields)
    for entry in _each(entry for field, value in values for entry in listing.entries(field, value)):
        unnamed = not any(getattr(entry, name) == value for name, value in device.pair())
        if unnamed and may_be_same(entry, device) and may_be_same(entry, line):
            yield Presence(entry, listing.state(entry))


def doubt(device: Device, found: Presence, listing: Listing, history: History) -> str | None:
    """Return why a deactivated entry may be an earlier subscription's than the activation in the history; None if not.

    A list that lacks the later one's entry, or shows it in a word that nobody knows, would have it activated again.

    Args:
        found: of a device that is active by the history.
    """
    if not found.is_certain:
        return "the list does not show which SIM is deactivated"
    key = (device.identity.key, device.key)
    activations = [seen.line for seen in history.lines(*key) if seen.state == LINE_ACTIVE]
    line = activations[-1] if activations else None
    if _has_number_of(found.entry, line):
        return None
    if _is_another_number(found.entry, line):
        return f"the MDN activated last is {mdn_of(str(line and line.mdn))}, and the list does not show that"
    states = [listing.state(entry) for entry in listing.entries(*key)]
    if None in states:
        return "the list has it with an unknown status, too"
    if states.count(DEACTIVATED) < len(activations):
        return f"the history has {len(activations)} activations, and the list shows {states.count(DEACTIVATED)}"
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
    """Whether an entry has another MDN than the history has for the device: it is another subscription's."""
    return line is not None and _are_different(entry.mdn, line.mdn and mdn_of(line.mdn))
