# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settles ambiguous submissions: those with a lost answer, and refusals that say "already"."""

from __future__ import annotations

from collections.abc import Sequence

from .._decide.kinds import Request
from .._decide.outcomes import DeviceOutcome, Outcome
from .._declare.devices import Device
from .._errors import SentinelError
from .._identity import Seen, values_of
from .._observe.presence import presence
from .._text import counted
from .._wire import ACTIVE, FAILED, is_already_active
from .._wire.devices import ACTIVE as LISTED_ACTIVE
from .submit import sentence
from .work import Work


def settle(work: Work, devices: Sequence[Device]) -> list[Device]:
    """Look ambiguous submissions up in the history until all are found or the settle time has passed.

    Books the results. Returns the devices that the history does not show; none if it could not be read.
    """
    if not devices:
        return []
    ledger = work.ledger
    ledger.note = f"looking for {counted(len(devices), 'device')} whose submission got no answer"
    missing: Sequence[Device] = devices
    problem: SentinelError | None = None
    for findings in work.lookup.search(
        devices, work.options.settle_timeout, lambda device: work.history.transaction_ids(device.pair())
    ):
        missing, problem = findings.missing, findings.problem
        for device, seen in findings.found:
            _adopt(work, device, seen)
    ledger.note = None
    for device in missing:
        entry = ledger[device]
        if problem is not None:
            finding = f"The history cannot be read to find out: {sentence(problem)}"
        else:
            finding = f"It did not show up in the history within {work.options.settle_timeout:g} s."
        entry.reason = (
            f"{entry.reason} {finding} "
            "Run again: the history is read again, and only devices that it does not show are submitted."
        )
    return list(missing) if problem is None else []


def _adopt(work: Work, device: Device, seen: Seen) -> None:
    """Adopt a transaction for this device, which the history did not show when the plan was made."""
    name = seen.line.transaction_id
    work.ledger.book([device], Outcome.PENDING, name, "submitted; the answer was lost")
    work.ledger[device].line = seen.line
    if name:
        work.journal.adopted(device.name, device.partner, name)


def requests_of(missing: Sequence[Device], requests: Sequence[Request]) -> list[Request]:
    """Return the requests whose devices are all missing. If any device was found, the whole request was accepted."""
    devices = set(map(id, missing))
    return [request for request in requests if all(id(device) in devices for device in request.devices)]


def confirm(work: Work) -> bool:
    """Check refusals that say "already" by history and device list: the device may be active or under way.

    Returns whether any device is under way.
    """
    # Only devices that were submitted. A device that could not be restored still has its entry of the list.
    failed = (outcome for outcome in work.ledger.having(Outcome.FAILED) if outcome.entry is None)
    doubtful = [outcome for outcome in failed if is_already_active(outcome.reason)]
    if not doubtful:
        return False
    for outcome in doubtful:
        outcome.is_final = True
    _confirm_by_history(work, doubtful)
    _confirm_by_listing(work, [outcome for outcome in doubtful if outcome.outcome == Outcome.FAILED])
    return any(outcome.outcome == Outcome.PENDING for outcome in doubtful)


def _confirm_by_history(work: Work, doubtful: Sequence[DeviceOutcome]) -> None:
    try:
        history = work.lookup.look(outcome.device for outcome in doubtful)
    except SentinelError:
        return
    for outcome in doubtful:
        identity, key = outcome.device.identity, outcome.device.key
        seen = history.current(identity.key, key)
        if seen is None or seen.state == FAILED:
            continue
        if identity.contradiction(outcome.device, seen.line, history.reported_fields):
            continue
        before = work.history.current(identity.key, key)
        if before and before.state == ACTIVE and before.line.transaction_id == seen.line.transaction_id:
            continue  # the plan knew this line; the device was submitted because the list shows it as inactive
        outcome.line, outcome.transaction_id = seen.line, seen.line.transaction_id
        if seen.state == ACTIVE:
            outcome.outcome, outcome.reason = Outcome.ALREADY_ACTIVE, "the service reports it as already active"
        else:
            outcome.outcome, outcome.reason = Outcome.PENDING, "the service reports it as already under way"


def _confirm_by_listing(work: Work, doubtful: Sequence[DeviceOutcome]) -> None:
    if not doubtful:
        return
    try:
        listing = work.lists.read({value for outcome in doubtful for value in values_of(outcome.device)})
    except SentinelError:
        return
    for outcome in doubtful:
        present = presence(outcome.device, listing, None)
        if present is not None and present.is_certain and present.state == LISTED_ACTIVE and present.against is None:
            outcome.outcome, outcome.entry = Outcome.ALREADY_ACTIVE, present.entry
            outcome.reason = f"the service reports it as already active: active {present.place}"
