# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story in one page: load → observe → plan → (check mode: stop) → apply → result."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any, Callable, NamedTuple

from .._carry_out.application import Application
from .._carry_out.preflight import Preflight, preflight
from .._carry_out.settle import Settler
from .._carry_out.snapshot import Snapshot
from .._decide.kinds import Kind, Terms
from .._decide.outcomes import foreseen
from .._decide.plan import Plan, Policy, check_digest, check_file, check_size, make_plan
from .._declare.devices import Declared, Device, load
from .._errors import InputError, PreflightError, shown
from .._observe.history import History
from .._observe.journal import Journal
from .._observe.reading import HistoryReader
from .._options import ActivationOptions, ConnectionOptions
from .._report.files import check_writable, named_twice
from .._report.result import check_result_file, make_diff, make_result, write_plan_file
from .._service.api import SentinelAPI
from .._transport.session import Session
from .._wire import StatusWords

#: Surrounds a run, and may ask in the meantime how far it is.
Report = Callable[[Callable[[], Snapshot]], AbstractContextManager[None]]

_DIGEST = re.compile(r"^[0-9a-fA-F]{64}$")


class Mode(NamedTuple):
    """How Ansible runs the task."""

    check: bool = False
    diff: bool = False


class _Task(NamedTuple):
    """What the user asked for, checked as far as that needs no request."""

    connection: ConnectionOptions
    options: ActivationOptions
    declared: Declared
    approved: Any


def activate(
    kind: Kind,
    params: Mapping[str, Any],
    mode: Mode,
    on_secret: Callable[[str], Any],
    report: Report = lambda snapshot: nullcontext(),
) -> dict[str, Any]:
    """Makes the declared devices active; returns the module's result.

    Args:
        kind: the kind of device.
        params: the module's parameters.
        mode: check mode and diff mode. In check mode nothing is submitted, and all else is the same.
        on_secret: is told each token obtained.
        report: surrounds the submitting and waiting; is given what tells how far it is.

    Raises SentinelError for whatever makes the whole plan wrong; then nothing was submitted.
    """
    started = time.monotonic()
    task = _read(kind, params)
    if not task.declared.devices:
        return _nothing(kind, task.options)
    journal = Journal(task.options.journal, task.connection.api_url, kind.name)
    with closing(Session(task.connection, on_secret)) as session, journal.opened(writable=not mode.check):
        result = _carry_out(kind, task, mode, SentinelAPI(session), journal, report)
        result["requests"] = session.statistics()
    result["elapsed"] = round(time.monotonic() - started, 3)
    result["warnings"] = task.declared.warnings + result.get("warnings", [])
    return result


def _carry_out(
    kind: Kind, task: _Task, mode: Mode, api: SentinelAPI, journal: Journal, report: Report
) -> dict[str, Any]:
    options = task.options
    words = api.reader.words
    reader = HistoryReader(api, words, options.history)
    corp_id = api.session.corp_id()
    history = _observe(reader, task.declared.devices, options, words)
    Settler(api, kind, options, words, reader=reader).resume(journal, task.declared.devices, history)
    policy = Policy(options.retry_failed, options.on_conflict)
    plan = make_plan(task.declared.devices, history, policy, kind.identity, kind.context(options, corp_id))
    _guard(plan, task)
    devices = [item.device for item in plan.submitted]
    flight = preflight(kind, api, devices, corp_id) if options.preflight and devices else Preflight([])
    if flight.problems:
        raise PreflightError("The plan cannot succeed; nothing was written:\n" + "\n".join(shown(flight.problems)))
    requests = kind.requests(devices, Terms(options, corp_id, flight.most))
    if mode.check:
        outcomes, changed = [foreseen(item) for item in plan.items], bool(devices)
    else:
        application = Application(api, kind, options, words, history, journal, reader=reader)
        with report(application.snapshot):
            outcomes = application.run(plan, requests)
        changed = application.changed
    result = make_result(plan, outcomes, options, changed, mode.check)
    remarks = [*history.warnings, *filter(None, [journal.problem])]
    if remarks:
        result["warnings"] = [*result.get("warnings", []), *remarks]
    if mode.diff:
        result["diff"] = make_diff(plan, options)
    return result


def _read(kind: Kind, params: Mapping[str, Any]) -> _Task:
    """Reads options and devices; every problem in one InputError."""
    errors: list[InputError] = []
    parts: list[Any] = []
    for read in (
        lambda: ConnectionOptions.read(params.get),
        lambda: ActivationOptions.read(params),
        lambda: load(params, kind.identity, bool(params.get("strict"))),
        lambda: _approved(params.get("approved_plan")),
        lambda: _check_paths(params),
    ):
        try:
            parts.append(read())
        except InputError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InputError([problem for error in errors for problem in error.problems], "The task")
    return _Task(*parts[:4])


def _check_paths(params: Mapping[str, Any]) -> None:
    problems = check_result_file(params.get("result_file"))
    for name in ("journal", "plan_file"):
        if params.get(name):
            problems += check_writable(name, params[name])
    written = {name: params.get(name) for name in ("plan_file", "result_file", "journal")}
    problems += named_twice(
        {"src": params.get("src"), "approved_plan": _path_of(params.get("approved_plan")), **written}
    )
    if problems:
        raise InputError(problems)


def _path_of(approved: str | None) -> str | None:
    """The path of an approved plan that is a file, as an option for a path is read; None where it is a digest."""
    if approved is None or _DIGEST.match(approved.strip()):
        return None
    return os.path.expanduser(os.path.expandvars(approved))


def _approved(approved: str | None) -> Any:
    """The approved plan: None, a digest, or the content of a plan file."""
    path = _path_of(approved)
    if path is None:
        return approved
    try:
        with open(path, encoding="utf-8") as handle:
            content = json.load(handle)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(
            [f"approved_plan: {approved} is neither a digest (64 hexadecimal digits) nor a readable file: {why}"]
        ) from None
    except ValueError:
        raise InputError([f"approved_plan: {approved} is no plan file: it is no JSON"]) from None
    if not isinstance(content, dict):  # null would pass for no approval at all, and text for a digest
        raise InputError([f"approved_plan: {approved} is no plan file: write one with plan_file"])
    return content


def _observe(reader: HistoryReader, devices: list[Device], options: ActivationOptions, words: StatusWords) -> History:
    wanted = {value for device in devices for value in (device.iccid, device.imei, device.sim_id, device.eid) if value}
    if options.history == "none":
        return History(wanted, words)
    return reader.read(wanted)


def _guard(plan: Plan, task: _Task) -> None:
    """Writes the plan file, so that a refused plan can be looked at; then refuses what must not be carried out."""
    if task.options.plan_file:
        write_plan_file(task.options.plan_file, plan)
    check_size(plan, task.options.max_new_activations)
    if isinstance(task.approved, str):
        check_digest(plan, task.approved)
    elif task.approved is not None:
        check_file(plan, task.approved, str(task.options.approved_plan))


def _nothing(kind: Kind, options: ActivationOptions) -> dict[str, Any]:
    """The result for an empty list of devices: there is nothing to ask the service."""
    plan = Plan([], kind.identity)
    if options.plan_file:
        write_plan_file(options.plan_file, plan)
    result = make_result(plan, [], options, changed=False, check_mode=True)
    requests = {"get": 0, "post": 0, "retried": 0, "throttled_seconds": 0.0}
    return {**result, "requests": requests, "elapsed": 0.0}
