# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may become of a device: the outcomes."""

from __future__ import annotations

from dataclasses import dataclass

from .._declare.devices import Device
from .._wire import Line
from .plan import CONFLICT, UNCHANGED, WAIT, Item

ACTIVATED, ALREADY_ACTIVE, WOULD_ACTIVATE = "activated", "already_active", "would_activate"
IN_PROGRESS, FAILURE, IN_CONFLICT, SKIPPED, UNKNOWN = "pending", "failed", "conflict", "skipped", "unknown"
#: Those that someone has to look at come first.
OUTCOMES = (FAILURE, IN_CONFLICT, UNKNOWN, IN_PROGRESS, ACTIVATED, WOULD_ACTIVATE, SKIPPED, ALREADY_ACTIVE)


@dataclass
class DeviceOutcome:
    """What became of a device. `line`: as last seen; `reason`: a phrase for people; `seconds`: from its submission to
    when its end was seen, in this run; None where there is nothing."""

    device: Device
    outcome: str
    transaction_id: str | None = None
    line: Line | None = None
    reason: str | None = None
    seconds: float | None = None


def foreseen(item: Item) -> DeviceOutcome:
    """The outcome of an item of which nothing more is done than the plan says: that of check mode."""
    transaction_id = item.line.transaction_id if item.line else None
    if item.action == WAIT:
        return DeviceOutcome(item.device, IN_PROGRESS, transaction_id, item.line, item.reason)
    if item.action == UNCHANGED:
        outcome = FAILURE if item.failed_before else ALREADY_ACTIVE
        return DeviceOutcome(item.device, outcome, transaction_id, item.line, item.reason)
    if item.action == CONFLICT:
        return DeviceOutcome(item.device, SKIPPED if item.skipped else IN_CONFLICT, None, item.line, item.reason)
    return DeviceOutcome(item.device, WOULD_ACTIVATE, None, None, item.reason)
