# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the event source remembers of the account's device list, in its state file."""

from __future__ import annotations

import sqlite3

from .devices import Device, DeviceChange

TABLES = """
CREATE TABLE IF NOT EXISTS devices (
    name TEXT PRIMARY KEY, mdn TEXT, imei TEXT, iccid TEXT, sim_id TEXT, eid TEXT, state TEXT, events INTEGER NOT NULL,
    seen REAL NOT NULL
) WITHOUT ROWID;
"""
#: Whether what is listed at first is reported, and when the list was first read.
_FROM, _SINCE = "listing_from", "listed_since"
_BEGINNING, _NOW = "beginning", "now"


class DeviceMemory:
    """The devices of the list that were seen; a part of the cursor.

    Args:
        db: of the state file, which has the TABLES. What is written must be written inside a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def _about(self, name: str) -> str | None:
        found = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    @property
    def has_begun(self) -> bool:
        """Whether it was noted what to begin with."""
        return self._about(_FROM) is not None

    def begin(self, beginning: bool) -> None:
        """Note whether what is listed at first is reported, unless that was noted before."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (_FROM, _BEGINNING if beginning else _NOW))

    @property
    def is_quiet(self) -> bool:
        """Whether what is listed is only taken note of: the list was never read, and nobody asked for the beginning."""
        return self._about(_SINCE) is None and self._about(_FROM) != _BEGINNING

    def read_once(self, now: float) -> None:
        """Note that the list has been read."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (_SINCE, str(now)))

    def known(self) -> list[Device]:
        """Return every device that is remembered."""
        return [Device(*values) for values in self._db.execute("SELECT * FROM devices ORDER BY name")]

    def remember(self, change: DeviceChange) -> None:
        """Remember a change."""
        self._db.execute("INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", change.device)

    def forget(self, before: float) -> None:
        """Forget the devices that have not been listed since then."""
        self._db.execute("DELETE FROM devices WHERE seen < ?", (before,))
