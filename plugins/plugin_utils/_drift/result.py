# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a comparison: counts, the devices that are not as declared, and one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...module_utils._report.lasting import temporary_files
from ...module_utils._report.result import SHARES, within
from ...module_utils._text import counted
from .states import DRIFTS, State
from .task import Paths

#: Maximum number of devices in a result.
MAX_DEVICES = 1000


def make_result(found: Mapping[str, Any], tolerated: Collection[str], paths: Paths) -> dict[str, Any]:
    """Return the result of a comparison, within the size that controllers allow.

    Args:
        found: the comparison, as `drift` returns it.
        tolerated: states that do not count as drift.
        paths: the files that it was written to.
    """
    count = found["drift"]
    devices = within(found["devices"][:count], SHARES["devices"], MAX_DEVICES)
    return {
        "drift": count,
        "listing": found["listing"],
        "counts": found["counts"],
        "devices": devices,
        "devices_omitted": count - len(devices),
        "warnings": found["warnings"],
        "msg": sentence(count, found["counts"], tolerated),
        "temporary_files": temporary_files(paths),
        **{name: path for name, path in paths._asdict().items() if path},
    }


def sentence(count: int, counts: Mapping[str, int], tolerated: Collection[str]) -> str:
    """Return the result in one line, such as "3 devices are not as declared: 2 suspended, 1 missing"."""
    differing = _listed(counts, [state for state in DRIFTS if state not in tolerated])
    if count:
        return f"{counted(count, 'device')} {'is' if count == 1 else 'are'} not as declared: {differing}"
    known = _listed(counts, [state for state in DRIFTS if state in tolerated])
    active = counts[State.ACTIVE]
    also = f"; tolerated: {known}" if known else ""
    return f"no drift: {counted(active, 'device')} {'is' if active == 1 else 'are'} as declared{also}"


def _listed(counts: Mapping[str, int], states: Iterable[State]) -> str:
    """Return the number of devices in each of these states, without empty ones."""
    return ", ".join(f"{counts[state]} {state}" for state in states if counts[state])
