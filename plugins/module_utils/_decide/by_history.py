# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides for a device by the history alone."""

from __future__ import annotations

from typing import NamedTuple

from .._declare.devices import Device
from .._identity import Seen
from .._observe.history import History
from .._text import printable, shown_name
from .._wire import ACTIVE, FAILED, Line, Odd, Record
from .outcomes import Action, Outcome


class Policy(NamedTuple):
    """What the user decided beforehand; each field is the option of the same name."""

    retry_failed: bool = True
    on_conflict: str = "fail"
    on_suspended: str = "fail"
    on_deactivated: str = "fail"


class Verdict(NamedTuple):
    """What to do with a device, and why; the fields are those of `Item`."""

    action: Action
    reason: str
    foreseen: Outcome
    line: Line | None = None


def decide_by_history(device: Device, history: History, policy: Policy) -> Verdict:
    """Decide for a device by the lines of its key, then by those of its partner."""
    identity, pair = device.identity, device.pair()
    found = [history.current(field, value) for field, value in pair]
    for (field, value), seen in zip(pair, found):
        if seen is None or seen.state == FAILED:
            continue
        if field != identity.key and identity.key_of(seen.line) == device.key:
            continue  # this line was already checked by its key
        against = identity.contradiction(device, seen.line, history.reported_fields)
        if against is None:
            return _settled(seen)
        other = f"{against.field} {against.value}{nicknamed(seen.line)}"
        reason = f"{field} {value} is {seen.state} with {other} {in_transaction(seen.line)}"
        return _conflict(device, reason.rstrip(), seen.line, history, policy)
    suspect = history.suspect(*(value for _field, value in pair))
    if suspect is not None and policy.on_conflict != "activate":
        return refused(may_be(suspect, "history"), policy)
    mine = found[0]
    if mine is not None and identity.is_pair(device, mine.line):
        return _failed(mine.line, policy)
    reason = "not in the history" if mine is None else f"not in the history with this {identity.partner}"
    return Verdict(Action.ACTIVATE, reason, Outcome.WOULD_ACTIVATE)


def refused(reason: str, policy: Policy) -> Verdict:
    """Return a conflict, or a skipped device if the user chose to skip conflicts."""
    return Verdict(Action.CONFLICT, reason, Outcome.SKIPPED if policy.on_conflict == "skip" else Outcome.CONFLICT)


def may_be(suspect: Odd, source: str) -> str:
    """Return why a device is not submitted if a record with a broken identifier may be its own."""
    reason = f"may be active already: {suspect} in the {source} is not a complete identifier and may be this device's"
    status = f" (status {printable(suspect.line.status)})" if suspect.line.status else ""
    transaction = in_transaction(suspect.line) if isinstance(suspect.line, Line) else ""
    return f"{reason}{status} {transaction}".rstrip()


def nicknamed(record: Record) -> str:
    """Return the nickname of a record in parentheses, to follow its identifiers; "" without a nickname."""
    return f" ({shown_name(record.nickname)})" if record.nickname else ""


def in_transaction(line: Line) -> str:
    """Return the transaction of a line in parentheses; "" without a transaction."""
    return f"(transaction {line.transaction_id})" if line.transaction_id else ""


def is_under_way(device: Device, history: History) -> Line | None:
    """Return the newest line of the pair if it has not ended, else None."""
    lines = history.lines(device.identity.key, device.key)
    newest = lines[-1] if lines else None
    if newest is None or newest.state in (ACTIVE, FAILED):
        return None
    return None if device.identity.contradiction(device, newest.line, history.reported_fields) else newest.line


def waiting(line: Line) -> Verdict:
    """Return the verdict on a device that is under way."""
    reason = f"is under way {in_transaction(line)} ({line.status})".replace("  ", " ")
    return Verdict(Action.WAIT, reason, Outcome.PENDING, line)


def _settled(seen: Seen) -> Verdict:
    if seen.state != ACTIVE:
        return waiting(seen.line)
    reason = f"is active {in_transaction(seen.line)}".rstrip()
    return Verdict(Action.UNCHANGED, reason, Outcome.ALREADY_ACTIVE, seen.line)


def _conflict(device: Device, reason: str, line: Line, history: History, policy: Policy) -> Verdict:
    """Decide for a device that is active or under way with another partner."""
    if policy.on_conflict != "activate":
        return refused(reason, policy)
    identity = device.identity
    tried = history.lines(identity.key, device.key)[-1:]
    # The conflicting pair is still active, but the last known line of the declared pair is a failure.
    if (
        tried
        and tried[0].state == FAILED
        and device.identity.is_pair(device, tried[0].line)
        and not policy.retry_failed
    ):
        return _failed(tried[0].line, policy)
    return Verdict(Action.ACTIVATE, reason, Outcome.WOULD_ACTIVATE, line)


def _failed(line: Line, policy: Policy) -> Verdict:
    reason = f"failed before {in_transaction(line)}".rstrip() + f": {line.reason or f'status {line.status}'}"
    if policy.retry_failed:
        return Verdict(Action.RETRY, reason, Outcome.WOULD_ACTIVATE, line)
    return Verdict(Action.UNCHANGED, reason, Outcome.FAILED, line)
