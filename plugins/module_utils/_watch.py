# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for transactions to end: submitted in this run, adopted from an earlier one, or submitted elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from ._api import SentinelAPI
from ._errors import AuthenticationError, RefusedError, ScopeError, SentinelError
from ._wire import PENDING, Line, StatusWords

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Patience:
    """How to wait, in seconds: `timeout` in all, `settle` for what should be visible and is not, polls from `interval`
    apart to `max_interval`."""

    timeout: float
    settle: float
    interval: float
    max_interval: float


@dataclass
class Watched:
    """A transaction being watched.

    `expected`: how many of our lines should appear in it. `lines`: as last seen. `ended`: all of them have ended.
    `problem`: why nothing can be said of it any more, or what went wrong at the last look.
    """

    transaction_id: str
    expected: int
    lines: list[Line] = field(default_factory=list)
    ended: bool = False
    problem: str | None = None
    short_since: float | None = None


class Intervals:
    """Seconds between rounds: grows from one to the other, and starts over when something has just happened."""

    def __init__(self, first: float, longest: float, growth: float = 1.5) -> None:
        self._first = min(first, longest)
        self._longest = longest
        self._growth = growth
        self._next = self._first

    def next(self, happened: bool = False) -> float:
        """The next pause; `happened`: whether the last round brought something new."""
        if happened:
            self._next = self._first
        pause = self._next
        self._next = min(self._next * self._growth, self._longest)
        return pause


class Watcher:
    """Looks at transactions until their lines have ended, or the patience has.

    Args:
        api: the service.
        words: sorts status words; an unknown word never ends the wait.
        patience: how long, and how often.
        clock, sleep: seconds that never go backwards, and waiting for some.
        listen: is told the watched transactions after every round.
    """

    def __init__(
        self,
        api: SentinelAPI,
        words: StatusWords,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        listen: Callable[[Sequence[Watched]], None] = lambda watched: None,
    ) -> None:
        self._api = api
        self._words = words
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._listen = listen

    def watch(self, transactions: Iterable[Watched]) -> list[Watched]:
        """Watches until all have ended or the timeout has passed; returns them, each as last seen.

        A failing look does not end the wait: it is tried again in the next round, and named if nothing better comes.
        Raises AuthenticationError and ScopeError: no later look would succeed.
        """
        watched = list(transactions)
        deadline = self._clock() + self._patience.timeout
        intervals = Intervals(self._patience.interval, self._patience.max_interval)
        happened = False
        open_ = [item for item in watched if not item.ended]
        while open_:
            left = deadline - self._clock()
            if left > 0:
                self._sleep(min(intervals.next(happened), left))
            before = _progress(open_, self._words)
            for _item in in_parallel(self._look, open_, self._api.session.concurrency):
                pass
            happened = _progress(open_, self._words) != before
            self._listen(watched)
            open_ = [item for item in open_ if not item.ended]
            if self._clock() >= deadline:
                break
        return watched

    def _look(self, item: Watched) -> None:
        try:
            lines = self._api.transaction_lines(item.transaction_id)
        except (AuthenticationError, ScopeError):
            raise
        except SentinelError as error:
            item.problem = str(error)
            if isinstance(error, RefusedError) and error.status == 404:
                # A transaction may become visible some time after its submission was answered.
                self._wait_for_more(item)
            return
        item.lines = lines
        item.problem = None
        if any(self._words.state(line.status) == PENDING for line in lines):
            item.short_since = None
        elif len(lines) >= item.expected:
            item.ended = True
        else:
            item.problem = f"the transaction shows {len(lines)} of {item.expected} lines"
            self._wait_for_more(item)

    def _wait_for_more(self, item: Watched) -> None:
        """Gives up on what does not show up within the settle time: waiting out the whole timeout would be in vain."""
        now = self._clock()
        if item.short_since is None:
            item.short_since = now
        item.ended = now - item.short_since >= self._patience.settle


def in_parallel(work: Callable[[T], R], items: Sequence[T], threads: int) -> Iterator[R]:
    """Does the work for each item on so many threads; yields the results in the items' order.

    Raises the first error, after the work that has begun is done; what has not begun by then is left.
    """
    if len(items) <= 1 or threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(min(threads, len(items))) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _progress(watched: Iterable[Watched], words: StatusWords) -> list[int]:
    return [sum(words.state(line.status) != PENDING for line in item.lines) for item in watched]
