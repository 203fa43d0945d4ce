# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores suspended devices: gives them the status that means active, and confirms it by the device list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._decide.outcomes import Outcome
from .._decide.plan import Item
from .._errors import SentinelError
from .._observe.listing import REQUIRED, ListingReader
from .._service.api import SentinelAPI
from .._text import counted
from .._wire import Entry
from .._wire.devices import ACTIVE
from .set_status import NOT_TAKEN, Status, StatusSetter, shown, word_for
from .work import Work


class Restoration(NamedTuple):
    """The items to restore, the account's word for active, and its corp id."""

    items: Sequence[Item] = ()
    word: str = ""
    corp_id: str = ""


def restoration(items: Sequence[Item], api: SentinelAPI, corp_id: str | None) -> Restoration:
    """Return what it takes to restore the items. Asks the service; only reads.

    Raises SentinelError where it is known that they cannot be restored.
    """
    if not items:
        return Restoration()
    word = word_for(api.device_statuses(str(corp_id)), ACTIVE, api.reader.device_statuses)
    return Restoration(items, word, str(corp_id))


def restore(work: Work, what: Restoration) -> None:
    """Restore devices, and look for each in the list until the settle time has passed; the ledger has what came of it.

    The same status twice does no harm: a run that was interrupted is run again.
    """
    if not what.items:
        return
    ledger, read = work.ledger, work.api.reader.device_statuses.read
    ledger.note = f"restoring {counted(len(what.items), 'device')}"
    setter = StatusSetter(work.api, what.corp_id, work.check_owner)
    entries = [item.entry for item in what.items if item.entry is not None]
    try:
        problems = setter.set(entries, Status(what.word))
    finally:
        ledger.changed = ledger.changed or setter.changed
    # What was not taken is not waited for; one look says whether the device is active all the same.
    not_taken = [mdn for mdn, problem in problems.items() if isinstance(problem, NOT_TAKEN)]
    rounds: Iterable[None] = work.lookout.rounds(work.options.settle_timeout, at_once=True)
    lists = ListingReader(work.api, REQUIRED)
    found = shown(lists, entries, lambda entry: read(entry.status) == ACTIVE, rounds, not_taken)
    ledger.note = None
    for item in what.items:
        mdn = str(item.entry.mdn) if item.entry else ""
        _book(work, item, found.entries.get(mdn), problems.get(mdn) or found.problem)


def _book(work: Work, item: Item, entry: Entry | None, problem: SentinelError | None) -> None:
    outcome = work.ledger[item.device]
    outcome.is_final = True
    if entry is not None:
        work.ledger.changed = True
        outcome.outcome, outcome.entry, outcome.reason = Outcome.RESTORED, entry, f"was {item.reason}"
        return
    outcome.outcome, outcome.line, outcome.transaction_id = Outcome.FAILED, None, None
    if problem is not None:
        outcome.reason = f"{item.reason}; not restored: {problem}"
    else:
        seconds = f"{work.options.settle_timeout:g} s"
        outcome.reason = f"{item.reason}; the service took the request, and the list does not show it within {seconds}"
