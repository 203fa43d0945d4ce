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
from .set_status import NOT_ACCEPTED, Confirmation, Status, StatusSetter, confirm_statuses


class Settling(NamedTuple):
    """How to confirm statuses.

    `lists`: reads the device list. `seconds`: how long to look for a status; None: do not look. `rounds`: yields once
    per look, during a number of seconds.
    """

    lists: ListingReader
    seconds: float | None
    rounds: Callable[[float], Iterator[None]]


class Carried(NamedTuple):
    """The results of the items, and whether anything was changed."""

    results: list[StatusResult]
    changed: bool


def carry_out_statuses(
    items: Sequence[StatusItem], setter: StatusSetter, status: Status, wanted: Wanted, settling: Settling
) -> Carried:
    """Set the status of devices, and look for it in the device list. An error of a request concerns its devices only.

    Setting a status twice does no harm, so an interrupted run is simply run again.

    Args:
        items: to set, each with an entry that has an MDN.
    """
    entries = [item.entry for item in items if item.entry is not None]
    problems = setter.set(entries, status)
    confirmed = Confirmation({})
    if settling.seconds is not None:
        # Devices of requests that were not accepted are checked once, but not waited for.
        not_accepted = [mdn for mdn, problem in problems.items() if isinstance(problem, NOT_ACCEPTED)]
        rounds = settling.rounds(settling.seconds)
        confirmed = confirm_statuses(settling.lists, entries, wanted.is_status_of, rounds, not_accepted)
    results = [_result(item, confirmed, problems.get(_mdn(item.entry)), settling.seconds) for item in items]
    return Carried(results, setter.changed or bool(confirmed.entries))


def _mdn(entry: Entry | None) -> str:
    return str(entry.mdn) if entry is not None else ""


def _result(
    item: StatusItem, confirmed: Confirmation, problem: SentinelError | None, seconds: float | None
) -> StatusResult:
    mdn = _mdn(item.entry)
    if mdn in confirmed.entries:
        return StatusResult(item, StatusOutcome.SET, f"was {item.reason}", confirmed.entries[mdn])
    now = confirmed.others.get(mdn)
    if problem is not None:
        return StatusResult(item, StatusOutcome.FAILED, f"{item.reason}; not set: {problem}", now)
    if seconds is None:
        return StatusResult(item, StatusOutcome.SET, f"was {item.reason}; the service accepted the request")
    reason = f"the device list does not show it after {seconds:g} s"
    if confirmed.problem is not None:
        reason = f"the device list cannot be read: {confirmed.problem}"
    accepted = f"{item.reason}; the service accepted the request, but {reason}"
    return StatusResult(item, StatusOutcome.PENDING, accepted, now)
