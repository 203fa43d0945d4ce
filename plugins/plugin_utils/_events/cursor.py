# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the event source has told already, in a file that survives it."""

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
    transaction_id TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL, told INTEGER NOT NULL,
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


class Looked(NamedTuple):
    """A transaction as it was listed at the last look. `settled`: there is nothing to read until that changes; `tries`:
    how often in a row its lines did not agree with it."""

    transaction: Transaction
    settled: bool
    tries: int = 0

    def is_listed_as(self, row: Transaction) -> bool:
        """Whether the transaction is listed so still, as far as that changes when something happens in it."""
        return _counts(self.transaction) == _counts(row)


def _counts(row: Transaction) -> tuple[str | int | None, ...]:
    return (row.status, row.total, row.success, row.failed, row.pending)


class Cursor:
    """What has been told, in a file: an SQLite database, so that each step is kept whole, whenever a process is killed.

    Args:
        path: the file; it is made where there is none, and gets the tables that it lacks.
        account: what the file belongs to, api_url and corp_id → value; what is None is not compared.

    Raises InputError where the file cannot be used: another source's, another account's, or no cursor at all.
    """

    def __init__(self, path: str, account: Mapping[str, str | None]) -> None:
        self._path = path
        try:
            # Identifiers of devices are nobody else's business.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(str(error)) from None
        try:
            # One process: a second one would tell everything again. Without fsync a killed process loses nothing.
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
        #: What is remembered of the device list.
        self.devices = DeviceMemory(self._db)

    def _unusable(self, reason: str) -> InputError:
        told = {"database is locked": "another source uses it", "file is not a database": "it is not a source's state"}
        return InputError([f"state_file: {self._path}: {told.get(reason, reason)}"])

    def _claim(self, account: Mapping[str, str | None]) -> None:
        kept = dict(self._db.execute("SELECT name, value FROM about"))
        for name, value in account.items():
            if value is not None and kept.setdefault(name, value) != value:
                raise InputError([f"state_file: {self._path}: is that of another {name}: {kept[name]}, not {value}"])
            if value is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # Where the disk is full, SQLite has rolled back by itself.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is written inside is kept, or nothing is. Raises InputError where the file cannot be written."""
        try:
            with self._transaction():
                yield
        except sqlite3.Error as error:
            raise InputError([f"state_file: {self._path}: cannot be written: {error}"]) from None

    def claim(self, username: str | None, corp_id: str | None) -> None:
        """Takes the file for the account of this user; raises InputError where it is another one's.

        A corp id tells accounts apart, and a user, who may be replaced, only where nobody knows that: a file that never
        was told one, or a login that does not tell it.
        """
        kept = dict(self._db.execute("SELECT name, value FROM about"))
        known = corp_id is not None and "corp_id" in kept
        if not known and username is not None and kept.get("api_username", username) != username:
            whose = f"is that of another api_username: {kept['api_username']}, not {username}"
            raise InputError(
                [f"state_file: {self._path}: {whose}; where both are of one account, give its corp_id, too"]
            )
        with self.writing():
            self._claim({"corp_id": corp_id})
            if username is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES ('api_username', ?)", (username,))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @property
    def caught_up(self) -> bool:
        """Whether the whole history has been looked at once."""
        return self._db.execute("SELECT 1 FROM about WHERE name = 'caught_up'").fetchone() is not None

    def catch_up(self, now: float) -> None:
        """Remembers that the whole history has been looked at."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES ('caught_up', ?)", (str(now),))

    def looked(self, transaction_id: str) -> Looked | None:
        """The transaction as it was listed at the last look, or None where it is new."""
        found = self._db.execute("SELECT row, settled, tries FROM looks WHERE transaction_id = ?", (transaction_id,))
        for row, settled, tries in found:
            return Looked(Transaction(*json.loads(row)), bool(settled), tries)
        return None

    def look(self, looked: Looked, now: float) -> None:
        """Remembers how a transaction was listed."""
        values = (looked.transaction.transaction_id, json.dumps(looked.transaction), looked.settled, looked.tries, now)
        self._db.execute("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?)", values)

    def known(self, transaction_id: str) -> dict[str, Known]:
        """What is remembered of a transaction and its lines, by key."""
        query = "SELECT key, state, since, told, stuck FROM things WHERE transaction_id = ?"
        found = self._db.execute(query, (transaction_id,))
        return {key: Known(state, since, told, bool(stuck)) for key, state, since, told, stuck in found}

    def remember(self, change: Change) -> None:
        """Remembers a change."""
        values = (change.transaction_id, change.key, *change.known)
        self._db.execute("INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?)", values)

    def running(self) -> dict[str, float]:
        """The transactions that have not ended → since when they are known."""
        return dict(self._db.execute("SELECT transaction_id, since FROM running ORDER BY since"))

    def overdue(self, before: float) -> set[str]:
        """The running transactions of which something runs since then, and that was not told yet."""
        query = (
            "SELECT transaction_id FROM things WHERE state = 'pending' AND since <= ? AND NOT stuck "
            "INTERSECT SELECT transaction_id FROM running"
        )
        return {name for (name,) in self._db.execute(query, (before,))}

    def forget(self, before: float) -> None:
        """Forgets the transactions that have ended by then."""
        for statement in (
            "DELETE FROM things WHERE transaction_id IN (SELECT transaction_id FROM ended WHERE at < ?)",
            "DELETE FROM looks WHERE transaction_id IN (SELECT transaction_id FROM ended WHERE at < ?)",
        ):
            self._db.execute(statement, (before,))
