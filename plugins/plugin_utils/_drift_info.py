# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of `sentinel_drift_info` in one page: read the task → read the account → compare → write → result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from ..module_utils._errors import SentinelError, shown
from ..module_utils._service.api import SentinelAPI
from ..module_utils._transport.session import Session
from ._drift.comparison import drift
from ._drift.files import write_files
from ._drift.reading import read_account
from ._drift.result import make_result
from ._drift.task import Play, Task, read_task
from ._tables import drift_table


def drift_info(params: Mapping[str, Any], play: Play, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Compare the account with the declared fleet, and return the module's result. Only reads.

    Args:
        params: the checked parameters of the task.
        play: has the hosts, if they are the devices.
        on_secret: is called with each token obtained.

    Raises InputError if the task is wrong, and other SentinelErrors if the account cannot be read.
    """
    started = time.monotonic()
    task = read_task(params, play)
    try:
        result = _compared(task, on_secret)
    except SentinelError as error:
        error.warnings = [*task.declared.warnings, *error.warnings]
        raise
    return {**result, "elapsed": round(time.monotonic() - started, 3)}


def _compared(task: Task, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    options, declared = task.options, task.declared
    with closing(Session(task.connection, on_secret)) as session:
        account, warnings = read_account(SentinelAPI(session), options.listing)
        requests = session.statistics()
    found = drift(declared.fleet, account, task.tolerated, options.undeclared, declared.kind)
    found["warnings"] = [*declared.warnings, *warnings, *found["warnings"]]
    write_files(task.paths, found, options.suite)
    return {
        **make_result(found, task.tolerated, task.paths),
        "lines": shown(drift_table(found, options.named)),
        "requests": requests,
        "failed": options.fail_on_drift and found["drift"] > 0,
    }
