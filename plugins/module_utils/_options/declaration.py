# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declare each option once, as a field of a frozen dataclass. The typed options are instances of it.

Name, type, choices and default are those of the field. `option` puts the rest into its metadata. Argument specs,
environment variables and range checks derive from the fields.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ansible.module_utils.basic import env_fallback

#: A path on the machine that runs the module, as Ansible's type `path` expands it.
FilePath = Annotated[str, "path"]
_NONE = type(None)


class Option(NamedTuple):
    """One option.

    Args:
        name: name of the option.
        type: type of the option, in Ansible's words.
        choices: its valid values, or empty for any value.
        default: its default, or None.
        secret: whether it must never be shown.
        env: the environment variable that is read if the option is not set, or None.
        minimum: smallest valid number, or None for no limit.
        maximum: largest valid number, or None for no limit.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    default: Any
    secret: bool
    env: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    def spec(self) -> dict[str, Any]:
        """Return the entry for an argument_spec."""
        entry: dict[str, Any] = {"type": self.type}
        if self.choices:
            entry["choices"] = list(self.choices)
        if self.default is not None:
            entry["default"] = self.default
        if self.secret:
            entry["no_log"] = True
        if self.env:
            entry["fallback"] = (env_fallback, [self.env])
        return entry


def option(
    *, env: str | None = None, minimum: float | None = None, maximum: float | None = None
) -> dict[str, str | float | None]:
    """Return the metadata of a field with an environment variable or limits; see `Option`."""
    return {"env": env, "minimum": minimum, "maximum": maximum}


def options_of(owner: type) -> Mapping[str, Option]:
    """Return the options that a dataclass declares, by name.

    A field is a bool, int, float, str, `FilePath`, Literal (the choices) or Mapping, and Optional if its default is
    None. A field that is left out of the repr of its class is a secret.
    """
    return _options_of(owner)


@cache
def _options_of(owner: type) -> Mapping[str, Option]:
    hints = get_type_hints(owner, include_extras=True)
    return MappingProxyType({known.name: _read(known, hints[known.name]) for known in fields(owner)})


def _read(known: Field[Any], hint: Any) -> Option:
    """Return the option that a field declares."""
    kind, choices = _type_of(hint)
    default = None if known.default is MISSING else known.default
    return Option(known.name, kind, choices, default, not known.repr, **known.metadata)


def spec_of(owner: type) -> dict[str, dict[str, Any]]:
    """Return the argument_spec of the options that a dataclass declares."""
    return {name: declared.spec() for name, declared in options_of(owner).items()}


def out_of_range(owner: type, values: Mapping[str, Any]) -> list[str]:
    """Return a problem for each number among the values that is out of its range."""
    problems = []
    for known in options_of(owner).values():
        value = values.get(known.name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if math.isnan(value):
            problems.append(f"{known.name}: is not a number")
        elif known.minimum is not None and value < known.minimum:
            problems.append(f"{known.name}: must be at least {known.minimum:g}, not {value}")
        elif known.maximum is not None and value > known.maximum:
            problems.append(f"{known.name}: must be at most {known.maximum:g}, not {value}")
    return problems


def _type_of(hint: Any) -> tuple[str, tuple[str, ...]]:
    """Return Ansible's name for a type, and its choices."""
    if get_origin(hint) is Union:
        (hint,) = (kind for kind in get_args(hint) if kind is not _NONE)
    origin = get_origin(hint)
    if origin is Literal:
        return "str", get_args(hint)
    if origin is Annotated:
        return str(get_args(hint)[1]), ()
    return ("dict" if origin is not None else hint.__name__), ()
