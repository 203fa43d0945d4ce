# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task that sets device statuses, small enough for a controller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from .._decide.status_outcomes import StatusItem, StatusOutcome, StatusResult
from .._decide.status_plan import StatusPlan
from .._options import ActivationOptions
from .._text import counted, printable
from .entries import SHARES, shown_reason, within
from .message import attention_lines

_RANK = {outcome: rank for rank, outcome in enumerate(StatusOutcome)}


def make_status_result(
    plan: StatusPlan, results: Sequence[StatusResult], options: ActivationOptions, changed: bool
) -> dict[str, Any]:
    """Return the result without `diff`, `requests` and `elapsed`: see RETURN of `sentinel_device_status`.

    It has `failed` if any device failed or is pending.

    Args:
        options: `result_devices` and `result_limit` are used.
    """
    counts = Counter(result.outcome for result in results)
    failing = sorted((result for result in results if result.outcome.needs_attention), key=_rank)
    listed = [result for result in results if _is_listed(result, options.result_devices)]
    if failing and options.result_devices != "none":
        listed = failing
    devices = within(map(_entry, listed), SHARES["devices"], options.result_limit)
    made: dict[str, Any] = {
        "changed": changed,
        "plan": plan.counts(),
        "summary": {outcome.value: counts[outcome] for outcome in StatusOutcome if counts[outcome]},
        "devices": devices,
        "devices_omitted": len(listed) - len(devices),
        "msg": _summary(counts),
    }
    if failing:
        made.update(failed=True, msg=_message(failing, len(results), made["msg"]))
    return made


def _rank(result: StatusResult) -> int:
    return _RANK[result.outcome]


def _summary(counts: Mapping[StatusOutcome, int]) -> str:
    """Return a summary in one line: "12 set, 3 unchanged"."""
    ordered = sorted(StatusOutcome, key=lambda outcome: outcome.needs_attention)
    done = ", ".join(
        f"{counts[outcome]} {outcome}" for outcome in ordered if counts[outcome] and outcome != StatusOutcome.WOULD_SET
    )
    would = f"Would set {counts[StatusOutcome.WOULD_SET]}" if counts[StatusOutcome.WOULD_SET] else ""
    return "; ".join(filter(None, [would, done])) or "no devices"


def _is_listed(result: StatusResult, which: str) -> bool:
    if which == "changed":
        return result.outcome != StatusOutcome.UNCHANGED
    if which == "attention":
        return result.outcome.needs_attention
    return which == "all"


def _entry(result: StatusResult) -> dict[str, Any]:
    target, before, now = result.item.target, result.item.entry, result.now
    names = ("mdn", "imei", "iccid", "eid", "nickname")
    shown: dict[str, Any] = {name: _text(_known(target, before, name)) for name in names}
    shown.update(
        status=_text(before.status) if before else None,
        device_status=_text(now.status) if now else None,
        outcome=result.outcome.value,
        reason=shown_reason(result.reason, " …"),
    )
    return shown


def _known(target: object, entry: object, name: str) -> str | None:
    """Return the declared value of a field, or the listed one."""
    return getattr(target, name) or getattr(entry, name, None)


def _text(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _message(failing: Sequence[StatusResult], total: int, summary: str) -> str:
    lines = attention_lines(failing, total, _named, "raise result_limit to list them in devices")
    cures = [str(outcome.cure) for outcome in dict.fromkeys(result.outcome for result in failing)]
    return "\n".join([*lines, *cures, summary])


def _named(result: StatusResult) -> str:
    return f"{result.item.target.named()}: {result.outcome}: {shown_reason(result.reason)}"


def make_status_diff(items: Sequence[StatusItem], word: str, limit: int) -> Mapping[str, str]:
    """Return `before` and `after`: one line per device whose status is set, sorted by MDN, as many as fit.

    Args:
        word: the account's status word that is sent.
        limit: maximum number of devices.
    """
    entries = sorted((item.entry for item in items if item.entry is not None), key=lambda entry: str(entry.mdn))
    remaining = SHARES["diff"]
    sides: dict[str, list[str]] = {"before": [], "after": []}
    for entry in islice(entries, limit):
        name = f"{entry.mdn} ({printable(entry.nickname)})" if entry.nickname else str(entry.mdn)
        lines = {"before": f"{name}: {printable(entry.status or 'no status')}", "after": f"{name}: {printable(word)}"}
        remaining -= max(map(len, lines.values())) + 2
        if remaining < 0:
            break
        for side, line in lines.items():
            sides[side].append(line)
    more = len(entries) - len(sides["before"])
    rest = [f"and {counted(more, 'more device')}"] if more else []
    return {side: "".join(f"{line}\n" for line in [*listed, *rest]) for side, listed in sides.items()}
