# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of runs at the same time, and of orphans. Each returns findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .runs import Run
from .seen import WRONG, Finding
from .verify import refused_by_journal

#: Seconds within which requests arrive that were being sent at the interruption: usually, and on a busy machine.
_USUAL, _BUSY = 0.3, 3.0


def check_refusals(runs: Sequence[Run], before: Sequence[Run]) -> list[Finding]:
    """A run is refused if another run uses its journal, unless they share devices: then it waits for the other one.

    Args:
        runs: runs at the same time.
        before: earlier runs, whose orphans may still use the journal.
    """
    findings = []
    for run in filter(refused_by_journal, runs):
        others = [
            other
            for other in (*runs, *before)
            if other is not run and other.arguments.get("journal") == run.arguments["journal"] and not other.draw.check
        ]
        if not others:
            findings.append(Finding(WRONG, "the run was refused because of its journal, which no other run uses"))
        # The system may release the claim of a killed process before the lock of its journal.
        elif all(_have_common_devices(run, other) and other.interrupted is None for other in others):
            findings.append(Finding(WRONG, "the run was refused, although it shares devices with all other runs"))
    return findings


def _have_common_devices(run: Run, other: Run) -> bool:
    return not {member.key for member in run.members}.isdisjoint(member.key for member in other.members)


def check_orphans(run: Run, requests: Iterable[dict[str, Any]]) -> list[Finding]:
    """After its interruption, a run sends only the requests that were being sent: at most one per thread.

    Args:
        requests: all requests since the start of the run, all of them its own.
    """
    gone = run.interrupted
    if gone is None:
        return []
    late = [request["at"] - gone for request in requests if request["write"] and request["at"] > gone + _USUAL]
    if len(late) > run.arguments["concurrency"] or any(seconds > _BUSY for seconds in late):
        text = f"{len(late)} writes arrived after the interruption, the last one {max(late):.1f} s after it"
        return [Finding(WRONG, f"{text} ({run.draw.interruption})")]
    return []
