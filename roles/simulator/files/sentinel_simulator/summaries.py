# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Summaries of transactions for lists: their status and line counts at a time."""

from __future__ import annotations

import math
import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from json.encoder import encode_basestring

from .clock import timestamp
from .dialect_lines import status_word
from .formatter import Formatter
from .lines import COMPLETED, FAILED, IN_PROGRESS, SUBMITTED, HistoryStyle

#: Maximum number of lines in the cache. Beyond it, the cache is cleared.
_CACHED = 300_000
#: Maximum number of values per statement.
_BATCH = 500


class Summary:
    """A transaction: the times at which its lines end, and its cached JSON once it is final."""

    __slots__ = (
        "_failures", "_finished", "_first", "_known", "_known_iccid", "_row", "_started", "_style", "_submitted_at",
        "_successes", "_total", "final_from",
    )  # fmt: skip

    def __init__(self, row: sqlite3.Row, lines: list[sqlite3.Row]) -> None:
        self._total: int = row["total"]
        self._submitted_at: float = row["submitted_at"]
        self._first = f'{{"transactionId":{encode_basestring(row["id"])},"status":'
        self._started = min((line["started_at"] for line in lines), default=math.inf)
        self._successes = _ends(lines, "success")
        self._failures = _ends(lines, "fail")
        self._known = self._known_iccid = ""
        #: The row number, the id, the kind, and the line if it is the only one.
        self._row = (row["seq"], row["id"], row["kind"], lines[0] if self._total == 1 and lines else None)
        if self._total == 1 and lines:
            line = lines[0]
            for name, column in (("imei", "imei"), ("simID", "sim_id"), ("eid", "eid")):
                if line[column]:
                    self._known += f',"{name}":{encode_basestring(line[column])}'
            if line["iccid"]:
                self._known_iccid = f',"iccid":{encode_basestring(line["iccid"])}'
                # The ICCID of an eSIM is shown once it is active.
                if row["kind"] != "esim":
                    self._known += self._known_iccid
                    self._known_iccid = ""
        #: Time from which the summary no longer changes.
        self.final_from = math.inf
        if len(self._successes) + len(self._failures) == self._total:
            self.final_from = max((*self._successes[-1:], *self._failures[-1:]), default=0.0)
        self._finished = ""
        self._style: HistoryStyle | None = None

    def counts(self, now: float) -> tuple[int, int]:
        """Return the number of activated lines and of failed lines."""
        return bisect_right(self._successes, now), bisect_right(self._failures, now)

    def status(self, now: float) -> str:
        """Return the status, from the counts. Mixed outcomes count as completed [A]."""
        success, failed = self.counts(now)
        if success + failed < self._total:
            return IN_PROGRESS if self._started <= now else SUBMITTED
        return FAILED if self._total and failed == self._total else COMPLETED

    def json(self, now: float, style: HistoryStyle) -> str:
        """Return the transaction as an item of a list, in the default format."""
        final = now >= self.final_from
        if final and self._style is style:
            return self._finished
        success, failed = self.counts(now)
        text = (
            f"{self._first}{encode_basestring(style.word(self.status(now)))},"
            f'"transactionStartTimestamp":"{timestamp(self._submitted_at, style.utc_offset)}",'
            f'"totalLines":{self._total},"successLines":{success},"failedLines":{failed},'
            f'"pendingLines":{self._total - success - failed}{self._known}{self._known_iccid if success else ""}}}'
        )
        if final:
            self._finished, self._style = text, style
        return text

    def dialect_json(self, now: float, style: HistoryStyle, formatter: Formatter, version: int) -> str:
        """Return the transaction as an item of a list of that version, in a dialect."""
        seq, stored, kind, line = self._row
        success, failed = self.counts(now)
        record = {
            "transaction_id": formatter.transaction_id(seq, stored),
            "status": status_word(style, formatter, "transaction", self.status(now), seq),
            "started": formatter.time(self._submitted_at, style.utc_offset),
            "total": self._total,
            "success": success,
            "failed": failed,
            "pending": self._total - success - failed,
        }
        if line is not None:
            record.update({name: line[name] for name in ("imei", "sim_id", "eid")})
            record["iccid"] = line["iccid"] if success or kind != "esim" else None
        return formatter.transaction(version, record)


def _ends(lines: Iterable[sqlite3.Row], outcome: str) -> array[float]:
    ends = (line["done_at"] for line in lines if line["outcome"] == outcome and line["done_at"] is not None)
    return array("d", sorted(ends))


class Summaries:
    """A cache of summaries."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, Summary] = {}
        self._lines = 0

    def clear(self) -> None:
        """Clear the cache."""
        self._known.clear()
        self._lines = 0

    def of(self, seqs: list[int]) -> list[Summary]:
        """Return the summaries of transactions, given by their row numbers."""
        missing = [seq for seq in seqs if seq not in self._known]
        if missing:
            if self._lines > _CACHED:
                self.clear()
                missing = seqs
            for start in range(0, len(missing), _BATCH):
                self._load(missing[start : start + _BATCH])
        return [self._known[seq] for seq in seqs]

    def _load(self, seqs: list[int]) -> None:
        marks = f"IN (?{', ?' * (len(seqs) - 1)})"
        lines: dict[int, list[sqlite3.Row]] = {}
        for line in self._db.execute(
            "SELECT seq, outcome, started_at, done_at, imei, iccid, sim_id, eid FROM lines WHERE seq " + marks, seqs
        ):
            lines.setdefault(line["seq"], []).append(line)
        for row in self._db.execute(
            "SELECT seq, id, kind, total, submitted_at FROM transactions WHERE seq " + marks, seqs
        ):
            own_lines = lines.get(row["seq"], [])
            self._known[row["seq"]] = Summary(row, own_lines)
            self._lines += 1 + len(own_lines)
