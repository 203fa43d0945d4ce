# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets to declare, and the fate of each device."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import devices

from .portal import (
    ACTIVE_ELSEWHERE,
    DEACTIVATED,
    GONE,
    LISTED,
    ODD,
    PORTAL,
    SUSPENDED,
    Portal,
    draw_portal,
    eid,
    entries,
)

KINDS = ("sim", "smartsim", "esim")
#: The module for all kinds of devices.
FLEET_MODULE = "sentinel_fleet"
#: The identifiers of each kind: key and partner.
KEY = {"sim": "iccid", "smartsim": "sim_id", "esim": "imei"}
PARTNER = {"sim": "imei", "smartsim": "imei", "esim": "eid"}
MODULE = {"sim": "sentinel_activation", "smartsim": "sentinel_smartsim_activation", "esim": "sentinel_esim_activation"}

#: Fates. `good`: becomes active. `refused`: fails each time. `flaky`: fails until the last run. `late`: ends when the
#: clock is advanced before the last run. `never`: never ends. `active`, `failed`, `pending`: the state before the first
#: run. The fates of listed devices are in `portal`.
GOOD, REFUSED, FLAKY, LATE, NEVER = "good", "refused", "flaky", "late", "never"
WAS_ACTIVE, WAS_FAILED, WAS_PENDING = "active", "failed", "pending"
#: Seconds after which a late line ends, longer than any run waits.
LATE_LATENCY = 7200.0

_CARRIERS = ("Verizon", "AT&T", "T-Mobile")
_REFUSED_DIGITS = tuple(f"90{digit}" for digit in range(1, 8))
#: First number of devices whose digits contain their fate. The numbers of other devices are lower.
_FATED = 100
#: Share of the fleets that are activated by the module of their kind.
_SINGLE_SHARE = 0.3
#: Share of the kinds of a fleet with devices that are listed before the first run.
_PORTAL_SHARE = 0.8


@dataclass(frozen=True)
class Member:
    """A device of a fleet.

    `by_digits`: whether the simulator derives its fate from its digits. `portal`: its entry in the device list before
    the first run, or None.
    """

    kind: str
    identifiers: Mapping[str, str]
    carrier: str
    fate: str = GOOD
    by_digits: bool = False
    portal: Portal | None = None

    @property
    def key(self) -> str:
        """The identifier that is unique in its kind."""
        return self.identifiers[KEY[self.kind]]

    def declared(self) -> dict[str, Any]:
        """The device as a task declares it."""
        return {**devices.COMMON, "carrier": self.carrier, **self.identifiers}

    def decision(self, last: bool) -> dict[str, Any] | None:
        """The outcome to set in the simulator, or None for its default. `last`: for the last run."""
        if self.by_digits or self.fate not in (REFUSED, FLAKY, LATE, NEVER):
            return None
        device = {KEY[self.kind]: self.key}
        if self.fate in (FLAKY, LATE) and last:
            return {**device, "outcome": "success"}
        if self.fate in (REFUSED, FLAKY):
            return {**device, "outcome": "fail", "reason": f"made to fail ({self.fate})"}
        if self.fate == LATE:
            return {**device, "outcome": "success", "latency": LATE_LATENCY}
        return {**device, "outcome": "never"}

    def past(self) -> dict[str, Any] | None:
        """Its line in the history before the first run, or None."""
        if self.fate not in (WAS_ACTIVE, WAS_FAILED, WAS_PENDING):
            return None
        line: dict[str, Any] = {**self.identifiers, "kind": self.kind, "carrier": self.carrier, "status": self.fate}
        if self.kind == "esim" and self.fate == WAS_ACTIVE:
            line["iccid"] = devices.iccid(int(self.key[8:14]))
        if self.fate == WAS_FAILED:
            line["error"] = "made to fail before"
        if self.fate == WAS_PENDING:
            line.update(days_ago=0.0, finishes_in=LATE_LATENCY)
        return line

    def entries(self) -> list[dict[str, Any]]:
        """Its entries in the device list before the first run."""
        if self.portal is None:
            return []
        # The carrier has no line for a device that is listed with an odd status: it can be activated.
        return entries(self.portal, self.kind, self.carrier, self.key, replaces=self.fate != ODD)


