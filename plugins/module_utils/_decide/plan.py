# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is desired and what is observed → a plan. No HTTP, no Ansible, no clock.

The plan is the truth: check mode shows it, a run carries it out, an approval names it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .._declare.devices import Device
from .._identity import Identity, Seen
from .._observe.history import History
from .._text import printable
from .._wire import ACTIVE, FAILED, Line, Odd
from .outcomes import Action, DeviceOutcome, Outcome

PLAN_FORMAT = 1
_SORTED = json.JSONEncoder(sort_keys=True)


class Policy(NamedTuple):
    """What the user decided beforehand; the fields are the options of the same names."""

    retry_failed: bool = True
    on_conflict: str = "fail"


class Item(NamedTuple):
    """A device, what the plan does with it, and why.

    `line`: what was observed of the device, or None. `reason`: a phrase, for people. `foreseen`: what becomes of the
    device if nothing more is done than the plan says: that of check mode. `fingerprint`: a hash of all that a
    submission of this device would say.
    """

    device: Device
    action: Action
    reason: str
    fingerprint: str
    foreseen: Outcome
    line: Line | None = None

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
            is_final=not submits,
        )


@dataclass(frozen=True)
class Plan:
    """The items in the order of the declared devices, and the identity of their kind."""

    items: list[Item]
    identity: Identity

    @cached_property
    def submitted(self) -> list[Item]:
        """The items that are to be submitted."""
        return [item for item in self.items if item.action.submits]

    def counts(self) -> dict[str, int]:
        """`activate` (retries counted, too), `wait`, `unchanged`, `conflict`: how many devices."""
        counts = Counter(Action.ACTIVATE if item.action.submits else item.action for item in self.items)
        return {action.value: counts[action] for action in Action if action != Action.RETRY}

    def digest(self) -> str:
        """64 hexadecimal digits that stand for what would be submitted, whatever the order of the devices.

        What is active, pending or in conflict does not count: it may change between approval and run without one more
        device being activated.
        """
        return digest_of(item.fingerprint for item in self.submitted)

    def as_file(self) -> dict[str, Any]:
        """The plan file's content: format, digest, counts, and each device with action, reason and fingerprint."""
        devices = [
            {
                **item.device.declared(),
                "action": item.action.value,
                "reason": item.reason,
                "fingerprint": item.fingerprint,
            }
            for item in self.items
        ]
        return {"format": PLAN_FORMAT, "digest": self.digest(), "counts": self.counts(), "devices": devices}

    def diff(self, limit: int) -> dict[str, str]:
        """`before` and `after`: a line for each device that is submitted, sorted, at the most `limit` of them."""
        items = sorted(self.submitted, key=lambda item: str(self.identity.key_of(item.device)))
        before, after = [], []
        for item in items[:limit]:
            name = self.identity.describe(item.device)
            declared = item.device
            target = [declared.carrier, declared.device_group, declared.filter_group]
            before.append(f"{name}: {_state_before(item)}")
            after.append(f"{name}: active, {' / '.join(filter(None, target))}")
        if len(items) > limit:
            more = f"and {len(items) - limit} more devices"
            before.append(more)
            after.append(more)
        return {"before": _lines(before), "after": _lines(after)}


def make_plan(
    devices: Sequence[Device],
    history: History,
    policy: Policy,
    identity: Identity,
    context: Mapping[str, Any],
) -> Plan:
    """Decides for each device.

    Args:
        devices: what is desired.
        history: what is observed of them.
        context: what a submission says besides the device (kind, corp id, extra body); part of each fingerprint.
    """
    base = json.dumps(context, sort_keys=True, default=str)
    return Plan([_decide(device, history, policy, identity, base) for device in devices], identity)


def _decide(device: Device, history: History, policy: Policy, identity: Identity, base: str) -> Item:
    """What the history says of a device: first by its key, then by its partner."""
    fingerprint = _fingerprint(device, base)

    def item(action: Action, reason: str, foreseen: Outcome, line: Line | None = None) -> Item:
        return Item(device, action, printable(reason), fingerprint, foreseen, line)

    def failed(line: Line) -> Item:
        reason = f"failed before {_in(line)}".rstrip() + f": {line.reason or f'status {line.status}'}"
        if policy.retry_failed:
            return item(Action.RETRY, reason, Outcome.WOULD_ACTIVATE, line)
        return item(Action.UNCHANGED, reason, Outcome.FAILED, line)

    def conflict(reason: str) -> Item:
        return item(Action.CONFLICT, reason, Outcome.SKIPPED if policy.on_conflict == "skip" else Outcome.CONFLICT)

    pair = identity.pair(device)
    found = [history.current(field, value) for field, value in pair]
    for (field, value), seen in zip(pair, found):
        if seen is None or seen.state == FAILED:
            continue
        if field != identity.key and identity.key_of(seen.line) == identity.key_of(device):
            continue  # what its key shows has been looked at
        against = identity.contradiction(device, seen.line, history.told)
        if against is None:
            return _settled(item, seen)
        reason = f"{field} {value} is {seen.state} with {against.field} {against.value} {_in(seen.line)}".rstrip()
        if policy.on_conflict != "activate":
            return conflict(reason)
        tried = history.lines(*pair[0])[-1:]
        # The pair in conflict outlives the failure of this one, which is the last that is known of it all the same.
        if tried and tried[0].state == FAILED and identity.is_pair(device, tried[0].line) and not policy.retry_failed:
            return failed(tried[0].line)
        return item(Action.ACTIVATE, reason, Outcome.WOULD_ACTIVATE, seen.line)
    suspect = history.suspect(*(value for _field, value in pair))
    if suspect is not None and policy.on_conflict != "activate":
        return conflict(_may_be(suspect))
    mine = found[0]
    if mine is not None and identity.is_pair(device, mine.line):
        return failed(mine.line)
    reason = "not in the history" if mine is None else f"not in the history with this {identity.partner}"
    return item(Action.ACTIVATE, reason, Outcome.WOULD_ACTIVATE)


def _may_be(odd: Odd) -> str:
    """Why a device is not submitted that a line with a broken identifier may belong to."""
    reason = f"may be active already: {odd} in the history is not a whole identifier, and may be this device's"
    status = f" (status {printable(odd.line.status)})" if odd.line.status else ""
    return f"{reason}{status} {_in(odd.line)}".rstrip()


def _settled(item: Callable[..., Item], seen: Seen) -> Item:
    if seen.state == ACTIVE:
        return item(Action.UNCHANGED, f"is active {_in(seen.line)}".rstrip(), Outcome.ALREADY_ACTIVE, seen.line)
    reason = f"is under way {_in(seen.line)} ({seen.line.status})".replace("  ", " ")
    return item(Action.WAIT, reason, Outcome.PENDING, seen.line)


def _in(line: Line) -> str:
    return f"(transaction {line.transaction_id})" if line.transaction_id else ""


def _state_before(item: Item) -> str:
    return "not active" if item.line is None else f"not active: {item.reason}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _fingerprint(device: Device, base: str) -> str:
    text = base + _SORTED.encode(device.declared())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_of(fingerprints: Iterable[str]) -> str:
    """The digest of a set of fingerprints."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()
