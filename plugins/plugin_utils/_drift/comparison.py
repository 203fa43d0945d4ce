# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the declared fleet with history and device list. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from ...module_utils._decide.kinds import SIM, Kind
from ...module_utils._text import printable
from .._fleet.devices import Fleet
from .account import Account
from .declared import compare_declared
from .states import RANK, Compared, State
from .undeclared import compare_undeclared


def drift(
    fleet: Fleet, account: Account, tolerated: Collection[str] = (), undeclared: bool = True, kind: Kind = SIM
) -> dict[str, Any]:
    """Compare the account with the declaration.

    Args:
        fleet: the declared devices.
        account: history and device list.
        tolerated: states that are shown but do not count as drift.
        undeclared: whether to report devices that are not declared.
        kind: of the devices that are not declared.

    Returns a dictionary with `drift`: the number of devices that differ; `listing`: whether the device list was
    compared; `counts`: number of devices by state; `devices`: each with its `state`, whether it counts as `drift`, the
    `reason`, the `differences` of its settings, and its fields, those that differ first; `warnings`.
    """
    declared = compare_declared(fleet, account)
    compared = list(declared.devices)
    if undeclared:
        compared += compare_undeclared(fleet, account, kind, declared.claims)
    devices = [_shown(device, tolerated) for device in compared]
    devices.sort(key=lambda device: (not device["drift"], RANK[device["state"]]))
    counts = Counter(device["state"] for device in devices)
    return {
        "drift": sum(device["drift"] for device in devices),
        "listing": account.entries is not None,
        "counts": {state.value: counts[state.value] for state in State},
        "devices": devices,
        "warnings": declared.warnings,
    }


def _shown(device: Compared, tolerated: Collection[str]) -> dict[str, Any]:
    """Return a device of the result. Its state is the first that is not tolerated."""
    findings = sorted(device.findings, key=lambda finding: finding.state in tolerated)
    state = findings[0].state if findings else State.ACTIVE
    values = {name: printable(value) if isinstance(value, str) else value for name, value in device.values.items()}
    return {
        "where": printable(device.where),
        "state": state.value,
        "reason": printable("; ".join(finding.reason for finding in findings)) or None,
        "drift": bool(findings) and state not in tolerated,
        "differences": list(device.differences),
        **values,
    }
