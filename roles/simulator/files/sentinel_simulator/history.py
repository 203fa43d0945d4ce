# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what was activated: pages of transactions, the lines of one, and both as CSV."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import Optional

from .clock import DAY
from .export import Export
from .lines import CSV_HEADER, Look, Wording, csv_text, fetch
from .profiles import Settings
from .store import Store
from .summaries import Summaries

__all__ = ["CSV_HEADER", "RECENT", "History"]

#: Without an export, v2 shows only so many seconds of the past [P].
RECENT = 180 * DAY
#: What is younger does not drop out of v2 before its time (setting ``departures``).
_STAYS = 30 * DAY

_ONE = "WHERE l.seq = :seq ORDER BY l.id"


class History:
    """The service's view of the past. ``now`` is the simulated time of a request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._summaries = Summaries(store.db)
        self._export = Export(store, self._summaries)
        self._look = Look((), 0.0)
        self._departed = -math.inf

    def clear(self) -> None:
        """Forget what is remembered of a database that is no more."""
        self._summaries.clear()
        self._export.clear()
        self._departed = -math.inf

    def use(self, settings: Settings) -> None:
        """Word everything as these settings say."""
        look = Look.of(settings)
        # What is worded already is told apart by this very object.
        if look != self._look:
            self._look = look

    def page(self, now: float, descending: bool, offset: int, limit: int, recent: bool) -> tuple[str, int]:
        """Return a page of transactions, as a JSON list, and how many there are in all.

        ``recent``: only the last 180 days.
        """
        since = max(now - RECENT, self._departed) if recent else -math.inf
        seqs, total = self._store.timeline.page(now, since, descending, offset, limit)
        summaries = self._summaries.of(seqs)
        return f"[{','.join([summary.json(now, self._look) for summary in summaries])}]", total

    def depart(self, now: float) -> None:
        """Let the oldest transaction of the last 180 days drop out of them, unless it is too young for that."""
        oldest = self._store.timeline.oldest(max(now - RECENT, self._departed))
        if oldest is not None and oldest < now - _STAYS:
            self._departed = math.nextafter(oldest, math.inf)

    def transaction(self, transaction_id: str) -> Optional[sqlite3.Row]:
        """Return the stored transaction, or None."""
        row: Optional[sqlite3.Row] = self._store.db.execute(
            "SELECT * FROM transactions WHERE id = ?", (transaction_id,)
        ).fetchone()
        return row

    def lines(self, now: float, seq: int) -> str:
        """Return the lines of a transaction as a JSON list."""
        return Wording(self._look, now).json(fetch(self._store.db, _ONE, {"seq": seq}))

    def csv_of(self, now: float, seq: int) -> str:
        """Return one transaction as CSV."""
        rows = fetch(self._store.db, _ONE, {"seq": seq})
        (summary,) = self._summaries.of([seq])
        status = self._look.word(summary.status(now))
        return csv_text([CSV_HEADER]) + Wording(self._look, now).csv(rows, {seq: status})

    def csv_chunks(self, now: float, descending: bool) -> Iterator[bytes]:
        """Yield the whole history as CSV, some thousand lines at a time."""
        return self._export.chunks(now, self._look, descending)

    def word_export(self, now: float) -> None:
        """Word the whole history now, so that the next export has only to be sent."""
        for _chunk in self._export.chunks(now, self._look, descending=False):
            pass
