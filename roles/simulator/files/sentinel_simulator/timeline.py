# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All transactions in order of time, in memory, so that any page of a long history is found directly."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left, bisect_right, insort
from typing import Optional


class Timeline:
    """The times at which each transaction was submitted and becomes visible in the history."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._loaded = False
        self._times = array("d")
        self._seqs = array("q")
        #: Transactions that become visible later than they were submitted: (visible_at, submitted_at, seq).
        self._late: list[tuple[float, float, int]] = []

    def forget(self) -> None:
        """Reload everything at the next use."""
        self._loaded = False

    def add(self, seq: int, submitted_at: float, visible_at: float) -> None:
        """Add a transaction whose row number is the highest so far."""
        if not self._loaded:
            return
        place = bisect_right(self._times, submitted_at)
        self._times.insert(place, submitted_at)
        self._seqs.insert(place, seq)
        if visible_at > submitted_at:
            insort(self._late, (visible_at, submitted_at, seq))

    def _load(self) -> None:
        if self._loaded:
            return
        cursor = self._db.cursor()
        cursor.row_factory = None
        rows = cursor.execute("SELECT submitted_at, seq, visible_at FROM transactions ORDER BY submitted_at, seq")
        self._times, self._seqs, self._late = array("d"), array("q"), []
        for submitted_at, seq, visible_at in rows:
            self._times.append(submitted_at)
            self._seqs.append(seq)
            if visible_at > submitted_at:
                self._late.append((visible_at, submitted_at, seq))
        self._late.sort()
        self._loaded = True

    def page(self, now: float, since: float, descending: bool, offset: int, limit: int) -> tuple[list[int], int]:
        """Return the row numbers of a page of visible transactions, and the number of visible transactions."""
        self._load()
        # If the clock was moved back, some transactions are in the future.
        first, end = bisect_left(self._times, since), bisect_right(self._times, now)
        hidden = self._hidden(now, first, end)
        total = max(0, end - first - len(hidden))
        count = max(0, min(limit, total - offset))
        if descending:
            place, step, ordered_hidden = end - 1 - offset, -1, hidden[::-1]
        else:
            place, step, ordered_hidden = first + offset, 1, hidden
        if not hidden:
            start = place if step == 1 else place + 1 - count
            return list(self._seqs[start : start + count])[::step], total
        for other in ordered_hidden:
            if (other - place) * step <= 0:
                place += step
        skipped = set(hidden)
        seqs: list[int] = []
        while len(seqs) < count:
            if place not in skipped:
                seqs.append(self._seqs[place])
            place += step
        return seqs, total

    def _hidden(self, now: float, first: int, end: int) -> list[int]:
        """Return the positions of transactions that are not visible yet, in order."""
        places = []
        for _visible_at, submitted_at, seq in self._late[bisect_right(self._late, (now, float("inf"), 0)) :]:
            place = bisect_left(self._times, submitted_at)
            while self._seqs[place] != seq:
                place += 1
            if first <= place < end:
                places.append(place)
        return sorted(places)

    def oldest(self, since: float) -> Optional[float]:
        """Return the time of the oldest transaction since a time; None if there is none."""
        self._load()
        place = bisect_left(self._times, since)
        return self._times[place] if place < len(self._times) else None
