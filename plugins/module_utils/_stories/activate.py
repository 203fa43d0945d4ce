# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activation, of one kind or of a fleet: load → observe → plan → (check mode: stop) → carry out → result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple

from .._carry_out.claims import Claims
from .._carry_out.ledger import Ledger
from .._carry_out.owner import Owner, owned_sleep, stopping_without_owner
from .._carry_out.preflight import Preflight, preflight
from .._carry_out.restore import prepare_restoration
from .._carry_out.run import carry_out
from .._carry_out.snapshot import Snapshot
from .._carry_out.work import Work
from .._decide.approval import check_digest, check_file, check_size
from .._decide.by_history import Policy
from .._decide.deciding import make_plan
from .._decide.kinds import KINDS, Kind, Request, Terms
from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Plan
from .._declare.devices import Device
from .._errors import PreflightError, SentinelError, detailed, read_all
from .._observe.journal import Journal
from .._observe.listing import ListingReader
from .._observe.observing import HistoryLookup, observe
from .._observe.reading import HistoryReader
from .._options import ActivationOptions, ConnectionOptions, run_module, secret_receiver
from .._options.urls import service_key
from .._report.lasting import temporary_files
from .._report.outputs import write_plan
from .._report.plan_lines import make_diff
from .._report.result import Run, make_result
from .._service.api import SentinelAPI
from .._text import counted, printable
from .._transport.session import Session
from .tasks import Subject, Task, read_task

