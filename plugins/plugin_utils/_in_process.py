# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs an activation in the task's own process, with progress, if the task runs on the controller.

Otherwise, the module is sent to the target like any other. Options, results and check mode are the same either way,
because the same engine runs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, Callable, NoReturn

from ansible.errors import AnsibleActionFail
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.release import __version__ as ANSIBLE_VERSION  # noqa: N812  a constant

from ..module_utils._carry_out.owner import Owner
from ..module_utils._carry_out.snapshot import Snapshot
from ..module_utils._decide.kinds import Kind
from ..module_utils._declare.devices import VOLUPTUOUS_IMPORT_ERROR
from ..module_utils._errors import InputError, SentinelError
from ..module_utils._options import ActivationOptions, activation_spec, run_module, secret_receiver, without_secrets
from ..module_utils._report.progress import reporting
from ..module_utils._stories.activate import Mode, Surroundings, activate
from ..module_utils._stories.tasks import Subject, blank_options, mistyped, of_kind
from ..module_utils._transport.sender import REQUESTS_IMPORT_ERROR
from ._console import Console, shows_message
from ._failures import hide_own_source, refused
from ._vault import vault_of
from ._worker import ending_with_ansible, older_objects_kept

#: Maximum number of devices per action that a run names before it carries out a plan without approval.
_NAMED_IN_A_RUN = 2
#: The oldest supported version of ansible-core, as in meta/runtime.yml.
_OLDEST = (2, 19)


def version_problem(version: str) -> str | None:
    """Return an error message for an unsupported version of ansible-core, or None."""
    if tuple(map(int, version.split(".")[:2])) >= _OLDEST:
        return None
    return f"kajeet.sentinel needs ansible-core {'.'.join(map(str, _OLDEST))} or later; this is {version}."


class ActivationAction(NormalAction):
    """Base class of the actions of the activation modules."""

    def subject(self) -> Subject:
        """Return what the module activates."""
        raise NotImplementedError

    def argument_spec(self) -> dict[str, Any]:
        """Return the module's argument_spec."""
        raise NotImplementedError

    @ending_with_ansible()
    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Runs the engine in this process, or sends the module to the target."""
        hide_own_source(self._task)
        problem = version_problem(ANSIBLE_VERSION)
        if problem:
            return refused(SentinelError(problem))
        wrong = blank_options(self._task.args) + mistyped(self._task.args)
        if wrong:
            return refused(InputError(wrong, "The task"))
        if self._runs_in_process():
            environment: dict[str, Any] = {}
            self._compute_environment_string(environment)
            directory = self._loader.get_basedir()
            with module_environment(directory, environment), vault_of(self._loader), older_objects_kept():
                module = self._module()
                if module is not None:
                    return self._run_in_process(module, task_vars or {})
        sent: dict[str, Any] = super().run(tmp, task_vars)
        return sent

    def _runs_in_process(self) -> bool:
        """Return whether the task runs on the controller, as the user who runs Ansible, and in the foreground."""
        return self._is_for_controller() and not self.obstacle_in_process()

    def _is_for_controller(self) -> bool:
        """Return whether the task is for the controller, and for the user who runs Ansible."""
        return self._connection.transport == "local" and self._connection.become is None

    def obstacle_in_process(self) -> str:
        """Return why a task for the controller cannot run in Ansible's own process, or "" if it can.

        If libraries are missing here, the module may find them in the interpreter of the target. On macOS, a forked
        process must not ask the system for its proxies.
        """
        if REQUESTS_IMPORT_ERROR or VOLUPTUOUS_IMPORT_ERROR:
            return "Python libraries are missing"
        if self._task.async_val:
            return "the task uses async"
        return "macOS does not allow it" if sys.platform == "darwin" else ""

    def _module(self) -> InProcessModule | None:
        """Return the module for this process; None if an argument is wrong, which the real module reports better."""
        try:
            checked, _arguments = self.validate_argument_spec(self.argument_spec())
        except AnsibleActionFail:
            return None
        return InProcessModule(checked.validated_parameters, checked._no_log_values)

    def _console(self, module: InProcessModule, variables: Mapping[str, Any]) -> Console:
        """Return the task's console. If the task runs for several hosts, each line starts with host and task."""
        prefix = ""
        if self._is_one_of_many(variables):
            prefix = f"{variables.get('inventory_hostname')}: {self._task.name or self._task.action}: "
        return Console(prefix, module.clean, bool(self._task.no_log))

    def shows_plan(self, mode: Mode, variables: Mapping[str, Any]) -> bool:
        """Return whether the task shows its plan as lines. Not if the diff shows it, or for several hosts."""
        return mode.check and not mode.diff and not self._is_one_of_many(variables)

    def _is_one_of_many(self, variables: Mapping[str, Any]) -> bool:
        """Return whether the task runs for several hosts. With run_once, it does not."""
        return len(variables.get("ansible_play_hosts_all") or ()) > 1 and not self._task.run_once

    def _named(self, module: InProcessModule, mode: Mode) -> int:
        """Return the maximum number of devices per action that the plan names."""
        if "named" in self._task.args or mode.check or module.params.get("state") == "planned":
            return int(module.params["named"])
        return _NAMED_IN_A_RUN

    def _run_in_process(self, module: InProcessModule, variables: Mapping[str, Any]) -> dict[str, Any]:
        mode = Mode(bool(self._task.check_mode), bool(self._task.diff))
        console = self._console(module, variables)
        met = Surroundings(
            report=self._report(module, console.progress),
            say=console.progress,
            is_owned=Owner.of_this_process().is_alive,
            ending=console.ending,
        )
        if self.shows_plan(mode, variables):
            met = met._replace(show_plan=partial(console.plan, named=self._named(module, mode)))
        on_secret = secret_receiver(module)
        result = run_in_process(module, lambda: activate(self.subject(), module.params, mode, on_secret, met))
        if "plan" in result and not shows_message(self._task, result):
            console.summary(str(result["msg"]).rpartition("\n")[2], result)
        return result

    def _report(
        self, module: InProcessModule, say: Callable[[str], None]
    ) -> Callable[[Callable[[], Snapshot]], AbstractContextManager[None]]:
        def report(snapshot: Callable[[], Snapshot]) -> AbstractContextManager[None]:
            interval = 0.0 if self._task.no_log else ActivationOptions.read(module.params).progress_interval
            return reporting(snapshot, say, interval, time.monotonic)

        return report


