# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the reports of a fleet, always on the controller."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._errors import SentinelError
from ..module_utils._report.arguments import REPORT_RULES, REPORT_SPEC
from ..plugin_utils._console import Console
from ..plugin_utils._failures import checked_arguments, hide_own_source
from ..plugin_utils._report.writing import write_reports
from ..plugin_utils._worker import ending_with_ansible


class ActionModule(ActionBase):
    """The module of the same name has the documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @ending_with_ansible()
    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Write the files and return the task's result."""
        super().run(tmp, task_vars)
        hide_own_source(self._task)
        base = os.path.abspath(self._loader.get_basedir())
        checked, problem = checked_arguments(self._task, REPORT_SPEC, **REPORT_RULES)
        if problem:
            return {"failed": True, "changed": False, "msg": problem}
        try:
            result = write_reports(checked.validated_parameters, base, bool(self._task.check_mode))
        except SentinelError as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        Console(is_secret=bool(self._task.no_log)).summary(result["msg"], result)
        return result
