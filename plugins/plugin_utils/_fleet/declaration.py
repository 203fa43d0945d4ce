# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A declared fleet as plugins take it: a file, a list or hosts of a play, with defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import Kind
from ...module_utils._declare.carriers import Carriers
from ...module_utils._declare.defaults import Defaults
from ...module_utils._declare.fleet import Reading, check_fleet
from ...module_utils._declare.sources import listed_rows
from ...module_utils._errors import InputError
from .devices import Fleet, identities, kind_of, rows_of_file
from .hosts import rows_of_hosts

_NOTHING = (
    "no fleet is declared; give a file, a list of devices, or hosts with variables such as sentinel_iccid, "
    "sentinel_imei and sentinel_carrier"
)


class Declaration(NamedTuple):
    """The declaration of a fleet.

    `content`: the path of a file, a list of mappings, or names of hosts. `hostvars`: the variables of these hosts.
    `names`: may have the options `columns`, `sheet` and `carrier_names`.
    """

    content: Any
    kind: Kind
    defaults: Defaults
    strict: bool = False
    hostvars: Mapping[str, Mapping[str, Any]] | None = None
    names: Mapping[str, Any] = {}

    @classmethod
    def read(
        cls,
        content: Any,
        kind: Any = "sim",
        defaults: Any = None,
        carrier_defaults: Any = None,
        group_defaults: Any = None,
        strict: bool = False,
        hostvars: Any = None,
        names: Mapping[str, Any] | None = None,
    ) -> Declaration:
        """Return the declaration in the arguments of a filter. Raises InputError."""
        if not isinstance(content, (str, list, tuple)):
            raise InputError([_NOTHING])
        given = Defaults.read(defaults, carrier_defaults, group_defaults)
        return cls(content, kind_of(kind), given, strict, hostvars, names or {})

    def fleet(self) -> Fleet:
        """Return the devices in the order of their rows. Raises InputError with every problem of every kind."""
        carriers = Carriers.read(self.names.get("carrier_names"))
        is_whole = self.hostvars is None
        reading = Reading(identities(), self.kind.identity, self.defaults, self.strict, is_whole, carriers)
        return Fleet.of(check_fleet(self._rows(), reading))

    def _rows(self) -> Any:
        if isinstance(self.content, str):
            return rows_of_file(self.content, self.kind, self.defaults, self.names)
        if self.hostvars is not None:
            return rows_of_hosts(self.content, self.hostvars, self.kind)
        return listed_rows(self.content)
