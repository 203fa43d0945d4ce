# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service with many transactions to watch, which counts its requests."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watch import Watcher
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watched import Patience, Watched
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, line


class Service:
    """Transactions T0, T1, … of `sizes` lines each, the newest last; each ends after a number of seconds.

    Args:
        ends: seconds after which each transaction ends.
        listed: returns the history's entry of a transaction; None: an entry with counts.
        listed_late: seconds until the history lists anything.
        page_max: maximum number of entries per page.
        foreign: number of newer transactions of others.

    `failing`: kind of request (page, id, export) → the error of each request, or a list of errors in order (None: no
    error). `limits`: the requested page sizes.
    """

    def __init__(self, clock, ends, sizes=None, listed=None, listed_late=0.0, page_max=500, foreign=0):
        self.session = self
        self.concurrency = 1
        self.requests = Counter()
        self.limits = set()
        self.failing = {}
        self._clock = clock
        self._ends = ends
        self._sizes = sizes or [1] * len(ends)
        self._listed = listed
        self._listed_late = listed_late
        self._page_max = page_max
        self._foreign = foreign

    def bounded(self, _deadline):
        """Nothing here is throttled."""
        return nullcontext()

    def stop(self):
        """Nothing is ever interrupted here."""

    def _count(self, kind):
        self.requests[kind] += 1
        error = self.failing.get(kind)
        if isinstance(error, list):
            error = error.pop(0) if error else None
        if error is not None:
            raise error

    def _state(self, number):
        return "Completed" if self._clock.now - 1000 >= self._ends[number] else "Processing"

    def _lines(self, number):
        return [line(place, self._state(number), f"T{number}") for place in range(self._sizes[number])]

    def transaction_lines(self, transaction_id):
        """Its lines."""
        self._count("id")
        return self._lines(int(transaction_id[1:]))

    def transactions_page(self, version, sort_dir, offset, limit):
        """A page, the newest first."""
        assert (version, sort_dir) == (2, "DESC")
        self._count("page")
        self.limits.add(limit)
        entries = [Transaction(f"X{number}", "Completed", total=1, pending=0) for number in range(self._foreign)]
        if self._clock.now - 1000 >= self._listed_late:
            entries += [self._entry(number) for number in reversed(range(len(self._ends)))]
        return entries[offset : offset + min(limit, self._page_max)], None

    def _entry(self, number):
        if self._listed is not None:
            return self._listed(number)
        done = self._state(number) == "Completed"
        size = self._sizes[number]
        return Transaction(f"T{number}", "?", None, size, size * done, 0, size * (not done))

    def history_export(self, read, transactions):
        """The lines of these transactions."""
        self._count("export")
        if self._clock.now - 1000 < self._listed_late:
            return read(iter(()))
        wanted = [number for number in range(len(self._ends)) if f"T{number}" in transactions]
        return read(seen for number in wanted for seen in self._lines(number))


def watch(clock, service, count, export=True, timeout=1000.0, expected=None):
    """Watch the first transactions; return them."""
    watcher = Watcher(service, WORDS, Patience(timeout, 30.0, 2.0, 60.0), clock, clock.sleep, export=export)
    return watcher.watch([Watched(f"T{number}", (expected or {}).get(number, 1)) for number in range(count)])


def all_done(watched):
    """Whether the lines of each have been seen to have ended."""
    return all(item.ended and item.lines and not item.problem for item in watched)
