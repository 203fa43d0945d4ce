# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tells devices apart: the key that is activated, the partner that goes with it, and which line is whose.

Nothing else compares identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from ._wire import ACTIVE, FAILED, IDENTIFIERS, PENDING, Line, LineState, Record

#: What names a device of the list.
_LISTED_BY = ("mdn", "imei", "iccid", "eid")
#: What names a SIM: a card's, a SmartSIM's, an eSIM's.
_SIMS = ("iccid", "sim_id", "eid")


class Seen(NamedTuple):
    """A line and its state."""

    line: Line
    state: LineState


class Contradiction(NamedTuple):
    """Why a line that shares an identifier with a device is not the device's.

    `shared`: the identifier that both have. `field`, `value`: what the line has besides it, and the device has not.
    """

    shared: str
    field: str
    value: str


class Identity(NamedTuple):
    """What identifies the devices of a kind.

    `kind`: its name. `key`: the identifier that is activated. `partner`: the one that goes with it, or None.
    `required`: the fields without which nothing can be submitted. `identifiers`: all that a device of this kind may
    declare. `assigned`: those that the service chooses.

    The methods take whatever has identifiers as attributes: a declared device, a line.
    """

    kind: str
    key: str
    partner: str | None
    required: tuple[str, ...]
    identifiers: tuple[str, ...]
    assigned: tuple[str, ...] = ()

    def key_of(self, named: Any) -> str | None:
        """The key of a device or a line; None for a line that does not tell it."""
        value: str | None = getattr(named, self.key)
        return value

    def partner_of(self, named: Any) -> str | None:
        """The partner of a device or a line; None where it is not told, or the kind has none."""
        value: str | None = getattr(named, self.partner) if self.partner else None
        return value

    def pair(self, named: Any) -> list[tuple[str, str]]:
        """Key and partner, as far as they are told, each with its name."""
        names = filter(None, (self.key, self.partner))
        values = ((name, getattr(named, name)) for name in names)
        return [(name, value) for name, value in values if value]

    def describe(self, named: Any) -> str:
        """A device in a few words: "iccid 8901… imei 3557…"."""
        return " ".join(f"{name} {value}" for name, value in self.pair(named))

    def shares(self, device: Any, line: Any) -> bool:
        """Whether a line has the device's key, or has no key and the device's partner."""
        own = self.key_of(line)
        if own is not None:
            return own == self.key_of(device)
        partner = self.partner_of(device)
        return partner is not None and self.partner_of(line) == partner

    def finder(self, lines: Iterable[Seen]) -> Callable[[Any], list[Seen]]:
        """What finds a device's lines among those of a transaction: those with its key, else those that lack a key."""
        by_key: dict[str | None, list[Seen]] = {}
        by_partner: dict[str | None, list[Seen]] = {}
        for seen in lines:
            key = self.key_of(seen.line)
            by_key.setdefault(key, []).append(seen)
            if key is None and self.partner:
                by_partner.setdefault(self.partner_of(seen.line), []).append(seen)
        by_partner.pop(None, None)

        def find(device: Any) -> list[Seen]:
            return by_key.get(self.key_of(device)) or by_partner.get(self.partner_of(device), [])

        return find

    def picker(self, devices: Iterable[Any]) -> Callable[[Iterable[Line]], list[Line]]:
        """What picks the lines that may be of these devices from those of a transaction, which may have others."""
        devices = list(devices)

        def pick(lines: Iterable[Line]) -> list[Line]:
            # Made for each look: those of all transactions of a large fleet take memory.
            keys = set(map(self.key_of, devices))
            partners = set(map(self.partner_of, devices)) - {None}
            return [
                line
                for line in lines
                if self.key_of(line) in keys or (self.key_of(line) is None and self.partner_of(line) in partners)
            ]

        return pick

    def contradiction(self, device: Any, line: Record, told: Collection[str]) -> Contradiction | None:
        """What a record that shares an identifier with a device says against being the device's; None for nothing.

        Args:
            line: a line, or an entry of the device list.
            told: the identifiers that any record of its source has, so that one without one of them has none.
        """
        key, partner = self.key, self.partner
        own, theirs = self.key_of(device), self.key_of(line)
        if theirs is not None and theirs == own:
            mine, other = self.partner_of(device), self.partner_of(line)
            return Contradiction(key, str(partner), other) if mine and other and mine != other else None
        if partner is None:
            return None
        if theirs:
            return Contradiction(partner, key, theirs)
        sim = self._other_sim(device, line, told)
        return Contradiction(partner, *sim) if sim else None

    def _other_sim(self, device: Any, line: Record, told: Collection[str]) -> tuple[str, str] | None:
        """The SIM that a line without the device's key names in its place; None where it names none.

        A device whose key is no SIM's may have any: the service chooses it. And where a history tells no SIM ids at all
        (the fields that are known of a line have none [I]), an ICCID may be the one that the service chose for a
        SmartSIM.
        """
        if self.key not in _SIMS:
            return None
        chosen = () if self.key in told else ("iccid",)
        named = ((field, getattr(line, field)) for field in _SIMS if field not in (self.key, *chosen))
        # A history may call a card's ICCID its SIM id.
        return next(((field, value) for field, value in named if value not in (None, self.key_of(device))), None)

    def is_pair(self, device: Any, line: Line) -> bool:
        """Whether a line with the device's key has its partner, or tells none."""
        return self.partner_of(line) in (None, self.partner_of(device))


