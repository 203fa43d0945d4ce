# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out a plan of statuses: sets them, and confirms them by the device list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .._decide.status_outcomes import StatusItem, StatusOutcome, StatusResult
from .._decide.status_plan import Wanted
from .._errors import SentinelError
from .._observe.listing import ListingReader
from .._wire import Entry
from .set_status import NOT_TAKEN, Shown, Status, StatusSetter, shown


class Settling(NamedTuple):
    """How to confirm statuses.

    `lists`: reads the device list. `seconds`: how long to look for a status, None: not at all. `rounds`: yields for
    each look, for a number of seconds.
    """

    lists: ListingReader
    seconds: float | None
    rounds: Callable[[float], Iterator[None]]


class Carried(NamedTuple):
    """What became of the items, and whether anything was changed."""

    results: list[StatusResult]
    changed: bool


def carry_out_statuses(
    items: Sequence[StatusItem], setter: StatusSetter, status: Status, wanted: Wanted, settling: Settling
) -> Carried:
    """Set the status of devices, and look for it in the list. What goes wrong is a device's own.

    The same status twice does no harm: a run that was interrupted is run again.

    Args:
        items: to be set, each with an entry that has an MDN.
    """
    entries = [item.entry for item in items if item.entry is not None]
    problems = setter.set(entries, status)
    found = Shown({})
    if settling.seconds is not None:
        # What was not taken is not waited for; one look says whether the device has the status all the same.
        not_taken = [mdn for mdn, problem in problems.items() if isinstance(problem, NOT_TAKEN)]
        found = shown(settling.lists, entries, wanted.is_status_of, settling.rounds(settling.seconds), not_taken)
    results = [_result(item, found, problems.get(_mdn(item.entry)), settling.seconds) for item in items]
    return Carried(results, setter.changed or bool(found.entries))


def _mdn(entry: Entry | None) -> str:
    return str(entry.mdn) if entry is not None else ""


def _result(item: StatusItem, found: Shown, problem: SentinelError | None, seconds: float | None) -> StatusResult:
    mdn = _mdn(item.entry)
    if mdn in found.entries:
        return StatusResult(item, StatusOutcome.SET, f"was {item.reason}", found.entries[mdn])
    now = found.others.get(mdn)
    if problem is not None:
        return StatusResult(item, StatusOutcome.FAILED, f"{item.reason}; not set: {problem}", now)
    if seconds is None:
        return StatusResult(item, StatusOutcome.SET, f"was {item.reason}; the service took the request")
    reason = f"{item.reason}; the service took the request, and the list does not show it within {seconds:g} s"
    if found.problem is not None:
        reason = f"{item.reason}; the service took the request, and the list cannot be read: {found.problem}"
    return StatusResult(item, StatusOutcome.PENDING, reason, now)
