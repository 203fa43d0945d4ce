# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a device stands in the account, by the books: what the device list shows, now or a while later."""

from __future__ import annotations

from collections.abc import Iterator

from .books import SUCCESS, Books
from .fleets import Member
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, GONE, ODD, SUSPENDED

#: How a device stands: as the list's words mean, with another partner, or not listed in words that say anything.
ACTIVE, ELSEWHERE, NOWHERE = "active", "active elsewhere", "not listed"
#: Fate → how a listed device stands before the first run; those that are not named are active.
_BEFORE = {SUSPENDED: "suspended", DEACTIVATED: "deactivated", GONE: "deactivated", ODD: NOWHERE}


def standings(member: Member, books: Books, since: float, until: float) -> set[str]:
    """How a device stood at any time from `since` to `until`, in seconds of the simulator's clock."""
    found: set[str] = set()
    for moment, state in sorted(_events(member, books), key=lambda event: event[0]):
        if moment > until:
            break
        found = {state} if moment <= since else {*found, state}
    return found


def standing(member: Member, books: Books, moment: float) -> str:
    """How a device stands at a time."""
    return standings(member, books, moment, moment).pop()


def _events(member: Member, books: Books) -> Iterator[tuple[float, str]]:
    """When the device came to stand so; the first is how it stood before the round."""
    if member.portal is None:
        yield 0.0, NOWHERE
    else:
        yield 0.0, ELSEWHERE if member.fate in ACTIVE_ELSEWHERE else _BEFORE.get(member.fate, ACTIVE)
    for line in books.of(member.key):
        # What the history has of a listed device was before its entry.
        if line.outcome == SUCCESS and line.done_at is not None and not (line.seeded and member.portal):
            yield line.done_at, ACTIVE
    for change in books.changes_of(member.key):
        yield change.at, change.after.lower()
