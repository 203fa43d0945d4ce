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

#: From so many transactions on, their lines are read from the full history.
_EXPORT_FROM = 20


class Watcher:
    """Looks at transactions until their lines have ended, or the patience has; with as few requests as it can.

    A few are each asked for by their id. Many are looked for in the newest pages of the history, which count the lines
    of hundreds of transactions in one request; their lines are read once, at the end.

    Args:
        api: the service.
        words: sorts status words; an unknown word never ends the wait.
        patience: how long, and how often.
        clock, sleep: seconds that never go backwards, and waiting for some.
        listen: is told after every round the transactions that it looked at.
        export: whether lines may be read from the full history, where there are many to read.
        share: called with each line; returns the line as it is kept.
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
        """Watches until all have ended or the timeout has passed; returns them, each as last seen.

        A failing look does not end the wait: it is tried again in the next round, and named if nothing better comes.
        Raises AuthenticationError and ScopeError: no later look would succeed.
        """
        deadline = self._clock() + self._patience.timeout
        with self._api.session.bounded(deadline + self._patience.grace):
            return self._watch(list(transactions), deadline)

    def _watch(self, watched: list[Watched], deadline: float) -> list[Watched]:
        intervals = Intervals(self._patience.interval, self._patience.max_interval)
        happened = False
        open_ = [item for item in watched if not item.ended]
        while open_:
            left = deadline - self._clock()
            if left > 0:
                self._sleep(min(intervals.next(happened), left))
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
        """Reads the lines of these: in one request where they are many and that is possible, otherwise of each.

        `over`: there is no later round, so what still runs is taken as it is.
        """
        unread = list(items)
        if self._export and len(items) > _EXPORT_FROM:
            lines: dict[str | None, list[Line]] = {}
            with suppress(RefusedError, ServiceError, ThrottledError, UnexpectedAnswerError, UnreachableError):
                names = [item.transaction_id for item in items]
                lines = self._api.history_export(self._by_transaction, transactions=names)
            # What the history shows late, or otherwise than its counts, the transaction itself tells.
            unread = [item for item in items if not self._take(item, lines.pop(item.transaction_id, []), over)]
        self._look_at(unread)
        for item in items:
            item.miscounted = item.miscounted or (item.counted_out and not item.ended)
            item.counted_out = False

    def _take(self, item: Watched, lines: list[Line], over: bool) -> bool:
        """Takes over lines that the history shows; False where they cannot be the last word."""
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
                # A transaction may become visible some time after its submission was answered.
                self._wait_for_more(item)
            return
        item.lines, item.finished, item.problem = lines, self._finished(lines), None
        if item.finished < len(lines):
            item.short_since = None
        elif len(lines) >= item.expected:
            item.ended = True
        else:
            shown = f"{len(lines)} of {item.expected} lines" if lines else "no line of what was submitted"
            item.problem = f"the transaction shows {shown}"
            self._wait_for_more(item)

    def _wait_for_more(self, item: Watched) -> None:
        """Gives up on what does not show up within the settle time: waiting out the whole timeout would be in vain."""
        now = self._clock()
        if item.short_since is None:
            item.short_since = now
        item.ended = now - item.short_since >= self._patience.settle
