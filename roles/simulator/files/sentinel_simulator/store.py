# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database: transactions, lines and stock, in SQLite (in memory, or in a file that survives a restart).

The outcome of a line is stored with its time at the submission. Each read compares that time with the clock. All calls
come from a single event loop and none of them waits, so each of them is atomic.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Optional

from . import account
from .clock import day_of
from .identifiers import make_iccid
from .states import state_of
from .timeline import Timeline

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
CREATE TABLE IF NOT EXISTS device_status (
    line INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT, changes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value REAL NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, imei TEXT, iccid TEXT, sim_id TEXT, eid TEXT, carrier TEXT,
    device_group TEXT, filter_group TEXT, nickname TEXT, status TEXT NOT NULL, reason TEXT, mdn TEXT NOT NULL,
    more TEXT, made_at REAL NOT NULL, listed_at REAL NOT NULL, replaces INTEGER NOT NULL, source TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_iccid ON entries (iccid) WHERE iccid IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_imei ON entries (imei) WHERE imei IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_sim_id ON entries (sim_id) WHERE sim_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS device_fields (device INTEGER PRIMARY KEY, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS status_changes (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL, at REAL NOT NULL, listed_at REAL, before TEXT NOT NULL,
    after TEXT NOT NULL, reason TEXT, source TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS status_changes_by_time ON status_changes (at);
"""
_TABLES = (
    "transactions", "lines", "counters", "stock", "device_status", "meta", "entries", "device_fields", "status_changes",
)  # fmt: skip

LINE_COLUMNS = (
    "kind", "imei", "iccid", "sim_id", "eid", "carrier", "device_group", "filter_group", "zip_code", "nickname",
    "submitted_at", "started_at", "done_at", "outcome", "error", "seeded",
)  # fmt: skip
_INSERT_LINE = f"INSERT INTO lines (seq, {', '.join(LINE_COLUMNS)}) VALUES (?{', ?' * len(LINE_COLUMNS)})"
_INSERT_TRANSACTION = "INSERT INTO transactions (id, kind, total, submitted_at, visible_at) VALUES (?, ?, ?, ?, ?)"
#: The column that identifies a device, by kind.
DEVICE_COLUMN = {"sim": "iccid", "smartsim": "sim_id", "esim": "imei"}

#: First serial number for ICCIDs from the stock, unlike any that a user is likely to declare.
_STOCK_SERIAL = 5_000_000_000_000


#: Maximum number of values per statement.
_BATCH = 500

#: A stored line: its transaction's row number, then ``LINE_COLUMNS``.
Row = tuple[Any, ...]


class StockError(Exception):
    """The stock has fewer SIMs than requested."""


class Store:
    """The SQLite connection and the statements that change the database. ``history`` reads it."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        # TestClient runs the application in another thread, but only one thread uses the connection at a time.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.create_function("state_of", 1, state_of, deterministic=True)
        # WAL without syncing survives the end of the process, but not of the machine. That is enough for a simulator.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536", "temp_store=MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)
        self.timeline = Timeline(self.db)
        #: The time of the oldest transaction added since the last call of ``take_oldest_added``.
        self._oldest_added = math.inf
        self._added: list[tuple[int, float, float]] = []
        #: Incremented by every change of stored devices.
        self.version = 0

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Group changes into one database transaction."""
        self.version += 1
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            self._added.clear()
            raise
        self.db.execute("COMMIT")
        for seq, submitted_at, visible_at in self._added:
            self.timeline.add(seq, submitted_at, visible_at)
            self._oldest_added = min(self._oldest_added, submitted_at)
        self._added.clear()

    def take_oldest_added(self) -> float:
        """Return the time of the oldest transaction added since the last call; infinite if there is none."""
        oldest, self._oldest_added = self._oldest_added, math.inf
        return oldest

    def clear(self) -> None:
        """Delete everything, including the stock."""
        for table in _TABLES:
            self.db.execute(f"DROP TABLE IF EXISTS {table}")
        self.db.executescript(_SCHEMA)
        self.db.execute("VACUUM")
        self.timeline.forget()
        self._oldest_added = -math.inf
        self.version += 1

    @property
    def is_empty(self) -> bool:
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
        """Store a transaction; return its row number and its unique id (ACT-YYYY-MMDD-NNN [P])."""
        while True:
            found = transaction_id or self._next_ids(day_of(submitted_at), 1)[0]
            try:
                cursor = self.db.execute(_INSERT_TRANSACTION, (found, kind, total, submitted_at, visible_at))
            except sqlite3.IntegrityError:
                # The id may already be used by a transaction of the control interface.
                if transaction_id:
                    raise
                continue
            seq = int(cursor.lastrowid or 0)
            self._added.append((seq, submitted_at, visible_at))
            return seq, found

    def add_transactions(self, kind: str, wanted: Sequence[tuple[float, int]]) -> range:
        """Store transactions, given as (submitted_at, total) with the oldest first; return their row numbers."""
        days: dict[str, int] = {}
        for submitted_at, _total in wanted:
            day = day_of(submitted_at)
            days[day] = days.get(day, 0) + 1
        ids = [found for day, count in days.items() for found in self._free_ids(day, count)]
        first = self.db.execute("SELECT COALESCE(MAX(seq), 0) FROM transactions").fetchone()[0] + 1
        rows = ((found, kind, total, at, at) for found, (at, total) in zip(ids, wanted))
        self.db.executemany(_INSERT_TRANSACTION, rows)
        self.timeline.forget()
        self._oldest_added = min(self._oldest_added, wanted[0][0])
        return range(first, first + len(wanted))

    def _next_ids(self, day: str, count: int) -> list[str]:
        last = self.db.execute(
            "INSERT INTO counters VALUES (?, ?) "
            "ON CONFLICT (day) DO UPDATE SET last = last + excluded.last RETURNING last",
            (day, count),
        ).fetchone()["last"]
        return [f"ACT-{day}-{number:03d}" for number in range(last - count + 1, last + 1)]

    def _free_ids(self, day: str, count: int) -> list[str]:
        taken = {
            row["id"]
            for row in self.db.execute(
                "SELECT id FROM transactions WHERE id >= ? AND id < ?", (f"ACT-{day}-", f"ACT-{day}.")
            )
        }
        ids: list[str] = []
        while len(ids) < count:
            ids += [found for found in self._next_ids(day, count - len(ids)) if found not in taken]
        return ids

    def add_lines(self, lines: Iterable[Row]) -> None:
        """Store lines."""
        self.version += 1
        self.db.executemany(_INSERT_LINE, lines)

    def device_states(self, kind: str, keys: Sequence[str], now: float) -> dict[str, tuple[int, Optional[str]]]:
        """Return the number of submissions of each device, and whether it is ``active``, ``pending`` or None."""
        column = DEVICE_COLUMN[kind]
        cursor = self.db.cursor()
        cursor.row_factory = None
        states: dict[str, tuple[int, Optional[str]]] = {}
        for start in range(0, len(keys), _BATCH):
            some = keys[start : start + _BATCH]
            rows = cursor.execute(
                f"SELECT {column}, COUNT(*), "
                "TOTAL(outcome = 'success' AND done_at <= ? AND state_of(COALESCE(status, '')) <> 'deactivated'), "
                "TOTAL(done_at IS NULL OR done_at > ?) FROM lines LEFT JOIN device_status ON line = id "
                f"WHERE {column} IN (?{', ?' * (len(some) - 1)}) GROUP BY {column}",
                (now, now, *some),
            )
            for key, attempts, active, pending in rows:
                states[key] = attempts, "active" if active else "pending" if pending else None
            # Devices activated in the portal also have a line, although they have no transaction.
            for (key,) in cursor.execute(
                f"SELECT {column} FROM entries AS e LEFT JOIN device_status AS s ON s.line = -e.id "
                f"WHERE {column} IN (?{', ?' * (len(some) - 1)}) AND replaces "
                "AND state_of(COALESCE(s.status, e.status)) <> 'deactivated'",
                some,
            ):
                states[key] = states.get(key, (0, None))[0], "active"
        return {key: states.get(key, (0, None)) for key in keys}

    # -- the device list --

    def rows(self, statement: str, values: dict[str, Any]) -> list[Row]:
        """Return the rows of a query as plain tuples."""
        cursor = self.db.cursor()
        cursor.row_factory = None
        return cursor.execute(statement, values).fetchall()

    def line_numbers(self, seq: int) -> list[int]:
        """Return the row numbers of a transaction's lines, in order."""
        return [row[0] for row in self.rows("SELECT id FROM lines WHERE seq = :seq ORDER BY id", {"seq": seq})]

    def next_end(self, now: float) -> float:
        """Return the time at which the next line ends; infinite if there is none."""
        row = self.db.execute("SELECT MIN(done_at) FROM lines WHERE done_at > ?", (now,)).fetchone()
        return math.inf if row[0] is None else float(row[0])

    def has_group(self, name: str) -> bool:
        """Return whether a line or a listed device has this device group."""
        found = self.db.execute(
            "SELECT 1 FROM lines WHERE device_group = :name UNION ALL SELECT 1 FROM entries WHERE device_group = :name "
            "UNION ALL SELECT 1 FROM device_fields WHERE json_extract(fields, '$.device_group') = :name LIMIT 1",
            {"name": name},
        )
        return found.fetchone() is not None

    def set_device_status(self, lines: Iterable[int], status: str, reason: Optional[str]) -> None:
        """Set the status of devices without a delay. ``status_changes`` has the times for the device list."""
        self.version += 1
        self.db.executemany(
            "INSERT INTO device_status VALUES (?, ?, ?, 1) ON CONFLICT (line) DO UPDATE SET "
            "status = excluded.status, reason = excluded.reason, changes = changes + 1",
            [(line, status, reason) for line in lines],
        )

    # -- stock --

    def fill_stock(self) -> None:
        """Store the account's initial stock."""
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
        """Set the carrier's total stock, all of it on the first SKU."""
        first = True
        for sku in self.stock(carrier, esim):
            self.db.execute("UPDATE stock SET available = ? WHERE sku = ?", (available if first else 0, sku))
            first = False

    def take_stock(self, carrier: str, esim: bool, count: int) -> list[str]:
        """Take SIMs from the stock; return the ICCIDs of eSIMs. Physical SIMs can also come from elsewhere."""
        stock = self.stock(carrier, esim)
        if esim and sum(stock.values()) < count:
            raise StockError(f"only {sum(stock.values())} eSIMs are available for {carrier}")
        iccids = []
        for sku, available in stock.items():
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

    # -- for the control interface --

    def activations(self) -> list[dict[str, Any]]:
        """Return the submissions and activations of each device, without the seeded and inserted history."""
        rows = self.db.execute(
            "SELECT kind, MAX(iccid) AS iccid, MAX(imei) AS imei, sim_id, MAX(eid) AS eid, COUNT(*) AS submitted, "
            "SUM(outcome = 'success') AS activated FROM lines WHERE seeded = 0 "
            "GROUP BY kind, CASE kind WHEN 'sim' THEN iccid WHEN 'smartsim' THEN sim_id ELSE imei END ORDER BY MIN(id)"
        )
        return [dict(row) for row in rows]
