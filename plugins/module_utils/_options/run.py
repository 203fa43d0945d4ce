# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module: return the result or error of its story to Ansible, without secrets and within limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Protocol

from .._errors import MissingLibraryError, SentinelError
from .._text import counted, printable_lines
from .connection import secrets_of
from .secrecy import keep_secrets

#: Maximum number of warnings, and of characters per warning.
_WARNINGS = 20
_LONGEST_WARNING = 500
#: Maximum number of characters of an echoed parameter.
_LONGEST_PARAMETER = 500


class Module(Protocol):
    """The parts of an AnsibleModule that a story needs."""

    params: dict[str, Any]
    no_log_values: set[str]

    def warn(self, warning: str) -> None:
        """Add a warning to the result."""

    def exit_json(self, **result: Any) -> None:
        """End the module."""

    def fail_json(self, msg: str, **result: Any) -> None:
        """End the module with a failure."""


def run_module(module: Module, story: Callable[[], dict[str, Any]]) -> None:
    """Run a module's story and end the module with its result or its error.

    Args:
        module: the module.
        story: returns the module's result. ``warnings`` in it are issued; ``failed`` makes it a failure.
    """
    # AnsibleModule knows the secret options, but not a password in api_url.
    keep_secrets(module, secrets_of(module.params.get))
    # Thousands of devices in the invocation would exceed a controller's limit for one event.
    outcome: dict[str, Any] = {"invocation": {"module_args": _brief(module.params)}}
    try:
        outcome.update(story())
    except MissingLibraryError as error:
        module.fail_json(**error.as_failure(), exception=error.trace, **outcome)
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
    """Issue at most `_WARNINGS` warnings, each shortened, and the number of the others."""
    known = list(dict.fromkeys(map(printable_lines, warnings)))
    for warning in known[:_WARNINGS]:
        module.warn(warning if len(warning) <= _LONGEST_WARNING else f"{warning[:_LONGEST_WARNING]} …")
    if len(known) > _WARNINGS:
        module.warn(f"and {counted(len(known) - _WARNINGS, 'more warning')}")


def _brief(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters without empty fields of devices, and with only the size of long values."""
    brief = dict(params)
    if isinstance(brief.get("devices"), list):
        brief["devices"] = [_set_only(device) for device in brief["devices"]]
    return {name: _short(name, value) for name, value in brief.items()}


def _set_only(device: Any) -> Any:
    if not isinstance(device, Mapping):
        return device
    return {name: value for name, value in device.items() if value is not None}


def _short(name: str, value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_PARAMETER:  # such as the content of an approved plan
        return counted(len(value), "character")
    if not isinstance(value, (list, dict)) or len(json.dumps(value, default=str)) <= _LONGEST_PARAMETER:
        return value
    return counted(len(value), "device" if name in ("devices", "hosts") else "item")
