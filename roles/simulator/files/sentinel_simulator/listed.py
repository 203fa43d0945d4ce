# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device in the list: its fields, sort columns and CSV columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Optional

from .chances import chances
from .formatter import NONE, Formatter
from .lines import csv_text, mdn_and_ip
from .states import ACTIVE, STATUSES, state_of

#: Maximum number of devices per page [P].
PAGE_MAX = 100
#: First number for the IP addresses of entries without an activation.
_ENTRY_IPS = 1 << 22


class Listed(NamedTuple):
    """A device in the list.

    ``line`` is the row number of its last activation, or the negative row number of its entry. ``number`` has the
    digits of the MDN if they do not follow from ``line``. ``more`` is JSON with more columns and ``ONLINE``.
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
        """The kind and the identifier of its SIM; the IMEI of an eSIM."""
        return self.kind, self.imei if self.kind == "esim" else self.sim_id or self.iccid

    @property
    def state(self) -> str:
        """The state that the status means."""
        return state_of(self.status)

    @property
    def digits(self) -> str:
        """The MDN's digits."""
        return self.number or mdn_and_ip(self.line)[0]

    @property
    def mdn(self) -> str:
        """The MDN in the format of the list [P]."""
        digits = self.digits
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"

    @property
    def used(self) -> int:
        """Megabytes of the last 30 days: an invented number, and 0 if the device is not active."""
        return int(4_000 * chances("used", self.line)[0]) if self.status == ACTIVE else 0

    @property
    def device_name(self) -> str:
        """The name in the list."""
        return self.nickname or f"Device {self.digits[-4:]}"

    @property
    def extras(self) -> dict[str, Any]:
        """The columns that the user has set."""
        return json.loads(self.more) if self.more else {}

    def record(self) -> dict[str, Any]:
        """Return the device by our field names."""
        known = {name: value(self) for name, value in FIELDS.items()}
        for column, value in self.extras.items():
            field = "online_status" if column == "ONLINE" else COLUMNS[column]
            if field:
                known[field] = value
        return known

    def dialect_status(self, formatter: Formatter) -> str:
        """Return the word for its status in a dialect. A word that the user has set stays unchanged."""
        return (self.status in STATUSES and formatter.word("device", self.status, self.line)) or self.status

    def matches(self, text: str) -> bool:
        """Return whether a search text, in lower case, matches the device."""
        known = (self.digits, self.mdn, self.nickname, self.imei, self.iccid, self.sim_id, self.eid)
        return any(text in value.lower() for value in known if value)

    def is_identified_by(self, name: str, digits: str) -> bool:
        """Return whether ``name`` is one of its identifiers, or ``digits`` its MDN."""
        return name in (self.imei, self.iccid, self.sim_id, self.eid) or digits == self.digits


def _address(device: Listed) -> Optional[str]:
    if device.status != ACTIVE:
        return None
    return mdn_and_ip(device.line if device.line > 0 else _ENTRY_IPS - device.line)[1]


Value = Callable[[Listed], Any]
#: Our field name → its value, unless the user has set the column.
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
#: The columns that can be sorted by [P].
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
#: The columns of the CSV [P] → our field name; None if the simulator has no such field.
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


def csv_of(formatter: Formatter, devices: Sequence[Listed], names: Sequence[str]) -> bytes:
    """Format devices as CSV, with column names as headings [A]. Works by columns, for lists of 100,000 devices."""
    extras = [device.extras if device.more else None for device in devices]
    columns = [_column(formatter, devices, extras, name) for name in names]
    return csv_text([names, *zip(*columns)]).encode()


def _column(
    formatter: Formatter, devices: Sequence[Listed], extras: Iterable[Optional[dict[str, Any]]], name: str
) -> list[Any]:
    field = COLUMNS[name]
    if field is None:
        cells: list[Any] = [""] * len(devices)
    elif field == "status":
        cells = [device.dialect_status(formatter) for device in devices]
    else:
        value = FIELDS[field]
        cells = [NONE if (cell := value(device)) is None else cell for device in devices]
        if field in _IDENTIFIERS and getattr(formatter.dialect.identifiers, field) is not None:
            cells = [formatter.identifier(field, cell) for cell in cells]
    return [cell if more is None else more.get(name, cell) for cell, more in zip(cells, extras)]
