# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of an account's history: what one look at it shows, and what was known before, compared. Pure.

A thing is a transaction, or a line in one. It is submitted, and then it finishes, fails, or is stuck.
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
    """What is remembered of a thing. `since`: seconds since the epoch, when its state was first seen; `told`: how many
    events there were; `stuck`: whether it was told that it is stuck."""

    state: str
    since: float
    told: int = 0
    stuck: bool = False


class Seen(NamedTuple):
    """A transaction as a look shows it. `lines`: None where they could not be read, or were not; `final`: nor will they
    be, so that only the list tells how it ended."""

    transaction: Transaction
    lines: Sequence[Line] | None
    final: bool = False


class Change(NamedTuple):
    """What is to be remembered of a thing, once its event, where there is one, has been taken."""

    transaction_id: str
    key: str
    known: Known
    event: dict[str, Any] | None = None


class Comparison:
    """Compares a transaction with what is known of it.

    Args:
        account: what events of this account are told apart from those of others by.
        words: sorts status words.
        stuck_after: seconds; 0: never.
    """

    def __init__(self, account: str, words: StatusWords, stuck_after: float) -> None:
        self._account = account
        self._words = words
        self._stuck_after = stuck_after

    def changes(self, seen: Seen, known: Mapping[str, Known], now: float, quiet: bool = False) -> list[Change]:
        """The changes in the order in which they are to be told: submissions, lines, the end of the transaction.

        Args:
            seen: the transaction.
            known: what is remembered of it and its lines, by key.
            now: seconds since the epoch.
            quiet: without events: what was there before anybody listened.
        """
        row = seen.transaction
        name = row.transaction_id or ""
        state = self.state_of(seen._replace(final=seen.final or quiet))
        told = self._told(row, seen.lines)
        current = known.get(WHOLE)
        # The lines of what had ended before anybody listened were not read: they are no news.
        unread = current is not None and not current.told and current.state != PENDING and len(known) == 1
        found: list[Change] = []
        if current is None:
            found = (
                [Change(name, WHOLE, Known(state or PENDING, now))]
                if quiet
                else self._steps(name, WHOLE, None, PENDING, now, told)
            )
            current = found[-1].known
        # How it ended comes after how its lines did.
        state = state or current.state
        for key, line in keyed(seen.lines or ()):
            line_state = self._words.state(line.status)
            if (quiet or unread) and key not in known:
                found.append(Change(name, key, Known(line_state, now)))
            else:
                found += self._steps(name, key, known.get(key), line_state, now, told, line)
        # Nor is it stuck where the list says that it has ended, and its lines are yet to say so.
        runs = self._runs(seen.lines) or not self._words.ended(row)
        return found + self._steps(name, WHOLE, current, state, now, told, may_stick=runs)

    def state_of(self, seen: Seen) -> str | None:
        """A transaction's state: FAILED where any of its lines has failed, once all have ended.

        None where nobody can tell yet: its lines cannot be read, or the list says that it has ended, and not all of
        them show.
        """
        row, lines = seen.transaction, seen.lines or ()
        states = Counter(self._words.state(line.status) for line in lines)
        if states[PENDING]:
            return PENDING
        if lines and len(lines) >= (row.total or 0):
            return FAILED if states[FAILED] else ACTIVE
        ended = self._words.ended(row)
        if not seen.final and (ended or not lines):
            return None
        if not ended:
            return PENDING
        return FAILED if states[FAILED] or row.failed or self._words.state(row.status) == FAILED else ACTIVE

    def _runs(self, lines: Sequence[Line] | None) -> bool:
        return any(self._words.state(line.status) == PENDING for line in lines or ())

    def fits(self, seen: Seen) -> bool:
        """Whether the lines do not contradict the transaction's counts and its status."""
        row, lines = seen.transaction, seen.lines
        if not lines:
            return False
        states = Counter(self._words.state(line.status) for line in lines)
        if not _counted(row):
            whole = row.total in (None, len(lines))
            return whole and self._words.ended(row) == (not states[PENDING])
        found = (len(lines), states[ACTIVE], states[FAILED], states[PENDING])
        return all(a in (None, b) for a, b in zip((row.total, row.success, row.failed, row.pending), found))

    def settled(self, seen: Seen) -> bool:
        """Whether there is nothing to read of a transaction until it is listed otherwise."""
        return self.fits(seen) and self.changes_show(seen.transaction)

    def changes_show(self, row: Transaction) -> bool:
        """Whether a line cannot change without the transaction being listed otherwise."""
        return _counted(row) or self._words.ended(row)

    def _steps(
        self,
        name: str,
        key: str,
        before: Known | None,
        state: str,
        now: float,
        told: Mapping[str, Any],
        line: Line | None = None,
        may_stick: bool = True,
    ) -> list[Change]:
        """What has become of one thing since `before`."""
        found: list[Change] = []

        def tell(word: str, known: Known, **more: Any) -> Known:
            found.append(Change(name, key, known, self._event(name, key, word, known.told, told, line, state, more)))
            return known

        current = before or tell(_WORDS[PENDING], Known(PENDING, now, 1))
        if state != current.state:
            current = tell(_WORDS[state], Known(state, now, current.told + 1))
        overdue = self._stuck_after and now - current.since >= self._stuck_after
        if state == PENDING and overdue and may_stick and not current.stuck:
            seconds = int(now - current.since)
            tell("stuck", current._replace(told=current.told + 1, stuck=True), pending_seconds=seconds)
        return found

    def _event(
        self,
        name: str,
        key: str,
        word: str,
        number: int,
        told: Mapping[str, Any],
        line: Line | None,
        state: str,
        more: Mapping[str, Any],
    ) -> dict[str, Any]:
        kind = "transaction" if line is None else "line"
        # The same event gets the same id, whoever makes it, and when.
        event_id = str(uuid.uuid5(_NAMESPACE, json.dumps([self._account, name, key, word, number])))
        event = {"id": event_id, "type": f"{kind}_{word}", "transaction_id": name, "transaction": dict(told), **more}
        if line is not None:
            event["line"] = {"state": str(state), **line._replace(transaction_id=name)._asdict()}
        # Otherwise ansible-rulebook would give it one, another at each time; it adds the rest.
        event["meta"] = {"uuid": event_id}
        return event

    def _told(self, row: Transaction, lines: Sequence[Line] | None) -> dict[str, Any]:
        """What an event says of the transaction: its counts by its lines, which are read after it."""
        fields = ("transaction_id", "status", "started", "total", "success", "failed", "pending")
        told = {field: getattr(row, field) for field in fields}
        if lines:
            states = Counter(self._words.state(line.status) for line in lines)
            total = max(len(lines), row.total or 0)
            told.update(total=total, success=states[ACTIVE], failed=states[FAILED])
            told["pending"] = total - states[ACTIVE] - states[FAILED]
        return told


def keyed(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with the key that it has in its transaction, in every look.

    By what was submitted: an eSIM gets its ICCID later. Where lines share that, their order tells them apart, and as
    that is the service's affair, it is made by what else they carry.
    """
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.sim_id or line.imei or line.eid or line.iccid or "-", []).append(line)
    for key, group in groups.items():
        if len(group) > 1:
            group.sort(key=lambda line: (line.iccid or "", line.eid or "", line.imei or ""))
        for number, line in enumerate(group):
            yield (f"{key}#{number}" if number else key), line


def _counted(row: Transaction) -> bool:
    return row.pending is not None or None not in (row.total, row.success, row.failed)
