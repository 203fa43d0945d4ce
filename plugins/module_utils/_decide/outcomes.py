# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan does with a device, and what may become of it: one enumeration each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._declare.devices import Device
from .._wire import ACTIVE, FAILED, Entry, Line, LineState, Word

if TYPE_CHECKING:
    from typing_extensions import Self


class Action(Word):
    """What a plan does with a device.

    `submits`: whether the device is submitted. `writes`: whether anything is written.
    """

    submits: bool
    writes: bool

    def __new__(cls, word: str, submits: bool = False, writes: bool = False) -> Self:
        """Return a member. What is submitted is written."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.submits, member.writes = submits, submits or writes
        return member

    ACTIVATE = ("activate", True)
    RETRY = ("retry", True)
    RESTORE = ("restore", False, True)
    WAIT = "wait"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    INACTIVE = "inactive"


class Outcome(Word):
    """What may become of a device; those that someone has to look at come first.

    `label`: for people. `needs_attention`: whether someone has to look at it. `cure`: what to do about it; the device's
    reason says the rest. `transaction_state`: under which count its transaction's entry has it, or None.
    """

    label: str
    needs_attention: bool
    cure: str | None
    transaction_state: str | None

    def __new__(cls, word: str, label: str, transaction_state: str | None = None, cure: str | None = None) -> Self:
        """A member. Those with a cure need attention."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.label, member.transaction_state, member.cure = label, transaction_state, cure
        member.needs_attention = cure is not None
        return member

    FAILED = (
        "failed",
        "Failed",
        "failed",
        "Correct what the reasons name, and run the task again: failed devices are submitted again.",
    )
    CONFLICT = (
        "conflict",
        "Conflict",
        None,
        "Check which pairs of identifiers are right and correct the others, or set on_conflict.",
    )
    SUSPENDED = (
        "suspended",
        "Suspended",
        None,
        "Suspended devices stay as they are: set on_suspended to restore to have them restored, or to skip.",
    )
    DEACTIVATED = (
        "deactivated",
        "Deactivated",
        None,
        (
            "Deactivated devices stay as they are: set on_deactivated to activate to have them activated again, which "
            "is billed, or to skip."
        ),
    )
    UNKNOWN = (
        "unknown",
        "Unknown",
        "unknown",
        (
            "Wait a moment, and run the task again for the unknown devices: it looks for them, and submits only what "
            "neither the history nor a journal knows."
        ),
    )
    PENDING = (
        "pending",
        "Pending",
        "pending",
        "What is still pending is not submitted again: run the task again, and it goes on waiting.",
    )
    ACTIVATED = ("activated", "Activated", "success")
    RESTORED = ("restored", "Restored")
    WOULD_ACTIVATE = ("would_activate", "Would be activated")
    WOULD_RESTORE = ("would_restore", "Would be restored")
    SKIPPED = ("skipped", "Skipped")
    ALREADY_ACTIVE = ("already_active", "Already active")


def outcome_of(state: LineState) -> Outcome:
    """The outcome of a device whose line is in this state, where this run or an earlier one has submitted it."""
    return {ACTIVE: Outcome.ACTIVATED, FAILED: Outcome.FAILED}.get(state, Outcome.PENDING)


class DeviceOutcome:
    """What became of a device.

    `line`: as last seen; `entry`: as last listed, unless the device was submitted since; `reason`: a phrase for people;
    `seconds`: from its submission to when its end was seen, in this run; None where there is nothing. `is_final`:
    whether the outcome may still change in this run, and is counted as pending until then.
    """

    __slots__ = ("device", "entry", "is_final", "line", "outcome", "reason", "seconds", "transaction_id")

    def __init__(
        self,
        device: Device,
        outcome: Outcome,
        transaction_id: str | None = None,
        line: Line | None = None,
        reason: str | None = None,
        seconds: float | None = None,
        is_final: bool = True,
        entry: Entry | None = None,
    ) -> None:
        self.device = device
        self.entry = entry
        self.outcome = outcome
        self.transaction_id = transaction_id
        self.line = line
        self.reason = reason
        self.seconds = seconds
        self.is_final = is_final

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceOutcome) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]  # it changes while a run goes on

    def __repr__(self) -> str:
        return f"DeviceOutcome({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"
