# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan: an action for each device, its digest and its file.

Check mode shows the plan, a run carries it out, and an approval names it.
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

    `line`, `entry`: the device in the history and in the device list, or None. `reason`: a phrase for people.
    `foreseen`: the outcome in check mode. `fingerprint`: a hash of what is written for this device.
    """

    device: Device
    action: Action
    reason: str
    fingerprint: str
    foreseen: Outcome
    line: Line | None = None
    entry: Entry | None = None

    def outcome(self) -> DeviceOutcome:
        """Return the outcome in check mode."""
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
        """The items to submit."""
        return [item for item in self.items if item.action.submits]

    @cached_property
    def restored(self) -> list[Item]:
        """The items to restore."""
        return [item for item in self.items if item.action == Action.RESTORE]

    @cached_property
    def written(self) -> list[Item]:
        """The items to submit or to restore."""
        return [item for item in self.items if item.action.writes]

    def counts(self) -> dict[str, int]:
        """Return the number of devices per action; `activate` includes retries."""
        counts = Counter(Action.ACTIVATE if item.action.submits else item.action for item in self.items)
        return {action.value: counts[action] for action in Action if action != Action.RETRY}

    def digest(self) -> str:
        """Return 64 hexadecimal digits that identify what the plan writes, independent of the order of the devices.

        Devices that are active, pending, inactive or in conflict are not part of it: their state may change between
        approval and run, but that does not activate or restore any further device.
        """
        return digest_of((item.action, item.fingerprint) for item in self.items)

    def as_file(self) -> dict[str, Any]:
        """Return the content of the plan file: format, digest, counts, and the devices with their actions."""
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

    One half still matches the approval after the other half has been carried out.

    Args:
        decided: action and fingerprint of each item; items that write nothing are ignored.
    """
    submitted: list[str] = []
    restored: list[str] = []
    for action, fingerprint in decided:
        if action.writes:
            (submitted if action.submits else restored).append(fingerprint)
    return half_of(submitted) + half_of(restored)


def half_of(fingerprints: Iterable[str]) -> str:
    """Return 32 hexadecimal digits that identify a set of fingerprints."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()[:32]
