# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story in one page: load → observe → plan → (check mode: stop) → apply → result. Of one kind, or of a fleet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple

from .._carry_out.claims import Claims
from .._carry_out.ledger import Ledger
from .._carry_out.owner import Owner, ended_without, owned_sleep
from .._carry_out.preflight import Preflight, preflight
from .._carry_out.restore import restoration
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
from .._observe.observing import Lookout, observe
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

#: What a task reports that had nothing to ask the service.
NO_REQUESTS = {"reads": 0, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
#: Surrounds a run, and may ask in the meantime how far it is.
Report = Callable[[Callable[[], Snapshot]], AbstractContextManager[None]]
#: Surrounds a run, and may ask in the end how far it came, in a sentence.
Ending = Callable[[Callable[[], str]], AbstractContextManager[None]]

#: Seconds between two looks whether the process that wants the run is still there.
_GLANCE = 5.0


class Mode(NamedTuple):
    """How Ansible runs the task."""

    check: bool = False
    diff: bool = False


class Done(NamedTuple):
    """What came of a task."""

    plan: Plan
    outcomes: list[DeviceOutcome]
    changed: bool


class Pursuit(NamedTuple):
    """What came of a task, what was sent for it, and where: see `requests` and `account` of the modules' results."""

    done: Done
    requests: Mapping[str, Any]
    account: Mapping[str, Any]


class Surroundings(NamedTuple):
    """What a run meets outside of itself; tests give their own.

    `connect`: opens the service, by the connection options; passes each token to the function. `report`: surrounds the
    submitting and waiting, and is given a snapshot of the progress. `say`: shows a line. `show_plan`: shows the plan
    before it is guarded. `ending`: surrounds the submitting and waiting, and is given what says how far it came, for a
    run that ends before its time. `claims`: keeps other runs from the same devices, at a service and for a kind.
    `is_owned`: whether the process that wants the run is still there. `clock`, `sleep`: seconds that never go
    backwards, and waiting for some.
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

    def ended(self) -> bool:
        """Whether the process that wanted the run is gone."""
        return not self.is_owned()


def activate(
    subject: Subject,
    params: Mapping[str, Any],
    mode: Mode,
    on_secret: Callable[[str], Any],
    surroundings: Surroundings | None = None,
) -> dict[str, Any]:
    """Makes the declared devices active; returns the module's result.

    Args:
        subject: what the module is about.
        params: the module's parameters.
        mode: check mode and diff mode. In check mode, and with the state `planned`, nothing is submitted, and all else
            is the same.
        on_secret: receives each token obtained.

    Raises SentinelError for whatever makes the whole plan wrong; then nothing was submitted.
    """
    surroundings = surroundings or Surroundings()
    started, began = time.monotonic(), datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    mode = mode._replace(check=mode.check or params.get("state") == "planned")
    task = read_task(subject, params)
    warnings = [*task.declared.warnings, *_short_memory(task)]
    try:
        run = _at_the_service(task, mode, on_secret, surroundings, warnings) if task.declared.devices else _idle(task)
    except SentinelError as error:
        error.warnings = warnings
        raise
    result = _result(run.done, task, mode, warnings, time.monotonic() - started)
    about = {"account": run.account, "planned": mode.check, "source": task.source, "started_at": began}
    about["temporary_files"] = temporary_files(task.written())
    return {**result, "requests": run.requests, **about}


def _idle(task: Task) -> Pursuit:
    """Return what comes of a task without devices, which asks the service nothing. Writes the plan."""
    done = Done(Plan([]), [], changed=False)
    write_plan(done.plan, task.options)
    return Pursuit(done, NO_REQUESTS, {"corp_id": None, "api_url": task.connection.api_url, "simulator": False})


def _at_the_service(
    task: Task,
    mode: Mode,
    on_secret: Callable[[str], Any],
    surroundings: Surroundings,
    warnings: list[str],
) -> Pursuit:
    """Pursues the task with a session, its devices claimed and the journal opened. Adds to the warnings."""
    service = service_key(task.connection.api_url)
    journal = Journal(task.options.journal, service)
    api = surroundings.connect(task.connection, on_secret)
    with closing(api.session), _hold(task, mode, service, surroundings) as claimed:
        warnings += claimed
        with journal.opened(writable=not mode.check), ended_without(surroundings.is_owned, api.session.stop, _GLANCE):
            warnings += _known_elsewhere(task, journal)
            done = pursue(task, mode, api, journal, surroundings, warnings.extend)
        account = {
            "corp_id": api.session.corp_id(),
            "api_url": task.connection.api_url,
            "simulator": api.session.is_simulated,
        }
        return Pursuit(done, api.session.statistics(), account)


def activate_in_module(subject: Subject, module: Any) -> None:
    """Runs the story as an AnsibleModule, and ends the module. Nothing is submitted once nobody reads its output."""
    owner = Owner.of_this_process(reader=1)
    mode = Mode(module.check_mode, module._diff)
    surroundings = Surroundings(is_owned=owner.alive)
    run_module(module, lambda: activate(subject, module.params, mode, secret_receiver(module), surroundings))


@contextmanager
def _hold(task: Task, mode: Mode, service: str, surroundings: Surroundings) -> Iterator[list[str]]:
    """Hold the devices of the task, so that no other run on this machine submits them; check mode needs no hold.

    Waits for the runs that hold some of them. Yields why devices are not held, a sentence each.
    """
    keys: dict[str, list[str]] = {}
    for device in () if mode.check else task.declared.devices:
        keys.setdefault(device.identity.kind, []).append(device.key)
    with ExitStack() as stack:
        # In the order of the kinds' names: so that two runs with several kinds do not wait for one another.
        held = [
            stack.enter_context(
                surroundings.claims(service, kind).held(keys[kind], surroundings.say, surroundings.ended)
            )
            for kind in sorted(keys)
        ]
        yield list(dict.fromkeys(claimed.warning for claimed in held if claimed.warning))


def _short_memory(task: Task) -> list[str]:
    """A warning where the journal is gone before another run can read it."""
    return [
        f"journal: {printable(path)} is gone when this job has ended, and no other run can read it. Put it on a volume "
        "that is mounted for jobs, or leave journal out"
        for path in temporary_files([task.options.journal])
    ]


def _known_elsewhere(task: Task, journal: Journal) -> list[str]:
    """A warning where the journal knows a device at another service than this one."""
    found = journal.elsewhere(device.name for device in task.declared.devices)
    if found is None:
        return []
    told = (
        f"journal: some of these devices were submitted at {found}, which is another service than this task's api_url"
    )
    return [f"{told}. If both are the same, give the same api_url: the history of this one decides now"]


def pursue(
    task: Task,
    mode: Mode,
    api: SentinelAPI,
    journal: Journal,
    surroundings: Surroundings,
    warn: Callable[[Iterable[str]], None] = lambda warnings: None,
) -> Done:
    """Observes, plans, guards, and carries out what is to be done.

    `warn` receives what else the user has to know, as soon as it is known: also where the plan is refused.
    """
    options, devices = task.options, task.declared.devices
    corp_id = api.session.corp_id()
    kinds = _kinds_of(devices)
    read_all(*(partial(kind.check, options, corp_id) for kind in kinds))
    reader = HistoryReader(api, api.reader.words, options.history)
    # Whoever wants the same devices waits for this run: a result that nobody reads must not keep them.
    sleep = owned_sleep(surroundings.is_owned, surroundings.sleep, _GLANCE)
    lookout = Lookout(reader, options, surroundings.clock, sleep)
    lists = ListingReader(api, options.listing)
    observed = observe(devices, lookout, lists, journal, options)
    warn(observed.warnings)
    policy = Policy(options.retry_failed, options.on_conflict, options.on_suspended, options.on_deactivated)
    plan = make_plan(devices, observed, policy, {kind.name: kind.context(options, corp_id) for kind in kinds})
    surroundings.show_plan(plan)
    _guard(plan, task)
    requests = _requests(plan, options, api, corp_id)
    suspended = restoration(plan.restored, api, corp_id)
    ledger = Ledger(plan.items, surroundings.clock)
    if mode.check:
        ledger.changed = bool(plan.written)
    else:
        is_owned, clock = surroundings.is_owned, surroundings.clock
        work = Work(api, options, observed.history, journal, lookout, lists, ledger, is_owned, clock, sleep)
        with surroundings.ending(partial(_interrupted, ledger)), surroundings.report(ledger.snapshot):
            carry_out(work, requests, suspended)
    warn(filter(None, [journal.problem]))
    return Done(plan, list(ledger), ledger.changed)


def _interrupted(ledger: Ledger) -> str:
    """What to say where a run comes to its end before its time."""
    total = sum(1 for _entry in ledger)
    restored = len(ledger.having(Outcome.RESTORED))
    waiting = sum(map(len, ledger.waiting().values()))
    if waiting and not restored and not ledger.submitted():
        earlier = f"{counted(waiting, 'device')} of earlier runs {'is' if waiting == 1 else 'are'} still under way"
        return f"interrupted: nothing was submitted, and {earlier}. Run the task again: it goes on waiting for them"
    also = f", {restored} were restored" if restored else ""
    submitted = f"{ledger.submitted()} of {counted(total, 'device')} were submitted and are under way or done"
    return f"interrupted: {submitted}{also}. Run the task again: it picks them up, and submits only the others"


def _kinds_of(devices: Iterable[Device]) -> list[Kind]:
    """The kinds of the devices, in the order of `KINDS`."""
    names = {device.identity.kind for device in devices}
    return [kind for name, kind in KINDS.items() if name in names]


def _requests(plan: Plan, options: ActivationOptions, api: SentinelAPI, corp_id: str | None) -> list[Request]:
    """The requests that the plan takes. Raises PreflightError where it is known that they would fail."""
    requests: list[Request] = []
    problems: list[str] = []
    submitted = [item.device for item in plan.submitted]
    for kind in _kinds_of(submitted):
        devices = [device for device in submitted if device.identity is kind.identity]
        flight = preflight(kind, api, devices, corp_id) if options.preflight else Preflight([])
        problems += flight.problems
        requests += kind.requests(devices, Terms(options, corp_id, flight.most))
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
    """Writes the plan, so that a refused plan can be looked at; then refuses what must not be carried out."""
    write_plan(plan, task.options)
    check_size(plan, task.options.max_new_activations)
    if isinstance(task.approved, str):
        check_digest(plan, task.approved)
    elif task.approved is not None:
        check_file(plan, task.approved, task.approved_name)
