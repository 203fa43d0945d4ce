# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet of devices of any kinds, as the role `fleet` takes it: read, given its defaults, checked, split by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._decide.kinds import KINDS, Kind
from ...module_utils._declare.files import Row
from ...module_utils._errors import InputError
from ...module_utils._options import DEVICE_FIELDS
from ...module_utils._text import fold, hint
from .devices import KIND, Fleet, check_fleet, is_blank, kind_of, rows_of_file

#: What the names of a host's variables begin with, and those that say more than a field of a device.
PREFIX = "sentinel_"
_DEVICE, _DECLARED, _KIND = PREFIX + "device", PREFIX + "declared", PREFIX + KIND
#: Which hosts the role is used for: see roles/fleet/tasks/main.yml.
_PRESENT = "fleet__present"
_IDENTIFIERS = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.identity.identifiers))
_NOTHING = (
    "No fleet is declared: give fleet_src or fleet_devices, or run over hosts that have variables such as "
    "sentinel_iccid, sentinel_imei and sentinel_carrier"
)
_GROUP, _CARRIER = "device_group", "carrier"


class Defaults(NamedTuple):
    """Fields for devices that lack them. The nearest holds: the device's group, then its carrier, then what all have.

    `carriers`: by the carrier's name, folded. `names`: of carriers and groups, as they are written.
    """

    common: Mapping[str, Any]
    carriers: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, common: Any = None, carriers: Any = None, groups: Any = None) -> Defaults:
        """From the role's variables. Raises InputError with every problem."""
        problems = _unknown("defaults", common or {}, ())
        problems += _unknown_in("carrier_defaults", carriers or {}, (_CARRIER, _GROUP))
        problems += _unknown_in("group_defaults", groups or {}, (_GROUP,))
        if problems:
            raise InputError(problems, "The list of defaults")
        by_carrier = {fold(name): fields or {} for name, fields in (carriers or {}).items()}
        by_group = {str(name).strip(): fields or {} for name, fields in (groups or {}).items()}
        names = {_CARRIER: [str(name) for name in carriers or ()], _GROUP: list(by_group)}
        return cls(dict(common or {}), by_carrier, by_group, names)

    @property
    def are_common(self) -> bool:
        """Whether they are the same for every device."""
        return not self.carriers and not self.groups

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A device's values with the defaults that hold for it."""
        given = {name: value for name, value in values.items() if not is_blank(value)}
        said = {**self.common, **given}
        of_group = self.groups.get(str(said.get(_GROUP, "")).strip(), {})
        of_carrier = self.carriers.get(fold({**self.common, **of_group, **given}.get(_CARRIER, "")), {})
        return {**self.common, **of_carrier, **of_group, **given}

    def strangers(self, fleet: Fleet) -> list[str]:
        """What has defaults and no device, a sentence each: it is probably misspelt."""
        carriers = {fold(member.device.carrier or ""): member.device.carrier for member in fleet.members}
        groups = {member.device.device_group: member.device.device_group for member in fleet.members}
        found = []
        for field, known, key in ((_CARRIER, carriers, fold), (_GROUP, groups, str)):
            words = [name for name in known.values() if name]
            option = "carrier_defaults" if field == _CARRIER else "group_defaults"
            found += [
                f"{option}: no device has the {field} {name!r}{hint(name, words)}"
                for name in self.names[field]
                if key(name) not in known
            ]
        return found


def _unknown(where: str, fields: Any, fixed: Iterable[str]) -> list[str]:
    if not isinstance(fields, Mapping):
        return [f"{where}: is no mapping such as {{filter_group: Student_K8}}"]
    known = [name for name in DEVICE_FIELDS if name not in fixed]
    return [f'{where}: unknown field "{name}"{hint(str(name), known)}' for name in fields if name not in known]


def _unknown_in(where: str, mappings: Any, fixed: Iterable[str]) -> list[str]:
    if not isinstance(mappings, Mapping):
        return [f"{where}: is no mapping of names to fields, such as {{Verizon: {{service_zip_code: '20191'}}}}"]
    return [
        problem
        for name, fields in mappings.items()
        for problem in _unknown(f"{where}: {name}", {} if fields is None else fields, fixed)
    ]


# -- Rows --------------------------------------------------------------------------------------------------------------


def rows_of_list(devices: Sequence[Any]) -> list[Row]:
    """The rows of a list of mappings. Raises InputError where one is none."""
    wrong = [number for number, device in enumerate(devices, 1) if not isinstance(device, Mapping)]
    if wrong:
        raise InputError([f"device {number}: is no mapping such as {{imei: …, iccid: …}}" for number in wrong])
    return [
        Row(f"device {number}", {str(name): value for name, value in device.items() if value is not None})
        for number, device in enumerate(devices, 1)
    ]


