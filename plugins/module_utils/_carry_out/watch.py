# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for transactions to end: submitted in this run, adopted from an earlier one, or submitted elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from .._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    SentinelError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from .._observe.intervals import Intervals
from .._service.api import SentinelAPI
from .._service.parallel import in_parallel
from .._wire import PENDING, Line, StatusWords
from .survey import Survey
from .watched import Patience, Watched

#: Maximum number of transactions whose lines are read by id; the lines of more are read from the full history.
_EXPORT_ABOVE = 20


class Watcher:
    """Polls transactions until their lines have ended or the timeout has passed, with as few requests as possible.

    A few transactions are requested by id. Many are looked up in the newest pages of the history, which have the counts
    of hundreds of transactions in one request; their lines are read once, at the end.

    Args:
        api: the service.
        words: reads status words; an unknown word never ends the wait.
        patience: how long to wait, and how often to poll.
        clock, sleep: a monotonic clock in seconds, and a function that sleeps.
        listen: called after each round with the transactions that were polled.
        export: whether the lines of many transactions may be read from the full history.
        share: called with each line; returns the line to keep.
    """

    def __init__(
        self,
        api: SentinelAPI,
        words: StatusWords,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        listen: Callable[[Sequence[Watched]], None] = lambda watched: None,
        export: bool = False,
        share: Callable[[Line], Line] = lambda line: line,
    ) -> None:
        self._api = api
        self._words = words
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._listen = listen
        self._export = export
        self._share = share
        self._survey = Survey(api, words, clock)

    def watch(self, transactions: Iterable[Watched]) -> list[Watched]:
        """Watch until all have ended or the timeout has passed; return them, each as last seen.

        A failed request does not end the wait. It is tried again in the next round, and becomes the transaction's
        `problem` if no later one succeeds. Raises AuthenticationError and ScopeError, because every later request would
        fail as well.
        """
        deadline = self._clock() + self._patience.timeout
        with self._api.session.bounded(deadline + self._patience.grace):
            return self._watch(list(transactions), deadline)

    def _watch(self, watched: list[Watched], deadline: float) -> list[Watched]:
        intervals = Intervals(self._patience.interval, self._patience.max_interval)
        happened = False
        open_ = [item for item in watched if not item.ended]
        while open_:
            remaining = deadline - self._clock()
            if remaining > 0:
                self._sleep(min(intervals.next(happened), remaining))
            before = [item.finished for item in open_]
            by_id = self._survey.book([item for item in open_ if not item.counted_out])
            self._look_at(by_id)
            over = self._clock() >= deadline
            if over or not any(item for item in open_ if not (item.ended or item.counted_out)):
                looked = set(map(id, by_id))
                self._read_lines([item for item in open_ if id(item) not in looked], over)
            happened = [item.finished for item in open_] != before
            self._listen(open_)
            open_ = [item for item in open_ if not item.ended]
            if over:
                break
        return watched

    def _by_transaction(self, lines: Iterable[Line]) -> dict[str | None, list[Line]]:
        found: dict[str | None, list[Line]] = {}
        for line in map(self._share, lines):
            found.setdefault(line.transaction_id, []).append(line)
        return found

    # -- Lines ---------------------------------------------------------------------------------------------------------

    def _read_lines(self, items: Sequence[Watched], over: bool) -> None:
        """Read the lines of these transactions: many in one request if possible, otherwise each by id.

        `over`: this is the last round, so lines that have not ended are kept as they are.
        """
        unread = list(items)
        if self._export and len(items) > _EXPORT_ABOVE:
            lines: dict[str | None, list[Line]] = {}
            with suppress(RefusedError, ServiceError, ThrottledError, UnexpectedAnswerError, UnreachableError):
                names = [item.transaction_id for item in items]
                lines = self._api.history_export(self._by_transaction, transactions=names)
            # Lines that the history shows late, or that do not match its counts, are read by id.
            unread = [item for item in items if not self._book_lines(item, lines.pop(item.transaction_id, []), over)]
        self._look_at(unread)
        for item in items:
            item.miscounted = item.miscounted or (item.counted_out and not item.ended)
            item.counted_out = False

    def _book_lines(self, item: Watched, lines: list[Line], over: bool) -> bool:
        """Book lines that the history shows; return False if they cannot be final."""
        lines = item.ours(lines)
        finished = self._finished(lines)
        ended = len(lines) >= item.expected and finished == len(lines)
        if ended or (over and lines and not item.counted_out):
            item.lines, item.finished, item.ended, item.problem = lines, finished, ended, None
            return True
        return False

    def _finished(self, lines: Sequence[Line]) -> int:
        state = self._words.state
        return sum([state(line.status) != PENDING for line in lines])

    def _look_at(self, items: Sequence[Watched]) -> None:
        for _item in in_parallel(self._look, items, self._api.session.concurrency, self._api.session.stop):
            pass

    def _look(self, item: Watched) -> None:
        try:
            lines = item.ours(map(self._share, self._api.transaction_lines(item.transaction_id)))
        except (AuthenticationError, ScopeError):
            raise
        except SentinelError as error:
            item.problem = str(error)
            if isinstance(error, RefusedError) and error.status == 404:
                # A transaction may become visible some time after its submission was accepted.
                self._wait_for_more(item)
            return
        item.lines, item.finished, item.problem = lines, self._finished(lines), None
        if item.finished < len(lines):
            item.short_since = None
        elif len(lines) >= item.expected:
            item.ended = True
        else:
            shown = f"{len(lines)} of {item.expected} lines" if lines else "none of the submitted lines"
            item.problem = f"the transaction shows {shown}"
            self._wait_for_more(item)

    def _wait_for_more(self, item: Watched) -> None:
        """Give up on a transaction that does not become visible within the settle time."""
        now = self._clock()
        if item.short_since is None:
            item.short_since = now
        item.ended = now - item.short_since >= self._patience.settle
