# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares a fleet with the account, always on the controller, which has the hosts of the play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._options import secret_receiver
from ..module_utils._options.drift import drift_spec
from ..plugin_utils._console import Console, shows_message
from ..plugin_utils._drift.task import Play
from ..plugin_utils._drift_info import drift_info
from ..plugin_utils._in_process import InProcessModule
from ..plugin_utils._on_controller import ControllerAction


class ActionModule(ControllerAction):
    """The module of the same name has the documentation."""

    #: Ansible runs the task only for the first host of the play, as with run_once.
    BYPASS_HOST_LOOP = True

    def spec(self) -> dict[str, dict[str, Any]]:
        """Return the argument_spec of the module."""
        return drift_spec()

    def story(self, module: InProcessModule, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the module's result."""
        play = Play(variables.get("ansible_play_batch") or (), variables.get("hostvars") or {})
        result = drift_info(module.params, play, secret_receiver(module))
        console = Console(clean=module.clean, is_secret=bool(self._task.no_log))
        console.table(result["lines"])
        if not shows_message(self._task, result):
            console.summary(result["msg"], result)
        return result
