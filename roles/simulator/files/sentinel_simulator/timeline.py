# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of all transactions by their time, in memory: no page of a long history is counted out."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left, bisect_right, insort
from typing import Optional


class Timeline:
    """Knows when each transaction was submitted and from when on it is in the histories."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._loaded = False
        self._times = array("d")
        self._seqs = array("q")
        #: Those that are in the histories later than they were submitted: (visible_at, submitted_at, seq).
        self._late: list[tuple[float, float, int]] = []

    def forget(self) -> None:
        """Read everything anew when it is needed next."""
        self._loaded = False

    def add(self, seq: int, submitted_at: float, visible_at: float) -> None:
        """Note a transaction whose row number is the highest so far."""
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
        """Return the row numbers of a page of what is visible, and how many are visible in all."""
        self._load()
        # A clock that was moved back leaves some in the future.
        first, end = bisect_left(self._times, since), bisect_right(self._times, now)
        hidden = self._hidden(now, first, end)
        total = max(0, end - first - len(hidden))
        count = max(0, min(limit, total - offset))
        if descending:
            place, step, in_the_way = end - 1 - offset, -1, hidden[::-1]
        else:
            place, step, in_the_way = first + offset, 1, hidden
        if not hidden:
            start = place if step == 1 else place + 1 - count
            return list(self._seqs[start : start + count])[::step], total
        for other in in_the_way:
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
        """Return the places of those that are not visible yet, in their order."""
        places = []
        for _visible_at, submitted_at, seq in self._late[bisect_right(self._late, (now, float("inf"), 0)) :]:
            place = bisect_left(self._times, submitted_at)
            while self._seqs[place] != seq:
                place += 1
            if first <= place < end:
                places.append(place)
        return sorted(places)

    def oldest(self, since: float) -> Optional[float]:
        """Return when the oldest transaction since a time was submitted; None where there is none."""
        self._load()
        place = bisect_left(self._times, since)
        return self._times[place] if place < len(self._times) else None
