# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a failed task looks to people: docs/decisions/22-what-people-see.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.errors import UnsupportedError

from ..module_utils._errors import SentinelError

#: The root of the collection.
_OURS = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir)) + os.sep


def refused(error: SentinelError) -> dict[str, Any]:
    """Return the result of a task that refuses to run. Unlike an exception, it is visible to failed_when and until."""
    return {"failed": True, "changed": False, **error.as_failure()}


def checked_arguments(task: Any, spec: Mapping[str, Any], **rules: Any) -> tuple[ValidationResult, str]:
    """Return the validated arguments of a task, and an error message, or "" without an error.

    Args:
        task: the task.
        spec: the argument_spec.
        rules: other arguments of the validator, such as `mutually_exclusive`.

    Ansible's own check for actions shows the path of the plugin instead of the name of the module.
    """
    checked = ArgumentSpecValidator(spec, **rules).validate(task.args)
    if not checked.error_messages:
        return checked, ""
    is_unknown = isinstance(checked.errors[0], UnsupportedError)
    start = f"Unsupported parameters for ({task.resolved_action or task.action}) module: " if is_unknown else ""
    return checked, f"{start}{checked.errors.msg}"


def hide_own_source(task: Any) -> None:
    """Keep Ansible from quoting source lines of this collection's roles and playbooks below an error message.

    The user did not write them. The user's own tasks are still quoted.
    """
    if os.path.realpath(task.get_path()).startswith(_OURS):
        task._ds = None
