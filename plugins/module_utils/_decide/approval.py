# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be carried out: a plan that is larger than allowed, or that is not the approved one."""

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
#: Maximum number of fingerprints hashed to find out whether a plan is what is left of the approved one.
_MOST_WORK = 20_000_000


def check_size(plan: Plan, most: int | None) -> None:
    """Raises GuardError where the plan activates and restores more devices than `most` (None: any number)."""
    wanted = len(plan.written)
    if most is not None and wanted > most:
        what = "activates and restores" if plan.restored else "activates"
        raise GuardError(
            f"The plan {what} {counted(wanted, 'device')}, and max_new_activations allows {most}; nothing was written.",
            "Look at the plan (check mode, plan_file), then raise the limit or shorten the list.",
        )


def check_digest(plan: Plan, approved: str) -> None:
    """Raises GuardError where the plan writes anything that the approved digest does not stand for.

    A plan that writes nothing passes. So does what is left of the approved plan after a run has carried out a part.
    """
    submits, restores = _halves(approved.strip().lower())
    submitted = [item.fingerprint for item in plan.submitted]
    restored = [item.fingerprint for item in plan.restored]
    may_restore = not restored or half_of(restored) == restores
    if may_restore and (not submitted or half_of(submitted) == submits or _is_left_of(plan, submits)):
        return
    counts = ", ".join(f"{number} {action}" for action, number in plan.counts().items() if number)
    raise GuardError(
        f"The plan is not the approved one; nothing was written. Approved: {approved}; "
        f"now: {plan.digest()} ({counts}). Now it would {_written(plan)}: {_some(plan.written)}.",
        "Approve the new plan, or give the approved plan's file: then the differences are named, and a part of an "
        "approved fleet passes.",
    )


def _halves(digest: str) -> tuple[str, str]:
    half = len(digest) // 2
    return digest[:half], digest[half:]


def _is_left_of(plan: Plan, approved: str) -> bool:
    """Whether what the plan submits, and the newest of what is active or under way, are what was approved.

    A digest does not name its devices. But what a run has submitted since the approval was activated last: so the
    newest transactions are added, one after the other, until the half of the digest is the approved one.
    """
    known = [item for item in plan.items if item.foreseen in (Outcome.PENDING, Outcome.ALREADY_ACTIVE) and item.line]
    by_transaction: dict[str, list[Item]] = {}
    for item in known:
        by_transaction.setdefault((item.line and item.line.transaction_id) or item.fingerprint, []).append(item)
    newest = sorted(by_transaction.values(), key=_start_of, reverse=True)
    fingerprints = sorted(item.fingerprint for item in plan.submitted)
    work = _MOST_WORK
    for items in newest:
        for item in items:
            insort(fingerprints, item.fingerprint)
        work -= len(fingerprints)
        if work < 0:
            return False
        if half_of(fingerprints) == approved:
            return True
    return False


def _start_of(items: Sequence[Item]) -> tuple[tuple[int, ...], bool]:
    """What sorts transactions by their start. Those without one count as the newest, what still runs first."""
    line = items[0].line
    return start_of(line.started if line else None) or (9999,), items[0].foreseen == Outcome.PENDING


def check_file(plan: Plan, approved: Any, path: str) -> None:
    """Raises GuardError where the plan writes anything that is not in the approved plan.

    Args:
        approved: a plan file or an approval, as parsed; InputError where it is neither, or was changed by hand.
        path: its name, for messages.
    """
    known = read_approved(approved, path)
    fingerprints = known.fingerprints()
    strange = [item for item in plan.written if item.fingerprint not in fingerprints]
    if not strange:
        return
    by_name = known.by_name()
    differences = [_difference(item, by_name.get(_name_of(item.device))) for item in strange[:_NAMED]]
    more = f"\nand {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    raise GuardError(
        f"The plan would {_written(plan)} {counted(len(strange), 'device')} that {path} does not approve; "
        "nothing was written. Approve the new plan, or declare what was approved. "
        "What differs:\n" + "\n".join(differences) + more
    )


def _name_of(device: Device) -> tuple[str, str]:
    return (device.identity.kind, device.key)


def _difference(item: Item, approved: Planned | None) -> str:
    """Return what differs between a device and what was approved of it, or of none."""
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
        return f"{start}approved was: {approved.action}{reason}; now: {item.action} ({item.reason})"
    differs = "the account (corp_id), the kind or extra_body differs"
    return start + (differs if entry is not None else f"it is declared otherwise than approved, or {differs}")


def _written(plan: Plan) -> str:
    return "submit or restore" if plan.restored else "submit"


def _some(items: Sequence[Item]) -> str:
    names = [item.device.describe() for item in items[:_NAMED]]
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return (", ".join(names) or "nothing") + more
