# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses plans that must not be carried out: larger than allowed, or different from the approved plan."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from typing import Any

from .._declare.devices import DECLARED_FIELDS, Device
from .._errors import GuardError
from .._text import counted
from .._wire.times import start_of
from .approved import Planned, read_approved
from .outcomes import Action, Outcome
from .plan import Item, Plan, half_of

#: Maximum number of devices named in a message; a plan file has them all.
_NAMED = 10
#: Maximum number of fingerprints hashed to check whether a plan is the rest of the approved plan.
_MAX_HASHED = 20_000_000


def check_size(plan: Plan, limit: int | None) -> None:
    """Raise GuardError if the plan activates and restores more than `limit` devices (None: any number)."""
    planned = len(plan.written)
    if limit is not None and planned > limit:
        verb = "activates and restores" if plan.restored else "activates"
        raise GuardError(
            f"The plan {verb} {counted(planned, 'device')}, but max_new_activations allows {limit}; "
            "nothing was written.",
            "Look at the plan (check mode, plan_file), then raise the limit or shorten the list.",
        )


def check_digest(plan: Plan, approved: str) -> None:
    """Raise GuardError if the plan writes anything that the approved digest does not cover.

    A plan that writes nothing passes. So does the rest of the approved plan after a run has carried out a part of it.
    """
    submits, restores = _halves(approved.strip().lower())
    submitted = [item.fingerprint for item in plan.submitted]
    restored = [item.fingerprint for item in plan.restored]
    may_restore = not restored or half_of(restored) == restores
    if may_restore and (not submitted or half_of(submitted) == submits or _is_rest_of_approved(plan, submits)):
        return
    counts = ", ".join(f"{number} {action}" for action, number in plan.counts().items() if number)
    raise GuardError(
        f"The plan is not the approved one; nothing was written. Approved: {approved}; "
        f"now: {plan.digest()} ({counts}). It would {_verb(plan)}: {_names(plan.written)}.",
        "Approve the new plan, or set approved_plan to the plan file: a plan file shows the differences, and lets a "
        "part of the approved fleet pass.",
    )


def _halves(digest: str) -> tuple[str, str]:
    half = len(digest) // 2
    return digest[:half], digest[half:]


def _is_rest_of_approved(plan: Plan, approved: str) -> bool:
    """Whether the submitted devices, with the newest of those active or under way, are the approved ones.

    A digest does not name its devices. But devices that a run has submitted since the approval are in the newest
    transactions. So transactions are added, the newest first, until half of the digest matches the approved one.
    """
    known = [item for item in plan.items if item.foreseen in (Outcome.PENDING, Outcome.ALREADY_ACTIVE) and item.line]
    by_transaction: dict[str, list[Item]] = {}
    for item in known:
        by_transaction.setdefault((item.line and item.line.transaction_id) or item.fingerprint, []).append(item)
    newest = sorted(by_transaction.values(), key=_start_of, reverse=True)
    fingerprints = sorted(item.fingerprint for item in plan.submitted)
    remaining = _MAX_HASHED
    for items in newest:
        for item in items:
            insort(fingerprints, item.fingerprint)
        remaining -= len(fingerprints)
        if remaining < 0:
            return False
        if half_of(fingerprints) == approved:
            return True
    return False


def _start_of(items: Sequence[Item]) -> tuple[tuple[int, ...], bool]:
    """Sort key of a transaction: its start. Those without a start count as the newest, pending ones first."""
    line = items[0].line
    return start_of(line.started if line else None) or (9999,), items[0].foreseen == Outcome.PENDING


def check_file(plan: Plan, approved: Any, path: str) -> None:
    """Raise GuardError if the plan writes anything that is not in the approved plan.

    Args:
        approved: a plan file or an approval, as parsed.
        path: its name, for messages.

    Raises InputError if `approved` is neither, or was changed by hand.
    """
    known = read_approved(approved, path)
    fingerprints = known.fingerprints()
    unapproved = [item for item in plan.written if item.fingerprint not in fingerprints]
    if not unapproved:
        return
    by_name = known.by_name()
    differences = [_difference(item, by_name.get(_name_of(item.device))) for item in unapproved[:_NAMED]]
    more = f"\nand {len(unapproved) - _NAMED} more" if len(unapproved) > _NAMED else ""
    raise GuardError(
        f"The plan would {_verb(plan)} {counted(len(unapproved), 'device')} that {path} does not approve; "
        "nothing was written. Approve the new plan, or declare the approved devices. "
        "Differences:\n" + "\n".join(differences) + more
    )


def _name_of(device: Device) -> tuple[str, str]:
    return (device.identity.kind, device.key)


def _difference(item: Item, approved: Planned | None) -> str:
    """Return how a device differs from its entry in the approved plan, None if it has no entry."""
    device = item.device
    start = f"{device.where}: {device.describe()}: "
    if approved is None:
        return f"{start}is not in the approved plan"
    entry, declared = approved.entry, device.declared()
    fields = [name for name in DECLARED_FIELDS if entry is not None and entry.get(name) != declared.get(name)]
    if entry is not None and fields:
        return start + ", ".join(f"{name} {entry.get(name)} is now {declared.get(name)}" for name in fields)
    if not approved.action.writes or Action.RESTORE in (approved.action, item.action):
        reason = f" ({entry.get('reason')})" if entry is not None else ""
        return f"{start}approved: {approved.action}{reason}; now: {item.action} ({item.reason})"
    differs = "the account (corp_id), the kind or extra_body differs"
    return start + (differs if entry is not None else f"its declaration has changed since the approval, or {differs}")


def _verb(plan: Plan) -> str:
    return "submit or restore" if plan.restored else "submit"


def _names(items: Sequence[Item]) -> str:
    names = [item.device.describe() for item in items[:_NAMED]]
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return (", ".join(names) or "nothing") + more
