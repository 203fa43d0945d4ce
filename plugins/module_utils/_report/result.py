# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reports: counts, the devices that matter, and a sentence; always small enough for a controller."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._decide.outcomes import (
    ACTIVATED,
    ALREADY_ACTIVE,
    FAILURE,
    IN_CONFLICT,
    IN_PROGRESS,
    OUTCOMES,
    UNKNOWN,
    DeviceOutcome,
)
from .._decide.plan import Plan, describe
from .._declare.devices import Identity
from .._errors import InputError
from .._options import ActivationOptions
from .._text import printable
from .files import check_writable, csv_text, is_stream, reason_of, write_whole

#: Outcomes that someone has to look at.
ATTENTION = (FAILURE, IN_CONFLICT, UNKNOWN, IN_PROGRESS)
#: Automation controllers empty a result of more than 700,000 characters, and show the task as unchanged. So each part
#: has a share, in characters, whatever the fleet.
SHARES = {"devices": 350_000, "transactions": 60_000, "diff": 60_000}
_LONGEST_REASON = 300
#: So many devices are named in the message of a failure.
_NAMED = 20
#: What to do about devices with these outcomes; their reasons say the rest.
_CURES = {
    FAILURE: "Correct what the reasons of the failed devices name, and run the task again: it submits them again.",
    IN_CONFLICT: "Check which pairs of identifiers are right and correct the others, or set on_conflict.",
    UNKNOWN: "Wait a moment, and run the task again for the unknown devices: it looks for them, and submits only what "
    "neither the history nor a journal knows.",
    IN_PROGRESS: "What is still pending is not submitted again: run the task again, and it goes on waiting.",
}
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
    transactions, transactions_omitted = within(_transactions(outcomes), SHARES["transactions"], options.result_limit)
    listed = [outcome for outcome in outcomes if _is_listed(outcome, options.result_devices)]
    listed.sort(key=lambda outcome: OUTCOMES.index(outcome.outcome) if outcome.outcome in ATTENTION else len(OUTCOMES))
    entries = (_entry(outcome, plan.identity) for outcome in listed)
    devices, _omitted = within(entries, SHARES["devices"], options.result_limit)
    result: dict[str, Any] = {
        "changed": changed,
        "plan": {**plan.counts(), "digest": plan.digest()},
        "summary": {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]},
        "devices": devices,
        "devices_omitted": len(listed) - len(devices),
        "transactions": transactions,
        "transactions_omitted": transactions_omitted,
    }
    if options.result_file:
        _write_result_file(options.result_file, outcomes, plan.identity, result)
    failing = _failing(outcomes, waited=options.wait and not check_mode)
    if failing:
        result.update(failed=True, msg=_message(failing, len(outcomes), plan.identity, options))
    else:
        result["msg"] = _sentence(result["summary"], len(outcomes))
    return result


def _failing(outcomes: Iterable[DeviceOutcome], waited: bool) -> list[DeviceOutcome]:
    bad = ATTENTION if waited else (FAILURE, IN_CONFLICT, UNKNOWN)
    return [outcome for outcome in outcomes if outcome.outcome in bad]


def _is_listed(outcome: DeviceOutcome, which: str) -> bool:
    if which == "changed":
        return outcome.outcome != ALREADY_ACTIVE
    if which == "attention":
        return outcome.outcome in ATTENTION
    return which == "all"


def _entry(outcome: DeviceOutcome, identity: Identity) -> dict[str, Any]:
    device, line = outcome.device, outcome.line
    names = identity.identifiers + identity.assigned
    entry: dict[str, Any] = {name: getattr(device, name) or (getattr(line, name) if line else None) for name in names}
    reason = outcome.reason
    entry.update(
        carrier=device.carrier,
        device_group=device.device_group,
        outcome=outcome.outcome,
        transaction_id=outcome.transaction_id,
        line_status=line.status if line else None,
        reason=reason if reason is None or len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON] + " …",
        mdn=line.mdn if line else None,
        ip=line.ip if line else None,
        seconds=outcome.seconds,
    )
    return entry


