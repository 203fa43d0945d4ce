# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reports: counts, the devices that matter, and a sentence; always small enough for a controller."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Plan
from .._errors import InputError, reason_of
from .._options import ActivationOptions
from .._text import printable, printable_lines
from .._wire import Record
from .files import check_writable, is_stream, row_lines, write_whole

#: Outcomes that someone has to look at.
ATTENTION = tuple(outcome for outcome in Outcome if outcome.needs_attention)
#: What sorts entries by outcome: those that someone has to look at come first.
RANK: dict[str, int] = {outcome: rank for rank, outcome in enumerate(Outcome)}
#: Automation controllers empty a result of more than 700,000 characters, and show the task as unchanged. So each part
#: has a share, in characters, whatever the fleet.
SHARES = {"devices": 350_000, "transactions": 60_000, "diff": 60_000}
_LONGEST_REASON = 300
#: So many devices are named in the message of a failure.
_NAMED = 20
_CURE_WITHOUT_RETRY = "Set retry_failed to true to have the failed devices submitted again."
RESULT_FORMATS = (".jsonl", ".ndjson", ".json", ".csv")


def check_result_file(path: str | None) -> list[str]:
    """What will keep the result file from being written."""
    if path is None:
        return []
    if not path.lower().endswith(RESULT_FORMATS) and not is_stream(path):
        return [f"result_file: the ending of {printable(path)} tells no format: use .jsonl (JSON lines) or .csv"]
    return check_writable("result_file", path)


def make_result(
    plan: Plan, outcomes: Sequence[DeviceOutcome], options: ActivationOptions, changed: bool, check_mode: bool
) -> dict[str, Any]:
    """The result but for `requests` and `elapsed`: see RETURN of the activation modules. Writes the result file.

    `failed` and `msg` are in it where any device failed, conflicts, is unknown, or is pending after the wait.
    """
    counts = Counter(outcome.outcome for outcome in outcomes)
    transactions = _transactions(outcomes)
    shown = within(transactions, SHARES["transactions"], options.result_limit)
    listed = [outcome for outcome in outcomes if _is_listed(outcome, options.result_devices)]
    listed.sort(key=lambda entry: RANK[entry.outcome] if entry.outcome.needs_attention else len(RANK))
    entries = map(_entry, listed)
    devices = within(entries, SHARES["devices"], options.result_limit)
    result: dict[str, Any] = {
        "changed": changed,
        "plan": {**plan.counts(), "digest": plan.digest()},
        "summary": summary_of(counts),
        "devices": devices,
        "devices_omitted": len(listed) - len(devices),
        "transactions": shown,
        "transactions_omitted": len(transactions) - len(shown),
    }
    if options.result_file:
        _write_result_file(options.result_file, outcomes, result)
    failing = _failing(outcomes, waited=options.wait and not check_mode)
    if failing:
        result.update(failed=True, msg=_message(failing, len(outcomes), options))
    else:
        result["msg"] = _sentence(result["summary"], len(outcomes))
    return result


def _failing(outcomes: Iterable[DeviceOutcome], waited: bool) -> list[DeviceOutcome]:
    """The devices that make the task fail. What is pending does where it was waited for."""
    bad = [outcome for outcome in ATTENTION if waited or outcome != Outcome.PENDING]
    return [entry for entry in outcomes if entry.outcome in bad]


def summary_of(counts: Mapping[Any, int]) -> dict[str, int]:
    """The counts of the outcomes that there are, in their order."""
    return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}


def _is_listed(outcome: DeviceOutcome, which: str) -> bool:
    if which == "changed":
        return outcome.outcome != Outcome.ALREADY_ACTIVE
    if which == "attention":
        return outcome.outcome.needs_attention
    return which == "all"


def _entry(outcome: DeviceOutcome) -> dict[str, Any]:
    device, line, listed = outcome.device, outcome.line, outcome.entry
    seen: list[Record] = [record for record in (line, listed) if record is not None]
    names = device.identity.identifiers + device.identity.assigned
    entry: dict[str, Any] = {"kind": device.identity.kind}
    entry.update((name, getattr(device, name) or _first(seen, name)) for name in names)
    entry.update(
        nickname=device.nickname or _first(seen, "nickname"),
        carrier=device.carrier,
        device_group=device.device_group,
        outcome=outcome.outcome.value,
        transaction_id=outcome.transaction_id,
        line_status=_shown(line.status) if line else None,
        device_status=_shown(listed.status) if listed else None,
        reason=_reason(outcome, " …") if outcome.reason is not None else None,
        mdn=_first(seen, "mdn"),
        ip=_first(seen, "ip"),
        seconds=outcome.seconds,
    )
    return entry


