# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file of the event source, which remembers the delivered events."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from ...module_utils._errors import InputError
from ...module_utils._wire import Transaction
from .changes import Change, Known
from .device_memory import TABLES as DEVICE_TABLES
from .device_memory import DeviceMemory

_VERSION = "1"
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS things (
    transaction_id TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL, events INTEGER NOT NULL,
    stuck INTEGER NOT NULL, PRIMARY KEY (transaction_id, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending ON things (since) WHERE state = 'pending';
CREATE VIEW IF NOT EXISTS running AS SELECT transaction_id, since FROM things WHERE state = 'pending' AND key = '';
CREATE TABLE IF NOT EXISTS looks (
    transaction_id TEXT PRIMARY KEY, row TEXT NOT NULL, settled INTEGER NOT NULL, tries INTEGER NOT NULL,
    at REAL NOT NULL
) WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS ended AS SELECT transaction_id, at FROM looks
    WHERE transaction_id NOT IN (SELECT transaction_id FROM running);
"""


class Listed(NamedTuple):
    """A transaction's row in the list at the last poll.

    `settled`: whether it need not be read until the row changes. `tries`: number of consecutive reads in which its
    lines did not agree with the row.
    """

    transaction: Transaction
    settled: bool
    tries: int = 0

    def is_listed_as(self, row: Transaction) -> bool:
        """Return whether status and counts of the row are unchanged."""
        return _counts(self.transaction) == _counts(row)


def _counts(row: Transaction) -> tuple[str | int | None, ...]:
    return (row.status, row.total, row.success, row.failed, row.pending)


class Cursor:
    """The state file, an SQLite database, so that a killed process leaves it consistent.

    Args:
        path: of the file. It is created if missing, and gets missing tables.
        account: api_url and corp_id → value. None is not compared.

    Raises InputError if the file is used by another source, belongs to another account, or is not a state file.
    """

    def __init__(self, path: str, account: Mapping[str, str | None]) -> None:
        self._path = path
        try:
            # Only the owner may read identifiers of devices.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(str(error)) from None
        try:
            # Exclusive, because a second process would repeat all events. A killed process loses nothing without fsync.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                for statement in (_TABLES + DEVICE_TABLES).split(";"):
                    self._db.execute(statement)
                self._claim({"version": _VERSION, **account})
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(str(error)) from None
        except InputError:
            self._db.close()
            raise
        #: The remembered devices of the device list.
        self.devices = DeviceMemory(self._db)

    def _unusable(self, reason: str) -> InputError:
        problems = {"database is locked": "is used by another source", "file is not a database": "is not a state file"}
        return InputError([f"state_file: {self._path}: {problems.get(reason, reason)}"])

    def _claim(self, account: Mapping[str, str | None]) -> None:
        kept = dict(self._db.execute("SELECT name, value FROM about"))
        for name, value in account.items():
            if value is not None and kept.setdefault(name, value) != value:
                raise InputError([f"state_file: {self._path}: belongs to another {name}: {kept[name]}, not {value}"])
            if value is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # If the disk is full, SQLite has already rolled back.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write in one transaction. Raises InputError if the file cannot be written."""
        try:
            with self._transaction():
                yield
        except sqlite3.Error as error:
            raise InputError([f"state_file: {self._path}: cannot be written: {error}"]) from None

    def claim(self, username: str | None, corp_id: str | None) -> None:
        """Claim the file for the account of this user. Raises InputError if it belongs to another account.

        The corp_id identifies the account. The user, who may be replaced, counts only if the corp_id is not known,
        neither in the file nor from the login.
        """
        kept = dict(self._db.execute("SELECT name, value FROM about"))
        known = corp_id is not None and "corp_id" in kept
        if not known and username is not None and kept.get("api_username", username) != username:
            problem = f"belongs to another api_username: {kept['api_username']}, not {username}"
            raise InputError([f"state_file: {self._path}: {problem}; if both users belong to one account, set corp_id"])
        with self.writing():
            self._claim({"corp_id": corp_id})
            if username is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES ('api_username', ?)", (username,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def has_caught_up(self) -> bool:
        """Whether the whole history was read once."""
        return self._db.execute("SELECT 1 FROM about WHERE name = 'caught_up'").fetchone() is not None

    def catch_up(self, now: float) -> None:
        """Remember that the whole history was read."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES ('caught_up', ?)", (str(now),))

    def listed(self, transaction_id: str) -> Listed | None:
        """Return the transaction's row at the last poll, or None if it is new."""
        rows = self._db.execute("SELECT row, settled, tries FROM looks WHERE transaction_id = ?", (transaction_id,))
        for row, settled, tries in rows:
            return Listed(Transaction(*json.loads(row)), bool(settled), tries)
        return None

    def remember_listed(self, listed: Listed, now: float) -> None:
        """Remember a transaction's row in the list."""
        values = (listed.transaction.transaction_id, json.dumps(listed.transaction), listed.settled, listed.tries, now)
        self._db.execute("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?)", values)

    def known(self, transaction_id: str) -> dict[str, Known]:
        """Return the remembered states of a transaction and its lines, by key."""
        # By position, because older files have another name for the column `events`.
        rows = self._db.execute("SELECT * FROM things WHERE transaction_id = ?", (transaction_id,))
        return {key: Known(state, since, events, bool(stuck)) for _name, key, state, since, events, stuck in rows}

    def remember(self, change: Change) -> None:
        """Remember a change."""
        values = (change.transaction_id, change.key, *change.known)
        self._db.execute("INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?)", values)

    def running(self) -> dict[str, float]:
        """Return the transactions that have not ended, with the time since when they are known."""
        return dict(self._db.execute("SELECT transaction_id, since FROM running ORDER BY since"))

    def overdue(self, before: float) -> set[str]:
        """Return the running transactions with an item that has been pending since then, and is not stuck yet."""
        query = (
            "SELECT transaction_id FROM things WHERE state = 'pending' AND since <= ? AND NOT stuck "
            "INTERSECT SELECT transaction_id FROM running"
        )
        return {name for (name,) in self._db.execute(query, (before,))}

    def forget(self, before: float) -> None:
        """Forget the transactions that had ended by then."""
        for statement in (
            "DELETE FROM things WHERE transaction_id IN (SELECT transaction_id FROM ended WHERE at < ?)",
            "DELETE FROM looks WHERE transaction_id IN (SELECT transaction_id FROM ended WHERE at < ?)",
        ):
            self._db.execute(statement, (before,))
