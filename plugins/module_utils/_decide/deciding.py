# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is desired and what is observed make a plan. No HTTP, no Ansible, no clock, no file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .._declare.devices import Device
from .._observe.observed import Observed
from .._observe.presence import Presence, doubt
from .._text import printable
from .._wire import Line
from .._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED
from .by_history import Policy, Verdict, decide_by_history, is_under_way, may_be, nicknamed, refused, waiting
from .outcomes import Action, Outcome
from .plan import Item, Plan

_SORTED = json.JSONEncoder(sort_keys=True)


def make_plan(
    devices: Sequence[Device],
    observed: Observed,
    policy: Policy,
    contexts: Mapping[str, Mapping[str, object]],
) -> Plan:
    """Decide for each device.

    Args:
        devices: what is desired.
        observed: what is observed of them.
        contexts: what a submission of each kind says besides the device (kind, corp id, extra body), by the kind's
            name; part of each fingerprint.
    """
    bases = {kind: json.dumps(context, sort_keys=True, default=str) for kind, context in contexts.items()}

    def item(device: Device) -> Item:
        present = observed.presences.get(device.key)
        verdict = _decide(device, observed, present, policy)
        fingerprint = _fingerprint(device, verdict.action, bases[device.identity.kind])
        entry = present.entry if present is not None else None
        return Item(
            device,
            verdict.action,
            printable(verdict.reason),
            fingerprint,
            verdict.foreseen,
            verdict.line,
            entry,
        )

    return Plan([item(device) for device in devices])


def _fingerprint(device: Device, action: Action, base: str) -> str:
    """Return a hash of what is to be written: whoever approves a restoration has not approved an activation."""
    purpose = action.value if action == Action.RESTORE else ""
    text = base + purpose + _SORTED.encode(device.declared())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class _Listed(NamedTuple):
    """A listed device whose status is known. `history`: what the history alone decides.

    `doubt`: why a deactivated entry may be an earlier subscription's than the one that the history shows, or None.
    """

    presence: Presence
    history: Verdict
    policy: Policy
    doubt: str | None = None

    @property
    def activated(self) -> str:
        """The end of a reason: by which transaction the history shows the device as active; "" where it does not."""
        line = self.history.line
        if not self.is_activated or line is None:
            return ""
        return f", activated in transaction {line.transaction_id}" if line.transaction_id else ", activated"

    @property
    def is_activated(self) -> bool:
        """Whether the history shows the device as active, with its partner or without one."""
        return self.history.foreseen == Outcome.ALREADY_ACTIVE


def _active(listed: _Listed) -> Verdict:
    return _unchanged(listed.presence, listed.history.line if listed.is_activated else None)


def _unchanged(present: Presence, line: Line | None) -> Verdict:
    return Verdict(Action.UNCHANGED, f"active {present.place}", Outcome.ALREADY_ACTIVE, line)


def _elsewhere(listed: _Listed) -> Verdict:
    """Decide for a device that is listed with another partner. The list never permits an activation here."""
    presence, history = listed.presence, listed.history
    against = presence.against
    if against is None:
        raise AssertionError("listed with another partner")
    known = getattr(presence.entry, against.shared)
    other = f"{against.field} {against.value}{nicknamed(presence.entry)}"
    reason = f"{against.shared} {known} is {presence.state} with {other} {presence.place}"
    if listed.policy.on_conflict != "activate":
        return refused(f"{reason}{listed.activated}", listed.policy)
    if listed.is_activated:
        return Verdict(Action.CONFLICT, f"{reason}{listed.activated}: not submitted again", Outcome.CONFLICT)
    if history.action == Action.RETRY:
        reason = f"{history.reason}; {reason}"
    return history._replace(reason=reason) if history.action.submits else history


def _suspended(listed: _Listed) -> Verdict:
    presence = listed.presence
    reason = f"suspended {presence.place}{listed.activated}"
    line = listed.history.line if listed.is_activated else None
    if listed.policy.on_suspended == "skip":
        return Verdict(Action.INACTIVE, reason, Outcome.SKIPPED, line)
    if listed.policy.on_suspended != "restore":
        return Verdict(Action.INACTIVE, reason, Outcome.SUSPENDED, line)
    if not presence.entry.mdn:
        return Verdict(Action.INACTIVE, f"{reason}; cannot be restored: it has no MDN", Outcome.SUSPENDED, line)
    if not presence.is_certain:
        reason = f"{reason}; not restored: the list does not show which SIM is suspended"
        return Verdict(Action.INACTIVE, reason, Outcome.SUSPENDED, line)
    return Verdict(Action.RESTORE, reason, Outcome.WOULD_RESTORE, line)


def _deactivated(listed: _Listed) -> Verdict:
    presence, history = listed.presence, listed.history
    reason = f"deactivated {presence.place}{listed.activated}"
    if not listed.is_activated:
        return history._replace(reason=f"{history.reason}; {reason}") if history.action.submits else history
    if listed.policy.on_deactivated == "skip":
        return Verdict(Action.INACTIVE, reason, Outcome.SKIPPED, history.line)
    if listed.policy.on_deactivated != "activate":
        return Verdict(Action.INACTIVE, reason, Outcome.DEACTIVATED, history.line)
    if listed.doubt is not None:
        reason = f"{reason}; not submitted: {listed.doubt}"
        return Verdict(Action.INACTIVE, reason, Outcome.DEACTIVATED, history.line)
    return Verdict(Action.ACTIVATE, reason, Outcome.WOULD_ACTIVATE, history.line)


#: What the list decides: its status, and whether it has another partner → the verdict.
_BY_LISTING: dict[tuple[str, bool], Callable[[_Listed], Verdict]] = {
    (ACTIVE, False): _active,
    (ACTIVE, True): _elsewhere,
    (SUSPENDED, False): _suspended,
    (SUSPENDED, True): _elsewhere,
    (DEACTIVATED, False): _deactivated,
}


def _decide(device: Device, observed: Observed, present: Presence | None, policy: Policy) -> Verdict:
    """Decide by history and list, in the order of the guide's table."""
    row = (present.state, present.against is not None) if present is not None else (None, False)
    active = observed.active.get(device.key)
    if present is not None and row == (ACTIVE, False) and active is not None:
        return _unchanged(present, active)  # of a whole fleet, most devices: the history has no more to say
    history = observed.history
    by_history = decide_by_history(device, history, policy)
    if by_history.action == Action.WAIT:
        return by_history
    if present is not None and row[0] is not None:
        # A repeat of what was active before: the list may show what comes of it later.
        under_way = is_under_way(device, history) if row != (ACTIVE, False) else None
        if under_way is not None:
            return waiting(under_way)
        if by_history.action == Action.CONFLICT and not present.is_certain:
            return by_history
        why = doubt(device, present, observed.listing, history) if row[0] == DEACTIVATED else None
        return _BY_LISTING[row[0], row[1]](_Listed(present, by_history, policy, why))
    if present is not None and present.entry.status:
        by_history = by_history._replace(reason=f"{by_history.reason}; listed as {present.entry.status}")
    return _unless_suspect(device, by_history, observed, policy)


def _unless_suspect(device: Device, verdict: Verdict, observed: Observed, policy: Policy) -> Verdict:
    """Return a conflict where an entry with a broken identifier may be the device's, else the verdict."""
    if not verdict.action.submits or policy.on_conflict == "activate":
        return verdict
    suspect = observed.listing.suspect(*(value for _field, value in device.pair()))
    return verdict if suspect is None else refused(may_be(suspect, "device list"), policy)
