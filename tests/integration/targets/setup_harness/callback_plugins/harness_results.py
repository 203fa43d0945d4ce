# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of each task, as a line of JSON, to the file that HARNESS_RESULTS names."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: harness_results
type: notification
short_description: Results of tasks, for tests
description:
  - Writes the result of each task, as a line of JSON, to the file that E(HARNESS_RESULTS) names.
requirements:
  - E(HARNESS_RESULTS) in the environment
"""


class CallbackModule(CallbackBase):
    """One line a result, with the times at which the task started and ended."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "harness_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._started: float | None = None

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002
        """Notes the time."""
        self._started = time.time()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went well."""
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        """A task failed."""
        self._write("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was skipped."""
        self._write("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A task did not reach its host."""
        self._write("unreachable", result)

    def _write(self, status: str, result: Any) -> None:
        entry = {
            "name": _name_of(result),
            "status": status,
            "started": self._started,
            "ended": time.time(),
            "data": result.result,
        }
        with open(os.environ["HARNESS_RESULTS"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry, default=str) + "\n")


def _name_of(result: Any) -> str:
    """The task's name, without that of its role, which ansible-core 2.21 puts before it."""
    role = result.task._role
    name = str(result.task_name)
    return name.removeprefix(f"{role.get_name()} : ") if role else name
