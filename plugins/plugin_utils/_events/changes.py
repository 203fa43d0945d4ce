# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes events of an account's history, by comparing one poll with what is remembered. Pure.

An item is a transaction, or a line of one. It is submitted, and then it finishes, fails, or is stuck.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils._wire import ACTIVE, FAILED, PENDING, Line, StatusWords, Transaction

#: The key of the transaction itself, among the keys of its lines.
WHOLE = ""

#: State → the last part of an event's type.
_WORDS: dict[str, str] = {PENDING: "submitted", ACTIVE: "finished", FAILED: "failed"}
_NAMESPACE = uuid.UUID("b6a7bd0c-6f0b-5f0e-9d0b-2f7d1f6c4c11")


class Known(NamedTuple):
    """The remembered state of an item.

    `since`: when the state was first seen, in seconds since the epoch. `events`: number of events so far. `stuck`:
    whether there was an event that it is stuck.
    """

    state: str
    since: float
    events: int = 0
    stuck: bool = False


class Seen(NamedTuple):
    """A transaction as polled. `lines`: None if they were not read. `final`: whether they never will be, so that only
    the list shows how it ended."""

    transaction: Transaction
    lines: Sequence[Line] | None
    final: bool = False


class Change(NamedTuple):
    """The state to remember of an item, after its event, if there is one, has been delivered."""

    transaction_id: str
    key: str
    known: Known
    event: dict[str, Any] | None = None


