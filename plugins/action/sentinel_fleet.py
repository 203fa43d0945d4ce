# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activates a fleet of any kinds, once for all hosts of a play, which may be the devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._declare.files import Row
from ..module_utils._errors import InputError
from ..module_utils._options import fleet_spec
from ..module_utils._stories.activate import Mode
from ..module_utils._stories.tasks import FLEET_FORMATS, FLEET_IDENTIFIERS, FLEET_KINDS, Subject, of_fleet
from ..plugin_utils._console import Console
from ..plugin_utils._failures import hide_own_source, refused
from ..plugin_utils._fleet.devices import kind_of
from ..plugin_utils._fleet.hosts import rows_of_hosts
from ..plugin_utils._fleet.play import check_conditions, conditions_of, hosts_of, wants_all
from ..plugin_utils._in_process import ActivationAction, InProcessModule


class ActionModule(ActivationAction):
    """The module of the same name has the documentation."""

    #: Ansible runs the task only for the first host of the play, as with run_once.
    BYPASS_HOST_LOOP = True

    _variables: Any = None
    _hosts: Sequence[str] | None = None
    _of_play = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the engine in this process, or send the module to the target with the hosts as devices."""
        self._variables = task_vars or {}
        wanted = self._task.args.get("hosts")
        self._of_play = wants_all(wanted)
        try:
            self._hosts = hosts_of(
                wanted,
                self._variables.get("ansible_play_batch") or [],
                self._variables.get("hostvars") or {},
            )
            if "hosts" in self._task.args:
                self._task.args = {**self._task.args, "hosts": self._hosts is not None}
            if self._hosts is not None and not self._runs_in_process():
                self._send_hosts()
        except InputError as error:
            hide_own_source(self._task)
            return refused(error)
        return super().run(tmp, task_vars)

    def subject(self) -> Subject:
        """Return what the module activates."""
        return of_fleet(self._rows)

    def argument_spec(self) -> dict[str, Any]:
        """Return the module's argument_spec."""
        return fleet_spec(FLEET_IDENTIFIERS, FLEET_KINDS, FLEET_FORMATS)

    def _console(self, module: InProcessModule, variables: Mapping[str, Any]) -> Console:
        """Return the task's console. The task runs once, so lines need no host."""
        return super()._console(module, {})

    def shows_plan(self, mode: Mode, variables: Mapping[str, Any]) -> bool:
        """Return whether the task shows its plan. Not if the diff shows it, or if it was approved and seen before."""
        plans = mode.check or self._task.args.get("state") == "planned"
        return not mode.diff and (plans or not self._task.args.get("approved_plan"))

    def _is_for_controller(self) -> bool:
        """Return whether the task is for the controller. If hosts are devices, it always is."""
        return self._hosts is not None or super()._is_for_controller()

    def _rows(self) -> list[Row]:
        """Return the rows of the hosts. Raises InputError."""
        names = self._hosts or []
        if self._of_play:
            self._check_conditions(names)
        return rows_of_hosts(names, self._variables["hostvars"], kind_of(self._task.args.get("kind") or FLEET_KINDS[0]))

    def _check_conditions(self, names: Sequence[str]) -> None:
        conditions = conditions_of(self._task)
        if not conditions:
            return

        def holds(name: str) -> bool:
            variables = {**self._variables, **self._variables["hostvars"][name]}
            templar = self._templar.copy_with_new_env(available_variables=variables)
            return all(templar.evaluate_conditional(condition) for condition in conditions)

        check_conditions(names, holds)

    def _send_hosts(self) -> None:
        """Give the module the rows of the hosts. Raises InputError, also if it would be sent to another machine."""
        if self._connection.transport != "local":
            problem = f"the task cannot run in Ansible's own process: {self.obstacle_in_process()}"
            raise InputError([f"hosts: {problem}; add delegate_to: localhost"])
        rows = {row.where: dict(row.values) for row in self._rows()}
        self._task.args = {**self._task.args, **({"hosts": rows} if rows else {"hosts": False, "devices": []})}
