# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what was activated: pages of transactions, the lines of one, and both as CSV."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

from .clock import DAY, timestamp
from .profiles import Settings
from .store import Store

#: Without an export, v2 shows only so many seconds of the past [P].
RECENT = 180 * DAY

SUBMITTED, IN_PROGRESS, COMPLETED, FAILED = "SUBMITTED", "IN PROGRESS", "COMPLETED", "FAILED"
NONE = "N/A"

#: [A]: the published page does not show a CSV.
CSV_HEADER = (
    "Transaction ID", "Transaction Status", "IMEI", "ICCID", "SIM ID", "EID", "Line Status", "Carrier", "Device Group",
    "Filter Group", "Zip Code", "MDN", "IP Address", "Nickname", "Transaction Start", "Error Message",
)  # fmt: skip
_CSV_ROWS = 5_000

# A line as it is shown at the time :now. SQL makes it, not Python: an export of a million lines is four times as fast.
_ENDED = "l.done_at IS NOT NULL AND l.done_at <= :now"
_ACTIVE = f"{_ENDED} AND l.outcome = 'success'"
_STATUS = (
    f"CASE WHEN {_ACTIVE} THEN :completed WHEN {_ENDED} THEN :failed "
    "WHEN l.started_at <= :now THEN :in_progress ELSE :submitted END"
)
#: Each column of the CSV with the SQL that makes it. The ICCID of an eSIM is told once it is active.
_COLUMNS = {
    "transaction_id": "t.id",
    "transaction_status": _STATUS,
    "imei": "COALESCE(l.imei, 'N/A')",
    "iccid": f"CASE WHEN l.iccid IS NULL OR (l.kind = 'esim' AND NOT ({_ACTIVE})) THEN 'N/A' ELSE l.iccid END",
    "sim_id": "COALESCE(l.sim_id, 'N/A')",
    "eid": "COALESCE(l.eid, 'N/A')",
    "status": _STATUS,
    "carrier": "COALESCE(l.carrier, 'N/A')",
    "device_group": "COALESCE(l.device_group, 'N/A')",
    "filter_group": "COALESCE(l.filter_group, 'N/A')",
    "zip_code": "COALESCE(l.zip_code, 'N/A')",
    "mdn": f"CASE WHEN {_ACTIVE} THEN CAST(2015550000 + l.id AS TEXT) ELSE 'N/A' END",
    "ip": f"CASE WHEN {_ACTIVE} THEN '10.' || (l.id >> 16 & 255) || '.' || (l.id >> 8 & 255) || '.' || (l.id & 255) "
    "ELSE 'N/A' END",
    "nickname": "COALESCE(l.nickname, 'N/A')",
    "started": "stamp(l.submitted_at, :utc_offset)",
    "error": f"CASE WHEN {_ENDED} AND l.outcome = 'fail' THEN COALESCE(l.error, 'N/A') ELSE 'N/A' END",
}
_SHOWN = len(_COLUMNS)
_LINES = (
    f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in _COLUMNS.items())}, "
    "t.seq AS seq, t.total AS total, l.submitted_at AS submitted_at, l.id AS line_id "
    "FROM lines AS l JOIN transactions AS t ON t.seq = l.seq "
)


def transaction_status(total: int, success: int, failed: int, started: int) -> str:
    """Work out a transaction's status from the counts of its lines; mixed ends count as completed [A]."""
    if success + failed < total:
        return IN_PROGRESS if started else SUBMITTED
    return FAILED if total and failed == total else COMPLETED


