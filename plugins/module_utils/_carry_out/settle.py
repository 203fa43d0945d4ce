# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settles what nobody knows: submissions whose answer was lost, and refusals that say "already"."""

from __future__ import annotations

from collections.abc import Sequence

from .._decide.kinds import Request
from .._decide.outcomes import DeviceOutcome, Outcome
from .._declare.devices import Device
from .._errors import SentinelError
from .._identity import Seen, values_of
from .._observe.presence import presence
from .._text import counted
from .._wire import ACTIVE, FAILED, says_already
from .._wire.devices import ACTIVE as LISTED_ACTIVE
from .submit import sentence
from .work import Work


def settle(work: Work, lost: Sequence[Device]) -> list[Device]:
    """Looks lost submissions up in the history until all are found or the settle time is over; books what is found.

    Returns those that are provably not in it: where it could not be read, nobody knows.
    """
    if not lost:
        return []
    ledger = work.ledger
    ledger.note = f"looking for {counted(len(lost), 'device')} whose submission got no answer"
    missing: Sequence[Device] = lost
    problem: SentinelError | None = None
    for findings in work.lookout.search(
        lost, work.options.settle_timeout, lambda device: work.history.transaction_ids(device.pair())
    ):
        missing, problem = findings.missing, findings.problem
        for device, seen in findings.found:
            _adopt(work, device, seen)
    ledger.note = None
    for device in missing:
        entry = ledger[device]
        if problem is not None:
            why = f"The history, which would tell, cannot be read: {sentence(problem)}"
        else:
            why = f"It did not show up in the history within {work.options.settle_timeout:g} s."
        entry.reason = (
            f"{entry.reason} {why} "
            "Run again: the history is looked at anew, and only what it does not show is submitted."
        )
    return list(missing) if problem is None else []


def _adopt(work: Work, device: Device, seen: Seen) -> None:
    """Takes a transaction for this device's that the history shows now and did not show when the plan was made."""
    name = seen.line.transaction_id
    work.ledger.book([device], Outcome.PENDING, name, "submitted; its answer was lost")
    work.ledger[device].line = seen.line
    if name:
        work.journal.found(device.name, device.partner, name)


def requests_of(lost: Sequence[Device], requests: Sequence[Request]) -> list[Request]:
    """The requests of which every device is lost: a request of which a part arrived has arrived."""
    devices = set(map(id, lost))
    return [request for request in requests if all(id(device) in devices for device in request.devices)]


def confirm(work: Work) -> bool:
    """Check refusals that say "already": by history or list the device may be active, or under way, all the same.

    Returns whether any device turned out to be under way.
    """
    # A device that could not be restored keeps its entry of the list; the others were submitted.
    failed = (outcome for outcome in work.ledger.having(Outcome.FAILED) if outcome.entry is None)
    doubtful = [outcome for outcome in failed if says_already(outcome.reason)]
    if not doubtful:
        return False
    for outcome in doubtful:
        outcome.is_final = True
    _confirm_by_history(work, doubtful)
    _confirm_by_listing(work, [outcome for outcome in doubtful if outcome.outcome == Outcome.FAILED])
    return any(outcome.outcome == Outcome.PENDING for outcome in doubtful)


def _confirm_by_history(work: Work, doubtful: Sequence[DeviceOutcome]) -> None:
    try:
        history = work.lookout.look(outcome.device for outcome in doubtful)
    except SentinelError:
        return
    for outcome in doubtful:
        identity, key = outcome.device.identity, outcome.device.key
        seen = history.current(identity.key, key)
        if seen is None or seen.state == FAILED:
            continue
        if identity.contradiction(outcome.device, seen.line, history.told):
            continue
        before = work.history.current(identity.key, key)
        if before and before.state == ACTIVE and before.line.transaction_id == seen.line.transaction_id:
            continue  # submitted although it was active by this line: the list shows that it is not any more
        outcome.line, outcome.transaction_id = seen.line, seen.line.transaction_id
        if seen.state == ACTIVE:
            outcome.outcome, outcome.reason = Outcome.ALREADY_ACTIVE, "the service found it active already"
        else:
            outcome.outcome, outcome.reason = Outcome.PENDING, "the service found it under way already"


def _confirm_by_listing(work: Work, doubtful: Sequence[DeviceOutcome]) -> None:
    if not doubtful:
        return
    try:
        listing = work.lists.read({value for outcome in doubtful for value in values_of(outcome.device)})
    except SentinelError:
        return
    for outcome in doubtful:
        found = presence(outcome.device, listing, None)
        if found is not None and found.is_certain and found.state == LISTED_ACTIVE and found.against is None:
            outcome.outcome, outcome.entry = Outcome.ALREADY_ACTIVE, found.entry
            outcome.reason = f"the service found it active already: active {found.place}"
