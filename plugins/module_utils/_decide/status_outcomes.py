# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan does with the status of a device, and what may become of it: one enumeration each."""

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
    """What may become of a device; those that someone has to look at come first.

    `cure`: what to do about it, for those that need attention; the device's reason says the rest.
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
        "Failed devices are as they were, as far as is known: do what their reasons say, and run the task again.",
    )
    PENDING = (
        "pending",
        (
            "The device list does not show pending devices as wanted: raise settle_timeout, or run the task again "
            "later. It sets the status again where the list still shows another; the same status twice does no harm."
        ),
    )
    SET = ("set",)
    WOULD_SET = ("would_set",)
    MISSING = ("missing",)
    EXCEPTED = ("excepted",)
    UNCHANGED = ("unchanged",)

    @property
    def needs_attention(self) -> bool:
        """Whether someone has to look at it."""
        return self.cure is not None


#: What becomes of a device if nothing more is done than the plan says.
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
    """What became of an item. `now`: the device as it was listed last; None where that is not known."""

    item: StatusItem
    outcome: StatusOutcome
    reason: str
    now: Entry | None = None

    @classmethod
    def foreseen(cls, item: StatusItem) -> Self:
        """Return what becomes of an item if nothing more is done than the plan says."""
        return cls(item, FORESEEN[item.action], item.reason, item.entry)
