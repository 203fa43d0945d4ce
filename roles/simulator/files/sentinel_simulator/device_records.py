# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored data of listed devices: entries without an activation, changed fields, and status changes.

The number of a device is the row number of its line. For an entry without an activation, it is the negative row number
of the entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Optional

from .states import ACTIVE, DEACTIVATED, SUSPENDED, state_of
from .store import DEVICE_COLUMN, Store

#: The columns of an entry, in the order in which ``add_entries`` takes them.
ENTRY_COLUMNS = (
    "kind", "imei", "iccid", "sim_id", "eid", "carrier", "device_group", "filter_group", "nickname", "status", "reason",
    "mdn", "more", "made_at", "listed_at", "replaces", "source",
)  # fmt: skip
_INSERT = f"INSERT INTO entries ({', '.join(ENTRY_COLUMNS)}) VALUES (?{', ?' * (len(ENTRY_COLUMNS) - 1)})"
#: Source of a status change: the API's PUT, or the portal (the control interface).
API, PORTAL = "api", "portal"

_IDENTIFIERS = (
    "COALESCE(l.kind, e.kind), COALESCE(l.imei, e.imei), COALESCE(l.iccid, e.iccid), COALESCE(l.sim_id, e.sim_id), "
    "COALESCE(l.eid, e.eid)"
)


class Change(NamedTuple):
    """A status change. ``listed_at``: when the list shows it; None: after the setting ``status_lag``."""

    device: int
    at: float
    listed_at: Optional[float]
    before: str
    after: str
    reason: Optional[str]
    source: str


class DeviceRecords:
    """Reads and changes the stored data of listed devices."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last_entry(self) -> int:
        """Return the row number of the newest entry; 0 if there is none."""
        return int(self._store.rows("SELECT COALESCE(MAX(id), 0) FROM entries", {})[0][0])

    def add_entries(self, entries: Iterable[Sequence[Any]]) -> None:
        """Store entries: values in the order of ``ENTRY_COLUMNS``."""
        self._store.version += 1
        self._store.db.executemany(_INSERT, entries)

    def drop_made_up(self, chance: float) -> bool:
        """Delete a generated entry, selected by ``chance`` (0 to 1); return False if there is none."""
        where = "WHERE source <> 'seeded'"
        ((count,),) = self._store.rows(f"SELECT COUNT(*) FROM entries {where}", {})
        if not count:
            return False
        self._store.version += 1
        self._store.db.execute(
            f"DELETE FROM entries WHERE id = (SELECT id FROM entries {where} ORDER BY id LIMIT 1 OFFSET ?)",
            (min(count - 1, int(chance * count)),),
        )
        return True

    def fields(self) -> dict[int, dict[str, Any]]:
        """Return the changed fields, by device."""
        rows = self._store.rows("SELECT device, fields FROM device_fields", {})
        return {device: json.loads(text) for device, text in rows}

    def fields_of(self, device: int) -> dict[str, Any]:
        """Return the changed fields of one device."""
        rows = self._store.rows("SELECT fields FROM device_fields WHERE device = :device", {"device": device})
        return json.loads(rows[0][0]) if rows else {}

    def set_fields(self, devices: Iterable[int], fields: dict[str, Any]) -> None:
        """Change fields of devices."""
        self._store.version += 1
        rows = [(device, json.dumps({**self.fields_of(device), **fields})) for device in devices]
        self._store.db.executemany("INSERT OR REPLACE INTO device_fields VALUES (?, ?)", rows)

    def remove(self, devices: Iterable[int]) -> None:
        """Remove devices from the list."""
        self._store.version += 1
        self._store.db.executemany(
            "INSERT INTO device_fields VALUES (?, '{\"removed\":true}') "
            "ON CONFLICT (device) DO UPDATE SET fields = json_set(fields, '$.removed', json('true'))",
            [(device,) for device in devices],
        )

    def log(self, changes: Sequence[Change]) -> None:
        """Record status changes, including those that were not carried out."""
        self._store.version += 1
        self._store.db.executemany(
            "INSERT INTO status_changes (device, at, listed_at, before, after, reason, source) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            changes,
        )

    def unlisted(self, since: float, now: float) -> list[Change]:
        """Return the changes that the list may not show yet: later than ``since``, or with a later ``listed_at``."""
        rows = self._store.rows(
            "SELECT device, at, listed_at, before, after, reason, source FROM status_changes "
            "WHERE (listed_at IS NULL AND at > :since) OR listed_at > :now ORDER BY id",
            {"since": since, "now": now},
        )
        return list(map(Change._make, rows))

    def end_earlier(self, kind: str, key: Optional[str], device: int, now: float) -> None:
        """Also deactivate earlier lines and entries of the device's SIM, which has only one line at the carrier."""
        column = DEVICE_COLUMN[kind]
        rows = self._store.rows(
            f"SELECT id FROM lines WHERE {column} = :key AND outcome = 'success' AND done_at <= :now AND id <> :device "
            f"UNION ALL SELECT -id FROM entries WHERE {column} = :key AND replaces AND -id <> :device",
            {"key": key, "device": device, "now": now},
        )
        self._store.set_device_status([number for (number,) in rows], DEACTIVATED, None)

    def history(self) -> list[dict[str, Any]]:
        """Return each device whose status was set, with all changes and their counts."""
        rows = self._store.rows(
            f"SELECT c.device, {_IDENTIFIERS}, c.at, c.before, c.after, c.reason, c.source FROM status_changes AS c "
            "LEFT JOIN lines AS l ON l.id = c.device LEFT JOIN entries AS e ON e.id = -c.device ORDER BY c.id",
            {},
        )
        devices: dict[int, dict[str, Any]] = {}
        for device, kind, imei, iccid, sim_id, eid, at, before, after, reason, source in rows:
            shown = devices.setdefault(
                device,
                {
                    "line": device,
                    "kind": kind,
                    "imei": imei,
                    "iccid": iccid,
                    "sim_id": sim_id,
                    "eid": eid,
                    "set": 0,
                    "changed": 0,
                    "suspended": 0,
                    "restored": 0,
                    "deactivated": 0,
                    "changes": [],
                },
            )
            shown["changes"].append({"at": at, "before": before, "after": after, "reason": reason, "source": source})
            if source != API:
                continue
            was, now = state_of(before), state_of(after)
            shown["set"] += 1
            shown["changed"] += before != after
            shown["suspended"] += now == SUSPENDED != was
            shown["restored"] += was == SUSPENDED and now == ACTIVE
            shown["deactivated"] += now == DEACTIVATED != was
        return list(devices.values())
