# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan as lines for people: what is activated (+), restored (~) and left alone although it matters (!), then counts.

The lines are those of a terminal and of a diff.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from .._decide.outcomes import Action, Outcome
from .._decide.plan import Item, Plan
from .._text import called, printable
from .entries import SHARES, shown_reason

#: Maximum number of devices named of each sort.
NAMED = 20
#: Characters of a line, unless it is one word or one identifier.
_WIDTH = 80
_INDENT = "    "
#: Blank that keeps what belongs together in one line.
_TIE = "\xa0"
#: What the last lines call the devices of an action; `Action.UNCHANGED` is split by what is foreseen.
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
    """Sorts of devices that are named one by one, in their order: the sign of their lines, and what the rest is."""

    ACTIVATE = "+", "to activate"
    RESTORE = "~", "to restore"
    ATTENTION = "!", "that need attention"

    def __init__(self, sign: str, rest: str) -> None:
        self.sign = sign
        self.rest = rest


def sort_of(item: Item) -> Sort | None:
    """Return the sort of a device; None where it is only counted."""
    if item.action.submits:
        return Sort.ACTIVATE
    if item.action == Action.RESTORE:
        return Sort.RESTORE
    left_alone = item.foreseen.needs_attention and item.action != Action.WAIT
    return Sort.ATTENTION if left_alone else None


def plan_lines(plan: Plan, named: int = NAMED) -> list[str]:
    """Return the lines of a plan; the last ones have its counts and, where it writes anything, its digest.

    Args:
        named: maximum number of devices named of each sort.
    """
    sorts: dict[Sort, list[Item]] = {sort: [] for sort in Sort}
    for item in plan.items:
        sort = sort_of(item)
        if sort is not None:
            sorts[sort].append(item)
    # Of what is submitted, retries matter most: they failed before.
    sorts[Sort.ACTIVATE].sort(key=lambda item: item.action != Action.RETRY)
    lines = [line for sort, items in sorts.items() for line in _named(sort, items, named)]
    digest = [f"Digest: {plan.digest()}"] if plan.written else []
    return [*lines, f"Plan: {_counts(plan)}.", *digest]


def make_diff(plan: Plan, limit: int) -> dict[str, str]:
    """Return the diff of a task: the lines of the plan, with as many devices as fit into its share.

    Args:
        limit: maximum number of devices of each sort.
    """
    text = _text(plan, limit)
    while limit > 1 and len(json.dumps(text)) > SHARES["diff"]:
        limit //= 2
        text = _text(plan, limit)
    return {"prepared": text}


def _text(plan: Plan, named: int) -> str:
    return "".join(f"{line}\n" for line in plan_lines(plan, named))


def _named(sort: Sort, items: Sequence[Item], most: int) -> list[str]:
    lines = [line for item in items[:most] for line in _wrapped(f"{sort.sign} {_described(item)}")]
    return [*lines, f"  and {len(items) - most} more {sort.rest}"] if len(items) > most else lines


def _described(item: Item) -> str:
    """Return a device, where it belongs and why the plan does this with it."""
    device = item.device
    names = called(device.nickname, _tied(device.identity.describe(device)))
    place = _tied(printable(" / ".join(filter(None, (device.carrier, device.device_group)))))
    reason = _reason(item)
    return f"{', '.join(filter(None, [names, place]))}{f': {reason}' if reason else ''}"


def _reason(item: Item) -> str:
    # Of a device that nothing is known of, the sign says everything.
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
