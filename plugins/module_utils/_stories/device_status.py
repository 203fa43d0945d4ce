# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Device statuses: load → list → plan → (check mode: stop) → set → confirm → result.

Unlike activations, these runs do not claim their devices, because setting a status twice does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from .._carry_out.owner import Owner, check_owned, owned_sleep, stopping_without_owner
from .._carry_out.set_status import Status, StatusSetter, word_for
from .._carry_out.statuses import Carried, Settling, carry_out_statuses
from .._decide.status_outcomes import StatusAction, StatusResult
from .._decide.status_plan import StatusPlan, Wanted, plan_statuses
from .._declare.targets import NAMES, Target, Targets, load_targets
from .._errors import SentinelError, read_all
from .._observe.intervals import Intervals, rounds
from .._observe.listing import CHECK, REQUIRED, Listing, ListingReader
from .._options import ActivationOptions, ConnectionOptions, run_module, secret_receiver
from .._options.device_status import DeviceStatusOptions
from .._report.status_result import make_status_diff, make_status_result
from .._service.api import SentinelAPI
from .activate import NO_REQUESTS, Mode, Surroundings

#: Seconds between two checks whether the process that started the run still exists.
_OWNER_INTERVAL = 5.0
#: Seconds between two looks at the device list: first and maximum.
_PAUSES = (0.5, 5.0)


class Task(NamedTuple):
    """What the user asked for. `shared`: the options shared with activations."""

    connection: ConnectionOptions
    options: DeviceStatusOptions
    shared: ActivationOptions
    targets: Targets
    state: str


class Planned(NamedTuple):
    """A plan, the status that it sets, and the word that is sent ("" if nothing is set)."""

    plan: StatusPlan
    wanted: Wanted
    word: str


def device_status_in_module(module: Any) -> None:
    """Set statuses as an AnsibleModule, and end the module. Nothing is set once its output has no reader."""
    owner = Owner.of_this_process(reader=1)
    mode = Mode(module.check_mode, module._diff)
    surroundings = Surroundings(is_owned=owner.is_alive)
    run_module(module, lambda: declare_statuses(module.params, mode, secret_receiver(module), surroundings))


def declare_statuses(
    params: Mapping[str, Any],
    mode: Mode,
    on_secret: Callable[[str], Any],
    surroundings: Surroundings | None = None,
) -> dict[str, Any]:
    """Give the declared devices their status; return the module's result.

    Args:
        params: the module's parameters.
        mode: check mode and diff mode. In check mode nothing is set; everything else is the same.
        on_secret: receives each token.

    Raises SentinelError if the plan as a whole is wrong; nothing was set then.
    """
    surroundings = surroundings or Surroundings()
    started = time.monotonic()
    task = read_task(params)
    warnings = list(task.targets.warnings)
    if not task.targets.devices:
        empty = _result(task, StatusPlan([], []), "", Carried([], changed=False), mode)
        return {**empty, "warnings": warnings, "requests": NO_REQUESTS, "elapsed": 0.0}
    api = surroundings.connect(task.connection, on_secret)
    try:
        with closing(api.session), stopping_without_owner(surroundings.is_owned, api.session.stop, _OWNER_INTERVAL):
            result = _run_task(task, mode, api, surroundings, warnings)
    except SentinelError as error:
        error.warnings = warnings
        raise
    result["elapsed"] = round(time.monotonic() - started, 3)
    return result


def _run_task(
    task: Task, mode: Mode, api: SentinelAPI, surroundings: Surroundings, warnings: list[str]
) -> dict[str, Any]:
    """Run a task with a session. Adds to `warnings`."""
    lists = ListingReader(api, REQUIRED, cure=CHECK)
    listing = lists.read(*_names_of((*task.targets.devices, *task.targets.exceptions)))
    warnings += listing.warnings
    planned = _plan(task, api, listing)
    warnings += planned.plan.warnings
    planned.plan.check_size(task.options.max_changes)
    to_set = planned.plan.to_set
    if mode.check or not to_set:
        carried = Carried([StatusResult.foreseen(item) for item in to_set], bool(to_set))
    else:
        carried = _carry_out(task, planned, api, lists, surroundings)
    result = _result(task, planned.plan, planned.word, carried, mode)
    return {**result, "warnings": warnings, "requests": api.session.statistics()}


def _plan(task: Task, api: SentinelAPI, listing: Listing) -> Planned:
    """Return the plan. Asks the account for its statuses if they are needed.

    Raises SentinelError if the account does not have the status.
    """
    corp_id, reads = str(api.session.corp_id()), api.reader.device_statuses
    wanted = Wanted.of(task.state, reads)
    word = ""
    if not wanted.is_state:
        words = api.device_statuses(corp_id)
        wanted = Wanted.of(task.state, reads, words)
        word = word_for(words, wanted.word, reads)
    plan = plan_statuses(task.targets, listing, wanted, task.options.missing == "ignore")
    if plan.to_set and not word:
        word = word_for(api.device_statuses(corp_id), wanted.word, reads)
    return Planned(plan, wanted, word)


def _carry_out(
    task: Task, planned: Planned, api: SentinelAPI, lists: ListingReader, surroundings: Surroundings
) -> Carried:
    is_owned, clock = surroundings.is_owned, surroundings.clock
    sleep = owned_sleep(is_owned, surroundings.sleep, _OWNER_INTERVAL)

    def looks(seconds: float) -> Iterator[None]:
        return rounds(seconds, Intervals(*_PAUSES), clock, sleep, at_once=True)

    setter = StatusSetter(api, str(api.session.corp_id()), lambda: check_owned(is_owned))
    settling = Settling(lists, task.shared.settle_timeout if task.shared.wait else None, looks)
    status = Status(planned.word, task.options.reason)
    return carry_out_statuses(planned.plan.to_set, setter, status, planned.wanted, settling)


def _result(task: Task, plan: StatusPlan, word: str, carried: Carried, mode: Mode) -> dict[str, Any]:
    """Return the result, without `warnings` and `requests`. `carried`: the items that were set, in their order."""
    set_results = iter(carried.results)
    results = [
        next(set_results) if item.action == StatusAction.SET else StatusResult.foreseen(item) for item in plan.items
    ]
    result = make_status_result(plan, results, task.shared, carried.changed)
    if mode.diff:
        result["diff"] = make_status_diff(plan.to_set, word, task.shared.result_limit)
    return result


def _names_of(targets: tuple[Target, ...]) -> tuple[set[str], set[str]]:
    """Return the identifiers of devices, and their MDNs."""
    names = [name for name in NAMES if name != "mdn"]
    identifiers = {value for target in targets for name in names if (value := getattr(target, name))}
    return identifiers, {target.mdn for target in targets if target.mdn}


def read_task(params: Mapping[str, Any]) -> Task:
    """Read options and devices. Raises InputError with every problem."""
    connection, options, shared, targets = read_all(
        lambda: ConnectionOptions.read(params.get),
        lambda: DeviceStatusOptions.read(params),
        lambda: ActivationOptions.read(params),
        lambda: load_targets(params),
    )
    return Task(connection, options, shared, targets, params["state"].strip())
