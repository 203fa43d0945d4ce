# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a task: its plan, the outcomes of all devices, and the failed devices to correct and declare again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Plan
from .._declare.history_rows import KIND
from .._declare.rows import WRITTEN
from .._errors import InputError, reason_of
from .._options import ActivationOptions
from .._text import printable
from .entries import entry_of, fields_of, shown_reason
from .files import check_writable, is_stream, row_lines, write_whole
from .tables import MARKDOWN, plan_table
from .workbook import XLSX, is_xlsx, workbook_problem

#: Extensions that each file of rows may have. A file of failed devices can be read as `src`.
_ENDINGS = {"result_file": (".jsonl", ".ndjson", ".json", ".csv", XLSX), "failed_file": (".jsonl", ".csv", XLSX)}


def check_result_file(path: str | None) -> list[str]:
    """Return the problems that would keep the result file from being written."""
    return _check_rows("result_file", path)


def check_failed_file(path: str | None) -> list[str]:
    """Return the problems that would keep the file of failed devices from being written."""
    return _check_rows("failed_file", path)


def _check_rows(option: str, path: str | None) -> list[str]:
    if not path or not path.strip():
        return []
    if not path.lower().endswith(_ENDINGS[option]) and not is_stream(path):
        return [f"{option}: {printable(path)}: unsupported file type; use .jsonl (JSON lines), .csv or {XLSX}"]
    problem = workbook_problem(".csv or .jsonl") if is_xlsx(path) else None
    if problem:
        return [f"{option}: {printable(path)}: {problem}"]
    return check_writable(option, path)


def write_result_file(path: str, outcomes: Sequence[DeviceOutcome]) -> list[str]:
    """Write the outcomes of all devices. Return a warning if that fails."""
    return _written("result_file", path, fields_of(outcomes), map(entry_of, outcomes))


def write_failed_file(path: str, outcomes: Sequence[DeviceOutcome], headings: Mapping[str, str]) -> list[str]:
    """Write the failed devices as they are declared, with outcome and reason. Return a warning if that fails.

    If no device failed, an existing file is emptied of its rows, so that the rows of an earlier run are not used again.

    Args:
        headings: headings of the source of the devices → fields.
    """
    failed = [outcome for outcome in outcomes if is_failed(outcome)]
    if not failed and not os.path.exists(path):
        return []
    return _written("failed_file", path, [*headings, *WRITTEN], (_declared(each, headings) for each in failed))


def is_failed(outcome: DeviceOutcome) -> bool:
    """Whether a device has to be corrected or declared again. A pending device does not."""
    return outcome.outcome.needs_attention and outcome.outcome != Outcome.PENDING


def _declared(outcome: DeviceOutcome, headings: Mapping[str, str]) -> dict[str, Any]:
    """Return a device by the headings of its source."""
    declared = {KIND: outcome.device.identity.kind, **outcome.device.declared()}
    row = {heading: declared[field] for heading, field in headings.items() if field in declared}
    return {**row, "outcome": outcome.outcome.value, "reason": shown_reason(outcome.reason, " …")}


def _written(option: str, path: str, fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    try:
        write_whole(path, row_lines(path, fields, rows))
    except OSError as error:
        # The devices are submitted by now, so the task must still return its result.
        return [f"{option}: {printable(path)} could not be written: {reason_of(error)}"]
    return []


def write_plan(plan: Plan, options: ActivationOptions) -> None:
    """Write the plan for approval (`plan_file`) and as Markdown (`plan_markdown`).

    Raises InputError if that fails; nothing has been submitted yet.
    """
    if options.plan_file:
        _write_plan("plan_file", options.plan_file, [json.dumps(plan.as_file(), indent=2, ensure_ascii=False), "\n"])
    if options.plan_markdown:
        lines = plan_table(plan.as_file(), options.named, MARKDOWN)
        _write_plan("plan_markdown", options.plan_markdown, (f"{line}\n" for line in lines))


def _write_plan(option: str, path: str, parts: Iterable[str]) -> None:
    try:
        write_whole(path, parts)
    except OSError as error:
        problem = f"{option}: {printable(path)} cannot be written: {reason_of(error)}; nothing was submitted"
        raise InputError([problem]) from None
