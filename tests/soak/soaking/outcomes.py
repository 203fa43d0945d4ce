# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the outcome of each device with the books. Checks return what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from harness import devices

from .books import Entry
from .fleets import PARTNER, Member
from .portal import SUSPENDED
from .runs import Run
from .seen import Seen
from .states import ACTIVE, ELSEWHERE, state_at, states_between

_IMPOSSIBLE = "this run cannot have this outcome"
_NOT_TO_RESTORE = "the list did not show it as suspended, or the run did not have on_suspended=restore"


class Case(NamedTuple):
    """A device, its entry in the result of a run, the run, and what the simulator saw of it."""

    entry: dict[str, Any]
    member: Member
    run: Run
    seen: Seen

    @property
    def started(self) -> float:
        """The start of the run, in seconds of the simulator's clock."""
        return self.run.started + self.seen.offset

    @property
    def ended(self) -> float:
        """The end of the run, in seconds of the simulator's clock."""
        return self.run.ended + self.seen.offset

    @property
    def shown(self) -> set[str]:
        """The states in which the run may have seen the device in the list."""
        books = self.seen.books
        states = states_between(self.member, books, self.started - self.seen.listing_lag - 0.1, self.ended)
        return {*states, state_at(self.member, books, 0.0)} if self.is_hidden_now else states

    @property
    def is_hidden_now(self) -> bool:
        """Whether the list hides the group with which the device was submitted, so that its old entry stays."""
        return bool(self.submitted) and devices.COMMON["device_group"] in self.seen.hidden

    @property
    def unseen(self) -> bool:
        """Whether the run may not have seen the device's entry in the list."""
        return self.seen.may_be_unseen(self.member, self.run)

    @property
    def submitted(self) -> list[Entry]:
        """The lines of its submissions, without those from before it was listed."""
        books, key = self.seen.books, self.member.key
        return books.own(key) if self.member.portal is not None else books.of(key)

    def says(self, option: str, value: str) -> bool:
        """Whether an option of the run has this value."""
        return bool(self.run.arguments.get(option) == value)


def wrong_outcome(case: Case) -> str | None:
    """What is wrong with an outcome, or None."""
    judge = _JUDGES.get(case.entry["outcome"])
    return _IMPOSSIBLE if judge is None else judge(case)


def _activated(case: Case) -> str | None:
    lines = [line for line in case.seen.books.activations(case.member.key, case.ended) if line in case.submitted]
    if not lines:
        return "the books do not show that it was activated"
    return _wrong_line(case, lines)


def _already_active(case: Case) -> str | None:
    lines = case.seen.books.activations(case.member.key, case.ended)
    is_listed = state_at(case.member, case.seen.books, case.ended) == ACTIVE
    if not is_listed and not (lines and case.unseen):
        by_device = ELSEWHERE in case.shown and case.seen.look.by_pages
        return None if by_device else "the books do not show that it is active"
    if case.entry["transaction_id"]:
        return _wrong_line(case, lines)
    # A device that only the list shows as active has no transaction.
    return "the transaction is missing" if case.says("listing", "none") else None


def _wrong_line(case: Case, lines: list[Entry]) -> str | None:
    """What is wrong with the transaction and the identifiers of a device that these lines have activated, or None."""
    member, entry = case.member, case.entry
    if not case.seen.is_named(lines, entry["transaction_id"]):
        named = " or ".join(line.transaction_id for line in lines) or "none"
        return f"it was activated in {named}, not in {entry['transaction_id']}"
    declared = member.identifiers.get(PARTNER[member.kind])
    if declared is not None and all(line.partner != declared for line in lines):
        return f"it is active with {lines[-1].partner}"
    if member.kind == "esim" and all(line.iccid != entry["iccid"] for line in lines):
        return f"its ICCID is {lines[-1].iccid}, not {entry['iccid']}"
    return None


def _failed(case: Case) -> str | None:
    reason = str(case.entry["reason"])
    if "not restored" in reason or "the device list does not show it after" in reason:
        return _not_restored(case)
    # Without a submission, the failure is from the history, or nothing was accepted.
    lines = case.submitted or [line for line in case.seen.books.of(case.member.key) if line.fails]
    by_then = [line.fails for line in lines if line.submitted_at <= case.ended]
    # A rival may have submitted it since then, or when this run could not.
    right = all(by_then) if case.seen.alone else any(by_then) or not case.entry["transaction_id"]
    return None if right else "the books do not show that it failed"


