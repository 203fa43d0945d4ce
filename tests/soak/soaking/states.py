# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a device in the account, according to the books. The device list shows it now or later."""

from __future__ import annotations

from collections.abc import Iterator

from .books import SUCCESS, Books
from .fleets import Member
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, GONE, ODD, SUSPENDED

#: States: the meanings of the list's words, active with another partner, not listed or with an unrecognised status.
ACTIVE, ELSEWHERE, NOWHERE = "active", "active elsewhere", "not listed"
#: Fate → state of a listed device before the first run. Other listed devices are active.
_BEFORE = {SUSPENDED: "suspended", DEACTIVATED: "deactivated", GONE: "deactivated", ODD: NOWHERE}


def states_between(member: Member, books: Books, since: float, until: float) -> set[str]:
    """The states of a device from `since` to `until`, in seconds of the simulator's clock."""
    states: set[str] = set()
    for moment, state in sorted(_events(member, books), key=lambda event: event[0]):
        if moment > until:
            break
        states = {state} if moment <= since else {*states, state}
    return states


def state_at(member: Member, books: Books, moment: float) -> str:
    """The state of a device at a time."""
    return states_between(member, books, moment, moment).pop()


def _events(member: Member, books: Books) -> Iterator[tuple[float, str]]:
    """(time, new state) of a device. The first one is its state before the round."""
    if member.portal is None:
        yield 0.0, NOWHERE
    else:
        yield 0.0, ELSEWHERE if member.fate in ACTIVE_ELSEWHERE else _BEFORE.get(member.fate, ACTIVE)
    for line in books.of(member.key):
        # The lines that a listed device starts with are older than its entry.
        if line.outcome == SUCCESS and line.done_at is not None and not (line.seeded and member.portal):
            yield line.done_at, ACTIVE
    for change in books.changes_of(member.key):
        yield change.at, change.after.lower()
