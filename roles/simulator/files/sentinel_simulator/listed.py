# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device of the list: its fields, what it can be sorted by, and the columns of the CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Optional

from .chances import chances
from .lines import csv_text, mdn_and_ip
from .speech import NONE, Speech
from .states import ACTIVE, STATUSES, state_of

#: The most devices of one page [P].
PAGE_MAX = 100
#: Numbers from which the addresses of entries without an activation are made.
_ENTRY_IPS = 1 << 22


class Listed(NamedTuple):
    """A device of the list.

    ``line`` is the row number of its last activation, or of its entry, negative. ``number`` has the MDN's digits where
    they do not follow from that; ``more`` is JSON: columns that were given, and ``ONLINE``.
    """

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
    number: Optional[str]
    more: Optional[str]

    @property
    def key(self) -> tuple[str, Optional[str]]:
        """What tells its SIM apart from others: of an eSIM the IMEI."""
        return self.kind, self.imei if self.kind == "esim" else self.sim_id or self.iccid

    @property
    def state(self) -> str:
        """What the status means."""
        return state_of(self.status)

    @property
    def digits(self) -> str:
        """The MDN's digits."""
        return self.number or mdn_and_ip(self.line)[0]

    @property
    def mdn(self) -> str:
        """The MDN as the list writes it [P]."""
        digits = self.digits
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"

    @property
    def used(self) -> int:
        """Megabytes of the last 30 days: made up, and none where the device is not active."""
        return int(4_000 * chances("used", self.line)[0]) if self.status == ACTIVE else 0

    @property
    def device_name(self) -> str:
        """The name that the list shows."""
        return self.nickname or f"Device {self.digits[-4:]}"

    @property
    def extras(self) -> dict[str, Any]:
        """The columns that were given."""
        return json.loads(self.more) if self.more else {}

    def record(self) -> dict[str, Any]:
        """Return the device by our field names."""
        known = {name: value(self) for name, value in FIELDS.items()}
        for column, value in self.extras.items():
            field = "online_status" if column == "ONLINE" else COLUMNS[column]
            if field:
                known[field] = value
        return known

    def worded(self, speech: Speech) -> str:
        """Return the word for its status in a dialect; a word of someone's own stays as it is."""
        return (self.status in STATUSES and speech.word("device", self.status, self.line)) or self.status

    def matches(self, text: str) -> bool:
        """Tell whether a search, in lower case, finds the device."""
        known = (self.digits, self.mdn, self.nickname, self.imei, self.iccid, self.sim_id, self.eid)
        return any(text in value.lower() for value in known if value)

    def is_called(self, name: str, digits: str) -> bool:
        """Tell whether this is one of its identifiers, or (as digits) its MDN."""
        return name in (self.imei, self.iccid, self.sim_id, self.eid) or digits == self.digits


def _address(device: Listed) -> Optional[str]:
    if device.status != ACTIVE:
        return None
    return mdn_and_ip(device.line if device.line > 0 else _ENTRY_IPS - device.line)[1]


Value = Callable[[Listed], Any]
#: Our field name → its value, before what was given for a column.
FIELDS: dict[str, Value] = {
    "key": lambda device: device.digits,
    "mdn": lambda device: device.mdn,
    "status": lambda device: device.status,
    "carrier": lambda device: device.carrier,
    "device_name": lambda device: device.device_name,
    "device_group": lambda device: device.device_group,
    "monthly_amount_used": lambda device: device.used // 2,
    "last_30_days_used": lambda device: device.used,
    "nickname": lambda device: device.nickname,
    "filter_group": lambda device: device.filter_group,
    "imei": lambda device: device.imei,
    "online_status": lambda device: device.status == ACTIVE,
    "iccid": lambda device: device.iccid,
    "sim_id": lambda device: device.sim_id,
    "eid": lambda device: device.eid,
    "ip": _address,
}
#: The columns that may be sorted by [P].
SORTS: dict[str, Value] = {
    "MDN": lambda device: device.digits,
    "STATUS": lambda device: device.status,
    "MEDIA_CENTER_STATUS": lambda device: "",
    "ESNHEX": lambda device: device.imei or "",
    "UICC": lambda device: device.iccid or device.sim_id or "",
    "DEVICE_NAME": lambda device: device.device_name,
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
_IDENTIFIERS = ("imei", "iccid", "eid")


def csv_of(speech: Speech, devices: Sequence[Listed], names: Sequence[str]) -> bytes:
    """Write devices as CSV; the headings are the columns' names [A]. By columns: lists have a hundred thousand rows."""
    extras = [device.extras if device.more else None for device in devices]
    columns = [_column(speech, devices, extras, name) for name in names]
    return csv_text([names, *zip(*columns)]).encode()


def _column(
    speech: Speech, devices: Sequence[Listed], extras: Iterable[Optional[dict[str, Any]]], name: str
) -> list[Any]:
    field = COLUMNS[name]
    if field is None:
        cells: list[Any] = [""] * len(devices)
    elif field == "status":
        cells = [device.worded(speech) for device in devices]
    else:
        value = FIELDS[field]
        cells = [NONE if (cell := value(device)) is None else cell for device in devices]
        if field in _IDENTIFIERS and getattr(speech.dialect.identifiers, field) is not None:
            cells = [speech.identifier(field, cell) for cell in cells]
    return [cell if more is None else more.get(name, cell) for cell, more in zip(cells, extras)]
