# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be carried out: a plan that is larger than allowed, or that is not the approved one."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Any

from .._declare.devices import DECLARED_FIELDS, Device
from .._errors import GuardError, InputError
from .._text import counted
from .._wire.times import start_of
from .outcomes import Action, Outcome
from .plan import PLAN_FORMAT, Item, Plan, digest_of, half_of

#: Maximum number of devices named in a message; a plan file has them all.
_NAMED = 10
#: Maximum number of fingerprints hashed to find out whether a plan is what is left of the approved one.
_MOST_WORK = 20_000_000
_WRITING = tuple(action for action in Action if action.writes)


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
        approved: the plan file's content as parsed; InputError where it is none, or was changed by hand.
        path: its name, for messages.
    """
    known = _approved_devices(approved, path)
    strange = [item for item in plan.written if item.fingerprint not in known]
    if not strange:
        return
    named = strange[:_NAMED]
    keys = {item.device.identity.key for item in named}
    by_key = {(device.get("kind"), key, device.get(key)): device for device in approved["devices"] for key in keys}
    differences = [_difference(item, by_key.get(_name_of(item.device))) for item in named]
    more = f"\nand {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    raise GuardError(
        f"The plan would {_written(plan)} {counted(len(strange), 'device')} that {path} does not approve; "
        f"nothing was written. Approved: {approved['digest']}; now: {plan.digest()}. "
        "Approve the new plan, or declare what was approved. "
        "What differs:\n" + "\n".join(differences) + more
    )


def _approved_devices(approved: Any, path: str) -> set[str]:
    try:
        decided = [(Action(entry["action"]), str(entry["fingerprint"])) for entry in approved["devices"]]
        if approved["format"] != PLAN_FORMAT:
            raise InputError([f"approved_plan: {path} has the format {approved['format']}, expected is {PLAN_FORMAT}"])
        digest = approved["digest"]
    except (KeyError, TypeError, ValueError):
        raise InputError([f"approved_plan: {path} is not a plan file: write one with plan_file"]) from None
    if digest != digest_of(decided):
        raise InputError(
            [f"approved_plan: {path} was changed after it was written: its digest does not fit its devices"]
        )
    return {fingerprint for action, fingerprint in decided if action.writes}


def _name_of(device: Device) -> tuple[str, str, str]:
    return (device.identity.kind, device.identity.key, device.key)


def _difference(item: Item, entry: Mapping[str, Any] | None) -> str:
    name = item.device.describe()
    if entry is None:
        return f"{item.device.where}: {name}: is not in the approved plan"
    declared = item.device.declared()
    fields = [field for field in DECLARED_FIELDS if entry.get(field) != declared.get(field)]
    if fields:
        difference = ", ".join(f"{field} {entry.get(field)} is now {declared.get(field)}" for field in fields)
    elif entry.get("action") not in _WRITING or Action.RESTORE in (entry.get("action"), item.action):
        difference = f"approved was: {entry.get('action')} ({entry.get('reason')}); now: {item.action} ({item.reason})"
    else:
        difference = "the account (corp_id), the kind or extra_body differs"
    return f"{item.device.where}: {name}: {difference}"


def _written(plan: Plan) -> str:
    return "submit or restore" if plan.restored else "submit"


def _some(items: Sequence[Item]) -> str:
    names = [item.device.describe() for item in items[:_NAMED]]
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return (", ".join(names) or "nothing") + more
