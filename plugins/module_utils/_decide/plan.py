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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._declare.devices import Device, Identity
from .._errors import GuardError, InputError
from .._observe.history import History, Observed
from .._text import counted, printable
from .._wire import ACTIVE, FAILED, Line, Odd

# Actions.
ACTIVATE, RETRY, WAIT, UNCHANGED, CONFLICT = "activate", "retry", "wait", "unchanged", "conflict"
#: The actions that submit a device.
SUBMITTING = (ACTIVATE, RETRY)

PLAN_FORMAT = 1
#: So many devices are named in a message; a plan file has them all.
_NAMED = 10
#: What names a SIM: a card's, a SmartSIM's, an eSIM's.
_SIMS = ("iccid", "sim_id", "eid")


class Policy(NamedTuple):
    """What the user decided beforehand; the fields are the options of the same names."""

    retry_failed: bool = True
    on_conflict: str = "fail"


class Item(NamedTuple):
    """A device, what the plan does with it, and why.

    `line`: what was observed of it, or None. `reason`: a phrase, for people. `skipped`: a conflict that the user chose
    to leave alone. `fingerprint`: a hash of all that a submission of this device would say.
    """

    device: Device
    action: str
    reason: str
    fingerprint: str
    line: Line | None = None
    skipped: bool = False

    @property
    def submits(self) -> bool:
        """Whether the plan submits this device."""
        return self.action in SUBMITTING

    @property
    def failed_before(self) -> bool:
        """Whether the device has failed and stays so, as the user wants no retry."""
        return self.action == UNCHANGED and self.reason.startswith(_FAILED_BEFORE)


_FAILED_BEFORE = "failed before"


@dataclass(frozen=True)
class Plan:
    """The items in the order of the declared devices, and the identity of their kind."""

    items: list[Item]
    identity: Identity

    @property
    def submitted(self) -> list[Item]:
        """The items that are to be submitted."""
        return [item for item in self.items if item.submits]

    def counts(self) -> dict[str, int]:
        """`activate` (retries counted, too), `wait`, `unchanged`, `conflict`: how many devices."""
        actions = Counter(ACTIVATE if item.action == RETRY else item.action for item in self.items)
        return {action: actions[action] for action in (ACTIVATE, WAIT, UNCHANGED, CONFLICT)}

    def digest(self) -> str:
        """64 hexadecimal digits that stand for what would be submitted, whatever the order of the devices.

        What is active, pending or in conflict does not count: it may change between approval and run without one more
        device being activated.
        """
        return digest_of(item.fingerprint for item in self.submitted)

    def as_file(self) -> dict[str, Any]:
        """The plan file's content: format, digest, counts, and each device with action, reason and fingerprint."""
        devices = [
            {**item.device.declared(), "action": item.action, "reason": item.reason, "fingerprint": item.fingerprint}
            for item in self.items
        ]
        return {"format": PLAN_FORMAT, "digest": self.digest(), "counts": self.counts(), "devices": devices}

    def diff(self, limit: int) -> dict[str, str]:
        """`before` and `after`: a line for each device that is submitted, sorted, at the most `limit` of them."""
        key, partner = self.identity.key, self.identity.partner
        items = sorted(self.submitted, key=lambda item: getattr(item.device, key))
        before, after = [], []
        for item in items[:limit]:
            name = describe(item.device, key, partner)
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
    key, partner = identity.key, identity.partner
    mine = history.current(key, getattr(device, key))
    value = getattr(device, partner) if partner else None
    other = history.current(partner, value) if partner and value else None
    fingerprint = _fingerprint(device, base)

    def item(action: str, reason: str, seen: Observed | None = None, skipped: bool = False) -> Item:
        return Item(device, action, reason, fingerprint, seen.line if seen else None, skipped)

    def is_pair(seen: Observed) -> bool:
        return not partner or getattr(seen.line, partner) in (None, value)

    def failed(seen: Observed) -> Item:
        why = seen.line.reason or f"status {seen.line.status}"
        reason = f"{_FAILED_BEFORE} {_in(seen.line)}".rstrip() + f": {why}"
        return item(RETRY if policy.retry_failed else UNCHANGED, reason, seen)

    def conflict(seen: Observed, field: str, own: str) -> Item:
        holder = key if field == partner else str(partner)
        reason = f"{holder} {getattr(device, holder)} is {seen.state} with {field} {own} {_in(seen.line)}".rstrip()
        if policy.on_conflict == "activate":
            tried = history.lines(key, getattr(device, key))[-1:]
            # The pair in conflict outlives the failure of this one, which is the last that is known of it all the same.
            if tried and tried[0].state == FAILED and is_pair(tried[0]) and not policy.retry_failed:
                return failed(tried[0])
            return item(ACTIVATE, reason, seen)
        return item(CONFLICT, reason, seen, skipped=policy.on_conflict == "skip")

    if mine is not None and mine.state != FAILED:
        theirs = getattr(mine.line, partner) if partner else None
        if value and theirs and theirs != value:
            return conflict(mine, str(partner), theirs)
        return _settled(item, mine)
    if other is not None and other.state != FAILED:
        theirs = getattr(other.line, key)
        if theirs and theirs != getattr(device, key):
            return conflict(other, key, theirs)
        if not theirs:
            sim = other_sim(device, other.line, history, key)
            return conflict(other, *sim) if sim else _settled(item, other)
    suspect = history.suspect(getattr(device, key), value)
    if suspect is not None and policy.on_conflict != "activate":
        return item(CONFLICT, _may_be(suspect), skipped=policy.on_conflict == "skip")
    if mine is not None and is_pair(mine):
        return failed(mine)
    return item(ACTIVATE, "not in the history" if mine is None else f"not in the history with this {partner}")


