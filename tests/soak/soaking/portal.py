# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices that are in the account's device list before the first run, as if somebody had used the portal."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness import devices

#: Fates of listed devices. `listed`: active. `suspended`: suspended; both with or without a history. `deactivated`:
#: active in the history, deactivated since. `gone`: deactivated, with no history or a failure. `moved`: active in the
#: history, and active with another partner since. `elsewhere`: active with another partner, without a history. `odd`:
#: listed with an unrecognised status, without a history.
LISTED, SUSPENDED, DEACTIVATED, GONE = "listed", "suspended", "deactivated", "gone"
MOVED, ELSEWHERE, ODD = "moved", "elsewhere", "odd"
PORTAL = (LISTED, SUSPENDED, DEACTIVATED, GONE, MOVED, ELSEWHERE, ODD)
#: Fates of devices that are never submitted if the list can be read.
ACTIVE_ELSEWHERE = (MOVED, ELSEWHERE)

#: Device groups of entries. Members declare the first one.
GROUPS = ("Transportation", "Elementary-Schools", "High-Schools")
_SUSPENDED_WORDS = ("suspended", "Suspended", "SUSPEND", "paused", "Hibernated", "Summer suspended")
_DEACTIVATED_WORDS = ("deactivated", "Deactive", "inactive", "Cancelled", "disconnected", "TERMINATED", "retired")
_ODD_WORDS = ("Preboarded", "PORT_PENDING", "On hold", "Test ready")
#: First number of undeclared partners, above those of all members.
_UNDECLARED = 700_000


@dataclass(frozen=True)
class Portal:
    """A device in the list.

    `identifiers`: of its entry. `past`: its line in the history, as the simulator takes it, or False. `old`: status of
    a second entry for an earlier subscription, or None.
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
    """Draw the list's content for a device with this fate.

    Args:
        pair: the declared identifiers.
        key, partner: names of the identifiers of its kind.
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
    other = _undeclared_pair(pair)
    if fate == MOVED:
        return Portal({**pair, partner: other[partner]}, "active", group, {"status": "active", **pair}, old)
    # The SIM is in another device, or the device has another SIM.
    name = rng.choice((key, partner))
    return Portal({**other, name: pair[name]}, "active", group)


def _undeclared_pair(pair: Mapping[str, str]) -> dict[str, str]:
    """A pair of the same kind that is not in the fleet."""
    number = _UNDECLARED + int(pair["imei"][8:14]) % 100_000
    identifiers = {"imei": devices.imei(number)}
    if "iccid" in pair:
        identifiers["iccid"] = devices.iccid(number)
    if "eid" in pair:
        identifiers["eid"] = eid(number)
    return identifiers


def eid(number: int) -> str:
    """A valid EID: the number modulo 97 is 1."""
    body = f"890490320000{number:018d}"
    return body + f"{(1 - int(body) * 100) % 97:02d}"


def entries(portal: Portal, kind: str, carrier: str, key: str, replaces: bool) -> list[dict[str, Any]]:
    """The entries, as the simulator takes them. `replaces`: whether the first one is the SIM's line at the carrier."""
    sim = {"iccid": devices.iccid(int(key[8:14]))} if kind == "esim" else {}
    common = {**sim, **portal.identifiers, "kind": kind, "carrier": carrier, "device_group": portal.group}
    result = [{**common, "status": portal.status, "history": portal.past, "replaces": replaces}]
    if portal.old is not None:
        result.append({**common, "status": portal.old, "history": False, "replaces": False})
    return result
