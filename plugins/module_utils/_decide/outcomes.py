# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions of a plan and outcomes of devices, one enumeration each."""

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
        """Return a member. An action that submits also writes."""
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
    """What may become of a device. Outcomes that need attention come first.

    `label`: text for people. `needs_attention`: whether the user has to act. `cure`: what to do about it, apart from
    the device's reason. `transaction_state`: the count of its transaction that includes the device, or None.
    """

    label: str
    needs_attention: bool
    cure: str | None
    transaction_state: str | None

    def __new__(cls, word: str, label: str, transaction_state: str | None = None, cure: str | None = None) -> Self:
        """Return a member. Outcomes with a cure need attention."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.label, member.transaction_state, member.cure = label, transaction_state, cure
        member.needs_attention = cure is not None
        return member

    FAILED = (
        "failed",
        "Failed",
        "failed",
        "Fix what the reasons name and run the task again: failed devices are submitted again.",
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
        "Suspended devices were not changed: set on_suspended to restore or skip.",
    )
    DEACTIVATED = (
        "deactivated",
        "Deactivated",
        None,
        (
            "Deactivated devices were not changed: set on_deactivated to activate, which activates them again and is "
            "billed, or to skip."
        ),
    )
    UNKNOWN = (
        "unknown",
        "Unknown",
        "unknown",
        (
            "Wait a moment, then run the task again for the unknown devices: it looks them up and submits only those "
            "that neither the history nor the journal has."
        ),
    )
    PENDING = (
        "pending",
        "Pending",
        "pending",
        "Pending devices are not submitted again: run the task again to keep waiting for them.",
    )
    ACTIVATED = ("activated", "Activated", "success")
    RESTORED = ("restored", "Restored")
    WOULD_ACTIVATE = ("would_activate", "Would be activated")
    WOULD_RESTORE = ("would_restore", "Would be restored")
    SKIPPED = ("skipped", "Skipped")
    ALREADY_ACTIVE = ("already_active", "Already active")


def outcome_of(state: LineState) -> Outcome:
    """Return the outcome of a device that was submitted by this run or an earlier one, by the state of its line."""
    return {ACTIVE: Outcome.ACTIVATED, FAILED: Outcome.FAILED}.get(state, Outcome.PENDING)


class DeviceOutcome:
    """The outcome of a device.

    `line`: as last seen. `entry`: as last listed, unless the device was submitted since. `reason`: a phrase for people.
    `seconds`: from its submission in this run until its end was seen. Each of these may be None. `is_final`: False
    while the outcome may still change in this run; the device counts as pending until then.
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

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"DeviceOutcome({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"
