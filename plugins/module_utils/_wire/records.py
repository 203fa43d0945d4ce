# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that the service reports: lines, transactions, and entries of the device list."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple, Union

from .identifiers import IDENTIFIERS


class Line(NamedTuple):
    """A device in a transaction, as the service reports it. Every field is text, or None if not given."""

    transaction_id: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None
    status: str | None = None
    carrier: str | None = None
    device_group: str | None = None
    filter_group: str | None = None
    service_zip_code: str | None = None
    mdn: str | None = None
    ip: str | None = None
    nickname: str | None = None
    reason: str | None = None
    started: str | None = None


class Transaction(NamedTuple):
    """A transaction of the history. Counts are numbers of lines, or None if not given."""

    transaction_id: str | None = None
    status: str | None = None
    started: str | None = None
    total: int | None = None
    success: int | None = None
    failed: int | None = None
    pending: int | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None


class Entry(NamedTuple):
    """A device in the device list of the account. A field is None if it is not given or its column was not read.

    `mdn` has the form 521-267-1508 for a number of the North American plan. `device_group`: the corp id of the group,
    or its description if the list has only that, as its pages do [P]. Amounts and limits are numbers in the unit of the
    service [A: megabytes].
    """

    mdn: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None
    status: str | None = None
    carrier: str | None = None
    device_group: str | None = None
    filter_group: str | None = None
    nickname: str | None = None
    device_name: str | None = None
    device_group_name: str | None = None
    online: bool | None = None
    last_30_days_used: float | None = None
    monthly_amount_used: float | None = None
    day_amount_used: float | None = None
    monthly_limit: float | None = None
    daily_limit: float | None = None
    labels: tuple[str, ...] = ()
    ip: str | None = None
    media_center_status: str | None = None
    summer_status: str | None = None
    effective_vpn_status: str | None = None
    note: str | None = None
    apn: str | None = None
    mdn_custom_field: str | None = None
    mac: str | None = None
    oem_serial_number: str | None = None
    name: str | None = None
    description: str | None = None
    plan_id: str | None = None
    sim_type: str | None = None


#: A record with identifiers and a status.
Record = Union[Line, Entry]


#: Returns the values of `IDENTIFIERS` of a line, an entry or a device, None for those that are not given.
all_identifiers: Callable[[Any], tuple[str | None, ...]] = attrgetter(*IDENTIFIERS)


def identifiers(record: Record) -> tuple[str, ...]:
    """Return the identifiers of a line or an entry. An MDN is not an identifier."""
    return tuple(filter(None, all_identifiers(record)))