def _transactions(outcomes: Iterable[DeviceOutcome]) -> list[dict[str, Any]]:
    """The transactions that were submitted, adopted or waited for, with the counts of the declared devices in them."""
    states = {ACTIVATED: "success", FAILURE: "failed", IN_PROGRESS: "pending", UNKNOWN: "unknown"}
    counts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        if outcome.transaction_id and outcome.outcome in states:
            counts.setdefault(outcome.transaction_id, Counter())[states[outcome.outcome]] += 1
    return [
        {
            "transaction_id": transaction_id,
            "status": "pending" if count["pending"] else "ended",
            **{state: count[state] for state in ("success", "failed", "pending")},
        }
        for transaction_id, count in counts.items()
    ]


def within(entries: Iterable[dict[str, Any]], share: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The first entries that fit into a number and a share of characters, and how many are left out."""
    fitting: list[dict[str, Any]] = []
    left_out = 0
    for entry in entries:
        share -= len(json.dumps(entry)) + 2
        if share < 0 or len(fitting) >= limit:
            left_out += 1
        else:
            fitting.append(entry)
    return fitting, left_out


def make_diff(plan: Plan, options: ActivationOptions) -> dict[str, str]:
    """The plan's diff, with as many devices as fit into its share."""
    limit = options.result_limit
    diff = plan.diff(limit)
    while limit > 1 and len(json.dumps(diff)) > SHARES["diff"] * 2:
        limit //= 2
        diff = plan.diff(limit)
    return diff


def _sentence(summary: Mapping[str, int], total: int) -> str:
    told = ", ".join(f"{count} {outcome}" for outcome, count in summary.items())
    return f"{total} {'device' if total == 1 else 'devices'}: {told}" if told else "no devices"


def _message(failing: Sequence[DeviceOutcome], total: int, identity: Identity, options: ActivationOptions) -> str:
    counts = Counter(outcome.outcome for outcome in failing)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
    lines = [f"{len(failing)} of {total} {'device needs' if total == 1 else 'devices need'} attention: {told}"]
    for outcome in failing[:_NAMED]:
        name = describe(outcome.device, identity.key, identity.partner)
        lines.append(f"{outcome.device.where} ({name}): {outcome.outcome}: {(outcome.reason or '')[:_LONGEST_REASON]}")
    if len(failing) > _NAMED:
        lines.append(f"and {len(failing) - _NAMED} more")
    cures = _CURES if options.retry_failed else {**_CURES, FAILURE: _CURE_WITHOUT_RETRY}
    lines += [cure for outcome, cure in cures.items() if counts[outcome]]
    return "\n".join(lines)


def _write_result_file(
    path: str, outcomes: Sequence[DeviceOutcome], identity: Identity, result: dict[str, Any]
) -> None:
    entries = [_entry(outcome, identity) for outcome in outcomes]
    if path.lower().endswith(".csv"):
        fields = [
            *identity.identifiers,
            *identity.assigned,
            "carrier",
            "device_group",
            "outcome",
            "transaction_id",
            "line_status",
        ]
        text = csv_text([*fields, "reason", "mdn", "ip", "seconds"], entries)
    else:
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    try:
        write_whole(path, text)
    except OSError as error:
        # The devices are submitted by now: the result itself must not be lost over its copy.
        result["warnings"] = [f"result_file: {printable(path)} could not be written: {reason_of(error)}"]


def write_plan_file(path: str, plan: Plan) -> None:
    """Writes the plan for approval. Raises InputError where that fails: nothing has been submitted yet."""
    try:
        write_whole(path, json.dumps(plan.as_file(), indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError([f"plan_file: {printable(path)} cannot be written: {reason_of(error)}"]) from None