@dataclass(frozen=True)
class Fleet:
    """The devices of a round. `module`: the module that activates them."""

    module: str
    members: tuple[Member, ...]
    by_key: Mapping[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {member.key: member for member in self.members})

    def __len__(self) -> int:
        return len(self.members)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its devices."""
        return tuple(kind for kind in KINDS if any(member.kind == kind for member in self.members))

    @property
    def is_mixed(self) -> bool:
        """Whether the fleet may have several kinds of devices."""
        return self.module == FLEET_MODULE

    def with_fate(self, *fates: str) -> list[Member]:
        """The devices with one of these fates."""
        return [member for member in self.members if member.fate in fates]


def draw_fleet(rng: random.Random, size: int) -> Fleet:
    """Draw a fleet of one kind or of several. Most devices become active."""
    if rng.random() < _SINGLE_SHARE:
        kind = rng.choice((KINDS[0], *KINDS))
        return Fleet(MODULE[kind], _draw_members(rng, kind, range(size)))
    kinds = rng.sample(KINDS, min(size, rng.choice((1, 2, 2, 3, 3))))
    bounds = [0, *sorted(rng.sample(range(1, size), len(kinds) - 1)), size]
    members = [
        member
        for kind, first, end in zip(kinds, bounds, bounds[1:])
        for member in _draw_members(rng, kind, range(first, end))
    ]
    rng.shuffle(members)
    return Fleet(FLEET_MODULE, tuple(members))


def _draw_members(rng: random.Random, kind: str, numbers: range) -> tuple[Member, ...]:
    """Draw the devices of one kind. `numbers`: not used by other devices of the fleet."""
    size = len(numbers)
    with_partner = kind == "sim" or rng.random() < 0.7
    fates = _draw_fates(rng, size, _portal_fates(kind, with_partner) if rng.random() < _PORTAL_SHARE else ())
    carriers = rng.sample(_CARRIERS, rng.choice((1, 1, 2, 3)))
    members = []
    for index, fate in zip(numbers, fates):
        by_digits = fate in (REFUSED, NEVER) and rng.random() < 0.5
        digits = "000"
        if by_digits:
            digits = devices.NEVER if fate == NEVER else rng.choice(_REFUSED_DIGITS)
        identifiers = _identifiers(kind, index, digits, with_partner)
        portal = draw_portal(rng, fate, identifiers, KEY[kind], PARTNER[kind]) if fate in PORTAL else None
        members.append(Member(kind, identifiers, rng.choice(carriers), fate, by_digits, portal))
    return tuple(members)


def _portal_fates(kind: str, with_partner: bool) -> Sequence[str]:
    """The fates that listed devices of this kind can have. The device list has no SIM ids."""
    if kind == "smartsim":
        return tuple(fate for fate in PORTAL if fate not in ACTIVE_ELSEWHERE) if with_partner else ()
    return PORTAL if with_partner else (LISTED, SUSPENDED, DEACTIVATED, GONE, ODD)


def _draw_fates(rng: random.Random, size: int, portal: Sequence[str]) -> Sequence[str]:
    """Draw the fate of each device. `portal`: the fates of listed devices that may be drawn."""
    weights = dict.fromkeys((REFUSED, FLAKY, LATE, NEVER, WAS_ACTIVE, WAS_FAILED, WAS_PENDING), 0.0)
    for fate in weights:
        # Lines that never end make every run wait until its timeout.
        if rng.random() < {LATE: 0.1, NEVER: 0.1, WAS_PENDING: 0.1, WAS_FAILED: 0.5}.get(fate, 0.3):
            weights[fate] = rng.choice((0.03, 0.1, 0.3))
    # Most fleets are small, so draw a few fates and make each likely.
    for fate in rng.sample(portal, min(len(portal), rng.choice((1, 2, 3, 7)))):
        weights[fate] = rng.choice((0.1, 0.3, 0.6))
    weights[GOOD] = max(0.2, 1.0 - sum(weights.values()))
    return rng.choices(list(weights), list(weights.values()), k=size)


def _identifiers(kind: str, index: int, digits: str, with_partner: bool) -> dict[str, str]:
    """Identifiers that contain the digits of a fate only if asked to. An eSIM has them in its IMEI, with its number."""
    number = (_FATED + index) * 1000 + int(digits) if digits != "000" else index // 900 * 1000 + index % 900
    if kind == "sim":
        return devices.pair(number, digits)
    imei = devices.imei(number)
    if kind == "smartsim":
        sim_id = f"891039{number:08d}{digits}{number % 10}"
        return {"sim_id": sim_id, **({"imei": imei} if with_partner else {})}
    return {"imei": imei, **({"eid": eid(number)} if with_partner else {})}
