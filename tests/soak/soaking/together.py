# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold for runs at the same time, and for what outlives an interruption. Each finding is a `Finding`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .runs import Run
from .seen import WRONG, Finding
from .verify import refused_by_journal

#: Seconds after an interruption within which what was about to leave has arrived, and so many where much is to be done.
_AT_ONCE, _BUSY = 0.3, 3.0


def check_refusals(runs: Sequence[Run], before: Sequence[Run]) -> list[Finding]:
    """A journal that another run has refuses a run, unless they have devices in common: then it waits for the other.

    Args:
        runs: those at the same time.
        before: earlier ones, whose orphans may still have had the journal.
    """
    findings = []
    for run in filter(refused_by_journal, runs):
        others = [
            other
            for other in (*runs, *before)
            if other is not run and other.arguments.get("journal") == run.arguments["journal"] and not other.draw.check
        ]
        if not others:
            findings.append(Finding(WRONG, "the journal is said to be in use, and no other run has it"))
        # The system may end the claim of a process that it kills before it ends the lock of the journal.
        elif all(_have_common_devices(run, other) and other.interrupted is None for other in others):
            findings.append(Finding(WRONG, "the run was refused, though it has devices in common with all others"))
    return findings


def _have_common_devices(run: Run, other: Run) -> bool:
    return not {member.key for member in run.members}.isdisjoint(member.key for member in other.members)


def check_orphans(run: Run, requests: Iterable[dict[str, Any]]) -> list[Finding]:
    """After its interruption, a run writes nothing but what was about to leave: one request of each thread.

    Args:
        requests: all that arrived since the run began; nothing but what is its own.
    """
    gone = run.interrupted
    if gone is None:
        return []
    late = [request["at"] - gone for request in requests if request["write"] and request["at"] > gone + _AT_ONCE]
    if len(late) > run.arguments["concurrency"] or any(seconds > _BUSY for seconds in late):
        told = f"{len(late)} writes came after the interruption, the last one {max(late):.1f} s"
        return [Finding(WRONG, f"{told} ({run.draw.interruption})")]
    return []
