# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Default fields of devices: for the whole fleet, for a carrier, and for a device group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import InputError
from .._options import DEVICE_FIELDS
from .._text import cut_short, fold, hint, valid_names_once
from .carrier_words import find_carrier
from .devices import Device
from .rows import filled

_GROUP, CARRIER = "device_group", "carrier"
#: Maximum number of names in a hint.
_NAMED = 20


class Defaults(NamedTuple):
    """Default fields of devices. Those of the device group come first, then those of the carrier, then the common ones.

    `carriers`: by the carrier's name, folded. `names`: names of carriers and groups as written, by field.
    """

    common: Mapping[str, Any] = {}
    carriers: Mapping[str, Mapping[str, Any]] = {}
    groups: Mapping[str, Mapping[str, Any]] = {}
    names: Mapping[str, Sequence[str]] = {}

    @classmethod
    def read(cls, common: Any = None, carriers: Any = None, groups: Any = None) -> Defaults:
        """Return the defaults of a task. Raises InputError with every problem."""
        problems = _unknown("defaults", common or {}, ())
        problems += _unknown_in("carrier_defaults", carriers or {}, (CARRIER, _GROUP))
        problems += _unknown_in("group_defaults", groups or {}, (_GROUP,))
        if problems:
            raise InputError(problems, "The defaults")
        by_carrier = {fold(name): fields or {} for name, fields in (carriers or {}).items()}
        by_group = {str(name).strip(): fields or {} for name, fields in (groups or {}).items()}
        names = {CARRIER: [str(name) for name in carriers or ()], _GROUP: list(by_group)}
        return cls(filled(common or {}), by_carrier, by_group, names)

    @property
    def are_common(self) -> bool:
        """Whether all devices have the same defaults."""
        return not self.carriers and not self.groups

    def complete(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a device's values, completed by the defaults that apply to it."""
        if self.are_common:
            return {**self.common, **values} if self.common else values
        known = {**self.common, **values}
        of_group = self.groups.get(str(known.get(_GROUP, "")).strip(), {})
        of_carrier = self.carriers.get(fold({**self.common, **of_group, **values}.get(CARRIER, "")), {})
        return {**self.common, **of_carrier, **of_group, **values}

    def unused(self, devices: Iterable[Device]) -> list[str]:
        """Return a warning for each carrier or group with defaults but without devices: it is probably misspelt."""
        if self.are_common:
            return []
        carriers, groups = {}, {}
        for device in devices:
            carriers[fold(device.carrier or "")] = device.carrier
            groups[device.device_group or ""] = device.device_group
        unused = []
        for field, option, known in (
            (CARRIER, "carrier_defaults", carriers),
            (_GROUP, "group_defaults", groups),
        ):
            words = [name for name in known.values() if name]
            unused += [
                f"{option}: no device has the {field} {name!r}{likely(field, name, words)}"
                for name in self.names[field]
                if (fold(name) if field == CARRIER else name) not in known
            ]
        return valid_names_once(unused)


def likely(field: str, name: str, words: Sequence[str]) -> str:
    """Return the end of a sentence about a name that no device has: the likely name, and the valid ones."""
    if field != CARRIER:
        return hint(name, words)
    # A hint must not lead to another carrier.
    meant = find_carrier(name, words)
    valid = f"alid: {cut_short(sorted(set(words)), _NAMED) or 'none'}"
    return f"; did you mean {meant}? V{valid}" if meant else f"; v{valid}"


def _unknown(where: str, fields: Any, fixed: Iterable[str]) -> list[str]:
    if not isinstance(fields, Mapping):
        return [f"{where}: must be a mapping of fields, such as {{filter_group: Student_K8}}"]
    known = [name for name in DEVICE_FIELDS if name not in fixed]
    return [f'{where}: unknown field "{name}"{hint(str(name), known)}' for name in fields if name not in known]


def _unknown_in(where: str, mappings: Any, fixed: Iterable[str]) -> list[str]:
    if not isinstance(mappings, Mapping):
        return [f"{where}: must map names to fields, such as {{Verizon: {{service_zip_code: '20191'}}}}"]
    return [
        problem
        for name, fields in mappings.items()
        for problem in _unknown(f"{where}: {name}", {} if fields is None else fields, fixed)
    ]
