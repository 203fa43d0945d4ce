# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows the transactions of a run until they have ended, and books the outcomes of its devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._decide.outcomes import DeviceOutcome, Outcome, outcome_of
from .._errors import AuthenticationError, ScopeError
from .._identity import Seen, finder, holding, picker, sharing
from .._wire import FAILED, PENDING, Line, is_already_active
from .watch import Watcher
from .watched import Patience, Watched
from .work import Work

_NO_TRANSACTION = "; the history shows no transaction to wait for"


def follow(work: Work, deadline: float) -> None:
    """Wait until all pending devices have ended, or until the deadline, in seconds of the run's clock."""
    ledger, options = work.ledger, work.options
    waiting = ledger.waiting()
    for entry in ledger.having(Outcome.PENDING):
        if not entry.transaction_id:
            entry.reason = f"{(entry.reason or '').replace(_NO_TRANSACTION, '')}{_NO_TRANSACTION}"
    timeout = max(0.0, deadline - work.clock())
    patience = Patience(timeout, options.settle_timeout, options.poll_interval, options.poll_max_interval)

    def listen(watched: Sequence[Watched]) -> None:
        for item in watched:
            if item.counts is not None:
                ledger.count(item.transaction_id, item.counts.success or 0, item.counts.failed or 0)
            _read(work, item, waiting[item.transaction_id])
            if item.ended:
                item.lines = []  # booked; the lines of a large fleet take memory

    def share(line: Line) -> Line:
        entry = ledger.find(line)
        return line if entry is None else sharing(line, entry.device)

    whole, words = options.history == "full", work.api.reader.words
    watcher = Watcher(work.api, words, patience, work.clock, work.sleep, listen, whole, share)
    transactions = [
        Watched(name, len(entries), ours=picker([entry.device for entry in entries]))
        for name, entries in waiting.items()
    ]
    try:
        watcher.watch(transactions)
    except (AuthenticationError, ScopeError) as error:
        for entry in ledger.having(Outcome.PENDING):
            entry.reason = f"cannot be watched: {error}"


def _read(work: Work, item: Watched, entries: Iterable[DeviceOutcome]) -> None:
    """Book what a transaction shows of its devices."""
    state = work.api.reader.words.state
    find = finder([Seen(line, state(line.status)) for line in item.lines])
    seconds = work.ledger.seconds(item.transaction_id, item.ended_at)
    for entry in entries:
        seen = holding(find(entry.device))
        if seen is not None:
            _judge(entry, seen)
            if entry.outcome != Outcome.PENDING and entry.seconds is None:
                entry.seconds = seconds
        elif item.ended:
            entry.outcome, entry.reason = Outcome.UNKNOWN, _not_shown_reason(work, entry, item)
        else:
            entry.reason = item.problem or entry.reason


def _judge(entry: DeviceOutcome, seen: Seen) -> None:
    line, reported = seen.line, f"the service reports: {seen.line.status}"
    entry.line, entry.outcome = line, outcome_of(seen.state)
    entry.reason = {FAILED: line.reason or reported, PENDING: reported}.get(seen.state)
    entry.is_final = entry.outcome != Outcome.FAILED or not is_already_active(entry.reason)


def _not_shown_reason(work: Work, entry: DeviceOutcome, item: Watched) -> str:
    """Return the reason of a device that its transaction did not show in time."""
    why = ((item.problem if not item.lines else None) or "the transaction does not show this device").rstrip(".")
    known = work.journal.entry(entry.device.name)
    is_remembered = known is not None and known.transaction_id == item.transaction_id
    if not is_remembered and not work.ledger.has_submitted(item.transaction_id):
        return f"{why}. Run again to look it up again."
    if is_remembered and work.options.on_unknown != "resubmit":
        cure = "Run again to keep waiting: the journal has this transaction. To give it up, set on_unknown to resubmit."
    else:
        cure = "Run again only once the history shows it: a device that the history does not show is submitted again."
    return f"accepted as transaction {item.transaction_id}, which does not show it yet ({why}). {cure}"
