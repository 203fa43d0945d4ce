# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan: what becomes of each device, its digest and its file.

The plan is the truth: check mode shows it, a run carries it out, an approval names it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .._declare.devices import Device
from .._wire import Entry, Line
from .outcomes import Action, DeviceOutcome, Outcome

PLAN_FORMAT = 1


class Item(NamedTuple):
    """A device, what the plan does with it, and why.

    `line`, `entry`: what was observed of the device in history and device list, or None. `reason`: a phrase, for
    people. `foreseen`: what becomes of the device if nothing more is done than the plan says: that of check mode.
    `fingerprint`: a hash of all that is to be written of this device.
    """

    device: Device
    action: Action
    reason: str
    fingerprint: str
    foreseen: Outcome
    line: Line | None = None
    entry: Entry | None = None

    def outcome(self) -> DeviceOutcome:
        """What becomes of the device if nothing more is done than the plan says."""
        submits = self.action.submits
        line = None if submits else self.line
        return DeviceOutcome(
            self.device,
            self.foreseen,
            line.transaction_id if line else None,
            line,
            self.reason,
            is_final=not self.action.writes,
            entry=self.entry,
        )


@dataclass(frozen=True)
class Plan:
    """The items in the order of the declared devices."""

    items: list[Item]

    @cached_property
    def submitted(self) -> list[Item]:
        """The items that are to be submitted."""
        return [item for item in self.items if item.action.submits]

    @cached_property
    def restored(self) -> list[Item]:
        """The items that are to be restored."""
        return [item for item in self.items if item.action == Action.RESTORE]

    @cached_property
    def written(self) -> list[Item]:
        """The items that write something: those submitted and those restored."""
        return [item for item in self.items if item.action.writes]

    def counts(self) -> dict[str, int]:
        """Return how many devices each action has; `activate` includes retries."""
        counts = Counter(Action.ACTIVATE if item.action.submits else item.action for item in self.items)
        return {action.value: counts[action] for action in Action if action != Action.RETRY}

    def digest(self) -> str:
        """64 hexadecimal digits that stand for what would be written, whatever the order of the devices.

        What is active, pending, inactive or in conflict does not count: it may change between approval and run without
        one more device being activated or restored.
        """
        return digest_of((item.action, item.fingerprint) for item in self.items)

    def as_file(self) -> dict[str, Any]:
        """The plan file's content: format, digest, counts, and each device with action, reason and fingerprint."""
        devices = [
            {
                "kind": item.device.identity.kind,
                **item.device.declared(),
                "action": item.action.value,
                "reason": item.reason,
                "fingerprint": item.fingerprint,
            }
            for item in self.items
        ]
        return {"format": PLAN_FORMAT, "digest": self.digest(), "counts": self.counts(), "devices": devices}


def digest_of(decided: Iterable[tuple[Action, str]]) -> str:
    """Return the digest of a plan: 32 digits for what is submitted, and 32 for what is restored.

    So a part of a plan can be known by its digest when the other one has been carried out.

    Args:
        decided: action and fingerprint of each item; those that write nothing are left out.
    """
    submitted: list[str] = []
    restored: list[str] = []
    for action, fingerprint in decided:
        if action.writes:
            (submitted if action.submits else restored).append(fingerprint)
    return half_of(submitted) + half_of(restored)


def half_of(fingerprints: Iterable[str]) -> str:
    """Return 32 hexadecimal digits that stand for a set of fingerprints."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()[:32]
