# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole history as CSV. What cannot change any more is worded once and kept; the rest anew each time."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import NamedTuple

from .dialect import CsvPart
from .lines import (
    CSV_HEADER,
    DONE_AT,
    LINE_ID,
    SEQ,
    SUBMITTED_AT,
    TOTAL,
    VISIBLE_AT,
    Look,
    Row,
    Wording,
    csv_text,
    fetch,
)
from .speech_csv import csv_encoded, csv_reversed
from .speech_csv import csv_text as spoken_csv
from .spoken import SpokenWording
from .store import Store
from .summaries import Summaries

#: Lines of a block: few enough that other requests do not wait for one.
BLOCK = 2_000
_AFTER = "WHERE (l.submitted_at, l.id) > (:time, :line) AND l.id <= :last ORDER BY l.submitted_at, l.id LIMIT :count"

#: A line's place in the history: its time and its row number.
Place = tuple[float, int]


class Block(NamedTuple):
    """So many lines on end, oldest first, as CSV in UTF-8."""

    text: bytes
    end: Place
    full: bool
    #: From when on the text is the same for ever.
    final_from: float


class Export:
    """Makes the CSV of the whole history, and keeps the blocks of it that are final, by the place before them."""

    def __init__(self, store: Store, summaries: Summaries) -> None:
        self._store = store
        self._summaries = summaries
        self._blocks: dict[Place, Block] = {}
        self._look: Look | None = None

    def clear(self) -> None:
        """Forget everything."""
        # An export that is under way goes on with what it has.
        self._blocks = {}

    def chunks(self, now: float, look: Look, descending: bool) -> Iterator[bytes]:
        """Yield the CSV, block by block. Empty chunks only say that time has been spent.

        Each block is a query of its own that goes on where the last one ended, so that requests which are answered in
        between cannot disturb it; lines that are added meanwhile do not appear.
        """
        self._sync(look)
        blocks = self._walk(now, look, self._blocks)
        if look.speech is not None:
            yield from csv_encoded(look.speech.csv_part(True), _spoken(look.speech.csv_part(True), blocks, descending))
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

    def _sync(self, look: Look) -> None:
        """Drop what is kept where it is not true any more."""
        oldest = self._store.take_oldest_added()
        if look != self._look:
            self._blocks, self._look = {}, look
        elif oldest < math.inf:
            # A block whose last line is older is as it was: what is new comes behind it.
            self._blocks = {place: block for place, block in self._blocks.items() if block.end[0] <= oldest}

    def _walk(self, now: float, look: Look, kept: dict[Place, Block]) -> Iterator[Block]:
        last = self._store.db.execute("SELECT COALESCE(MAX(id), 0) FROM lines").fetchone()[0]
        place: Place = (-math.inf, 0)
        while True:
            block = kept.get(place)
            if block is None or now < block.final_from:
                block = self._made(now, look, place, last)
                if block.full and now >= block.final_from:
                    kept[place] = block
            yield block
            if not block.full:
                return
            place = block.end

    def _made(self, now: float, look: Look, place: Place, last: int) -> Block:
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
        return Block(worded_rows(look, now, shown, statuses, True).encode(), end, len(rows) == BLOCK, final)


def worded_rows(look: Look, now: float, rows: list[Row], statuses: dict[int, str], whole: bool) -> str:
    """Word lines as rows of the export of the whole history, or of one transaction.

    ``statuses`` has those of transactions with more than one line.
    """
    if look.speech is not None:
        return SpokenWording(look, look.speech, now).csv(look.speech.csv_part(whole), rows, statuses)
    return Wording(look, now).csv(rows, {seq: look.word(status) for seq, status in statuses.items()})


def _spoken(part: CsvPart, blocks: Iterator[Block], descending: bool) -> Iterator[str]:
    """Yield the CSV of a dialect as text, block by block."""
    yield spoken_csv(part, [tuple(part.headings.values())])
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
    """Return rows of a CSV in the opposite order."""
    if b'"' in text:
        return csv_text(list(csv.reader(io.StringIO(text.decode(), newline="")))[::-1]).encode()
    rows = text.split(b"\r\n")[:-1]
    return b"".join(row + b"\r\n" for row in rows[::-1])
