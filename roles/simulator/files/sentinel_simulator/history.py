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
from .export import Export, worded_rows
from .lines import CSV_HEADER, Look, Wording, csv_text, fetch
from .profiles import Settings
from .speech import Speech
from .speech_csv import csv_encoded, csv_media_type
from .speech_csv import csv_text as spoken_csv
from .spoken import SpokenWording
from .store import Store
from .summaries import Summaries

__all__ = ["CSV_HEADER", "RECENT", "History"]

#: Without an export, v2 shows only so many seconds of the past [P].
RECENT = 180 * DAY
#: What is younger does not drop out of v2 before its time (setting ``departures``).
_STAYS = 30 * DAY

_CSV_TYPE = "text/csv; charset=UTF-8"
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

    @property
    def speech(self) -> Optional[Speech]:
        """What speaks the dialect; None where the answers are the usual ones."""
        return self._look.speech

    def use(self, settings: Settings) -> None:
        """Word everything as these settings say."""
        look = Look.of(settings)
        # What is worded already is told apart by this very object.
        if look != self._look:
            self._look = look

    def page(self, now: float, descending: bool, offset: int, limit: int, recent: bool) -> tuple[str, int]:
        """Return a page of transactions, as a JSON list, and how many there are in all.

        ``recent``: only the last 180 days, as v2 shows them.
        """
        since = max(now - RECENT, self._departed) if recent else -math.inf
        seqs, total = self._store.timeline.page(now, since, descending, offset, limit)
        summaries = self._summaries.of(seqs)
        look, speech = self._look, self.speech
        if speech is not None:
            items = [summary.spoken(now, look, speech, 2 if recent else 1) for summary in summaries]
        else:
            items = [summary.json(now, look) for summary in summaries]
        return f"[{','.join(items)}]", total

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
        seq = None if row is not None or self.speech is None else self.speech.seq_of(transaction_id)
        if seq is not None:
            row = self._store.db.execute("SELECT * FROM transactions WHERE seq = ?", (seq,)).fetchone()
        return row

    def lines(self, now: float, seq: int) -> str:
        """Return the lines of a transaction as JSON."""
        if self.speech is not None:
            (summary,) = self._summaries.of([seq])
            rows = fetch(self._store.db, _ONE, {"seq": seq})
            return SpokenWording(self._look, self.speech, now).json(rows, {seq: summary.status(now)})
        return Wording(self._look, now).json(fetch(self._store.db, _ONE, {"seq": seq}))

    def csv_of(self, now: float, seq: int) -> bytes:
        """Return one transaction as CSV."""
        rows = fetch(self._store.db, _ONE, {"seq": seq})
        (summary,) = self._summaries.of([seq])
        text = worded_rows(self._look, now, rows, {seq: summary.status(now)}, whole=False)
        if self.speech is None:
            return (csv_text([CSV_HEADER]) + text).encode()
        part = self.speech.csv_part(whole=False)
        return b"".join(csv_encoded(part, [spoken_csv(part, [tuple(part.headings.values())]), text]))

    def csv_type(self, whole: bool) -> str:
        """Return the Content-Type of the export of the whole history, or of one transaction."""
        return _CSV_TYPE if self.speech is None else csv_media_type(self.speech.csv_part(whole))

    def csv_chunks(self, now: float, descending: bool) -> Iterator[bytes]:
        """Yield the whole history as CSV, some thousand lines at a time."""
        return self._export.chunks(now, self._look, descending)

    def word_export(self, now: float) -> None:
        """Word the whole history now, so that the next export has only to be sent."""
        for _chunk in self._export.chunks(now, self._look, descending=False):
            pass