def other_sim(device: Device, line: Line, history: History, key: str) -> tuple[str, str] | None:
    """The SIM that a line without the device's key names in its place, as field and value; None where it names none.

    A device whose key is no SIM's may have any: the service chooses it. And where a history tells no SIM ids at all
    (the fields that are known of a line have none [I]), an ICCID may be the one that the service chose for a SmartSIM.
    """
    if key not in _SIMS:
        return None
    chosen = () if history.tells(key) else ("iccid",)
    named = ((field, getattr(line, field)) for field in _SIMS if field not in (key, *chosen))
    # A history may call a card's ICCID its SIM id.
    return next(((field, value) for field, value in named if value not in (None, getattr(device, key))), None)


def _may_be(odd: Odd) -> str:
    """Why a device is not submitted that a line with a broken identifier may belong to."""
    reason = f"may be active already: {odd} in the history is not a whole identifier, and may be this device's"
    status = f" (status {printable(odd.line.status)})" if odd.line.status else ""
    return f"{reason}{status} {_in(odd.line)}".rstrip()


def _settled(item: Any, seen: Observed) -> Item:
    if seen.state == ACTIVE:
        made: Item = item(UNCHANGED, f"is active {_in(seen.line)}".rstrip(), seen)
    else:
        made = item(WAIT, f"is under way {_in(seen.line)} ({seen.line.status})".replace("  ", " "), seen)
    return made


def _in(line: Line) -> str:
    return f"(transaction {line.transaction_id})" if line.transaction_id else ""


def describe(device: Device, key: str, partner: str | None) -> str:
    """A device in a few words: "iccid 8901… imei 3557…"."""
    names = (key, partner) if partner else (key,)
    return " ".join(f"{name} {getattr(device, name)}" for name in names if getattr(device, name))


def _state_before(item: Item) -> str:
    return "not active" if item.line is None else f"not active: {item.reason}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


# -- Fingerprints, approval, guard -----------------------------------------------------------------------------------


