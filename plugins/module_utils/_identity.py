# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identity of devices: the key that is activated, its partner, and which line belongs to which device.

Identifiers are compared only here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from ._wire import ACTIVE, FAILED, IDENTIFIERS, PENDING, Line, LineState, Record, all_identifiers

#: Identifiers of a device in the device list.
_LISTED_BY = ("mdn", "imei", "iccid", "eid")
#: Identifiers of a SIM card, a SmartSIM and an eSIM.
_SIMS = ("iccid", "sim_id", "eid")


def _no_partner(_named: Any) -> None:
    """Return None: the partner of any device of a kind without partners."""


class Seen(NamedTuple):
    """A line and its state."""

    line: Line
    state: LineState


class Contradiction(NamedTuple):
    """Why a line that shares an identifier with a device does not belong to the device.

    `shared`: the identifier that both have. `field`, `value`: an identifier of the line that the device does not have.
    """

    shared: str
    field: str
    value: str


@dataclass(frozen=True, eq=False)
class Identity:
    """Identifiers of the devices of a kind.

    `kind`: name of the kind. `key`: the identifier that is activated. `partner`: the identifier that belongs to it, or
    None. `required`: fields that a submission needs. `identifiers`: identifiers that a device of this kind may declare.
    `assigned`: identifiers that the service chooses.

    The methods accept any object with identifiers as attributes: a declared device, or a line. `key_of` and
    `partner_of` return its key and its partner; None if it has none, and for `partner_of` if the kind has none.
    """

    kind: str
    key: str
    partner: str | None
    required: tuple[str, ...]
    identifiers: tuple[str, ...]
    assigned: tuple[str, ...] = ()
    # Not methods, for speed: they are called for each device and line.
    key_of: Callable[[Any], str | None] = field(init=False, repr=False)
    partner_of: Callable[[Any], str | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Set `key_of` and `partner_of`."""
        object.__setattr__(self, "key_of", attrgetter(self.key))
        object.__setattr__(self, "partner_of", attrgetter(self.partner) if self.partner else _no_partner)

    def pair(self, named: Any) -> list[tuple[str, str]]:
        """Return key and partner, if given, each with its name."""
        key, partner = self.key_of(named), self.partner_of(named)
        pairs = [(self.key, key)] if key else []
        return [*pairs, (str(self.partner), partner)] if partner else pairs

    def describe(self, named: Any) -> str:
        """Return a device for a message: "iccid 8901… imei 3557…"."""
        return " ".join(f"{name} {value}" for name, value in self.pair(named))

    def may_match(self, device: Any, line: Any) -> bool:
        """Whether a line has the device's key, or has no key and the device's partner."""
        own = self.key_of(line)
        if own is not None:
            return own == self.key_of(device)
        partner = self.partner_of(device)
        return partner is not None and self.partner_of(line) == partner

    def finder(self, lines: Iterable[Seen]) -> Callable[[Any], list[Seen]]:
        """Return a function that finds the lines of a device: by key, or by partner in lines without a key."""
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
        """Return a function that picks the lines of a transaction that may belong to these devices."""
        devices = list(devices)

        def pick(lines: Iterable[Line]) -> list[Line]:
            # Built for each call: the sets of all transactions of a large fleet would take much memory.
            keys = set(map(self.key_of, devices))
            partners = set(map(self.partner_of, devices)) - {None}
            return [
                line
                for line in lines
                if self.key_of(line) in keys or (self.key_of(line) is None and self.partner_of(line) in partners)
            ]

        return pick

    def contradiction(self, device: Any, line: Record, reported_fields: Collection[str]) -> Contradiction | None:
        """Return why a record that shares an identifier with a device is not the device's, or None.

        Args:
            device: the declared device.
            line: a line, or an entry of the device list.
            reported_fields: the identifiers that at least one record of the source has.
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
        sim = self._other_sim(device, line, reported_fields)
        return Contradiction(partner, *sim) if sim else None

    def _other_sim(self, device: Any, line: Record, reported_fields: Collection[str]) -> tuple[str, str] | None:
        """Return another SIM that a line without the device's key has, or None.

        If the key does not identify a SIM, the service chooses the SIM, and any is possible. If a history has no SIM
        ids at all (the known fields of a line have none [I]), an ICCID may be the one that the service chose for a
        SmartSIM.
        """
        if self.key not in _SIMS:
            return None
        chosen = () if self.key in reported_fields else ("iccid",)
        named = ((name, getattr(line, name)) for name in _SIMS if name not in (self.key, *chosen))
        # A history may have the ICCID of a card as its SIM id.
        return next(((name, value) for name, value in named if value not in (None, self.key_of(device))), None)

    def is_pair(self, device: Any, line: Line) -> bool:
        """Whether a line with the device's key has its partner, or no partner."""
        return self.partner_of(line) in (None, self.partner_of(device))


def finder(lines: Iterable[Seen]) -> Callable[[Any], list[Seen]]:
    """Return a function that finds the lines of a device of any kind in a transaction; see `Identity.finder`."""
    lines = list(lines)
    finders: dict[str, Callable[[Any], list[Seen]]] = {}

    def find(device: Any) -> list[Seen]:
        identity: Identity = device.identity
        if identity.kind not in finders:
            finders[identity.kind] = identity.finder(lines)
        return finders[identity.kind](device)

    return find


def picker(devices: Iterable[Any]) -> Callable[[Iterable[Line]], list[Line]]:
    """Return a function that picks the lines that may belong to devices of any kinds; see `Identity.picker`."""
    by_kind: dict[str, list[Any]] = {}
    for device in devices:
        by_kind.setdefault(device.identity.kind, []).append(device)
    picks: list[Callable[[Iterable[Line]], list[Line]]] = [same[0].identity.picker(same) for same in by_kind.values()]
    if len(picks) == 1:
        return picks[0]

    def pick(lines: Iterable[Line]) -> list[Line]:
        lines = list(lines)
        chosen = {id(line) for pick in picks for line in pick(lines)}
        return [line for line in lines if id(line) in chosen]

    return pick


def values_of(named: Any) -> list[str]:
    """Return all identifiers of a device or a line."""
    return list(filter(None, all_identifiers(named)))


def sharing(line: Line, device: Any) -> Line:
    """Return a line that shares its equal texts with the device, which saves memory in a large fleet."""
    texts = ((name, getattr(device, name)) for name in (*IDENTIFIERS, "nickname"))
    return line._replace(**{name: text for name, text in texts if text is not None and text == getattr(line, name)})


def may_be_same(one: Any, other: Any) -> bool:
    """Whether two records may be of the same device: no identifier that both have differs."""
    pairs = zip(all_identifiers(one), all_identifiers(other))
    return all(first is None or second is None or first == second for first, second in pairs)


class Match(NamedTuple):
    """Entries of the device list that match a declared device.

    `entries`: entries with all identifiers of the device that the list has, and without a different one. `candidates`:
    name of an identifier → all entries with its value. If there are candidates but no entries, the identifiers belong
    to several devices.
    """

    entries: tuple[Any, ...]
    candidates: dict[str, tuple[Any, ...]]


def match(device: Any, entries: Callable[[str, str], Iterable[Any]]) -> Match:
    """Match a device, given by its MDN or any of its identifiers, with the device list.

    Args:
        device: has `mdn`, `imei`, `iccid` and `eid`, each None if not given.
        entries: returns the entries of the list with an MDN or identifier, by its name and value.
    """
    given = [(name, value) for name in _LISTED_BY if (value := getattr(device, name))]
    candidates = {name: listed for name, value in given if (listed := tuple(entries(name, value)))}
    first, *others = candidates.values() or [()]
    common = (entry for entry in first if all(entry in listed for listed in others))
    return Match(tuple(entry for entry in common if all(_may_have(entry, *own) for own in given)), candidates)


def listed_key(entry: Any) -> object:
    """Return a unique key of a listed device: its MDN, or else the whole entry."""
    return entry.mdn or entry


def _may_have(entry: Any, name: str, value: str) -> bool:
    """Whether an entry has an identifier with this value, or lacks the identifier."""
    return getattr(entry, name) in (None, value)


def holding(seen: Sequence[Seen]) -> Seen | None:
    """Return the line of an identifier that counts: the newest that has not failed, or else the newest.

    A pending repeat does not change that the same pair is active already.

    Args:
        seen: lines of one identifier, the oldest first.
    """
    current: Seen | None = None
    for item in seen:
        if current is None or current.state == FAILED or (item.state != FAILED and not _is_repeat(item, current)):
            current = item
    return current


def _is_repeat(seen: Seen, current: Seen) -> bool:
    """Whether a pending line repeats an active one: no identifier that both have differs."""
    if seen.state != PENDING or current.state != ACTIVE:
        return False
    return may_be_same(seen.line, current.line)