def rows_of_hosts(
    names: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], kind: Kind, turn: Any = None
) -> list[Row]:
    """The rows of hosts, each of which is a device; hosts of which it is known that nobody declares them make none.

    Args:
        names: of the hosts.
        hostvars: their variables.
        kind: of the devices that do not say it.
        turn: the value of `fleet__present` of the hosts that the role is used for, or None. It stands for all of them
            where it is used for all, or once, by the first of them.

    Raises InputError where the role is used for some of the hosts, and for what is wrong with the variables.
    """
    rows, present, problems = [], [], []
    for name in names:
        variables = hostvars[name]
        if turn is not None and variables.get(_PRESENT) == turn:
            present.append(name)
        said = variables.get(_DECLARED)
        try:
            # Of an INI file, it is a text.
            declared = is_blank(said) or boolean(said)
        except TypeError:
            problems.append(f"host {name}: {_DECLARED}: {said!r} is neither true nor false")
            continue
        if declared:
            rows.append(_host_row(name, variables, kind))
    if turn is not None and present not in (list(names), list(names[:1])):
        raise InputError([_some_of(present, names)])
    if problems:
        raise InputError(problems, "The list of hosts")
    if not any(row.values.get(name) for row in rows for name in _IDENTIFIERS):
        raise InputError([_NOTHING])
    return rows


def _some_of(present: Sequence[str], names: Sequence[str]) -> str:
    named = ", ".join(present[:3]) + (" …" if len(present) > 3 else "")
    return (
        f"The role fleet activates all hosts of the play, and here it is used for {len(present)} of {len(names)} "
        f"({named}), so that it is not clear which ones are meant. Give these hosts a play of their own (hosts:, or "
        "--limit), or name them in fleet_hosts, instead of a condition (when:)."
    )


def _host_row(name: str, variables: Mapping[str, Any], kind: Kind) -> Row:
    said = variables.get(_KIND)
    declared = variables.get(_DEVICE)
    if isinstance(declared, Mapping):
        values = dict(declared)
    else:
        fields = (KINDS.get(fold(said or "")) or kind).identity.identifiers + DEVICE_FIELDS
        values = {field: variables[PREFIX + field] for field in fields if PREFIX + field in variables}
    given = {field: value for field, value in values.items() if not is_blank(value)}
    return Row(f"host {name}", {**given, **({KIND: said} if said else {})})


# -- The fleet ---------------------------------------------------------------------------------------------------------


class Declaration(NamedTuple):
    """What is declared: a file's path, a list of mappings, or names of hosts with `hostvars`; and how to read it."""

    content: Any
    kind: Kind
    defaults: Defaults
    strict: bool = False
    hostvars: Mapping[str, Mapping[str, Any]] | None = None
    turn: Any = None

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
        turn: Any = None,
    ) -> Declaration:
        """From the arguments of a filter. Raises InputError."""
        if not isinstance(content, (str, list, tuple)):
            raise InputError([_NOTHING])
        given = Defaults.read(defaults, carrier_defaults, group_defaults)
        return cls(content, kind_of(kind), given, strict, hostvars, turn)

    def rows(self) -> list[Row]:
        """The rows, before any check."""
        if isinstance(self.content, str):
            return rows_of_file(self.content)
        if self.hostvars is not None:
            return rows_of_hosts(self.content, self.hostvars, self.kind, self.turn)
        return rows_of_list(self.content)

    def fleet(self) -> Fleet:
        """The devices, kind by kind. Raises InputError with every problem of every kind."""
        return self._checked(self.rows())

    def arguments(self) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """What each kind's activation module is to be given, by the kind's name; and warnings.

        A file without kinds of its own goes to the module as it is, so that its rows keep their names.
        """
        rows = self.rows()
        fleet = self._checked(rows)
        warnings = self.defaults.strangers(fleet) if self.hostvars is None else []
        one_kind = all(is_blank(row.values.get(KIND)) for row in rows)
        if isinstance(self.content, str) and one_kind and self.defaults.are_common:
            return {self.kind.name: {**self.defaults.common, "src": self.content}}, warnings
        devices: dict[str, list[dict[str, str]]] = {}
        for member in fleet.members:
            devices.setdefault(member.kind.name, []).append(member.device.declared())
        return {name: {"devices": listed} for name, listed in devices.items()}, warnings

    def _checked(self, rows: Iterable[Row]) -> Fleet:
        complete = (Row(row.where, self.defaults.complete(row.values)) for row in rows)
        return check_fleet(complete, self.kind, strict=self.strict)
