# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._errors import AuthenticationError, InputError
from ...module_utils._observe.listing import AUTO, NONE, REQUIRED
from ...module_utils._options import ConnectionOptions, connection_spec
from ...module_utils._options.urls import service_key
from ...module_utils._report.files import check_writable
from ...module_utils._text import hint
from ...module_utils._transport.session import Session
from ...module_utils._wire import StatusWords

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "state_file": {"type": "path", "required": True},
    "from": {"type": "str", "choices": ["now", "beginning"], "default": "now"},
    "interval": {"type": "float", "default": 60.0},
    "stuck_after": {"type": "float", "default": 3600.0},
    "listing": {"type": "str", "choices": [AUTO, REQUIRED, NONE], "default": AUTO},
    "listing_interval": {"type": "float", "default": 300.0},
    # An argument of ansible-rulebook: whether it confirms events to the source.
    "feedback": {"type": "bool", "default": False},
}


def argument_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the source."""
    return {**connection_spec(), **_ARGUMENTS}


class Settings(NamedTuple):
    """The source's arguments. `interval`, `stuck_after`, `listing_interval`: in seconds. `stuck_after` 0: never."""

    connection: ConnectionOptions
    state_file: str
    beginning: bool
    interval: float
    stuck_after: float
    words: StatusWords
    listing: str = AUTO
    listing_interval: float = 300.0

    @property
    def service(self) -> str:
        """Identity of the service, however its URL is spelled."""
        return service_key(self.connection.api_url)

    @classmethod
    def read(cls, arguments: Mapping[str, Any]) -> Settings:
        """Return the settings of arguments. Raises InputError with all problems."""
        spec = argument_spec()
        unknown = [str(name) for name in arguments if name not in spec]
        problems = [f"unknown argument {name!r}{hint(name, spec)}" for name in unknown]
        checked = ArgumentSpecValidator(spec).validate({name: arguments[name] for name in spec if name in arguments})
        problems += checked.error_messages
        values = checked.validated_parameters
        connection = None
        try:
            connection = ConnectionOptions.read(values.get)
            Session(connection).close()
        except InputError as error:
            problems += error.problems
        except AuthenticationError as error:
            problems.append(str(error))
        problems += _problems(values)
        if connection is None or problems:
            raise InputError(problems, "The event source's configuration")
        return cls(
            connection,
            values["state_file"],
            values["from"] == "beginning",
            values["interval"],
            values["stuck_after"],
            StatusWords(connection.status_words),
            values["listing"],
            values["listing_interval"],
        )


def _problems(values: Mapping[str, Any]) -> list[str]:
    """Return the problems of values that have the right type."""
    problems = []
    minimum = {"interval": (0.1, ""), "stuck_after": (0.0, " (0 means never)"), "listing_interval": (0.1, "")}
    for name, (least, meaning) in minimum.items():
        if isinstance(values[name], float) and not values[name] >= least:
            problems.append(f"{name}: must be at least {least:g}{meaning}, not {values[name]:g}")
    return problems + (
        check_writable("state_file", values["state_file"], regular=True) if values.get("state_file") else []
    )