def _fingerprint(device: Device, base: str) -> str:
    text = base + json.dumps(device.declared(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_of(fingerprints: Iterable[str]) -> str:
    """The digest of a set of fingerprints."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()


def check_size(plan: Plan, most: int | None) -> None:
    """Raises GuardError where the plan submits more devices than `most` (None: any number)."""
    wanted = len(plan.submitted)
    if most is not None and wanted > most:
        raise GuardError(
            f"The plan activates {counted(wanted, 'device')}, and max_new_activations allows {most}; "
            "nothing was written.",
            "Look at the plan (check mode, plan_file), then raise the limit or shorten the list.",
        )


def check_digest(plan: Plan, approved: str) -> None:
    """Raises GuardError where the plan's digest is not the approved one."""
    digest = plan.digest()
    if digest != approved.strip().lower():
        counts = ", ".join(f"{number} {action}" for action, number in plan.counts().items())
        raise GuardError(
            f"The plan is not the approved one; nothing was written. Approved: {approved}; now: {digest} ({counts}). "
            f"Now it would submit: {_some(plan, plan.submitted)}.",
            "Approve the new plan, or give the approved plan's file: then the differences are named, and a part of an "
            "approved fleet passes.",
        )


def check_file(plan: Plan, approved: Any, path: str) -> None:
    """Raises GuardError where the plan submits anything that is not in the approved plan.

    Args:
        approved: the plan file's content as parsed; InputError where it is none, or was changed by hand.
        path: its name, for messages.
    """
    known = _approved_devices(approved, path)
    strange = [item for item in plan.submitted if item.fingerprint not in known]
    if not strange:
        return
    key = plan.identity.key
    by_key = {device.get(key): device for device in approved["devices"]}
    differences = [_difference(item, by_key.get(getattr(item.device, key)), key, plan) for item in strange[:_NAMED]]
    more = f"\nand {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    raise GuardError(
        f"The plan would submit {counted(len(strange), 'device')} that {path} does not approve; nothing was written. "
        f"Approved: {approved['digest']}; now: {plan.digest()}. Approve the new plan, or declare what was approved. "
        "What differs:\n" + "\n".join(differences) + more
    )


def _approved_devices(approved: Any, path: str) -> set[str]:
    try:
        entries = [entry for entry in approved["devices"] if entry["action"] in SUBMITTING]
        fingerprints = [str(entry["fingerprint"]) for entry in entries]
        if approved["format"] != PLAN_FORMAT:
            raise InputError([f"approved_plan: {path} has the format {approved['format']}, expected is {PLAN_FORMAT}"])
        digest = approved["digest"]
    except (KeyError, TypeError):
        raise InputError([f"approved_plan: {path} is no plan file: write one with plan_file"]) from None
    if digest != digest_of(fingerprints):
        raise InputError(
            [f"approved_plan: {path} was changed after it was written: its digest does not fit its devices"]
        )
    return set(fingerprints)


def _difference(item: Item, entry: Mapping[str, Any] | None, key: str, plan: Plan) -> str:
    name = describe(item.device, key, plan.identity.partner)
    if entry is None:
        return f"{item.device.where}: {name}: is not in the approved plan"
    declared = item.device.declared()
    fields = [field for field in Device._fields[1:] if entry.get(field) != declared.get(field)]
    if fields:
        told = ", ".join(f"{field} {entry.get(field)} is now {declared.get(field)}" for field in fields)
    elif entry.get("action") not in SUBMITTING:
        told = f"approved was: {entry.get('action')} ({entry.get('reason')}); now: {item.action} ({item.reason})"
    else:
        told = "the account (corp_id), the kind or extra_body is another one"
    return f"{item.device.where}: {name}: {told}"


def _some(plan: Plan, items: Sequence[Item]) -> str:
    names = [describe(item.device, plan.identity.key, None) for item in items[:_NAMED]]
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return (", ".join(names) or "nothing") + more
