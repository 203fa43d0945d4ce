# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes or the drift of a fleet as a table, for a terminal or as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._decide.outcomes import Outcome
from ..module_utils._report.tables import NAMED, TEXT, Page, Sort, lines_of, rows_of
from ._drift.states import DRIFTS, State


def outcome_table(
    devices: Sequence[Mapping[str, Any]], named: int = NAMED, style: str = TEXT, digest: str | None = None
) -> list[str]:
    """Return the lines of a table of outcomes by carrier and group, and the devices that need attention.

    Outcomes without a device have no column.

    Args:
        devices: each with `outcome`, `carrier`, `device_group`, `nickname`, identifiers and `reason`.
        named, style: as for `plan_table`.
        digest: of the plan that was carried out.
    """
    counts = Counter(device["outcome"] for device in devices)
    heads = {outcome.value: outcome.label.lower() for outcome in Outcome if counts[outcome]}
    rows = rows_of(heads, ((device, device["outcome"]) for device in devices), counts)
    sorts = [
        Sort(outcome.label.lower(), [device for device in devices if device["outcome"] == outcome])
        for outcome in Outcome
        if outcome.needs_attention
    ]
    return lines_of(Page(rows, sorts, digest), named, style)


def drift_table(found: Mapping[str, Any], named: int = NAMED, style: str = TEXT) -> list[str]:
    """Return the lines of a table of states by carrier and group, and the devices that are not as declared.

    States without a device have no column.

    Args:
        found: as the filter fleet_drift returns it.
        named, style: as for `plan_table`.
    """
    counts: Counter[str] = Counter()
    for state in State:
        counts[state.head] += found["counts"].get(state.value, 0)
    # There are too many states for a table of 80 columns.
    heads = {state.head: state.head for state in State if counts[state.head] or state == State.ACTIVE}
    rows = rows_of(heads, ((device, State(device["state"]).head) for device in found["devices"]), counts)
    sorts = [Sort(state, [device for device in found["devices"] if device["state"] == state]) for state in DRIFTS]
    return lines_of(Page(rows, sorts), named, style)
