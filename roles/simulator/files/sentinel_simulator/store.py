# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database: transactions, their lines and the stock, in SQLite (in memory, or a file that survives a restart).

A line's end is written when it is submitted; whether it has been reached is worked out from the clock when it is read.
All calls come from the one event loop and none of them waits, so each is atomic towards the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

from . import account
from .clock import day_of
from .identifiers import make_iccid

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transactions (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, total INTEGER NOT NULL,
    submitted_at REAL NOT NULL, visible_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS transactions_by_time ON transactions (submitted_at, seq, visible_at);
CREATE TABLE IF NOT EXISTS lines (
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, imei TEXT, iccid TEXT, sim_id TEXT, eid TEXT,
    carrier TEXT, device_group TEXT, filter_group TEXT, zip_code TEXT, nickname TEXT,
    submitted_at REAL NOT NULL, started_at REAL NOT NULL, done_at REAL, outcome TEXT NOT NULL, error TEXT,
    seeded INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS lines_by_transaction ON lines (seq);
CREATE INDEX IF NOT EXISTS lines_by_time ON lines (submitted_at, id);
CREATE INDEX IF NOT EXISTS lines_by_iccid ON lines (iccid) WHERE iccid IS NOT NULL;
CREATE INDEX IF NOT EXISTS lines_by_imei ON lines (imei) WHERE imei IS NOT NULL;
CREATE INDEX IF NOT EXISTS lines_by_sim_id ON lines (sim_id) WHERE sim_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS counters (day TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS stock (
    sku TEXT PRIMARY KEY, carrier TEXT NOT NULL, esim INTEGER NOT NULL, available INTEGER NOT NULL,
    issued INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""
_TABLES = ("transactions", "lines", "counters", "stock", "meta")

LINE_COLUMNS = (
    "kind", "imei", "iccid", "sim_id", "eid", "carrier", "device_group", "filter_group", "zip_code", "nickname",
    "submitted_at", "started_at", "done_at", "outcome", "error", "seeded",
)  # fmt: skip
_INSERT_LINE = f"INSERT INTO lines (seq, {', '.join(LINE_COLUMNS)}) VALUES (:seq, :{', :'.join(LINE_COLUMNS)})"
#: What identifies a device of each kind; the column of its earlier lines.
DEVICE_COLUMN = {"sim": "iccid", "smartsim": "sim_id", "esim": "imei"}

#: The stock's ICCIDs start here, far from any that a user is likely to declare.
_STOCK_SERIAL = 5_000_000_000_000


class StockError(Exception):
    """There is less in stock than was asked for."""


class Store:
    """One SQLite connection and the statements that change it; ``history`` reads it."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        # TestClient runs the application in a thread of its own; there is still only one at a time.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        # WAL without syncing survives the death of the process, if not that of the machine: enough for a simulator.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536", "temp_store=MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Group changes into one database transaction."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def clear(self) -> None:
        """Throw everything away; the stock is as at the start."""
        for table in _TABLES:
            self.db.execute(f"DROP TABLE IF EXISTS {table}")
        self.db.executescript(_SCHEMA)
        self.db.execute("VACUUM")

    @property
    def empty(self) -> bool:
        """Whether nothing has ever been stored."""
        return self.db.execute("SELECT 1 FROM stock LIMIT 1").fetchone() is None

    def meta(self, name: str, default: float = 0.0) -> float:
        """Return a stored number."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return default if row is None else float(row["value"])

    def set_meta(self, name: str, value: float) -> None:
        """Store a number."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def add_transaction(
        self, kind: str, submitted_at: float, visible_at: float, total: int, transaction_id: Optional[str] = None
    ) -> tuple[int, str]:
        """Store a transaction; return its row number and its id (ACT-YYYY-MMDD-NNN [P], unique)."""
        if transaction_id is None:
            transaction_id = self._next_id(submitted_at)
        cursor = self.db.execute(
            "INSERT INTO transactions (id, kind, total, submitted_at, visible_at) VALUES (?, ?, ?, ?, ?)",
            (transaction_id, kind, total, submitted_at, visible_at),
        )
        return int(cursor.lastrowid or 0), transaction_id

    def _next_id(self, submitted_at: float) -> str:
        day = day_of(submitted_at)
        while True:
            row = self.db.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
                (day,),
            ).fetchone()
            found = f"ACT-{day}-{row['last']:03d}"
            # An id that the control surface has chosen may stand in the way.
            if self.db.execute("SELECT 1 FROM transactions WHERE id = ?", (found,)).fetchone() is None:
                return found

    def add_lines(self, lines: Iterable[dict[str, Any]]) -> None:
        """Store lines; each has ``seq`` and every one of ``LINE_COLUMNS``."""
        self.db.executemany(_INSERT_LINE, lines)

    def device_state(self, kind: str, key: str, now: float) -> tuple[int, Optional[str]]:
        """Return how often a device was submitted, and whether it is ``active``, ``pending`` or neither."""
        attempts, active, pending = self.db.execute(
            "SELECT COUNT(*), TOTAL(outcome = 'success' AND done_at <= :now), TOTAL(done_at IS NULL OR done_at > :now) "
            f"FROM lines WHERE {DEVICE_COLUMN[kind]} = :key",
            {"key": key, "now": now},
        ).fetchone()
        return attempts, "active" if active else "pending" if pending else None

    # -- stock --

    def fill_stock(self) -> None:
        """Put the account's initial stock on the shelf."""
        self.db.executemany(
            "INSERT INTO stock VALUES (?, ?, ?, ?, 0)",
            [(item.sku, item.carrier, int(item.esim), item.initial) for item in account.STOCK],
        )

    def stock(self, carrier: str, esim: bool) -> dict[str, int]:
        """Return the count by SKU."""
        rows = self.db.execute(
            "SELECT sku, available FROM stock WHERE carrier = ? AND esim = ? ORDER BY rowid", (carrier, int(esim))
        )
        return {row["sku"]: row["available"] for row in rows}

    def set_stock(self, carrier: str, esim: bool, available: int) -> None:
        """Make the carrier's stock ``available`` in all, on its first SKU."""
        first = True
        for sku in self.stock(carrier, esim):
            self.db.execute("UPDATE stock SET available = ? WHERE sku = ?", (available if first else 0, sku))
            first = False

    def take_stock(self, carrier: str, esim: bool, count: int) -> list[str]:
        """Take SIMs from the stock; return the ICCIDs of eSIMs. Physical SIMs may also come from elsewhere."""
        shelf = self.stock(carrier, esim)
        if esim and sum(shelf.values()) < count:
            raise StockError(f"only {sum(shelf.values())} eSIMs are available for {carrier}")
        iccids = []
        for sku, available in shelf.items():
            taken = min(available, count)
            row = self.db.execute(
                "UPDATE stock SET available = available - ?, issued = issued + ? WHERE sku = ? RETURNING issued",
                (taken, taken, sku),
            ).fetchone()
            count -= taken
            if esim:
                prefix = account.ICCID_PREFIXES.get(carrier, account.DEFAULT_ICCID_PREFIX)
                first = _STOCK_SERIAL + row["issued"] - taken
                iccids += [make_iccid(prefix, first + number) for number in range(taken)]
        return iccids

    # -- what the control surface asks --

    def activations(self) -> list[dict[str, Any]]:
        """Return each device with its submissions and successes; the seeded and inserted history does not count."""
        rows = self.db.execute(
            "SELECT kind, MAX(iccid) AS iccid, MAX(imei) AS imei, sim_id, MAX(eid) AS eid, COUNT(*) AS submitted, "
            "SUM(outcome = 'success') AS activated FROM lines WHERE seeded = 0 "
            "GROUP BY kind, CASE kind WHEN 'sim' THEN iccid WHEN 'smartsim' THEN sim_id ELSE imei END ORDER BY MIN(id)"
        )
        return [dict(row) for row in rows]