#: Result key `requests` of a task that sent none.
NO_REQUESTS = {"reads": 0, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
#: Context manager around a run; receives a function that returns the progress.
Report = Callable[[Callable[[], Snapshot]], AbstractContextManager[None]]
#: Context manager around a run; receives a function that says in a sentence how far an interrupted run came.
Ending = Callable[[Callable[[], str]], AbstractContextManager[None]]

#: Seconds between two checks whether the process that started the run still exists.
_OWNER_INTERVAL = 5.0


class Mode(NamedTuple):
    """How Ansible runs the task."""

    check: bool = False
    diff: bool = False


class Done(NamedTuple):
    """The plan of a task, the outcomes, and whether anything was changed."""

    plan: Plan
    outcomes: list[DeviceOutcome]
    changed: bool


class TaskRun(NamedTuple):
    """What was done for a task; `requests` and `account` as in the modules' results."""

    done: Done
    requests: Mapping[str, Any]
    account: Mapping[str, Any]


class Surroundings(NamedTuple):
    """The environment of a run; tests replace it.

    `connect`: opens the service, by the connection options, and passes each token to the function. `report`: context
    manager around submitting and waiting; see `Report`. `say`: shows a line. `show_plan`: shows the plan before size
    and approval are checked. `ending`: context manager around submitting and waiting; see `Ending`. `claims`: makes the
    claims for a service and a kind. `is_owned`: whether the process that started the run still exists. `clock`,
    `sleep`: a monotonic clock in seconds, and a function that sleeps.
    """

    connect: Callable[[ConnectionOptions, Callable[[str], Any]], SentinelAPI] = lambda options, on_secret: SentinelAPI(
        Session(options, on_secret)
    )
    report: Report = lambda snapshot: nullcontext()
    say: Callable[[str], object] = lambda line: None
    claims: Callable[[str, str], Claims] = Claims
    is_owned: Callable[[], bool] = lambda: True
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    show_plan: Callable[[Plan], object] = lambda plan: None
    ending: Ending = lambda sentence: nullcontext()

    def is_orphaned(self) -> bool:
        """Whether the process that started the run has ended."""
        return not self.is_owned()


def activate(
    subject: Subject,
    params: Mapping[str, Any],
    mode: Mode,
    on_secret: Callable[[str], Any],
    surroundings: Surroundings | None = None,
) -> dict[str, Any]:
    """Activate the declared devices; return the module's result.

    Args:
        subject: how the module declares devices.
        params: the module's parameters.
        mode: check mode and diff mode. In check mode, and with the state `planned`, nothing is submitted; everything
            else is the same.
        on_secret: receives each token.

    Raises SentinelError if the plan as a whole is wrong; nothing was submitted then.
    """
    surroundings = surroundings or Surroundings()
    started, began = time.monotonic(), datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    mode = mode._replace(check=mode.check or params.get("state") == "planned")
    task = read_task(subject, params)
    warnings = [*task.declared.warnings, *_temporary_journal(task)]
    try:
        if task.declared.devices:
            run = _run_task(task, mode, on_secret, surroundings, warnings)
        else:
            run = _run_without_devices(task)
    except SentinelError as error:
        error.warnings = warnings
        raise
    result = _result(run.done, task, mode, warnings, time.monotonic() - started)
    about = {"account": run.account, "planned": mode.check, "source": task.source, "started_at": began}
    about["temporary_files"] = temporary_files(task.written())
    return {**result, "requests": run.requests, **about}


def _run_without_devices(task: Task) -> TaskRun:
    """Run a task without devices: write the plan, and send no request."""
    done = Done(Plan([]), [], changed=False)
    write_plan(done.plan, task.options)
    return TaskRun(done, NO_REQUESTS, {"corp_id": None, "api_url": task.connection.api_url, "simulator": False})


def _run_task(
    task: Task,
    mode: Mode,
    on_secret: Callable[[str], Any],
    surroundings: Surroundings,
    warnings: list[str],
) -> TaskRun:
    """Run a task with a session, its devices claimed and the journal opened. Adds to `warnings`."""
    service = service_key(task.connection.api_url)
    journal = Journal(task.options.journal, service)
    api = surroundings.connect(task.connection, on_secret)
    with closing(api.session), _hold(task, mode, service, surroundings) as claimed:
        warnings += claimed
        watching = stopping_without_owner(surroundings.is_owned, api.session.stop, _OWNER_INTERVAL)
        with journal.opened(writable=not mode.check), watching:
            warnings += _submitted_elsewhere(task, journal)
            done = plan_and_carry_out(task, mode, api, journal, surroundings, warnings.extend)
        account = {
            "corp_id": api.session.corp_id(),
            "api_url": task.connection.api_url,
            "simulator": api.session.is_simulated,
        }
        return TaskRun(done, api.session.statistics(), account)


def activate_in_module(subject: Subject, module: Any) -> None:
    """Activate devices as an AnsibleModule, and end the module. Nothing is submitted once its output has no reader."""
    owner = Owner.of_this_process(reader=1)
    mode = Mode(module.check_mode, module._diff)
    surroundings = Surroundings(is_owned=owner.is_alive)
    run_module(module, lambda: activate(subject, module.params, mode, secret_receiver(module), surroundings))


@contextmanager
def _hold(task: Task, mode: Mode, service: str, surroundings: Surroundings) -> Iterator[list[str]]:
    """Hold the devices of the task, so that no other run on this machine submits them. Check mode holds nothing.

    Waits for the runs that hold some of them. Yields warnings about devices that are not held.
    """
    keys: dict[str, list[str]] = {}
    for device in () if mode.check else task.declared.devices:
        keys.setdefault(device.identity.kind, []).append(device.key)
    with ExitStack() as stack:
        # In the order of the kinds' names, so that two runs with several kinds cannot deadlock.
        held = [
            stack.enter_context(
                surroundings.claims(service, kind).held(keys[kind], surroundings.say, surroundings.is_orphaned)
            )
            for kind in sorted(keys)
        ]
        yield list(dict.fromkeys(claimed.warning for claimed in held if claimed.warning))


def _temporary_journal(task: Task) -> list[str]:
    """Return a warning if the journal is deleted before another run can read it."""
    return [
        f"journal: {printable(path)} is deleted when this job ends, so no other run can read it. Put it on a volume "
        "that is mounted for jobs, or omit journal"
        for path in temporary_files([task.options.journal])
    ]


def _submitted_elsewhere(task: Task, journal: Journal) -> list[str]:
    """Return a warning if the journal has devices of this task at a different service."""
    service = journal.elsewhere(device.name for device in task.declared.devices)
    if service is None:
        return []
    difference = (
        f"journal: some of these devices were submitted at {service}, a different service than this task's api_url"
    )
    cure = "If both are the same service, use the same api_url. This run decides by the history at its own api_url"
    return [f"{difference}. {cure}"]


def plan_and_carry_out(
    task: Task,
    mode: Mode,
    api: SentinelAPI,
    journal: Journal,
    surroundings: Surroundings,
    warn: Callable[[Iterable[str]], None] = lambda warnings: None,
) -> Done:
    """Observe, plan, check size and approval, and carry out the plan.

    `warn` receives warnings as soon as they are known, so that they are reported even if the plan is refused.
    """
    options, devices = task.options, task.declared.devices
    corp_id = api.session.corp_id()
    kinds = _kinds_of(devices)
    read_all(*(partial(kind.check, options, corp_id) for kind in kinds))
    reader = HistoryReader(api, api.reader.words, options.history)
    # Other runs may wait for these devices, so a run without an owner must end soon.
    sleep = owned_sleep(surroundings.is_owned, surroundings.sleep, _OWNER_INTERVAL)
    lookup = HistoryLookup(reader, options, surroundings.clock, sleep)
    lists = ListingReader(api, options.listing)
    observed = observe(devices, lookup, lists, journal, options)
    warn(observed.warnings)
    policy = Policy(options.retry_failed, options.on_conflict, options.on_suspended, options.on_deactivated)
    plan = make_plan(devices, observed, policy, {kind.name: kind.context(options, corp_id) for kind in kinds})
    surroundings.show_plan(plan)
    _guard(plan, task)
    requests = _requests(plan, options, api, corp_id)
    restoration = prepare_restoration(plan.restored, api, corp_id)
    ledger = Ledger(plan.items, surroundings.clock)
    if mode.check:
        ledger.changed = bool(plan.written)
    else:
        is_owned, clock = surroundings.is_owned, surroundings.clock
        work = Work(api, options, observed.history, journal, lookup, lists, ledger, is_owned, clock, sleep)
        with surroundings.ending(partial(_interrupted, ledger)), surroundings.report(ledger.snapshot):
            carry_out(work, requests, restoration)
    warn(filter(None, [journal.problem]))
    return Done(plan, list(ledger), ledger.changed)


def _interrupted(ledger: Ledger) -> str:
    """Return the last line of an interrupted run."""
    total = sum(1 for _entry in ledger)
    restored = len(ledger.having(Outcome.RESTORED))
    waiting = sum(map(len, ledger.waiting().values()))
    if waiting and not restored and not ledger.submitted():
        earlier = f"{counted(waiting, 'device')} of earlier runs {'is' if waiting == 1 else 'are'} still under way"
        return f"interrupted: nothing was submitted, and {earlier}. Run the task again to keep waiting for them"
    also = f", {restored} were restored" if restored else ""
    submitted = f"{ledger.submitted()} of {counted(total, 'device')} were submitted and are under way or done"
    return f"interrupted: {submitted}{also}. Run the task again: it picks them up and submits only the rest"


def _kinds_of(devices: Iterable[Device]) -> list[Kind]:
    """Return the kinds of the devices, in the order of `KINDS`."""
    names = {device.identity.kind for device in devices}
    return [kind for name, kind in KINDS.items() if name in names]


def _requests(plan: Plan, options: ActivationOptions, api: SentinelAPI, corp_id: str | None) -> list[Request]:
    """Return the requests of the plan. Raises PreflightError if the preflight shows that they would fail."""
    requests: list[Request] = []
    problems: list[str] = []
    submitted = [item.device for item in plan.submitted]
    for kind in _kinds_of(submitted):
        devices = [device for device in submitted if device.identity is kind.identity]
        flight = preflight(kind, api, devices, corp_id) if options.preflight else Preflight([])
        problems += flight.problems
        requests += kind.requests(devices, Terms(options, corp_id, flight.max_per_request))
    if problems:
        raise PreflightError("The plan cannot succeed; nothing was written:\n" + "\n".join(detailed(problems)))
    return requests


def _result(done: Done, task: Task, mode: Mode, warnings: Sequence[str], seconds: float) -> dict[str, Any]:
    result = make_result(Run(*done, mode.check, seconds, task.declared.headings), task.options)
    if mode.diff:
        result["diff"] = make_diff(done.plan, task.options.result_limit)
    result["warnings"] = [*warnings, *result.get("warnings", [])]
    return result


def _guard(plan: Plan, task: Task) -> None:
    """Write the plan, then check its size and its approval. A refused plan is written as well, for inspection."""
    write_plan(plan, task.options)
    check_size(plan, task.options.max_new_activations)
    if isinstance(task.approved, str):
        check_digest(plan, task.approved)
    elif task.approved is not None:
        check_file(plan, task.approved, task.approved_name)
