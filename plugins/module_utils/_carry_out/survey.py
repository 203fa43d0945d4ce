# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks many transactions in one request: the newest pages of the history have the counts of their lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .._errors import AuthenticationError, RefusedError, ScopeError, SentinelError, UnexpectedAnswerError
from .._service.api import PAGE_SIZE, SentinelAPI
from .._wire import StatusWords, Transaction
from .watched import Watched

#: Maximum number of transactions, and of lines of each, that are requested by id from the start.
_FEW_TRANSACTIONS = 5
_FEW_LINES = 100
#: Number of entries per page of the history, if only a few transactions are wanted.
_SMALL_PAGE = 100
#: Maximum number of consecutive refused or unreadable pages before the history is not requested any more.
_MAX_REFUSALS = 3


class Survey:
    """Looks for transactions in the newest pages of the history.

    Args:
        api: the service.
        words: reads status words.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, api: SentinelAPI, words: StatusWords, clock: Callable[[], float]) -> None:
        self._api = api
        self._words = words
        self._clock = clock
        self._refusals = 0

    def book(self, items: Sequence[Watched]) -> list[Watched]:
        """Book the counts on the newest pages of the history; return the transactions that must be requested by id."""
        unseen = {item.transaction_id: item for item in items if not item.miscounted}
        pages = _pages_worth_reading(list(unseen.values())) if self._refusals < _MAX_REFUSALS else 0
        offset = 0
        limit = PAGE_SIZE if len(unseen) > _SMALL_PAGE // 2 else _SMALL_PAGE
        while unseen and pages:
            try:
                page, _total = self._api.transactions_page(2, "DESC", offset, limit)
            except (AuthenticationError, ScopeError):
                raise
            except SentinelError as error:
                refused = isinstance(error, (RefusedError, UnexpectedAnswerError))
                self._refusals = self._refusals + 1 if refused else 0
                if self._refusals >= _MAX_REFUSALS:
                    break
                # Requests by id would only add load to a service in trouble. Try again in the next round.
                for item in unseen.values():
                    item.problem = str(error)
                return [item for item in items if item.miscounted]
            self._refusals = 0
            for entry in page:
                listed = unseen.get(entry.transaction_id or "")
                if listed is not None and self._book_counts(listed, entry):
                    del unseen[listed.transaction_id]
            offset += len(page)
            pages = pages - 1 if page else 0
        return [*unseen.values(), *(item for item in items if item.miscounted)]

    def _book_counts(self, item: Watched, entry: Transaction) -> bool:
        """Book the counts of the history; return False if they do not show whether our lines have ended."""
        ended = self._words.has_ended(entry)
        uncounted = entry.pending is None and None in (entry.success, entry.failed)
        total = item.expected if entry.total is None else entry.total
        # Pending lines may be those of others, and the ended ones may not include all of ours.
        foreign = item.ours is not list and total > item.expected
        if (not ended and (uncounted or foreign)) or (ended and total < item.expected):
            return False
        item.counts, item.counted_out, item.problem = entry, ended, None
        if not item.lines:
            item.finished = (entry.success or 0) + (entry.failed or 0)
        if ended and item.ended_at is None:
            item.ended_at = self._clock()
        return True


def _pages_worth_reading(items: Sequence[Watched]) -> int:
    """Return the maximum number of pages of the history to read before requests by id are cheaper; may be 0."""
    count = len(items)
    if count <= _FEW_TRANSACTIONS and not any(item.expected > _FEW_LINES for item in items):
        return 0
    # Transactions of others may lie between ours.
    return max(1, min(count // 3, 2 + 4 * math.ceil(count / PAGE_SIZE)))