def _first(seen: Iterable[Record], field: str) -> str | None:
    """The first value of a field in what was seen of a device."""
    return _shown(next(filter(None, (getattr(record, field) for record in seen)), None))


def _shown(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _reason(outcome: DeviceOutcome, more: str = "") -> str:
    """A device's reason as it may be shown; `more` stands for what is cut off."""
    return shown_reason(outcome.reason or "", more)


def shown_reason(text: str, more: str = "") -> str:
    """Return a reason as it may be shown; `more` stands for what is cut off."""
    reason = printable(text)
    return reason if len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON] + more


def _transactions(outcomes: Iterable[DeviceOutcome]) -> list[dict[str, Any]]:
    """The transactions that were submitted, adopted or waited for, with the counts of the declared devices in them."""
    counts: dict[str, Counter[str]] = {}
    for entry in outcomes:
        if entry.transaction_id and entry.outcome.transaction_state:
            counts.setdefault(entry.transaction_id, Counter())[entry.outcome.transaction_state] += 1
    return [
        {
            "transaction_id": transaction_id,
            "status": next((state for state in ("pending", "unknown") if count[state]), "ended"),
            **{state: count[state] for state in ("success", "failed", "pending")},
        }
        for transaction_id, count in counts.items()
    ]


def within(entries: Iterable[dict[str, Any]], share: int, limit: int) -> list[dict[str, Any]]:
    """The first entries that fit into a number and a share of characters; no more of them are made than that takes."""
    fitting: list[dict[str, Any]] = []
    for entry in islice(entries, limit):
        share -= len(json.dumps(entry)) + 2
        if share < 0:
            break
        fitting.append(entry)
    return fitting


def make_diff(plan: Plan, options: ActivationOptions) -> dict[str, str]:
    """The plan's diff, with as many devices as fit into its share."""
    limit = options.result_limit
    diff = plan.diff(limit)
    while limit > 1 and len(json.dumps(diff)) > SHARES["diff"] * 2:
        limit //= 2
        diff = plan.diff(limit)
    return {name: printable_lines(text) for name, text in diff.items()}


def _sentence(summary: Mapping[str, int], total: int) -> str:
    told = ", ".join(f"{count} {outcome}" for outcome, count in summary.items())
    return f"{total} {'device' if total == 1 else 'devices'}: {told}" if told else "no devices"


def _message(failing: Sequence[DeviceOutcome], total: int, options: ActivationOptions) -> str:
    counts = Counter(outcome.outcome for outcome in failing)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    lines = [f"{len(failing)} of {total} {'device needs' if total == 1 else 'devices need'} attention: {told}"]
    for outcome in failing[:_NAMED]:
        name = outcome.device.describe()
        lines.append(f"{outcome.device.where} ({name}): {outcome.outcome}: {_reason(outcome)}")
    if len(failing) > _NAMED:
        lines.append(f"and {len(failing) - _NAMED} more")
    cures = {outcome: outcome.cure for outcome in ATTENTION if counts[outcome]}
    if Outcome.FAILED in cures and not options.retry_failed:
        cures[Outcome.FAILED] = _CURE_WITHOUT_RETRY
    lines += filter(None, cures.values())
    return "\n".join(lines)


def _write_result_file(path: str, outcomes: Sequence[DeviceOutcome], result: dict[str, Any]) -> None:
    entries = map(_entry, outcomes)
    identities = dict.fromkeys(outcome.device.identity for outcome in outcomes)
    names = dict.fromkeys(name for each in identities for name in (*each.identifiers, *each.assigned))
    fields = [
        *("kind", *names, "nickname", "carrier", "device_group", "outcome"),
        *("transaction_id", "line_status", "device_status", "reason", "mdn", "ip", "seconds"),
    ]
    try:
        write_whole(path, row_lines(path, fields, entries))
    except OSError as error:
        # The devices are submitted by now: the result itself must not be lost over its copy.
        result["warnings"] = [f"result_file: {printable(path)} could not be written: {reason_of(error)}"]


def write_plan_file(path: str, plan: Plan) -> None:
    """Writes the plan for approval. Raises InputError where that fails: nothing has been submitted yet."""
    try:
        write_whole(path, [json.dumps(plan.as_file(), indent=2, ensure_ascii=False), "\n"])
    except OSError as error:
        raise InputError([f"plan_file: {printable(path)} cannot be written: {reason_of(error)}"]) from None