class Comparison:
    """Compares a transaction with its remembered state.

    Args:
        account: identity of the account, as part of event ids.
        words: meanings of status words.
        stuck_after: in seconds, or 0 for never.
    """

    def __init__(self, account: str, words: StatusWords, stuck_after: float) -> None:
        self._account = account
        self._words = words
        self._stuck_after = stuck_after

    def changes(self, seen: Seen, known: Mapping[str, Known], now: float, quiet: bool = False) -> list[Change]:
        """Return the changes in the order of their events: submissions, lines, the end of the transaction.

        Args:
            seen: the transaction.
            known: the remembered states of it and its lines, by key.
            now: seconds since the epoch.
            quiet: whether to make no events, for everything that existed before the source was started.
        """
        row = seen.transaction
        name = row.transaction_id or ""
        state = self.state_of(seen._replace(final=seen.final or quiet))
        summary = self._summary(row, seen.lines)
        current = known.get(WHOLE)
        # The lines of a transaction that had ended before the source was started were not read, and are not new.
        unread = current is not None and not current.events and current.state != PENDING and len(known) == 1
        changes: list[Change] = []
        if current is None:
            changes = (
                [Change(name, WHOLE, Known(state or PENDING, now))]
                if quiet
                else self._steps(name, WHOLE, None, PENDING, now, summary)
            )
            current = changes[-1].known
        # The end of the transaction comes after those of its lines.
        state = state or current.state
        for key, line in keyed(seen.lines or ()):
            line_state = self._words.state(line.status)
            if (quiet or unread) and key not in known:
                changes.append(Change(name, key, Known(line_state, now)))
            else:
                changes += self._steps(name, key, known.get(key), line_state, now, summary, line)
        # A transaction that has ended in the list is not stuck, even if its lines do not show that yet.
        runs = self._has_pending(seen.lines) or not self._words.has_ended(row)
        return changes + self._steps(name, WHOLE, current, state, now, summary, may_stick=runs)

    def state_of(self, seen: Seen) -> str | None:
        """Return a transaction's state. After all lines have ended, it is FAILED if any line has failed.

        Returns None if it is not known yet, because lines cannot be read or do not show.
        """
        row, lines = seen.transaction, seen.lines or ()
        states = Counter(self._words.state(line.status) for line in lines)
        if states[PENDING]:
            return PENDING
        if lines and len(lines) >= (row.total or 0):
            return FAILED if states[FAILED] else ACTIVE
        ended = self._words.has_ended(row)
        if not seen.final and (ended or not lines):
            return None
        if not ended:
            return PENDING
        return FAILED if states[FAILED] or row.failed or self._words.state(row.status) == FAILED else ACTIVE

    def _has_pending(self, lines: Sequence[Line] | None) -> bool:
        return any(self._words.state(line.status) == PENDING for line in lines or ())

    def is_consistent(self, seen: Seen) -> bool:
        """Return whether the lines agree with the transaction's counts and its status."""
        row, lines = seen.transaction, seen.lines
        if not lines:
            return False
        states = Counter(self._words.state(line.status) for line in lines)
        if not _has_counts(row):
            whole = row.total in (None, len(lines))
            return whole and self._words.has_ended(row) == (not states[PENDING])
        counts = (len(lines), states[ACTIVE], states[FAILED], states[PENDING])
        return all(a in (None, b) for a, b in zip((row.total, row.success, row.failed, row.pending), counts))

    def is_settled(self, seen: Seen) -> bool:
        """Return whether a transaction need not be read again until its row in the list changes."""
        return self.is_consistent(seen) and self.shows_changes(seen.transaction)

    def shows_changes(self, row: Transaction) -> bool:
        """Return whether every change of a line changes the transaction's row in the list."""
        return _has_counts(row) or self._words.has_ended(row)

    def _steps(
        self,
        name: str,
        key: str,
        before: Known | None,
        state: str,
        now: float,
        summary: Mapping[str, Any],
        line: Line | None = None,
        may_stick: bool = True,
    ) -> list[Change]:
        """Return the changes of one item since `before`."""
        changes: list[Change] = []

        def add(word: str, known: Known, **more: Any) -> Known:
            event = self._event(name, key, word, known.events, summary, line, state, more)
            changes.append(Change(name, key, known, event))
            return known

        current = before or add(_WORDS[PENDING], Known(PENDING, now, 1))
        if state != current.state:
            current = add(_WORDS[state], Known(state, now, current.events + 1))
        overdue = self._stuck_after and now - current.since >= self._stuck_after
        if state == PENDING and overdue and may_stick and not current.stuck:
            seconds = int(now - current.since)
            add("stuck", current._replace(events=current.events + 1, stuck=True), pending_seconds=seconds)
        return changes

    def _event(
        self,
        name: str,
        key: str,
        word: str,
        number: int,
        summary: Mapping[str, Any],
        line: Line | None,
        state: str,
        more: Mapping[str, Any],
    ) -> dict[str, Any]:
        kind = "transaction" if line is None else "line"
        # The same event always has the same id.
        event_id = str(uuid.uuid5(_NAMESPACE, json.dumps([self._account, name, key, word, number])))
        event = {"id": event_id, "type": f"{kind}_{word}", "transaction_id": name, "transaction": dict(summary), **more}
        if line is not None:
            event["line"] = {"state": str(state), **line._replace(transaction_id=name)._asdict()}
        # Otherwise, ansible-rulebook adds a random one. It adds the other keys of `meta`.
        event["meta"] = {"uuid": event_id}
        return event

    def _summary(self, row: Transaction, lines: Sequence[Line] | None) -> dict[str, Any]:
        """Return the transaction of an event, with counts by its lines, which are newer."""
        fields = ("transaction_id", "status", "started", "total", "success", "failed", "pending")
        summary = {field: getattr(row, field) for field in fields}
        if lines:
            states = Counter(self._words.state(line.status) for line in lines)
            total = max(len(lines), row.total or 0)
            summary.update(total=total, success=states[ACTIVE], failed=states[FAILED])
            summary["pending"] = total - states[ACTIVE] - states[FAILED]
        return summary


def keyed(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Yield each line with its key in the transaction, which is the same in every poll.

    The key is the submitted identifier, because an eSIM gets its ICCID later. Lines with the same identifier are
    numbered in the order of their other identifiers, because the order of the service may change.
    """
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.sim_id or line.imei or line.eid or line.iccid or "-", []).append(line)
    for key, group in groups.items():
        if len(group) > 1:
            group.sort(key=lambda line: (line.iccid or "", line.eid or "", line.imei or ""))
        for number, line in enumerate(group):
            yield (f"{key}#{number}" if number else key), line


def _has_counts(row: Transaction) -> bool:
    return row.pending is not None or None not in (row.total, row.success, row.failed)
