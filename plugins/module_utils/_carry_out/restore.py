# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores suspended devices: sets the status that means active, and confirms it by the device list."""

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
from .set_status import NOT_ACCEPTED, Status, StatusSetter, confirm_statuses, word_for
from .work import Work


class Restoration(NamedTuple):
    """The items to restore, the account's word for active, and its corp id."""

    items: Sequence[Item] = ()
    word: str = ""
    corp_id: str = ""


def prepare_restoration(items: Sequence[Item], api: SentinelAPI, corp_id: str | None) -> Restoration:
    """Return what is needed to restore the items. Asks the service, but only reads.

    Raises SentinelError if they cannot be restored.
    """
    if not items:
        return Restoration()
    word = word_for(api.device_statuses(str(corp_id)), ACTIVE, api.reader.device_statuses)
    return Restoration(items, word, str(corp_id))


def restore(work: Work, restoration: Restoration) -> None:
    """Restore devices, and look for each in the device list until the settle time has passed. Books the outcomes.

    Setting a status twice does no harm, so an interrupted run is simply run again.
    """
    if not restoration.items:
        return
    ledger, read = work.ledger, work.api.reader.device_statuses.read
    ledger.note = f"restoring {counted(len(restoration.items), 'device')}"
    setter = StatusSetter(work.api, restoration.corp_id, work.check_owner)
    entries = [item.entry for item in restoration.items if item.entry is not None]
    try:
        problems = setter.set(entries, Status(restoration.word))
    finally:
        ledger.changed = ledger.changed or setter.changed
    # Devices of requests that were not accepted are checked once, but not waited for.
    not_accepted = [mdn for mdn, problem in problems.items() if isinstance(problem, NOT_ACCEPTED)]
    rounds: Iterable[None] = work.lookup.rounds(work.options.settle_timeout, at_once=True)
    lists = ListingReader(work.api, REQUIRED)
    confirmation = confirm_statuses(lists, entries, lambda entry: read(entry.status) == ACTIVE, rounds, not_accepted)
    ledger.note = None
    for item in restoration.items:
        mdn = str(item.entry.mdn) if item.entry else ""
        _book(work, item, confirmation.entries.get(mdn), problems.get(mdn) or confirmation.problem)


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
        problem_text = f"the device list does not show it after {work.options.settle_timeout:g} s"
        outcome.reason = f"{item.reason}; the service accepted the request, but {problem_text}"
