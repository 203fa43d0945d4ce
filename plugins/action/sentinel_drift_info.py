# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares a fleet with the account on the controller, which alone knows the hosts of the play, and shows the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._options import secret_receiver
from ..module_utils._options.drift import drift_spec
from ..plugin_utils._console import Console, shows_message
from ..plugin_utils._drift.task import Play
from ..plugin_utils._drift_info import drift_info
from ..plugin_utils._here import Machine
from ..plugin_utils._on_controller import ControllerAction


class ActionModule(ControllerAction):
    """The module of the same name has the documentation."""

    # One comparison for all hosts of the play.
    BYPASS_HOST_LOOP = True

    def spec(self) -> dict[str, dict[str, Any]]:
        """Return the argument_spec of the module."""
        return drift_spec()

    def story(self, machine: Machine, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the module's result."""
        play = Play(variables.get("ansible_play_batch") or (), variables.get("hostvars") or {})
        result = drift_info(machine.params, play, secret_receiver(machine))
        console = Console(clean=machine.clean, is_secret=bool(self._task.no_log))
        console.table(result["lines"])
        if not shows_message(self._task, result):
            console.summary(result["msg"], result)
        return result
