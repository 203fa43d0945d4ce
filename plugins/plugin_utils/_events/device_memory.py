# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices in the state file of the event source."""

from __future__ import annotations

import sqlite3

from .devices import Device, DeviceChange

TABLES = """
CREATE TABLE IF NOT EXISTS devices (
    name TEXT PRIMARY KEY, mdn TEXT, imei TEXT, iccid TEXT, sim_id TEXT, eid TEXT, state TEXT, events INTEGER NOT NULL,
    seen REAL NOT NULL
) WITHOUT ROWID;
"""
#: Keys for whether the first list is reported, and for when it was read.
_FROM, _SINCE = "listing_from", "listed_since"
_BEGINNING, _NOW = "beginning", "now"


class DeviceMemory:
    """The remembered devices of the device list.

    Args:
        db: of the state file, which has the TABLES. Writes must be inside a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def _about(self, name: str) -> str | None:
        found = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    @property
    def has_begun(self) -> bool:
        """Whether `begin` was called before."""
        return self._about(_FROM) is not None

    def begin(self, beginning: bool) -> None:
        """Remember whether the first list is reported. Later calls have no effect."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (_FROM, _BEGINNING if beginning else _NOW))

    @property
    def is_quiet(self) -> bool:
        """Whether to make no events, because the list was never read and does not start at the beginning."""
        return self._about(_SINCE) is None and self._about(_FROM) != _BEGINNING

    def read_once(self, now: float) -> None:
        """Remember that the list was read."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (_SINCE, str(now)))

    def known(self) -> list[Device]:
        """Return every remembered device."""
        return [Device(*values) for values in self._db.execute("SELECT * FROM devices ORDER BY name")]

    def remember(self, change: DeviceChange) -> None:
        """Remember a change."""
        self._db.execute("INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", change.device)

    def forget(self, before: float) -> None:
        """Forget the devices that were last listed before then."""
        self._db.execute("DELETE FROM devices WHERE seen < ?", (before,))
