# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task: counts, devices and a message, small enough for a controller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Plan
from .._options import ActivationOptions
from .entries import ATTENTION, RANK, SHARES, entry_of, transactions_of, within
from .message import Failure, summary_line, where_all_are
from .outputs import is_failed, write_failed_file, write_result_file

__all__ = ["ATTENTION", "RANK", "SHARES", "Run", "make_result", "summary_of", "within"]


class Run(NamedTuple):
    """A run that has ended.

    `outcomes`: of all devices. `changed`: whether anything was, or would be, written. `seconds`: its duration.
    `headings`: of the source of its devices, see `Declared`.
    """

    plan: Plan
    outcomes: Sequence[DeviceOutcome]
    changed: bool
    check_mode: bool = False
    seconds: float = 0.0
    headings: Mapping[str, str] = {}


def make_result(run: Run, options: ActivationOptions) -> dict[str, Any]:
    """Return the result without `diff` and `requests`: see RETURN of the activation modules. Writes the files.

    It has `failed` if any device failed, conflicts, is suspended, deactivated or unknown, or is pending after the wait.
    Then it lists only these devices and their transactions.
    """
    outcomes = run.outcomes
    failing = _failing(outcomes, waited=options.wait and not run.check_mode)
    listed = _listed(outcomes, options.result_devices)
    if failing and options.result_devices != "none":
        listed = failing
    devices = within(map(entry_of, listed), SHARES["devices"], options.result_limit)
    transactions = transactions_of(outcomes, failing or outcomes)
    shown = within(transactions, SHARES["transactions"], options.result_limit)
    counts = Counter(outcome.outcome for outcome in outcomes)
    result: dict[str, Any] = {
        "changed": run.changed,
        "plan": {**run.plan.counts(), "digest": run.plan.digest()},
        "summary": summary_of(counts),
        "devices": devices,
        "devices_omitted": len(listed) - len(devices),
        "transactions": shown,
        "transactions_omitted": len(transactions) - len(shown),
        "elapsed": round(run.seconds, 3),
        "msg": summary_line(counts, run.seconds, run.check_mode),
    }
    warnings = _write_files(run, options)
    if warnings:
        result["warnings"] = warnings
    if failing:
        rest = where_all_are([options.result_file, options.failed_file])
        rows = options.failed_file if any(map(is_failed, failing)) else None
        failure = Failure(failing, len(outcomes), rest, options.retry_failed, result["msg"], rows)
        result.update(failed=True, msg=failure.message())
    return result


def _write_files(run: Run, options: ActivationOptions) -> list[str]:
    """Write the files of a run. Return a warning for each that cannot be written."""
    warnings = []
    if options.result_file:
        warnings += write_result_file(options.result_file, run.outcomes)
    if options.failed_file:
        warnings += write_failed_file(options.failed_file, run.outcomes, run.headings)
    return warnings


def _failing(outcomes: Iterable[DeviceOutcome], waited: bool) -> list[DeviceOutcome]:
    """Return the devices that make the task fail, by outcome. Pending devices do so only if the run waited for them."""
    failing = [
        entry for entry in outcomes if entry.outcome.needs_attention and (waited or entry.outcome != Outcome.PENDING)
    ]
    return sorted(failing, key=lambda entry: RANK[entry.outcome])


def _listed(outcomes: Iterable[DeviceOutcome], which: str) -> list[DeviceOutcome]:
    """Return the devices that `result_devices` selects, those that need attention first."""
    listed = [outcome for outcome in outcomes if _is_listed(outcome, which)]
    listed.sort(key=lambda entry: RANK[entry.outcome] if entry.outcome.needs_attention else len(RANK))
    return listed


def _is_listed(outcome: DeviceOutcome, which: str) -> bool:
    if which == "changed":
        return outcome.outcome != Outcome.ALREADY_ACTIVE
    if which == "attention":
        return outcome.outcome.needs_attention
    return which == "all"


def summary_of(counts: Mapping[Any, int]) -> dict[str, int]:
    """Return the counts that are not zero, in the order of the outcomes."""
    return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}
