# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices that the account's list has before the first run: what was done in the portal beforehand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness import devices

#: Fates of listed devices. `listed`: active, `suspended`: suspended, both with or without a history.
#: `deactivated`: activated before by the history, deactivated since. `gone`: deactivated, and the history has nothing,
#: or a failure. `moved`: activated by the history, and active with another partner since. `elsewhere`: active with
#: another partner, without a history. `odd`: listed with a status that says nothing, without a history.
LISTED, SUSPENDED, DEACTIVATED, GONE = "listed", "suspended", "deactivated", "gone"
MOVED, ELSEWHERE, ODD = "moved", "elsewhere", "odd"
PORTAL = (LISTED, SUSPENDED, DEACTIVATED, GONE, MOVED, ELSEWHERE, ODD)
#: What is never submitted as long as the list can be read.
ACTIVE_ELSEWHERE = (MOVED, ELSEWHERE)

#: The group that every member declares, and those that its entry may be in.
GROUPS = ("Transportation", "Elementary-Schools", "High-Schools")
_SUSPENDED_WORDS = ("suspended", "Suspended", "SUSPEND", "paused", "Hibernated", "Summer suspended")
_DEACTIVATED_WORDS = ("deactivated", "Deactive", "inactive", "Cancelled", "disconnected", "TERMINATED", "retired")
_ODD_WORDS = ("Preboarded", "PORT_PENDING", "On hold", "Test ready")
#: Numbers of partners that nobody declares: above those of all members.
_OTHERS = 700_000


@dataclass(frozen=True)
class Portal:
    """What the list has of a device.

    `identifiers`: of its entry. `past`: its line in the history, as the simulator takes it; False for none. `old`:
    the status of a second entry, an earlier subscription's; None for none.
    """

    identifiers: Mapping[str, str]
    status: str
    group: str
    past: Any = False
    old: str | None = None

    @property
    def is_active_in_history(self) -> bool:
        """Whether the history shows the declared pair as active."""
        return isinstance(self.past, Mapping) and self.past["status"] == "active"


def draw_portal(rng: random.Random, fate: str, pair: Mapping[str, str], key: str, partner: str) -> Portal:
    """What the list has of a device with this fate.

    Args:
        pair: the declared identifiers.
        key, partner: the names of those of its kind.
    """
    group = rng.choice((GROUPS[0], *GROUPS))
    old = rng.choice(_DEACTIVATED_WORDS) if fate in (LISTED, MOVED) and rng.random() < 0.3 else None
    if fate == SUSPENDED:
        past = {"status": "active"} if rng.random() < 0.6 else False
        return Portal(pair, rng.choice(_SUSPENDED_WORDS), group, past)
    if fate == DEACTIVATED:
        return Portal(pair, rng.choice(_DEACTIVATED_WORDS), group, {"status": "active"})
    if fate == GONE:
        past = {"status": "failed", "error": "made to fail before"} if rng.random() < 0.5 else False
        return Portal(pair, rng.choice(_DEACTIVATED_WORDS), group, past)
    if fate == ODD:
        return Portal(pair, rng.choice(_ODD_WORDS), group)
    if fate == LISTED:
        past = {"status": "active"} if rng.random() < 0.3 else False
        return Portal(pair, rng.choice(("active", "Active", "ACTIVE")), group, past, old)
    other = _others(pair)
    if fate == MOVED:
        return Portal({**pair, partner: other[partner]}, "active", group, {"status": "active", **pair}, old)
    # Its SIM is in another device, or its device has another SIM.
    name = rng.choice((key, partner))
    return Portal({**other, name: pair[name]}, "active", group)


def _others(pair: Mapping[str, str]) -> dict[str, str]:
    """A pair that is none of the fleet's, of the same kind."""
    number = _OTHERS + int(pair["imei"][8:14]) % 100_000
    found = {"imei": devices.imei(number)}
    if "iccid" in pair:
        found["iccid"] = devices.iccid(number)
    if "eid" in pair:
        found["eid"] = eid(number)
    return found


def eid(number: int) -> str:
    """A valid EID: the number modulo 97 is 1."""
    body = f"890490320000{number:018d}"
    return body + f"{(1 - int(body) * 100) % 97:02d}"


def entries(portal: Portal, kind: str, carrier: str, key: str, replaces: bool) -> list[dict[str, Any]]:
    """The entries, as the simulator takes them. `replaces`: whether the first one stands for the SIM's line."""
    sim = {"iccid": devices.iccid(int(key[8:14]))} if kind == "esim" else {}
    common = {**sim, **portal.identifiers, "kind": kind, "carrier": carrier, "device_group": portal.group}
    found = [{**common, "status": portal.status, "history": portal.past, "replaces": replaces}]
    if portal.old is not None:
        found.append({**common, "status": portal.old, "history": False, "replaces": False})
    return found