def finder(lines: Iterable[Seen]) -> Callable[[Any], list[Seen]]:
    """What finds a device's lines among those of a transaction, whatever the device's kind; see `Identity.finder`."""
    lines = list(lines)
    finders: dict[str, Callable[[Any], list[Seen]]] = {}

    def find(device: Any) -> list[Seen]:
        identity: Identity = device.identity
        if identity.kind not in finders:
            finders[identity.kind] = identity.finder(lines)
        return finders[identity.kind](device)

    return find


def picker(devices: Iterable[Any]) -> Callable[[Iterable[Line]], list[Line]]:
    """What picks the lines that may be of these devices, of any kinds; see `Identity.picker`."""
    of_a_kind: dict[str, list[Any]] = {}
    for device in devices:
        of_a_kind.setdefault(device.identity.kind, []).append(device)
    picks: list[Callable[[Iterable[Line]], list[Line]]] = [same[0].identity.picker(same) for same in of_a_kind.values()]
    if len(picks) == 1:
        return picks[0]

    def pick(lines: Iterable[Line]) -> list[Line]:
        lines = list(lines)
        chosen = {id(line) for pick in picks for line in pick(lines)}
        return [line for line in lines if id(line) in chosen]

    return pick


def values_of(named: Any) -> list[str]:
    """All identifiers of a device or a line."""
    return [value for value in (getattr(named, name) for name in IDENTIFIERS) if value]


def sharing(line: Line, device: Any) -> Line:
    """Return a line that has the device's own texts where they are the same: those of a large fleet take memory."""
    texts = ((name, getattr(device, name)) for name in (*IDENTIFIERS, "nickname"))
    return line._replace(**{name: text for name, text in texts if text is not None and text == getattr(line, name)})


def agree(one: Any, other: Any) -> bool:
    """Whether two records do not contradict each other: each identifier that both tell is the same."""
    pairs = ((getattr(one, name), getattr(other, name)) for name in IDENTIFIERS)
    return all(first is None or second is None or first == second for first, second in pairs)


class Match(NamedTuple):
    """What a declared name means in the device list.

    `entries`: those that have every identifier of the device that the list has, and contradict none. `found`: all that
    have one of its identifiers, by the identifier's name; where there are some and none fits, they are of several
    devices.
    """

    entries: tuple[Any, ...]
    found: dict[str, tuple[Any, ...]]


def match(device: Any, entries: Callable[[str, str], Iterable[Any]]) -> Match:
    """Return what a device means that is named by its MDN or any of its identifiers.

    Args:
        device: has `mdn`, `imei`, `iccid` and `eid`; None for what is not given.
        entries: returns the entries of the list with an MDN or identifier, by its name and value.
    """
    told = [(name, value) for name in _LISTED_BY if (value := getattr(device, name))]
    found = {name: listed for name, value in told if (listed := tuple(entries(name, value)))}
    first, *others = found.values() or [()]
    common = (entry for entry in first if all(entry in listed for listed in others))
    return Match(tuple(entry for entry in common if all(_is(entry, *own) for own in told)), found)


def listed_key(entry: Any) -> object:
    """Return what tells a listed device from others: its MDN, else all that is listed of it."""
    return entry.mdn or entry


def _is(entry: Any, name: str, value: str) -> bool:
    """Whether an entry has an identifier, or tells none."""
    return getattr(entry, name) in (None, value)


def holding(seen: Sequence[Seen]) -> Seen | None:
    """What holds among the lines of one identifier, the oldest first: the newest that has not failed, else the newest.

    A repeat that is still running does not take away that the same pair is active already.
    """
    current: Seen | None = None
    for item in seen:
        if current is None or current.state == FAILED or (item.state != FAILED and not _repeats(item, current)):
            current = item
    return current


def _repeats(seen: Seen, current: Seen) -> bool:
    """Whether a pending line asks for what is active already: the same identifiers, as far as both tell them."""
    if seen.state != PENDING or current.state != ACTIVE:
        return False
    return agree(seen.line, current.line)
