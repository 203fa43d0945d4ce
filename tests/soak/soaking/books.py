# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's books, read from its database: what was taken, when it showed, how it ends; statuses that were set.

They are read past the simulator's API, whose faults must not reach those who check.
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
#: Seconds that two looks at the clock may be apart.
SLACK = 0.05


class Entry(NamedTuple):
    """A line. Times are of the simulator's clock; `done_at` None: never ends. `outcome`: decided when it was taken."""

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

    def ended(self, moment: float) -> bool:
        """Whether it has ended by then."""
        return self.done_at is not None and self.done_at <= moment

    def active(self, moment: float) -> bool:
        """Whether its device is active by then."""
        return self.outcome == SUCCESS and self.ended(moment)

    @property
    def failed(self) -> bool:
        """Whether it has failed, or is going to."""
        return self.outcome == FAIL


class Change(NamedTuple):
    """A status that a request has set. `key`: of its device; None where that is nobody's."""

    key: str | None
    at: float
    before: str
    after: str


@dataclass(frozen=True)
class Books:
    """All lines, by device, in the order of their submission; `now` is the simulator's time.

    `changes`: all statuses that were set, the oldest first.
    """

    now: float
    lines: dict[str, list[Entry]]
    changes: tuple[Change, ...] = ()

    def of(self, key: str) -> list[Entry]:
        """The lines of a device."""
        return self.lines.get(key, [])

    def taken_since(self, moment: float) -> list[Entry]:
        """The lines that were submitted since then, but for those of the history that a round starts with."""
        return [
            entry
            for entries in self.lines.values()
            for entry in entries
            if entry.submitted_at >= moment and not entry.seeded
        ]

    def own(self, key: str) -> list[Entry]:
        """The lines of a device that were submitted in this round."""
        return [entry for entry in self.of(key) if not entry.seeded]

    def active(self, key: str, moment: float) -> list[Entry]:
        """The lines by which the device was activated by that time."""
        return [entry for entry in self.of(key) if entry.active(moment)]

    def changes_of(self, key: str) -> list[Change]:
        """The statuses that were set for a device."""
        return [change for change in self.changes if change.key == key]

    def under_way(self, key: str, since: float, until: float, by_history: bool) -> bool:
        """Whether one of its lines was submitted by `until`, and had not ended at `since`.

        Args:
            by_history: what the history did not show at `since` had not ended as far as anyone knew who only read that.
        """
        return any(
            entry.submitted_at <= until and not (entry.ended(since) and (entry.visible_at <= since or not by_history))
            for entry in self.of(key)
        )


def submitted_twice(entries: list[Entry]) -> list[str]:
    """What is wrong with the submissions of one device: only what has failed may be submitted again, and after that."""
    problems = []
    successes = [entry.transaction_id for entry in entries if entry.outcome == SUCCESS]
    if len(successes) > 1:
        problems.append(f"activated {len(successes)} times: {', '.join(successes)}")
    for before, entry in zip(entries, entries[1:]):
        if not (before.failed and before.ended(entry.submitted_at + SLACK)):
            state = "was active" if before.active(entry.submitted_at) else "was under way"
            problems.append(f"submitted in {entry.transaction_id} while it {state} in {before.transaction_id}")
    return problems


def _by_kind(table: str, names: Mapping[str, str]) -> str:
    """An SQL expression for the column that the kind of a line, or of an entry, names."""
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
