# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions and outcomes of a plan that sets device statuses, one enumeration each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .._declare.targets import Target
from .._wire import Entry, Word

if TYPE_CHECKING:
    from typing_extensions import Self


class StatusAction(Word):
    """What a plan does with a device."""

    SET = "set"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    EXCEPTED = "excepted"
    MISSING = "missing"


class StatusOutcome(Word):
    """What may become of a device. Outcomes that need attention come first.

    `cure`: what to do about it, apart from the device's reason; None where nothing has to be done.
    """

    cure: str | None

    def __new__(cls, word: str, cure: str | None = None) -> Self:
        """Return a member."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.cure = cure
        return member

    FAILED = (
        "failed",
        "As far as is known, failed devices were not changed: fix what the reasons name and run the task again.",
    )
    PENDING = (
        "pending",
        (
            "The device list does not show the new status of pending devices yet: raise settle_timeout, or run the "
            "task again later. If the list still shows another status, the task sets it again, which does no harm."
        ),
    )
    SET = ("set",)
    WOULD_SET = ("would_set",)
    MISSING = ("missing",)
    EXCEPTED = ("excepted",)
    UNCHANGED = ("unchanged",)

    @property
    def needs_attention(self) -> bool:
        """Whether the user has to act."""
        return self.cure is not None


#: Outcomes in check mode.
FORESEEN = {
    StatusAction.SET: StatusOutcome.WOULD_SET,
    StatusAction.UNCHANGED: StatusOutcome.UNCHANGED,
    StatusAction.REFUSED: StatusOutcome.FAILED,
    StatusAction.EXCEPTED: StatusOutcome.EXCEPTED,
    StatusAction.MISSING: StatusOutcome.MISSING,
}


class StatusItem(NamedTuple):
    """A device, what the plan does with it, and why. `entry`: of the device list; None where it is not listed."""

    target: Target
    action: StatusAction
    reason: str
    entry: Entry | None = None


class StatusResult(NamedTuple):
    """The outcome of an item. `now`: the device as last listed; None if that is not known."""

    item: StatusItem
    outcome: StatusOutcome
    reason: str
    now: Entry | None = None

    @classmethod
    def foreseen(cls, item: StatusItem) -> Self:
        """Return the result of an item in check mode."""
        return cls(item, FORESEEN[item.action], item.reason, item.entry)
