# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far many transactions are, in one request: the newest pages of the history count their lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .._errors import AuthenticationError, RefusedError, ScopeError, SentinelError, UnexpectedAnswerError
from .._service.api import PAGE_SIZE, SentinelAPI
from .._wire import StatusWords, Transaction
from .watched import Watched

#: So many transactions of so few lines are asked for by their ids.
_HANDFUL = 5
_FEW_LINES = 100
#: Entries of a page of the history that is to show a few transactions.
_SMALL_PAGE = 100
#: So often in a row the history may be refused, or make no sense, before it is not asked for any more.
_REFUSALS = 3


class Survey:
    """Looks for transactions in the newest pages of the history.

    Args:
        api: the service.
        words: sorts status words.
        clock: seconds that never go backwards.
    """

    def __init__(self, api: SentinelAPI, words: StatusWords, clock: Callable[[], float]) -> None:
        self._api = api
        self._words = words
        self._clock = clock
        self._refusals = 0

    def book(self, items: Sequence[Watched]) -> list[Watched]:
        """Books what the newest pages of the history say of these; returns those that have to be asked for by id."""
        left = {item.transaction_id: item for item in items if not item.miscounted}
        pages = _pages_worth_reading(list(left.values())) if self._refusals < _REFUSALS else 0
        offset = 0
        limit = PAGE_SIZE if len(left) > _SMALL_PAGE // 2 else _SMALL_PAGE
        while left and pages:
            try:
                page, _total = self._api.transactions_page(2, "DESC", offset, limit)
            except (AuthenticationError, ScopeError):
                raise
            except SentinelError as error:
                refused = isinstance(error, (RefusedError, UnexpectedAnswerError))
                self._refusals = self._refusals + 1 if refused else 0
                if self._refusals >= _REFUSALS:  # and it would not be otherwise in the next round
                    break
                # The service is in trouble, and asking it for each one would not help it: the next round will tell.
                for item in left.values():
                    item.problem = str(error)
                return [item for item in items if item.miscounted]
            self._refusals = 0
            for entry in page:
                listed = left.get(entry.transaction_id or "")
                if listed is not None and self._take(listed, entry):
                    del left[listed.transaction_id]
            offset += len(page)
            pages = pages - 1 if page else 0
        return [*left.values(), *(item for item in items if item.miscounted)]

    def _take(self, item: Watched, entry: Transaction) -> bool:
        """Takes over what the history counts; False where it does not tell whether the lines have ended."""
        ended = self._words.ended(entry)
        uncounted = entry.pending is None and None in (entry.success, entry.failed)
        total = item.expected if entry.total is None else entry.total
        # What still runs may be lines of others; what has ended may lack some of ours.
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
    """How many pages of the history to read at most, before the ids are cheaper; 0 where they are from the start."""
    count = len(items)
    if count <= _HANDFUL and not any(item.expected > _FEW_LINES for item in items):
        return 0
    # Transactions of others may lie between ours.
    return max(1, min(count // 3, 2 + 4 * math.ceil(count / PAGE_SIZE)))
