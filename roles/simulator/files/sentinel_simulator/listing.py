# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the account has now: a device for each line that was activated, and the status it was given since."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .bodies import Refused
from .chances import chances
from .lines import mdn_and_ip
from .store import Store

ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"
STATUSES = (ACTIVE, SUSPENDED, DEACTIVATED)
#: The most devices of one page [P].
PAGE_MAX = 100

#: The last activation of each device: of those with the same SIM (an eSIM: the same IMEI) the youngest line.
_LAST = (
    "SELECT l.id, l.kind, l.imei, l.iccid, l.sim_id, l.eid, l.carrier, l.device_group, l.filter_group, l.nickname, "
    "COALESCE(s.status, 'active'), s.reason, COALESCE(s.changes, 0) "
    "FROM lines AS l LEFT JOIN device_status AS s ON s.line = l.id "
    "WHERE l.outcome = 'success' AND l.done_at <= :now ORDER BY l.done_at, l.id"
)


@dataclass(frozen=True)
class Listed:
    """A device of the list. ``line`` is the row number of its last activation."""

    line: int
    kind: str
    imei: Optional[str]
    iccid: Optional[str]
    sim_id: Optional[str]
    eid: Optional[str]
    carrier: str
    device_group: str
    filter_group: Optional[str]
    nickname: Optional[str]
    status: str
    reason: Optional[str]
    changes: int

    @property
    def digits(self) -> str:
        """The MDN's digits."""
        return mdn_and_ip(self.line)[0]

    @property
    def mdn(self) -> str:
        """The MDN as the list writes it [P]."""
        return f"{self.digits[:3]}-{self.digits[3:6]}-{self.digits[6:]}"

    @property
    def used(self) -> int:
        """Megabytes of the last 30 days: made up, and none where the device is not active."""
        return int(4_000 * chances("used", self.line)[0]) if self.status == ACTIVE else 0

    def record(self) -> dict[str, Any]:
        """Return the device by our field names."""
        return {
            "key": self.digits,
            "mdn": self.mdn,
            "status": self.status,
            "carrier": self.carrier,
            "device_name": self.nickname or f"Device {self.digits[-4:]}",
            "device_group": self.device_group,
            "monthly_amount_used": self.used // 2,
            "last_30_days_used": self.used,
            "nickname": self.nickname,
            "filter_group": self.filter_group,
            "imei": self.imei,
            "online_status": self.status == ACTIVE,
            "iccid": self.iccid,
            "sim_id": self.sim_id,
            "eid": self.eid,
            "ip": mdn_and_ip(self.line)[1] if self.status == ACTIVE else None,
        }

    def matches(self, text: str) -> bool:
        """Tell whether a search, in lower case, finds the device."""
        known = (self.digits, self.mdn, self.nickname, self.imei, self.iccid, self.sim_id, self.eid)
        return any(text in value.lower() for value in known if value)


_Key = Callable[[Listed], Any]
#: The columns that may be sorted by [P].
SORTS: dict[str, _Key] = {
    "MDN": lambda device: device.digits,
    "STATUS": lambda device: device.status,
    "MEDIA_CENTER_STATUS": lambda device: "",
    "ESNHEX": lambda device: device.imei or "",
    "UICC": lambda device: device.iccid or device.sim_id or "",
    "DEVICE_NAME": lambda device: device.record()["device_name"],
    "MONTHLY_LIMIT": lambda device: 0,
    "MONTHLY_AMOUNT_USED": lambda device: device.used // 2,
    "DAY_AMOUNT_USED": lambda device: 0,
    "LAST_30_DAYS_USED": lambda device: device.used,
    "DAILY_LIMIT": lambda device: 0,
    "FILTER_GROUP": lambda device: device.filter_group or "",
}
#: The columns of the CSV [P] → our field name; None where the simulator has no such thing.
COLUMNS: dict[str, Optional[str]] = {
    "IMEI": "imei",
    "MDN": "mdn",
    "STATUS": "status",
    "MEDIA_CENTER_STATUS": None,
    "DEVICE_NAME": "device_name",
    "NICKNAME": "nickname",
    "FILTER_GROUP": "filter_group",
    "SUMMER_STATUS": None,
    "LAST_30_DAYS_USED": "last_30_days_used",
    "MONTHLY_LIMIT": None,
    "DAILY_LIMIT": None,
    "MONTHLY_AMOUNT_USED": "monthly_amount_used",
    "DAY_AMOUNT_USED": None,
    "CORP_ID": "device_group",
    "CORP_DESCRIPTION": "device_group",
    "NOTE": None,
    "UICC": "iccid",
    "NETWORK": "carrier",
    "APN": None,
    "EFFECTIVE_VPN_STATUS": None,
    "MDN_CUSTOM_FIELD": None,
    "LABELS": None,
    "MAC": None,
    "OEM_SERIAL_NUMBER": None,
    "NAME": None,
    "DESCRIPTION": None,
    "VERIZON_BI_PLAN_ID": None,
    "SIM_TYPE": None,
    "EID": "eid",
}


class Listing:
    """The list of devices, remembered until an activation ends or something is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._devices: list[Listed] = []
        self._version = -1
        self._span = (0.0, 0.0)
        self._sorted: dict[tuple[str, bool, str], list[Listed]] = {}

    def all(self, now: float) -> list[Listed]:
        """Return all devices as they are at a time, oldest activation first."""
        if self._version != self._store.version or not self._span[0] <= now < self._span[1]:
            latest: dict[tuple[str, Optional[str]], Listed] = {}
            for row in self._store.rows(_LAST, {"now": now}):
                device = Listed(*row)
                key = device.imei if device.kind == "esim" else device.sim_id or device.iccid
                latest.pop((device.kind, key), None)
                latest[device.kind, key] = device
            self._devices = list(latest.values())
            self._version, self._span = self._store.version, (now, self._store.next_end(now))
            self._sorted.clear()
        return self._devices

    def find(self, now: float, group: Optional[str], search: str, sort: str, descending: bool) -> list[Listed]:
        """Return the devices of a group (None: of the account) that a search finds, sorted."""
        devices = self.all(now)
        key = (sort, descending, f"{group or ''}\0{search.lower()}")
        if key not in self._sorted:
            found = [device for device in devices if group is None or device.device_group == group]
            found = [device for device in found if not search or device.matches(search.strip().lower())]
            found.sort(key=SORTS[sort], reverse=descending)
            self._sorted[key] = found
        return self._sorted[key]

    def set_status(
        self, now: float, group: Optional[str], mdns: Sequence[str], status: str, reason: Optional[str]
    ) -> None:
        """Give devices a status; raises ``Refused``, having changed nothing, where one of them cannot have it."""
        known = {device.digits: device for device in self.find(now, group, "", "MDN", descending=False)}
        wanted = [known.get(re.sub(r"\D", "", mdn)) for mdn in mdns]
        missing = [mdn for mdn, device in zip(mdns, wanted) if device is None]
        if missing:
            raise Refused(f"No devices found: {_shown(missing)}", [f"No device has MDN {mdn}" for mdn in missing], 404)
        # [A]: a line that was given up does not come back.
        gone = [device.mdn for device in wanted if device and device.status == DEACTIVATED and status != DEACTIVATED]
        if gone:
            raise Refused(f"Deactivated devices must be activated anew: {_shown(gone)}", status=409)
        self._store.set_device_status([device.line for device in wanted if device], status, reason)


def _shown(values: Iterable[str]) -> str:
    values = list(values)
    more = f" (and {len(values) - 10} more)" if len(values) > 10 else ""
    return ", ".join(values[:10]) + more
