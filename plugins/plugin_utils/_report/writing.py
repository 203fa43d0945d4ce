# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the files of a report, for sentinel_report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Callable, Union

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._errors import InputError, reason_of
from ...module_utils._report.arguments import OUTPUTS
from ...module_utils._report.files import check_writable, csv_lines, named_twice, write_whole
from ...module_utils._report.lasting import temporary_files
from ...module_utils._report.workbook import workbook_parts, workbook_problem
from ...module_utils._text import shown_path
from .._drift.junit import junit
from .entries import FIELDS
from .headline import drift_headline, headline
from .junit import as_junit
from .markdown import as_markdown, drift_as_markdown
from .page import as_html
from .reading import read_drift, read_result_file
from .report import Report, as_csv, as_json, make_report

#: Files that are written to a directory: format → name of the file.
_IN_DEST = {"html": "report.html", "csv": "report.csv", "json": "report.json"}
_IN_DEST_OF_DRIFT = {"json": "drift.json", "csv": "drift.csv"}
#: The last line names the report of the first of these formats.
_FOR_PEOPLE = ("html", "markdown", "xlsx", "csv", "json", "junit")
_PLANNED = (Outcome.WOULD_ACTIVATE, Outcome.WOULD_RESTORE)
_DONE = (Outcome.ACTIVATED, Outcome.RESTORED)
_DRIFT_COLUMNS = (
    *("state", "drift", "reason", "where", "kind", "nickname", "iccid", "imei", "sim_id", "eid"),
    *("carrier", "device_group", "filter_group", "mdn", "ip"),
)

#: Functions that return the parts of a file, by format.
_Formats = Mapping[str, Callable[[], Iterable[Union[str, bytes]]]]


@dataclass(frozen=True)
class _Made:
    """The content to write. `formats`: makes each file. `line`: the headline."""

    formats: _Formats
    summary: Mapping[str, int]
    line: str


def write_reports(options: Mapping[str, Any], base: str, check_mode: bool = False) -> dict[str, Any]:
    """Write the files, in check mode too, and return the task's result.

    Args:
        options: of sentinel_report, as REPORT_SPEC has them.
        base: the directory of the playbook.
        check_mode: whether the task is in check mode, so that the devices are probably those of a plan.

    Raises InputError before anything is written, or if a file cannot be written.
    """
    _refuse_blank(options)
    place = os.path.join(base, options["directory"] or "")
    shown = _outputs(options)
    paths = {name: os.path.join(place, path) for name, path in shown.items()}
    source = options["result_file"] if options["drift"] is None else options["drift"]
    if isinstance(source, str):
        source = os.path.join(place, os.path.expanduser(source))
    made = _made(options, source, check_mode)
    inputs = {"result_file" if options["drift"] is None else "drift": source} if isinstance(source, str) else {}
    problems = named_twice({**inputs, **paths})
    if problems:
        raise InputError(problems, "The report")
    _write(paths, {name: made.formats[name]() for name in paths})
    best = next(name for name in _FOR_PEOPLE if name in paths)
    return {
        "changed": False,
        "files": paths,
        "summary": dict(made.summary),
        "msg": f"{made.line}; {_where(paths[best], shown[best])}",
    }


def _where(path: str, shown: str) -> str:
    """Return the location of the report. `shown`: its path as given in the task."""
    if temporary_files([path]):
        return "the report is deleted when this job ends; write it to a volume that is mounted into jobs"
    return f"report: {shown_path(shown)}"


def _refuse_blank(options: Mapping[str, Any]) -> None:
    names = ("result_file", "drift", "dest", *OUTPUTS, "directory", "title", "suite", "generated")
    blank = [name for name in names if isinstance(options[name], str) and not options[name].strip()]
    if blank:
        raise InputError([f"{name}: must not be blank; give a value, or leave the option out" for name in blank])


def _outputs(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the path of each format, as given. A format with a path of its own is not written to `dest`."""
    is_drift = options["drift"] is not None
    if is_drift and options["html"] is not None:
        raise InputError(["html: not available for a drift; use markdown, csv, xlsx, json or junit"])
    inside = _IN_DEST_OF_DRIFT if is_drift else _IN_DEST
    dest = options["dest"]
    paths = {} if dest is None else {name: os.path.join(dest, file) for name, file in inside.items()}
    named = {name: options[name] for name in OUTPUTS if options[name] is not None}
    return {name: path for name in OUTPUTS if (path := named.get(name) or paths.get(name))}


def _made(options: Mapping[str, Any], source: Any, check_mode: bool) -> _Made:
    if options["drift"] is not None:
        return _of_drift(read_drift(source), options)
    devices = read_result_file(source)
    outcomes = {str(device["outcome"]).strip() for device in devices}
    plan = options["plan"]
    if plan is None:
        plan = outcomes.isdisjoint(_DONE) and (check_mode or not outcomes.isdisjoint(_PLANNED))
    report = make_report(
        devices, options["title"] or "Fleet report", options["generated"], plan, options["result"] or {}
    )
    return _of_outcomes(report, options["suite"])


def _of_outcomes(report: Report, suite: str) -> _Made:
    formats: _Formats = {
        "html": lambda: [as_html(report)],
        "csv": lambda: [as_csv(report)],
        "xlsx": lambda: _workbook(FIELDS, report.entries),
        "json": lambda: [as_json(report)],
        "junit": lambda: [as_junit(report, suite)],
        "markdown": lambda: [as_markdown(report)],
    }
    return _Made(formats, report.summary(), headline(report))


def _of_drift(found: Mapping[str, Any], options: Mapping[str, Any]) -> _Made:
    formats: _Formats = {
        "csv": lambda: csv_lines(_DRIFT_COLUMNS, found["devices"]),
        "xlsx": lambda: _workbook(_DRIFT_COLUMNS, found["devices"]),
        "json": lambda: [json.dumps(found, indent=1, ensure_ascii=False, default=str), "\n"],
        "junit": lambda: [junit(found, options["suite"])],
        "markdown": lambda: [drift_as_markdown(found, options["title"] or "Fleet drift")],
    }
    summary = {state: count for state, count in found["counts"].items() if count}
    return _Made(formats, summary, drift_headline(found))


def _workbook(fields: Sequence[str], devices: Sequence[Mapping[str, Any]]) -> Iterable[bytes]:
    """Return the parts of a workbook. Raises InputError if it cannot be written."""
    problem = workbook_problem("csv or json", len(devices))
    if problem:
        raise InputError([f"xlsx: {problem}"])
    return workbook_parts(fields, devices)


def _write(paths: Mapping[str, str], parts: Mapping[str, Iterable[str | bytes]]) -> None:
    problems = [problem for name, path in paths.items() for problem in _folder_problems(name, path)]
    if problems:
        raise InputError(problems, "The report")
    for name, path in paths.items():
        try:
            write_whole(path, parts[name])
        except OSError as error:
            raise InputError([f"{name}: {shown_path(path)} cannot be written: {reason_of(error)}"]) from None


def _folder_problems(name: str, path: str) -> Iterator[str]:
    """Create the directory of a file if it is missing, and yield the reasons why the file cannot be written."""
    folder = os.path.dirname(path)
    try:
        with suppress(FileExistsError):
            os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "it is not a path"
        yield f"{name}: the directory {shown_path(folder)} cannot be created: {why}"
    else:
        yield from check_writable(name, path)