class History:
    """The service's view of the past at one moment."""

    def __init__(self, store: Store, settings: Settings, now: float) -> None:
        self._db = store.db
        self._settings = settings
        self._now = now
        self._db.create_function("stamp", 2, timestamp, deterministic=True)
        self._moment: dict[str, Any] = {
            "now": now,
            "utc_offset": settings.utc_offset,
            "submitted": self._word(SUBMITTED),
            "in_progress": self._word(IN_PROGRESS),
            "completed": self._word(COMPLETED),
            "failed": self._word(FAILED),
        }

    def _word(self, status: str) -> str:
        return self._settings.status_words.get(status, status)

    def page(self, descending: bool, offset: int, limit: int, recent: bool) -> tuple[list[dict[str, Any]], int]:
        """Return a page of transactions and how many there are in all. ``recent``: only the last 180 days."""
        since = self._now - RECENT if recent else 0.0
        limit = min(limit, self._settings.page_max)
        offset = max(0, offset - self._settings.page_overlap)
        order = "DESC" if descending else "ASC"
        rows = self._db.execute(
            "SELECT * FROM transactions WHERE submitted_at >= ? AND visible_at <= ? "
            f"ORDER BY submitted_at {order}, seq {order} LIMIT ? OFFSET ?",
            (since, self._now, limit, offset),
        ).fetchall()
        total = self._db.execute(
            "SELECT COUNT(*) FROM transactions WHERE submitted_at >= ? AND visible_at <= ?", (since, self._now)
        ).fetchone()[0]
        counts = self._counts([row["seq"] for row in rows])
        return [self._item(row, counts.get(row["seq"])) for row in rows], total

    def _counts(self, seqs: list[int]) -> dict[int, sqlite3.Row]:
        marks = ", ".join("?" * len(seqs))
        rows = self._db.execute(
            "SELECT seq, TOTAL(outcome = 'success' AND done_at <= ?1) AS success, "
            "TOTAL(outcome = 'fail' AND done_at <= ?1) AS failed, TOTAL(started_at <= ?1) AS started, "
            "MIN(imei) AS imei, MIN(iccid) AS iccid, MIN(sim_id) AS sim_id, MIN(eid) AS eid "
            f"FROM lines WHERE seq IN ({marks}) GROUP BY seq",
            (self._now, *seqs),
        )
        return {row["seq"]: row for row in rows}

    def _item(self, row: sqlite3.Row, counts: Optional[sqlite3.Row]) -> dict[str, Any]:
        success, failed = (int(counts["success"]), int(counts["failed"])) if counts else (0, 0)
        status = transaction_status(row["total"], success, failed, int(counts["started"]) if counts else 0)
        item = {
            "transactionId": row["id"],
            "status": self._word(status),
            "transactionStartTimestamp": timestamp(row["submitted_at"], self._settings.utc_offset),
            "totalLines": row["total"],
            "successLines": success,
            "failedLines": failed,
            "pendingLines": row["total"] - success - failed,
        }
        if row["total"] == 1 and counts:
            known = {"imei": counts["imei"], "simID": counts["sim_id"], "eid": counts["eid"]}
            if row["kind"] != "esim" or success:
                known["iccid"] = counts["iccid"]
            item.update({name: value for name, value in known.items() if value})
        return item

    def transaction(self, transaction_id: str) -> Optional[sqlite3.Row]:
        """Return the stored transaction, or None."""
        row: Optional[sqlite3.Row] = self._db.execute(
            "SELECT * FROM transactions WHERE id = ?", (transaction_id,)
        ).fetchone()
        return row

    def lines(self, seq: int) -> list[dict[str, Any]]:
        """Return the lines of a transaction as endpoint 11 shows them."""
        rows = self._db.execute(_LINES + "WHERE l.seq = :seq ORDER BY l.id", {**self._moment, "seq": seq})
        return [self._line(row) for row in rows]

    @staticmethod
    def _line(row: sqlite3.Row) -> dict[str, Any]:
        line = {
            "transactionId": row["transaction_id"],
            "imei": row["imei"],
            "iccid": row["iccid"],
            "status": row["status"],
            "carrier": row["carrier"],
            "corpId": row["device_group"],
            "corpDescription": row["device_group"].replace("-", " ").replace("_", " "),
            "filterGroup": row["filter_group"],
            "zipCode": row["zip_code"],
            "mdn": row["mdn"],
            "ip": row["ip"],
            "nickname": row["nickname"],
        }
        for name, column in (("simID", "sim_id"), ("eid", "eid"), ("errorMessage", "error")):
            if row[column] != NONE:
                line[name] = row[column]
        return line

    # -- CSV --

    def csv_of(self, seq: int) -> str:
        """Return one transaction as CSV."""
        rows = self._tuples(_LINES + "WHERE l.seq = :seq ORDER BY l.id", {"seq": seq})
        return _csv_text([CSV_HEADER, *self._csv_rows(rows, {})])

    def csv_chunks(self, descending: bool) -> Iterator[str]:
        """Yield the whole history as CSV, some thousand lines at a time.

        Each chunk is a query of its own that goes on where the last one ended, so that requests which are answered in
        between cannot disturb it; lines that are added meanwhile do not appear.
        """
        yield _csv_text([CSV_HEADER])
        order, beyond = ("DESC", "<") if descending else ("ASC", ">")
        statement = _LINES + (
            f"WHERE (l.submitted_at, l.id) {beyond} (:time, :line) AND l.id <= :last AND t.visible_at <= :now "
            f"ORDER BY l.submitted_at {order}, l.id {order} LIMIT {_CSV_ROWS}"
        )
        last = self._db.execute("SELECT COALESCE(MAX(id), 0) FROM lines").fetchone()[0]
        time, line = (float("inf") if descending else float("-inf")), 0
        statuses: dict[int, str] = {}
        while True:
            rows = self._tuples(statement, {"time": time, "line": line, "last": last})
            if not rows:
                return
            time, line = rows[-1][-2:]
            yield _csv_text(self._csv_rows(rows, statuses))

    def _tuples(self, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        cursor = self._db.cursor()
        cursor.row_factory = None
        return cursor.execute(statement, {**self._moment, **values}).fetchall()

    def _csv_rows(self, rows: list[tuple[Any, ...]], statuses: dict[int, str]) -> Iterator[tuple[Any, ...]]:
        """Cut rows of ``_LINES`` to what is shown; those of larger transactions get the status of the whole."""
        totals = {row[_SHOWN]: row[_SHOWN + 1] for row in rows if row[_SHOWN + 1] != 1}
        if not totals.keys() <= statuses.keys():
            # What earlier chunks needed is not kept: of it, only the transaction that they broke off in comes again.
            statuses.clear()
            for seq, counts in self._counts(list(totals)).items():
                ends = int(counts["success"]), int(counts["failed"]), int(counts["started"])
                statuses[seq] = self._word(transaction_status(totals[seq], *ends))
        for row in rows:
            if row[_SHOWN + 1] == 1:
                yield row[:_SHOWN]
            else:
                yield (row[0], statuses[row[_SHOWN]], *row[2:_SHOWN])


def _csv_text(rows: Iterable[Sequence[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
