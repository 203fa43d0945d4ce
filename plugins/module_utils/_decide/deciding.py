# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a plan: an action, a reason and a fingerprint for each declared device."""

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
        devices: the declared devices.
        observed: what was observed of them.
        contexts: by kind, what a submission has apart from the device (kind, corp id, extra body); part of each
            fingerprint.
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
    """Return a hash of what is written. Approving a restore does not approve an activation, so their hashes differ."""
    purpose = action.value if action == Action.RESTORE else ""
    text = base + purpose + _SORTED.encode(device.declared())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class _Listed(NamedTuple):
    """A listed device whose status is known.

    `history`: the verdict by the history alone. `doubt`: why a deactivated entry may belong to an earlier subscription
    than the one in the history, or None.
    """

    presence: Presence
    history: Verdict
    policy: Policy
    doubt: str | None = None

    @property
    def activated(self) -> str:
        """The end of a reason: the transaction that activated the device; "" if the history does not show it active."""
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


def _with_other_partner(listed: _Listed) -> Verdict:
    """Decide for a device that is listed with another partner. The device list never permits an activation here."""
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


#: Verdicts by the device list: (status, whether the entry has another partner) → function.
_BY_LISTING: dict[tuple[str, bool], Callable[[_Listed], Verdict]] = {
    (ACTIVE, False): _active,
    (ACTIVE, True): _with_other_partner,
    (SUSPENDED, False): _suspended,
    (SUSPENDED, True): _with_other_partner,
    (DEACTIVATED, False): _deactivated,
}


def _decide(device: Device, observed: Observed, present: Presence | None, policy: Policy) -> Verdict:
    """Decide by history and device list, in the order of the table in the guide."""
    row = (present.state, present.against is not None) if present is not None else (None, False)
    active = observed.active.get(device.key)
    if present is not None and row == (ACTIVE, False) and active is not None:
        return _unchanged(present, active)  # fast path: most devices of a fleet
    history = observed.history
    by_history = decide_by_history(device, history, policy)
    if by_history.action == Action.WAIT:
        return by_history
    if present is not None and row[0] is not None:
        # The pair was active before and is submitted again. The list may show the result later.
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
    """Return a conflict if an entry with a broken identifier may be the device's, else the verdict."""
    if not verdict.action.submits or policy.on_conflict == "activate":
        return verdict
    suspect = observed.listing.suspect(*(value for _field, value in device.pair()))
    return verdict if suspect is None else refused(may_be(suspect, "device list"), policy)
