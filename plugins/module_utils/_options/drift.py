# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of `sentinel_drift_info`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Optional

from .._errors import InputError
from .connection import connection_spec
from .declaration import FilePath, option, options_of, out_of_range, spec_of

if TYPE_CHECKING:
    from typing_extensions import Self

#: Options that declare the devices. A task has one of them.
SOURCES = ("src", "devices", "hosts")
#: Options that must not be blank, with what each of them is.
_TEXTS = {
    "src": "the path of a file",
    "kind": "a kind of device",
    "drift_file": "the path of a file",
    "junit": "the path of a file",
    "suite": "a name",
    "directory": "the path of a directory",
}


@dataclass(frozen=True)
class DriftOptions:
    """How to compare a declared fleet with the account. `drift_spec` also has `devices`, `hosts` and `tolerate`."""

    src: Optional[FilePath] = None
    columns: Optional[Mapping[str, Any]] = None
    sheet: Optional[str] = None
    carrier_names: Optional[Mapping[str, Any]] = None
    kind: str = "sim"
    defaults: Mapping[str, Any] = field(default_factory=dict)
    carrier_defaults: Mapping[str, Any] = field(default_factory=dict)
    group_defaults: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False
    listing: Literal["auto", "required", "none"] = "auto"
    undeclared: bool = True
    fail_on_drift: bool = False
    named: int = field(default=20, metadata=option(minimum=0))
    drift_file: Optional[FilePath] = None
    junit: Optional[FilePath] = None
    suite: str = "fleet"
    directory: Optional[FilePath] = None

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """Read the options from a task's parameters. Raises InputError with every problem."""
        values = {name: params[name] for name in options_of(cls) if params.get(name) is not None}
        problems = [
            f"{name}: is blank; give {expected}, or leave {name} out"
            for name, expected in _TEXTS.items()
            if name in values and not values[name].strip()
        ]
        problems += out_of_range(cls, values)
        if problems:
            raise InputError(problems)
        return cls(**values)


def drift_spec() -> dict[str, dict[str, Any]]:
    """Return the argument_spec of `sentinel_drift_info`."""
    return {
        **connection_spec(),
        **spec_of(DriftOptions),
        # Fields and states are checked when the devices are read, to report them with the row and similar names.
        "devices": {"type": "list", "elements": "dict"},
        "hosts": {"type": "raw"},
        "tolerate": {"type": "list", "elements": "str", "default": []},
    }
