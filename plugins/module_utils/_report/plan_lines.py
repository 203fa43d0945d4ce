# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan as lines for people: devices to activate (+), to restore (~) and that need attention (!), then counts.

The same lines are used for a terminal and for a diff.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from .._decide.outcomes import Action, Outcome
from .._decide.plan import Item, Plan
from .._text import device_label, printable
from .entries import SHARES, shown_reason

#: Maximum number of devices named per sort.
NAMED = 20
#: Maximum number of characters per line, unless it is a single word or identifier.
_WIDTH = 80
_INDENT = "    "
#: Non-breaking space.
_TIE = "\xa0"
#: Labels of actions in the counts. Some devices with `Action.UNCHANGED` are counted as `_FAILED`.
_COUNTED = {
    Action.ACTIVATE: "to activate",
    Action.RESTORE: "to restore",
    Action.WAIT: "under way",
    Action.UNCHANGED: "active",
    Action.CONFLICT: "in conflict",
    Action.INACTIVE: "suspended or deactivated",
}
_FAILED = "failed before"


class Sort(Enum):
    """Sorts of devices that are named one by one, in this order: the sign of their lines, and the label of the rest."""

    ACTIVATE = "+", "to activate"
    RESTORE = "~", "to restore"
    ATTENTION = "!", "that need attention"

    def __init__(self, sign: str, rest: str) -> None:
        self.sign = sign
        self.rest = rest


def sort_of(item: Item) -> Sort | None:
    """Return the sort of a device; None if it is only counted."""
    if item.action.submits:
        return Sort.ACTIVATE
    if item.action == Action.RESTORE:
        return Sort.RESTORE
    needs_attention = item.foreseen.needs_attention and item.action != Action.WAIT
    return Sort.ATTENTION if needs_attention else None


def plan_lines(plan: Plan, named: int = NAMED) -> list[str]:
    """Return the lines of a plan; the last ones are its counts and, if it writes anything, its digest.

    Args:
        named: maximum number of devices named per sort.
    """
    sorts: dict[Sort, list[Item]] = {sort: [] for sort in Sort}
    for item in plan.items:
        sort = sort_of(item)
        if sort is not None:
            sorts[sort].append(item)
    # Retries first, because they failed before.
    sorts[Sort.ACTIVATE].sort(key=lambda item: item.action != Action.RETRY)
    lines = [line for sort, items in sorts.items() for line in _named(sort, items, named)]
    digest = [f"Digest: {plan.digest()}"] if plan.written else []
    return [*lines, f"Plan: {_counts(plan)}.", *digest]


def make_diff(plan: Plan, limit: int) -> dict[str, str]:
    """Return the diff of a task: the lines of the plan, with as many devices as fit.

    Args:
        limit: maximum number of devices per sort.
    """
    text = _text(plan, limit)
    while limit > 1 and len(json.dumps(text)) > SHARES["diff"]:
        limit //= 2
        text = _text(plan, limit)
    return {"prepared": text}


def _text(plan: Plan, named: int) -> str:
    return "".join(f"{line}\n" for line in plan_lines(plan, named))


def _named(sort: Sort, items: Sequence[Item], limit: int) -> list[str]:
    lines = [line for item in items[:limit] for line in _wrapped(f"{sort.sign} {_described(item)}")]
    return [*lines, f"  and {len(items) - limit} more {sort.rest}"] if len(items) > limit else lines


def _described(item: Item) -> str:
    """Return a device with its carrier, its group and the reason for its action."""
    device = item.device
    names = device_label(device.nickname, _tied(device.identity.describe(device)))
    place = _tied(printable(" / ".join(filter(None, (device.carrier, device.device_group)))))
    reason = _reason(item)
    return f"{', '.join(filter(None, [names, place]))}{f': {reason}' if reason else ''}"


def _reason(item: Item) -> str:
    # For a new device, the sign is enough.
    if item.action == Action.ACTIVATE and item.line is None and item.entry is None:
        return ""
    reason = shown_reason(item.reason, " …")
    return f"retry: {reason}" if item.action == Action.RETRY else reason


def _tied(text: str) -> str:
    return text.replace(" ", _TIE) if len(text) < _WIDTH - len(_INDENT) else text


def _wrapped(text: str) -> list[str]:
    lines = textwrap.wrap(text, _WIDTH, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_TIE, " ") for line in lines]


def _counts(plan: Plan) -> str:
    if not plan.items:
        return "no devices"
    counts = Counter(map(_counted_as, plan.items))
    counted = [f"{counts[word]} {word}" for word in (*_COUNTED.values(), _FAILED) if counts[word]]
    return ", ".join(counted if plan.written else ["nothing to do", *counted])


def _counted_as(item: Item) -> str:
    if item.action == Action.UNCHANGED and item.foreseen == Outcome.FAILED:
        return _FAILED
    return _COUNTED[Action.ACTIVATE if item.action.submits else item.action]
