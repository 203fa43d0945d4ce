# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account that differs from a fleet of SIMs in each way that the device list shows."""

from __future__ import annotations

from typing import Any

from .devices import COMMON, device, iccid, imei
from .simulators import Simulator


def in_account(number: int, **fields: Any) -> dict[str, Any]:
    """A device of the list as it was activated, with what is different from that."""
    given = {"imei": imei(number), "iccid": iccid(number), "carrier": COMMON["carrier"], "history": True}
    return {**given, "device_group": COMMON["device_group"], "filter_group": COMMON["filter_group"], **fields}


LISTED = [
    in_account(1),
    in_account(2, status="suspended"),
    in_account(3, status="deactivated"),
    in_account(4, history=False),
    in_account(5, history=False, status="Paused"),
    in_account(6, device_group="Field-Staff"),
    in_account(7, filter_group="Staff"),
    in_account(8, nickname="Truck 8"),
    in_account(9, imei=imei(99), history={"imei": imei(9)}),
    in_account(10, status="suspended", device_group="Field-Staff"),
    in_account(11),
    # Of nobody.
    in_account(21),
    in_account(22, history=False),
    in_account(23, history=False, status="suspended"),
    in_account(24, status="deactivated"),
    in_account(25, history=False, status="deactivated"),
]
STATES = {
    1: "active",
    2: "suspended",
    3: "deactivated",
    4: "unrecorded",
    5: "suspended",
    6: "other_device_group",
    7: "other_filter_group",
    8: "other_nickname",
    9: "conflict",
    10: "suspended",
    11: "unlisted",
    12: "missing",
    21: "undeclared",
    22: "listed_only",
    23: "listed_only",
}
FLEET = [device(number, nickname=f"Bus {number}" if number == 8 else None) for number in range(1, 13)]


def fill(sentinel: Simulator) -> None:
    """Starts afresh, with this account and nothing else in it."""
    sentinel.reset(settings={"seeded_history": False})
    sentinel.list_devices(*LISTED)
    sentinel.control("DELETE", f"listing/{iccid(11)}")
