# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variable simulator_listing: devices in the list at the start, and errors."""

from __future__ import annotations

from role_play import RolePlay
from service import iccid, imei, pair

READ = f"/v1.0/devices/NORTHSTAR-ISD?export=CSV&columns=UICC,IMEI,STATUS&searchValue={iccid(1)}"


def test_devices_from_the_start(role: RolePlay) -> None:
    listing = [{**pair(1), "status": "Summer suspended", "history": True}]
    assert f"{iccid(1)},{imei(1)},Summer suspended" in role.run(READ, listing=listing)
    # The same devices start nothing, other devices restart the simulator.
    assert "changed=0" in role.run(check=True, listing=listing)
    assert f"{iccid(1)},{imei(2)},active" in role.run(READ, listing=[{"iccid": iccid(1), "imei": imei(2)}])


def test_an_invalid_device_is_reported(role: RolePlay) -> None:
    shown = role.run(listing=[pair(1), {**pair(2), "state": "suspended"}])
    assert "simulator_listing: device 2: state: Extra inputs are not permitted" in shown