def _not_restored(case: Case) -> str | None:
    if case.member.fate != SUSPENDED:
        return "it was not suspended"
    if case.seen.alone and not case.run.draw.has_faults and not any(_throttled(case.seen)):
        return "the run had no faults"
    return None if case.says("on_suspended", "restore") else "the run did not have on_suspended=restore"


def _throttled(seen: Seen) -> list[bool]:
    return [True for request in seen.requests if request["status"] == 429]


def _pending(case: Case) -> str | None:
    only_history = case.run.draw.check or not case.run.arguments.get("wait", True)
    under_way = case.seen.books.under_way(case.member.key, case.started, case.ended, only_history)
    return None if under_way else "the books show that it was not under way"


def _unknown(case: Case) -> str | None:
    run, seen = case.run, case.seen
    if not run.draw.has_faults and seen.alone:
        return "the run had no faults"
    reads_suffer = run.draw.outages or any(request["fault"] and request["method"] == "GET" for request in seen.requests)
    if reads_suffer or _throttled(seen):
        return None
    for line in case.submitted:
        shown = line.visible_at - line.submitted_at < 0.6 * run.arguments["settle_timeout"]
        # Without the full history, an earlier failure cannot be distinguished from a new one.
        blind = line.fails and run.arguments["history"] != "full"
        # A line submitted shortly before the end, or after it, may be a rival's.
        ours = seen.alone or line.submitted_at <= case.ended - 0.9 * run.arguments["settle_timeout"]
        if line.submitted_at >= case.started and ours and shown and not blind:
            return f"the history showed {line.transaction_id} in time"
    return None


def _would_activate(case: Case) -> str | None:
    if not case.run.draw.check:
        return _IMPOSSIBLE
    # A line that becomes visible while the history is read may be in it or not.
    current = [line for line in case.submitted if not line.fails and line.visible_at < case.started]
    if current:
        return "the books show that it is active or under way"
    if case.member.portal is None or case.unseen:
        return None
    if case.member.portal.is_active_in_history and not case.says("on_deactivated", "activate"):
        return "the history shows it as active"
    permitted = ELSEWHERE in case.shown and case.says("on_conflict", "activate")
    # Another run may have activated it in the meantime.
    is_listed = case.shown <= {ACTIVE, SUSPENDED, ELSEWHERE}
    return f"it is listed as {' or '.join(sorted(case.shown))}" if is_listed and not permitted else None


def _conflict(case: Case) -> str | None:
    return None if ELSEWHERE in case.shown else "the list did not show it with another partner"


def _suspended(case: Case) -> str | None:
    return None if SUSPENDED in case.shown else "the list did not show it as suspended"


def _deactivated(case: Case) -> str | None:
    if case.says("on_deactivated", "activate") and not case.unseen and not case.is_hidden_now:
        # The run reads the list until it shows all changes from before its start.
        states = states_between(case.member, case.seen.books, case.started, case.ended)
        return None if "deactivated" in states else "the list showed in time that it is no longer deactivated"
    return None if "deactivated" in case.shown else "the list did not show it as deactivated"


def _skipped(case: Case) -> str | None:
    skipped = [
        state
        for option, state in (
            ("on_conflict", ELSEWHERE),
            ("on_suspended", SUSPENDED),
            ("on_deactivated", "deactivated"),
        )
        if case.says(option, "skip")
    ]
    return None if case.shown.intersection(skipped) else "the list did not show it in a state that is skipped"


def _would_restore(case: Case) -> str | None:
    right = case.run.draw.check and case.says("on_suspended", "restore") and SUSPENDED in case.shown
    return None if right else _NOT_TO_RESTORE


def _restored(case: Case) -> str | None:
    if not case.says("on_suspended", "restore") or SUSPENDED not in case.shown:
        return _NOT_TO_RESTORE
    is_active = state_at(case.member, case.seen.books, case.ended) == ACTIVE
    return None if is_active else "the books show that it is not active"


_JUDGES: dict[str, Callable[[Case], str | None]] = {
    "activated": _activated,
    "already_active": _already_active,
    "failed": _failed,
    "pending": _pending,
    "unknown": _unknown,
    "would_activate": _would_activate,
    "conflict": _conflict,
    "suspended": _suspended,
    "deactivated": _deactivated,
    "skipped": _skipped,
    "would_restore": _would_restore,
    "restored": _restored,
}
