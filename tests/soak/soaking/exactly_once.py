# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks after every run, however it ended: no device was activated twice or restored wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .books import SLACK, Books, Change, Entry, submitted_twice
from .fleets import Fleet, Member
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, ELSEWHERE, LISTED, PORTAL, SUSPENDED
from .runs import Run
from .seen import RESTORED, TWICE, Finding, Seen

#: Fates of devices that the carrier already has a line for: submitting one is a duplicate.
_HAS_A_LINE = (LISTED, SUSPENDED, *ACTIVE_ELSEWHERE)


@dataclass(frozen=True)
class Terms:
    """What the runs of a step may do, given their options and what they could read.

    `since`: start of the first run, in seconds of the simulator's clock. `unseen`: keys of listed devices that a run
    may not have seen in the list. `activates`, `restores`, `swaps`: whether a run may activate deactivated devices,
    restore suspended ones, or activate devices that are active with another partner.
    """

    since: float
    unseen: frozenset[str] = frozenset()
    activates: bool = False
    restores: bool = False
    swaps: bool = False

    @classmethod
    def of(cls, runs: Sequence[Run], seen: Seen, fleet: Fleet) -> Terms:
        """The terms of a step with these runs."""
        writing = [run for run in runs if not run.draw.check]
        unseen = {
            member.key for member in fleet.with_fate(*PORTAL) if any(seen.may_be_unseen(member, run) for run in writing)
        }

        def says(option: str, value: str) -> bool:
            return any(run.arguments.get(option) == value for run in writing)

        return cls(
            min(run.started for run in runs) + seen.offset,
            frozenset(unseen),
            says("on_deactivated", "activate"),
            says("on_suspended", "restore"),
            says("on_conflict", "activate"),
        )


def check_books(seen: Seen, fleet: Fleet, terms: Sequence[Terms]) -> list[Finding]:
    """Problems with the submissions and status changes so far.

    Args:
        terms: of the steps so far, oldest first.
    """
    books = seen.books
    strangers = {key for key in books.lines if books.own(key)} - fleet.by_key.keys()
    findings = [Finding(TWICE, "was never declared", key) for key in sorted(strangers)]
    for member in fleet.members:
        findings += [Finding(TWICE, text, member.key) for text in _submissions(member, books, terms)]
    findings += [Finding(RESTORED, text, change.key) for change, text in _changes(books, fleet, terms)]
    if not _may_repeat(fleet, terms[-2:]):
        refused = [request for request in seen.submissions() if request["status"] == 409]
        findings += [Finding(TWICE, f"request {request['id']} was refused as a duplicate") for request in refused]
    return findings


def _submissions(member: Member, books: Books, terms: Sequence[Terms]) -> Iterator[str]:
    entries, own = books.of(member.key), books.own(member.key)
    if member.portal is None:
        yield from submitted_twice(entries)
        return
    yield from submitted_twice(own)
    # A failed device may be submitted again, so that only the first submission needs permission.
    for entry in own[:1]:
        if not any(_permits(term, member) for term in _in_force(terms, entry)):
            activated = ", activated before" if member.portal.is_active_in_history else ""
            yield f"submitted in {entry.transaction_id}, although it was listed as {member.portal.status}{activated}"


def _permits(term: Terms, member: Member) -> bool:
    """Whether a run under these terms may submit a listed device that the round has not submitted before."""
    assert member.portal is not None
    if member.portal.is_active_in_history:
        return member.fate == DEACTIVATED and term.activates
    if member.fate == ELSEWHERE and term.swaps:
        return True
    return member.fate not in _HAS_A_LINE or member.key in term.unseen


def _in_force(terms: Sequence[Terms], entry: Entry) -> Sequence[Terms]:
    """The terms of the runs that may have made a submission: the step in which it was accepted, and the one before.

    The service may accept a request of an interrupted run while the next one runs.
    """
    begun = [number for number, term in enumerate(terms) if term.since <= entry.submitted_at + SLACK]
    last = begun[-1] if begun else 0
    return terms[max(0, last - 1) : last + 1]


def _changes(books: Books, fleet: Fleet, terms: Sequence[Terms]) -> Iterator[tuple[Change, str]]:
    """The wrong status changes, and what is wrong with each.

    A status that was lost or not listed in time may be set again, which is harmless.
    """
    for change in books.changes:
        member = fleet.by_key.get(change.key or "")
        if member is None:
            yield change, "its status was changed, although it was never declared"
        elif member.fate != SUSPENDED:
            yield change, f"was set to {change.after}, although it was not suspended ({member.fate})"
        elif change.after.lower() != "active":
            yield change, f"was set to {change.after}"
        elif not any(term.restores for term in terms):
            yield change, "was restored, although no run had on_suspended=restore"


def _may_repeat(fleet: Fleet, terms: Iterable[Terms]) -> bool:
    """Whether a run may have submitted a device that the carrier already has a line for."""
    with_line = fleet.with_fate(*_HAS_A_LINE)
    return any(_permits(term, member) for term in terms for member in with_line)
