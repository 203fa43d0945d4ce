# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's books: accepted lines, when each is visible and how it ends, and status changes.

They are read from its database, because faults of its API must not affect the checks.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .fleets import KEY, PARTNER

SUCCESS, FAIL = "success", "fail"
#: Seconds by which two readings of the clock may differ.
SLACK = 0.05


class Entry(NamedTuple):
    """A line of a transaction. Times are the simulator's.

    `done_at`: None if it never ends. `outcome`: decided when the line was accepted. `seeded`: part of the history that
    the round starts with.
    """

    transaction_id: str
    key: str
    partner: str | None
    iccid: str | None
    submitted_at: float
    visible_at: float
    done_at: float | None
    outcome: str
    error: str | None
    seeded: bool

    def has_ended(self, moment: float) -> bool:
        """Whether the line has ended at this time."""
        return self.done_at is not None and self.done_at <= moment

    def is_active(self, moment: float) -> bool:
        """Whether the line has made its device active at this time."""
        return self.outcome == SUCCESS and self.has_ended(moment)

    @property
    def fails(self) -> bool:
        """Whether the line has failed or is going to."""
        return self.outcome == FAIL


class Change(NamedTuple):
    """A status change by a request. `key`: the device's, or None if the device is unknown."""

    key: str | None
    at: float
    before: str
    after: str


@dataclass(frozen=True)
class Books:
    """All lines by device, in the order of submission.

    `now`: the simulator's time. `changes`: all status changes, oldest first.
    """

    now: float
    lines: dict[str, list[Entry]]
    changes: tuple[Change, ...] = ()

    def of(self, key: str) -> list[Entry]:
        """The lines of a device."""
        return self.lines.get(key, [])

    def accepted_since(self, moment: float) -> list[Entry]:
        """The lines that were submitted since then in this round."""
        return [
            entry
            for entries in self.lines.values()
            for entry in entries
            if entry.submitted_at >= moment and not entry.seeded
        ]

    def own(self, key: str) -> list[Entry]:
        """The lines of a device that were submitted in this round."""
        return [entry for entry in self.of(key) if not entry.seeded]

    def activations(self, key: str, moment: float) -> list[Entry]:
        """The lines that had activated the device by that time."""
        return [entry for entry in self.of(key) if entry.is_active(moment)]

    def changes_of(self, key: str) -> list[Change]:
        """The status changes of a device."""
        return [change for change in self.changes if change.key == key]

    def under_way(self, key: str, since: float, until: float, by_history: bool) -> bool:
        """Whether one of its lines was submitted by `until` and had not ended at `since`.

        Args:
            by_history: judge as a run that reads only the history, where a line that is not visible has not ended.
        """
        return any(
            entry.submitted_at <= until
            and not (entry.has_ended(since) and (entry.visible_at <= since or not by_history))
            for entry in self.of(key)
        )


def submitted_twice(entries: list[Entry]) -> list[str]:
    """Problems with the submissions of one device: it may be submitted again only after its last line has failed."""
    problems = []
    successes = [entry.transaction_id for entry in entries if entry.outcome == SUCCESS]
    if len(successes) > 1:
        problems.append(f"activated {len(successes)} times: {', '.join(successes)}")
    for before, entry in zip(entries, entries[1:]):
        if not (before.fails and before.has_ended(entry.submitted_at + SLACK)):
            state = "was active" if before.is_active(entry.submitted_at) else "was under way"
            problems.append(f"submitted in {entry.transaction_id} while it {state} in {before.transaction_id}")
    return problems


def _by_kind(table: str, names: Mapping[str, str]) -> str:
    """An SQL expression for the column that belongs to the kind of a line or entry."""
    cases = " ".join(f"WHEN '{kind}' THEN {table}.{name}" for kind, name in names.items())
    return f"CASE {table}.kind {cases} END"


def read_books(database: Path) -> Books:
    """Reads the database of a running simulator."""
    query = (
        f"SELECT t.id, {_by_kind('l', KEY)}, {_by_kind('l', PARTNER)}, l.iccid, l.submitted_at, t.visible_at, "
        "l.done_at, l.outcome, l.error, l.seeded FROM lines AS l JOIN transactions AS t ON t.seq = l.seq ORDER BY l.id"
    )
    changed = (
        f"SELECT COALESCE({_by_kind('l', KEY)}, {_by_kind('e', KEY)}), "
        "c.at, c.before, c.after FROM status_changes AS c LEFT JOIN lines AS l ON l.id = c.device "
        "LEFT JOIN entries AS e ON e.id = -c.device WHERE c.source = 'api' ORDER BY c.id"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        rows = connection.execute(query).fetchall()
        changes = connection.execute(changed).fetchall()
        offset = connection.execute("SELECT value FROM meta WHERE name = 'clock_offset'").fetchone()
    lines: dict[str, list[Entry]] = {}
    for row in rows:
        entry = Entry._make([*row[:-1], bool(row[-1])])
        lines.setdefault(entry.key, []).append(entry)
    for entries in lines.values():
        entries.sort(key=lambda entry: entry.submitted_at)
    return Books(time.time() + (offset[0] if offset else 0.0), lines, tuple(map(Change._make, changes)))