class KindAction(ActivationAction):
    """Base class of the actions of the modules for one kind of device."""

    kind: Kind

    def subject(self) -> Subject:
        """Return what the module activates."""
        return of_kind(self.kind)

    def argument_spec(self) -> dict[str, Any]:
        """Return the module's argument_spec."""
        return activation_spec(self.kind.identity.identifiers, self.kind.formats)


class ModuleExit(Exception):
    """Raised by `exit_json` and `fail_json`. `result`: of the task, without secrets."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class InProcessModule:
    """Replaces an AnsibleModule in the task's own process, as far as `run_module` needs it.

    Args:
        params: the validated arguments. They are converted to plain data, as a module reads them from JSON.
        secrets: values to mask in the result.
    """

    def __init__(self, params: Mapping[str, Any], secrets: Iterable[str]) -> None:
        self.params: dict[str, Any] = json.loads(json.dumps(dict(params), default=str))
        self.no_log_values: set[str] = set(secrets)
        self._warnings: list[str] = []

    def warn(self, warning: str) -> None:
        """Adds a warning to the result."""
        self._warnings.append(warning)

    def exit_json(self, **result: Any) -> NoReturn:
        """Ends the module."""
        self._end({"changed": False, **result})

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Ends the module with a failure."""
        self._end({"changed": False, **result, "failed": True, "msg": msg})

    def clean(self, value: Any) -> Any:
        """Return a value with its secrets masked."""
        return without_secrets(value, self.no_log_values)

    def _end(self, result: dict[str, Any]) -> NoReturn:
        if self._warnings:
            result["warnings"] = self._warnings
        kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
        raise ModuleExit({**self.clean(result), **kept})


def run_in_process(module: InProcessModule, story: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a module's story in this process, and return its result, or its error as a result."""
    try:
        run_module(module, story)
    except ModuleExit as end:
        return end.result
    raise AssertionError("a module ends with a result")


@contextmanager
def module_environment(directory: str, environment: Mapping[str, Any]) -> Iterator[None]:
    """Set the working directory and the environment variables that a module would have on the controller."""
    before, variables = os.getcwd(), dict(os.environ)
    os.chdir(directory)
    os.environ.update({str(name): str(value) for name, value in environment.items()})
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)
