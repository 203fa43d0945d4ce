# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module runs: its story's result or error becomes Ansible's, without secrets and within limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Protocol

from ansible.module_utils.basic import missing_required_lib

from .._errors import MissingLibraryError, SentinelError
from .._text import printable_lines
from .connection import secrets_of


class Module(Protocol):
    """What a story's module must be able to do: an AnsibleModule is one."""

    params: dict[str, Any]
    no_log_values: set[str]

    def warn(self, warning: str) -> None:
        """Adds a warning to the result."""

    def exit_json(self, **result: Any) -> None:
        """Ends the module."""

    def fail_json(self, msg: str, **result: Any) -> None:
        """Ends the module with a failure."""


def run_module(module: Module, story: Callable[[], dict[str, Any]]) -> None:
    """Runs a module's story and ends the module with its result, or with its error in words.

    Args:
        module: the module.
        story: returns the module's result. ``warnings`` in it are issued; ``failed`` makes it a failure.
    """
    # AnsibleModule knows the options that are secret as a whole; a password in api_url is one, too.
    module.no_log_values.update(secrets_of(module.params.get))
    # Thousands of devices echoed in the invocation would push the result over a controller's limit for one event.
    outcome: dict[str, Any] = {"invocation": {"module_args": _brief(module.params)}}
    try:
        outcome.update(story())
    except MissingLibraryError as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.trace, **outcome)
    except SentinelError as error:
        _warn(module, error.warnings)
        module.fail_json(**error.as_failure(), **outcome)
    _warn(module, outcome.pop("warnings", []))
    if "msg" in outcome:
        outcome["msg"] = printable_lines(outcome["msg"])
    if outcome.pop("failed", False):
        module.fail_json(**outcome)
    module.exit_json(**outcome)


def _warn(module: Module, warnings: Iterable[str]) -> None:
    for warning in warnings:
        module.warn(printable_lines(warning))


def _brief(params: Mapping[str, Any], limit: int = 20_000) -> dict[str, Any]:
    """The parameters without what devices do not set; devices and hosts are counted where they exceed `limit`."""
    brief = dict(params)
    if brief.get("devices"):
        brief["devices"] = [
            {key: text for key, text in device.items() if text is not None} if isinstance(device, Mapping) else device
            for device in brief["devices"]
        ]
    for name in ("devices", "hosts"):
        if isinstance(brief.get(name), list) and len(json.dumps(brief[name])) > limit:
            brief[name] = f"{len(brief[name])} {name}"
    return brief
