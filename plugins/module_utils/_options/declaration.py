# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an option is declared, once: as a field of a frozen dataclass, which the typed options are instances of.

Name, type, choices and default are the field's own. What else there is, `option` puts into its metadata. Argument
specs, environment variables and range checks derive from the fields.
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


class Option(NamedTuple):
    """One option.

    Args:
        name: its name.
        type: its type, by Ansible's name for it.
        choices: the values that it may have; empty for any.
        default: its default; None where it has none.
        secret: whether it must never be shown.
        env: the environment variable that it is read from where it is not given; None for no variable.
        least: the smallest number that it may be; None for no limit.
        most: the largest number that it may be; None for no limit.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    default: Any
    secret: bool
    env: str | None = None
    least: float | None = None
    most: float | None = None

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
    *, env: str | None = None, least: float | None = None, most: float | None = None
) -> dict[str, str | float | None]:
    """Return the metadata of a field that has an environment variable, or is a number with limits.

    The arguments are those of `Option`.
    """
    return {"env": env, "least": least, "most": most}


def options_of(owner: type) -> Mapping[str, Option]:
    """Return the options that a dataclass declares, by name.

    A field is a bool, int, float, str, `FilePath`, Literal (the choices) or Mapping, Optional where its default is
    None. One that is kept out of its class' repr is a secret.
    """
    return _options_of(owner)


@cache
def _options_of(owner: type) -> Mapping[str, Option]:
    hints = get_type_hints(owner, include_extras=True)
    return MappingProxyType({known.name: _read(known, hints[known.name]) for known in fields(owner)})


def _read(known: Field[Any], hint: Any) -> Option:
    """Return the option that a field with this type declares."""
    kind, choices = _type_of(hint)
    default = None if known.default is MISSING else known.default
    return Option(known.name, kind, choices, default, not known.repr, **known.metadata)


def spec_of(owner: type) -> dict[str, dict[str, Any]]:
    """Return the argument_spec of the options that a dataclass declares."""
    return {name: declared.spec() for name, declared in options_of(owner).items()}


def out_of_range(owner: type, values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the size of numbers among the values of a dataclass' options."""
    problems = []
    for known in options_of(owner).values():
        value = values.get(known.name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if math.isnan(value):
            problems.append(f"{known.name}: is not a number")
        elif known.least is not None and value < known.least:
            problems.append(f"{known.name}: {value} is too small; it must be at least {known.least:g}")
        elif known.most is not None and value > known.most:
            problems.append(f"{known.name}: {value} is too large; it must be at most {known.most:g}")
    return problems


def _type_of(hint: Any) -> tuple[str, tuple[str, ...]]:
    """Return Ansible's name for a type, and its choices."""
    if get_origin(hint) is Union:
        (hint,) = (kind for kind in get_args(hint) if kind is not type(None))
    origin = get_origin(hint)
    if origin is Literal:
        return "str", get_args(hint)
    if origin is Annotated:
        return str(get_args(hint)[1]), ()
    return ("dict" if origin is not None else hint.__name__), ()
