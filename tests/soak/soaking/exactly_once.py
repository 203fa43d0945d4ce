# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold after every run, however it ended: nobody was activated twice, and nobody restored wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .books import SLACK, Books, Change, Entry, submitted_twice
from .fleets import Fleet, Member
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, ELSEWHERE, LISTED, PORTAL, SUSPENDED
from .runs import Run
from .seen import RESTORED, TWICE, Finding, Seen

#: Fates of devices that the carrier has a line for: submitting one is a duplicate.
_HAS_A_LINE = (LISTED, SUSPENDED, *ACTIVE_ELSEWHERE)


@dataclass(frozen=True)
class Terms:
    """What the runs of a step may have done, by their options and by what they could see.

    `since`: when they began, in seconds of the simulator's clock. `unseen`: keys of listed devices that a run may not
    have seen in the list. `activates`, `restores`, `swaps`: whether any run may activate what is deactivated, restore,
    or activate what is active with another partner.
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
    """What is wrong with what was taken and set so far.

    Args:
        terms: of the steps so far, the oldest first.
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
    # What has failed may be submitted again: the first submission is the one that needs a reason.
    for entry in own[:1]:
        if not any(_permits(term, member) for term in _in_force(terms, entry)):
            activated = ", activated before" if member.portal.is_active_in_history else ""
            yield f"submitted in {entry.transaction_id}, though it was listed as {member.portal.status}{activated}"


def _permits(term: Terms, member: Member) -> bool:
    """Whether a run under these terms may submit a listed device that this round has not submitted before."""
    assert member.portal is not None
    if member.portal.is_active_in_history:
        return member.fate == DEACTIVATED and term.activates
    if member.fate == ELSEWHERE and term.swaps:
        return True
    return member.fate not in _HAS_A_LINE or member.key in term.unseen


def _in_force(terms: Sequence[Terms], entry: Entry) -> Sequence[Terms]:
    """The terms of the runs that may have made a submission: the step's in which it was taken, and those before it.

    What an interrupted run has left may be taken while the next one runs.
    """
    begun = [number for number, term in enumerate(terms) if term.since <= entry.submitted_at + SLACK]
    last = begun[-1] if begun else 0
    return terms[max(0, last - 1) : last + 1]


def _changes(books: Books, fleet: Fleet, terms: Sequence[Terms]) -> Iterator[tuple[Change, str]]:
    """The statuses that were set wrongly, and what is wrong with each.

    A status that was lost on its way, or not listed in time, may be set again: that does no harm.
    """
    for change in books.changes:
        member = fleet.by_key.get(change.key or "")
        if member is None:
            yield change, "was never declared, and its status was set"
        elif member.fate != SUSPENDED:
            yield change, f"was not suspended ({member.fate}), and was set to {change.after}"
        elif change.after.lower() != "active":
            yield change, f"was set to {change.after}"
        elif not any(term.restores for term in terms):
            yield change, "was restored, and no run was to restore anything"


def _may_repeat(fleet: Fleet, terms: Iterable[Terms]) -> bool:
    """Whether a run may have submitted what the carrier has a line for."""
    with_line = fleet.with_fate(*_HAS_A_LINE)
    return any(_permits(term, member) for term in terms for member in with_line)
