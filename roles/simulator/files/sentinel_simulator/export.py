# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole history as CSV. Lines that are final are formatted once and cached, the others on every export."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import NamedTuple

from .dialect import CsvPart
from .dialect_csv import csv_encoded, csv_reversed
from .dialect_csv import csv_text as dialect_csv_text
from .dialect_lines import DialectLineFormatter
from .lines import (
    CSV_HEADER,
    DONE_AT,
    LINE_ID,
    SEQ,
    SUBMITTED_AT,
    TOTAL,
    VISIBLE_AT,
    HistoryStyle,
    LineFormatter,
    Row,
    csv_text,
    fetch,
)
from .store import Store
from .summaries import Summaries

#: Number of lines per block, small enough that other requests do not have to wait.
BLOCK = 2_000
_AFTER = "WHERE (l.submitted_at, l.id) > (:time, :line) AND l.id <= :last ORDER BY l.submitted_at, l.id LIMIT :count"

#: A line's position in the history: its time and its row number.
Place = tuple[float, int]


class Block(NamedTuple):
    """Consecutive lines, oldest first, as CSV in UTF-8."""

    text: bytes
    end: Place
    full: bool
    #: Time from which the text no longer changes.
    final_from: float


class Export:
    """Formats the whole history as CSV, and caches the final blocks by the position before them."""

    def __init__(self, store: Store, summaries: Summaries) -> None:
        self._store = store
        self._summaries = summaries
        self._blocks: dict[Place, Block] = {}
        self._style: HistoryStyle | None = None

    def clear(self) -> None:
        """Clear the cache."""
        # A running export keeps using its own dictionary.
        self._blocks = {}

    def chunks(self, now: float, style: HistoryStyle, descending: bool) -> Iterator[bytes]:
        """Yield the CSV, block by block. Empty chunks let other requests run.

        Each block has its own query, which continues after the previous block, so that other requests in between do no
        harm. Lines that are added in the meantime do not appear.
        """
        self._sync(style)
        blocks = self._walk(now, style, self._blocks)
        if style.formatter is not None:
            yield from csv_encoded(
                style.formatter.csv_part(True), _dialect_chunks(style.formatter.csv_part(True), blocks, descending)
            )
            return
        yield csv_text([CSV_HEADER]).encode()
        if not descending:
            for block in blocks:
                yield block.text
            return
        found = []
        for block in blocks:
            found.append(block.text)
            yield b""
        while found:
            yield _reversed(found.pop())

    def _sync(self, style: HistoryStyle) -> None:
        """Remove outdated blocks from the cache."""
        oldest = self._store.take_oldest_added()
        if style != self._style:
            self._blocks, self._style = {}, style
        elif oldest < math.inf:
            # Blocks whose last line is older have not changed, because new lines come after them.
            self._blocks = {place: block for place, block in self._blocks.items() if block.end[0] <= oldest}

    def _walk(self, now: float, style: HistoryStyle, kept: dict[Place, Block]) -> Iterator[Block]:
        last = self._store.db.execute("SELECT COALESCE(MAX(id), 0) FROM lines").fetchone()[0]
        place: Place = (-math.inf, 0)
        while True:
            block = kept.get(place)
            if block is None or now < block.final_from:
                block = self._make_block(now, style, place, last)
                if block.full and now >= block.final_from:
                    kept[place] = block
            yield block
            if not block.full:
                return
            place = block.end

    def _make_block(self, now: float, style: HistoryStyle, place: Place, last: int) -> Block:
        rows = fetch(self._store.db, _AFTER, {"time": place[0], "line": place[1], "last": last, "count": BLOCK})
        if not rows:
            return Block(b"", place, False, math.inf)
        seqs = list({row[SEQ]: None for row in rows if row[TOTAL] != 1})
        summaries = dict(zip(seqs, self._summaries.of(seqs)))
        statuses = {seq: summary.status(now) for seq, summary in summaries.items()}
        visible = max(row[VISIBLE_AT] for row in rows)
        ends = [row[DONE_AT] for row in rows]
        final = math.inf
        if None not in ends:
            final = max(visible, *ends, *(summary.final_from for summary in summaries.values()))
        end = (rows[-1][SUBMITTED_AT], rows[-1][LINE_ID])
        shown = rows if visible <= now else [row for row in rows if row[VISIBLE_AT] <= now]
        return Block(format_rows(style, now, shown, statuses, True).encode(), end, len(rows) == BLOCK, final)


def format_rows(style: HistoryStyle, now: float, rows: list[Row], statuses: dict[int, str], whole: bool) -> str:
    """Format lines as rows of the export of the whole history, or of one transaction.

    ``statuses`` has the statuses of transactions with more than one line.
    """
    if style.formatter is not None:
        return DialectLineFormatter(style, style.formatter, now).csv(style.formatter.csv_part(whole), rows, statuses)
    return LineFormatter(style, now).csv(rows, {seq: style.word(status) for seq, status in statuses.items()})


def _dialect_chunks(part: CsvPart, blocks: Iterator[Block], descending: bool) -> Iterator[str]:
    """Yield the CSV of a dialect as text, block by block."""
    yield dialect_csv_text(part, [tuple(part.headings.values())])
    if not descending:
        for block in blocks:
            yield block.text.decode()
        return
    found = []
    for block in blocks:
        found.append(block.text)
        yield ""
    while found:
        yield csv_reversed(part, found.pop().decode())


def _reversed(text: bytes) -> bytes:
    """Return the rows of a CSV in reverse order."""
    if b'"' in text:
        return csv_text(list(csv.reader(io.StringIO(text.decode(), newline="")))[::-1]).encode()
    rows = text.split(b"\r\n")[:-1]
    return b"".join(row + b"\r\n" for row in rows[::-1])
