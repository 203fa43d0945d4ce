# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The activation history: pages of transactions, the lines of a transaction, and both as CSV."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import Optional

from .clock import DAY
from .dialect_csv import csv_encoded, csv_media_type
from .dialect_csv import csv_text as dialect_csv_text
from .dialect_lines import DialectLineFormatter
from .export import Export, format_rows
from .formatter import Formatter
from .lines import CSV_HEADER, HistoryStyle, LineFormatter, csv_text, fetch
from .profiles import Settings
from .store import Store
from .summaries import Summaries

__all__ = ["CSV_HEADER", "RECENT", "History"]

#: Seconds of the past that v2 shows without an export [P].
RECENT = 180 * DAY
#: Seconds during which a transaction cannot drop out of v2 early (setting ``departures``). Longer than the age that the
#: lines of listed devices have by default.
_STAYS = 45 * DAY

_CSV_TYPE = "text/csv; charset=UTF-8"
_ONE = "WHERE l.seq = :seq ORDER BY l.id"


class History:
    """The history as the service shows it. ``now`` is the simulated time of a request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._summaries = Summaries(store.db)
        self._export = Export(store, self._summaries)
        self._style = HistoryStyle((), 0.0)
        self._departed = -math.inf

    def clear(self) -> None:
        """Clear the caches after the database was cleared."""
        self._summaries.clear()
        self._export.clear()
        self._departed = -math.inf

    @property
    def formatter(self) -> Optional[Formatter]:
        """Formatter of the dialect; None without a dialect."""
        return self._style.formatter

    def use(self, settings: Settings) -> None:
        """Format answers by these settings."""
        style = HistoryStyle.of(settings)
        # Keep the object if it is equal, because cached texts are compared by identity.
        if style != self._style:
            self._style = style

    def page(self, now: float, descending: bool, offset: int, limit: int, recent: bool) -> tuple[str, int]:
        """Return a page of transactions, as a JSON list, and the total number of transactions.

        ``recent``: only the last 180 days, as v2 shows them.
        """
        since = max(now - RECENT, self._departed) if recent else -math.inf
        seqs, total = self._store.timeline.page(now, since, descending, offset, limit)
        summaries = self._summaries.of(seqs)
        style, formatter = self._style, self.formatter
        if formatter is not None:
            items = [summary.dialect_json(now, style, formatter, 2 if recent else 1) for summary in summaries]
        else:
            items = [summary.json(now, style) for summary in summaries]
        return f"[{','.join(items)}]", total

    def depart(self, now: float) -> None:
        """Drop the oldest transaction out of the last 180 days, unless it is too recent."""
        oldest = self._store.timeline.oldest(max(now - RECENT, self._departed))
        if oldest is not None and oldest < now - _STAYS:
            self._departed = math.nextafter(oldest, math.inf)

    def transaction(self, transaction_id: str) -> Optional[sqlite3.Row]:
        """Return the stored transaction, or None."""
        row: Optional[sqlite3.Row] = self._store.db.execute(
            "SELECT * FROM transactions WHERE id = ?", (transaction_id,)
        ).fetchone()
        seq = None if row is not None or self.formatter is None else self.formatter.seq_of(transaction_id)
        if seq is not None:
            row = self._store.db.execute("SELECT * FROM transactions WHERE seq = ?", (seq,)).fetchone()
        return row

    def lines(self, now: float, seq: int) -> str:
        """Return the lines of a transaction as JSON."""
        if self.formatter is not None:
            (summary,) = self._summaries.of([seq])
            rows = fetch(self._store.db, _ONE, {"seq": seq})
            return DialectLineFormatter(self._style, self.formatter, now).json(rows, {seq: summary.status(now)})
        return LineFormatter(self._style, now).json(fetch(self._store.db, _ONE, {"seq": seq}))

    def csv_of(self, now: float, seq: int) -> bytes:
        """Return one transaction as CSV."""
        rows = fetch(self._store.db, _ONE, {"seq": seq})
        (summary,) = self._summaries.of([seq])
        text = format_rows(self._style, now, rows, {seq: summary.status(now)}, whole=False)
        if self.formatter is None:
            return (csv_text([CSV_HEADER]) + text).encode()
        part = self.formatter.csv_part(whole=False)
        return b"".join(csv_encoded(part, [dialect_csv_text(part, [tuple(part.headings.values())]), text]))

    def csv_type(self, whole: bool) -> str:
        """Return the Content-Type of the export of the whole history, or of one transaction."""
        return _CSV_TYPE if self.formatter is None else csv_media_type(self.formatter.csv_part(whole))

    def csv_chunks(self, now: float, descending: bool) -> Iterator[bytes]:
        """Yield the whole history as CSV, in blocks of lines."""
        return self._export.chunks(now, self._style, descending)

    def prepare_export(self, now: float) -> None:
        """Format the whole history now, so that the next export is fast."""
        for _chunk in self._export.chunks(now, self._style, descending=False):
            pass
