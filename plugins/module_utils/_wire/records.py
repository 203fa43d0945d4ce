# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service reports, as values: lines and transactions."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """A device in a transaction, as the service reports it. Every field is text, or None where nothing was given."""

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
    """A request as the history lists it. Counts are lines, None where the service did not count."""

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


def identifiers(line: Line) -> tuple[str, ...]:
    """Return the identifiers that a line carries."""
    return tuple(value for value in (line.iccid, line.imei, line.sim_id, line.eid) if value)
