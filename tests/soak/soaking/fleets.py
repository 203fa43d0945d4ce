# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets to declare, and what is meant to become of each device."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import devices

KINDS = ("sim", "smartsim", "esim")
#: What tells the devices of a kind apart, and what each is declared with besides.
KEY = {"sim": "iccid", "smartsim": "sim_id", "esim": "imei"}
PARTNER = {"sim": "imei", "smartsim": "imei", "esim": "eid"}
MODULE = {"sim": "sentinel_activation", "smartsim": "sentinel_smartsim_activation", "esim": "sentinel_esim_activation"}

#: Fates. `good`: becomes active. `refused`: fails each time. `flaky`: fails until the last run. `late`: ends when the
#: clock is moved before the last run. `never`: never ends. `active`, `failed`, `pending`: was so before the first run.
GOOD, REFUSED, FLAKY, LATE, NEVER = "good", "refused", "flaky", "late", "never"
WAS_ACTIVE, WAS_FAILED, WAS_PENDING = "active", "failed", "pending"
#: Seconds after which a late line ends: no run waits so long.
LATE_LATENCY = 7200.0

_CARRIERS = ("Verizon", "AT&T", "T-Mobile")
_REFUSED_DIGITS = tuple(f"90{digit}" for digit in range(1, 8))
#: Numbers of devices whose fate is in their digits start here; those of others end before.
_FATED = 100


@dataclass(frozen=True)
class Member:
    """A device of a fleet: what identifies it, its fate, and whether its digits tell the simulator that fate."""

    kind: str
    identifiers: Mapping[str, str]
    carrier: str
    fate: str = GOOD
    by_digits: bool = False

    @property
    def key(self) -> str:
        """What tells it apart from the others of its kind."""
        return self.identifiers[KEY[self.kind]]

    def declared(self) -> dict[str, Any]:
        """What a task says of it."""
        return {**devices.COMMON, "carrier": self.carrier, **self.identifiers}

    def decision(self, last: bool) -> dict[str, Any] | None:
        """What the simulator is told to make of it; `last`: from the last run on."""
        if self.by_digits or self.fate not in (REFUSED, FLAKY, LATE, NEVER):
            return None
        decided = {KEY[self.kind]: self.key}
        if self.fate in (FLAKY, LATE) and last:
            return {**decided, "outcome": "success"}
        if self.fate in (REFUSED, FLAKY):
            return {**decided, "outcome": "fail", "reason": f"made to fail ({self.fate})"}
        if self.fate == LATE:
            return {**decided, "outcome": "success", "latency": LATE_LATENCY}
        return {**decided, "outcome": "never"}

    def past(self) -> dict[str, Any] | None:
        """Its line in the history before the first run."""
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


@dataclass(frozen=True)
class Fleet:
    """The devices of a round."""

    kind: str
    members: tuple[Member, ...]
    by_key: Mapping[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {member.key: member for member in self.members})

    def __len__(self) -> int:
        return len(self.members)

    def with_fate(self, *fates: str) -> list[Member]:
        """The devices that are meant to end so."""
        return [member for member in self.members if member.fate in fates]


def draw_fleet(rng: random.Random, kind: str, size: int) -> Fleet:
    """A fleet of one kind. Most are meant to do well."""
    fates = _draw_fates(rng, size)
    carriers = rng.sample(_CARRIERS, rng.choice((1, 1, 2, 3)))
    with_partner = rng.random() < 0.7
    members = []
    for index, fate in enumerate(fates):
        by_digits = fate in (REFUSED, NEVER) and rng.random() < 0.5
        digits = "000"
        if by_digits:
            digits = devices.NEVER if fate == NEVER else rng.choice(_REFUSED_DIGITS)
        identifiers = _identifiers(kind, index, digits, with_partner)
        members.append(Member(kind, identifiers, rng.choice(carriers), fate, by_digits))
    return Fleet(kind, tuple(members))


def _draw_fates(rng: random.Random, size: int) -> Sequence[str]:
    weights = dict.fromkeys((REFUSED, FLAKY, LATE, NEVER, WAS_ACTIVE, WAS_FAILED, WAS_PENDING), 0.0)
    for fate in weights:
        # Devices that never end make every run wait until its timeout.
        if rng.random() < {LATE: 0.1, NEVER: 0.1, WAS_PENDING: 0.1, WAS_FAILED: 0.5}.get(fate, 0.3):
            weights[fate] = rng.choice((0.03, 0.1, 0.3))
    weights[GOOD] = max(0.2, 1.0 - sum(weights.values()))
    return rng.choices(list(weights), list(weights.values()), k=size)


def _identifiers(kind: str, index: int, digits: str, with_partner: bool) -> dict[str, str]:
    """Digits of a fate must not appear by chance: of an eSIM they are those of the IMEI, which has its number in it."""
    number = (_FATED + index) * 1000 + int(digits) if digits != "000" else index // 900 * 1000 + index % 900
    if kind == "sim":
        return devices.pair(number, digits)
    imei = devices.imei(number)
    if kind == "smartsim":
        sim_id = f"891039{number:08d}{digits}{number % 10}"
        return {"sim_id": sim_id, **({"imei": imei} if with_partner else {})}
    return {"imei": imei, **({"eid": _eid(number)} if with_partner else {})}


def _eid(number: int) -> str:
    """A valid EID: the number modulo 97 is 1."""
    body = f"890490320000{number:018d}"
    return body + f"{(1 - int(body) * 100) % 97:02d}"
