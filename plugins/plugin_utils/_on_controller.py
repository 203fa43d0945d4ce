# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's story in the task's own process on the controller, whatever the host of the task."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._options import secrets_of, without_secrets
from ._failures import checked_arguments, hide_own_source
from ._in_process import InProcessModule, module_environment, run_in_process
from ._vault import vault_of
from ._worker import ending_with_ansible


class ControllerAction(ActionBase):
    """Base class of actions that run only on the controller, because they need its variables."""

    _requires_connection = False

    def spec(self) -> dict[str, dict[str, Any]]:
        """Return the argument_spec of the module."""
        raise NotImplementedError

    def story(self, module: InProcessModule, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the module's result.

        Args:
            module: has the checked arguments.
            variables: those of the task.
        """
        raise NotImplementedError

    @ending_with_ansible()
    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Check the arguments and run the story."""
        super().run(tmp, task_vars)
        hide_own_source(self._task)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        with module_environment(self._loader.get_basedir(), {**_proxies(), **environment}), vault_of(self._loader):
            checked, problem = checked_arguments(self._task, self.spec())
            if problem:
                return self._refused(problem)
            module = InProcessModule(checked.validated_parameters, checked._no_log_values)
            return run_in_process(module, lambda: self.story(module, task_vars or {}))

    def _refused(self, message: str) -> dict[str, Any]:
        """Return the result for wrong arguments. Secrets are masked, because the message may quote an argument."""
        return {"failed": True, "changed": False, "msg": without_secrets(message, secrets_of(self._task.args.get))}


def _proxies() -> dict[str, str]:
    """Return variables that keep a forked process on macOS from asking the system for proxies, which may crash it."""
    named = any(name.lower().endswith("_proxy") for name in os.environ)
    return {"no_proxy": "localhost"} if not named and sys.platform == "darwin" else {}
