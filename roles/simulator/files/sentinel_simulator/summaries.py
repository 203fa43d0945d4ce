# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lists say about a transaction: its status and the counts of its lines, as they are at a moment."""

from __future__ import annotations

import math
import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from json.encoder import encode_basestring

from .clock import timestamp
from .lines import COMPLETED, FAILED, IN_PROGRESS, SUBMITTED, Look
from .speech import Speech
from .spoken import status_word

#: As many lines are remembered at the most; then all are forgotten, and read again as they are needed.
_REMEMBERED = 300_000
_AT_ONCE = 500


class Summary:
    """One transaction: when each of its lines ends, and its words once nothing changes any more."""

    __slots__ = (
        "_failures", "_finished", "_first", "_known", "_known_iccid", "_look", "_row", "_started", "_submitted_at",
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
        #: The row number, the id and, of a single line, its kind and identifiers.
        self._row = (row["seq"], row["id"], row["kind"], lines[0] if self._total == 1 and lines else None)
        if self._total == 1 and lines:
            line = lines[0]
            for name, column in (("imei", "imei"), ("simID", "sim_id"), ("eid", "eid")):
                if line[column]:
                    self._known += f',"{name}":{encode_basestring(line[column])}'
            if line["iccid"]:
                self._known_iccid = f',"iccid":{encode_basestring(line["iccid"])}'
                # The ICCID of an eSIM is told once it is active.
                if row["kind"] != "esim":
                    self._known += self._known_iccid
                    self._known_iccid = ""
        #: From when on nothing changes any more.
        self.final_from = math.inf
        if len(self._successes) + len(self._failures) == self._total:
            self.final_from = max((*self._successes[-1:], *self._failures[-1:]), default=0.0)
        self._finished = ""
        self._look: Look | None = None

    def counts(self, now: float) -> tuple[int, int]:
        """Return how many lines have been activated, and how many have failed."""
        return bisect_right(self._successes, now), bisect_right(self._failures, now)

    def status(self, now: float) -> str:
        """Work the status out from the counts; mixed ends count as completed [A]."""
        success, failed = self.counts(now)
        if success + failed < self._total:
            return IN_PROGRESS if self._started <= now else SUBMITTED
        return FAILED if self._total and failed == self._total else COMPLETED

    def json(self, now: float, look: Look) -> str:
        """Return the transaction as an entry of a list, in the usual shape."""
        final = now >= self.final_from
        if final and self._look is look:
            return self._finished
        success, failed = self.counts(now)
        text = (
            f"{self._first}{encode_basestring(look.word(self.status(now)))},"
            f'"transactionStartTimestamp":"{timestamp(self._submitted_at, look.utc_offset)}",'
            f'"totalLines":{self._total},"successLines":{success},"failedLines":{failed},'
            f'"pendingLines":{self._total - success - failed}{self._known}{self._known_iccid if success else ""}}}'
        )
        if final:
            self._finished, self._look = text, look
        return text

    def spoken(self, now: float, look: Look, speech: Speech, version: int) -> str:
        """Return the transaction as an entry of a list of that version, in a dialect."""
        seq, stored, kind, line = self._row
        success, failed = self.counts(now)
        record = {
            "transaction_id": speech.transaction_id(seq, stored),
            "status": status_word(look, speech, "transaction", self.status(now), seq),
            "started": speech.time(self._submitted_at, look.utc_offset),
            "total": self._total,
            "success": success,
            "failed": failed,
            "pending": self._total - success - failed,
        }
        if line is not None:
            record.update({name: line[name] for name in ("imei", "sim_id", "eid")})
            record["iccid"] = line["iccid"] if success or kind != "esim" else None
        return speech.transaction(version, record)


def _ends(lines: Iterable[sqlite3.Row], outcome: str) -> array[float]:
    ends = (line["done_at"] for line in lines if line["outcome"] == outcome and line["done_at"] is not None)
    return array("d", sorted(ends))


class Summaries:
    """The transactions that someone has asked for lately."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, Summary] = {}
        self._lines = 0

    def clear(self) -> None:
        """Forget them all."""
        self._known.clear()
        self._lines = 0

    def of(self, seqs: list[int]) -> list[Summary]:
        """Return the summaries of transactions, given by their row numbers."""
        missing = [seq for seq in seqs if seq not in self._known]
        if missing:
            if self._lines > _REMEMBERED:
                self.clear()
                missing = seqs
            for start in range(0, len(missing), _AT_ONCE):
                self._load(missing[start : start + _AT_ONCE])
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
            of_it = lines.get(row["seq"], [])
            self._known[row["seq"]] = Summary(row, of_it)
            self._lines += 1 + len(of_it)
