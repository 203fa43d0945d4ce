# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database: transactions, their lines and the stock, in SQLite (in memory, or a file that survives a restart).

A line's end is written when it is submitted; whether it has been reached is worked out from the clock when it is read.
All calls come from the one event loop and none of them waits, so each is atomic towards the others.
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
#: What identifies a device of each kind; the column of its earlier lines.
DEVICE_COLUMN = {"sim": "iccid", "smartsim": "sim_id", "esim": "imei"}

#: The stock's ICCIDs start here, far from any that a user is likely to declare.
_STOCK_SERIAL = 5_000_000_000_000


#: As many values as a statement is given at once.
_AT_ONCE = 500

#: A line as it is stored: its transaction's row number, then ``LINE_COLUMNS``.
Row = tuple[Any, ...]


class StockError(Exception):
    """There is less in stock than was asked for."""


class Store:
    """One SQLite connection and the statements that change it; ``history`` reads it."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        # TestClient runs the application in a thread of its own; there is still only one at a time.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.create_function("state_of", 1, state_of, deterministic=True)
        # WAL without syncing survives the death of the process, if not that of the machine: enough for a simulator.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536", "temp_store=MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)
        self.timeline = Timeline(self.db)
        #: The time of the oldest transaction that was added since someone last asked.
        self._oldest_added = math.inf
        self._added: list[tuple[int, float, float]] = []
        #: Changes with everything that is stored about devices.
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
        """Return the time of the oldest transaction that was added since the last call; infinite if none was."""
        oldest, self._oldest_added = self._oldest_added, math.inf
        return oldest

    def clear(self) -> None:
        """Throw everything away; the stock is as at the start."""
        for table in _TABLES:
            self.db.execute(f"DROP TABLE IF EXISTS {table}")
        self.db.executescript(_SCHEMA)
        self.db.execute("VACUUM")
        self.timeline.forget()
        self._oldest_added = -math.inf
        self.version += 1

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
        while True:
            found = transaction_id or self._next_ids(day_of(submitted_at), 1)[0]
            try:
                cursor = self.db.execute(_INSERT_TRANSACTION, (found, kind, total, submitted_at, visible_at))
            except sqlite3.IntegrityError:
                # An id that the control surface has chosen may stand in the way of ours.
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
        """Return how often each device was submitted, and whether it is ``active``, ``pending`` or neither."""
        column = DEVICE_COLUMN[kind]
        cursor = self.db.cursor()
        cursor.row_factory = None
        states: dict[str, tuple[int, Optional[str]]] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            rows = cursor.execute(
                f"SELECT {column}, COUNT(*), "
                "TOTAL(outcome = 'success' AND done_at <= ? AND state_of(COALESCE(status, '')) <> 'deactivated'), "
                "TOTAL(done_at IS NULL OR done_at > ?) FROM lines LEFT JOIN device_status ON line = id "
                f"WHERE {column} IN (?{', ?' * (len(some) - 1)}) GROUP BY {column}",
                (now, now, *some),
            )
            for key, attempts, active, pending in rows:
                states[key] = attempts, "active" if active else "pending" if pending else None
            # What the portal has activated has a line, too, although no transaction shows it.
            for (key,) in cursor.execute(
                f"SELECT {column} FROM entries AS e LEFT JOIN device_status AS s ON s.line = -e.id "
                f"WHERE {column} IN (?{', ?' * (len(some) - 1)}) AND replaces "
                "AND state_of(COALESCE(s.status, e.status)) <> 'deactivated'",
                some,
            ):
                states[key] = states.get(key, (0, None))[0], "active"
        return {key: states.get(key, (0, None)) for key in keys}

    # -- the list of devices --

    def rows(self, statement: str, values: dict[str, Any]) -> list[Row]:
        """Return what a statement selects, as plain tuples."""
        cursor = self.db.cursor()
        cursor.row_factory = None
        return cursor.execute(statement, values).fetchall()

    def line_numbers(self, seq: int) -> list[int]:
        """Return the row numbers of a transaction's lines, in their order."""
        return [row[0] for row in self.rows("SELECT id FROM lines WHERE seq = :seq ORDER BY id", {"seq": seq})]

    def next_end(self, now: float) -> float:
        """Return when the next line ends after a time; infinite where none does."""
        row = self.db.execute("SELECT MIN(done_at) FROM lines WHERE done_at > ?", (now,)).fetchone()
        return math.inf if row[0] is None else float(row[0])

    def has_group(self, name: str) -> bool:
        """Tell whether a line or a listed device has this device group."""
        found = self.db.execute(
            "SELECT 1 FROM lines WHERE device_group = :name UNION ALL SELECT 1 FROM entries WHERE device_group = :name "
            "UNION ALL SELECT 1 FROM device_fields WHERE json_extract(fields, '$.device_group') = :name LIMIT 1",
            {"name": name},
        )
        return found.fetchone() is not None

    def set_device_status(self, lines: Iterable[int], status: str, reason: Optional[str]) -> None:
        """Give devices a status, as if they had had it all along; ``status_changes`` has those that show later."""
        self.version += 1
        self.db.executemany(
            "INSERT INTO device_status VALUES (?, ?, ?, 1) ON CONFLICT (line) DO UPDATE SET "
            "status = excluded.status, reason = excluded.reason, changes = changes + 1",
            [(line, status, reason) for line in lines],
        )

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
