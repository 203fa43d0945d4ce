# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads declared devices from the text of a CSV, from rows, or from a file of several kinds."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import KINDS, Kind
from ...module_utils._declare.carriers import Carriers
from ...module_utils._declare.defaults import Defaults
from ...module_utils._declare.devices import Declared, Device, check_rows
from ...module_utils._declare.files import CsvRows, DocumentRows, Row, Source, read_rows
from ...module_utils._declare.fleet import Reading, check_fleet, fleet_source
from ...module_utils._declare.fleet import kind_of as identity_of
from ...module_utils._declare.sources import source_of, vocabulary
from ...module_utils._errors import InputError
from ...module_utils._identity import Identity
from ...module_utils._options import DEVICE_FIELDS
from ...module_utils._text import hint, unwrap

#: Options for the names of columns, sheets and carriers in a file.
NAMES = ("columns", "sheet", "carrier_names")


class Member(NamedTuple):
    """A device of a fleet with its kind."""

    kind: Kind
    device: Device


class Fleet(NamedTuple):
    """The devices in the order of their rows. `warnings`: sentences for the user."""

    members: list[Member]
    warnings: list[str]

    @classmethod
    def of(cls, declared: Declared) -> Fleet:
        """Return declared devices with their kinds."""
        members = [Member(KINDS[device.identity.kind], device) for device in declared.devices]
        return cls(members, declared.warnings)


def identities() -> dict[str, Identity]:
    """Return the identity of each kind, by the kind's name."""
    return {name: kind.identity for name, kind in KINDS.items()}


def kind_of(name: Any) -> Kind:
    """Return the kind of that name. Raises InputError if it does not exist."""
    return KINDS[identity_of(name, identities()).kind]


def check_defaults(defaults: Any) -> Mapping[str, Any]:
    """Return the checked defaults. Raises InputError for unknown fields and anything but a mapping."""
    if defaults is None:
        return {}
    if not isinstance(defaults, Mapping):
        raise InputError(["defaults: is not a mapping such as {carrier: Verizon}"])
    unknown = [str(name) for name in defaults if name not in DEVICE_FIELDS]
    if unknown:
        raise InputError(
            [f'defaults: unknown field "{name}"{hint(name, DEVICE_FIELDS)}' for name in unknown], "The call"
        )
    return defaults


def devices_from(
    content: Any, kind: Any = "sim", defaults: Any = None, strict: bool = False, names: Mapping[str, Any] | None = None
) -> Declared:
    """Return the devices of the text of a CSV, or of its rows as mappings by header.

    Args:
        content: text with a header, or mappings.
        kind: name of the devices' kind.
        defaults: fields for each device that lacks them.
        strict: whether warnings are errors.
        names: may have the options `columns` and `carrier_names`.

    Raises InputError with every problem, in the order of the rows.
    """
    identity = kind_of(kind).identity
    given = {**check_defaults(defaults), **(names or {})}
    required = [name for name in identity.required if not given.get(name)]
    source = source_of(given, vocabulary(), identity.kind, required)
    if isinstance(content, str):
        rows: Iterable[Row] = CsvRows(io.StringIO(content.lstrip("\ufeff"), newline=""), "CSV", source)
    elif isinstance(content, (list, tuple)):
        rows = _rows_of(content, source)
    else:
        raise InputError([f"the input must be the text of a CSV or a list of mappings, not {type(content).__name__}"])
    return check_rows(rows, identity, given, strict)


def _rows_of(mappings: Sequence[Any], source: Source) -> DocumentRows:
    """Return mappings by header as rows by field. Raises InputError with every invalid mapping."""
    items: list[tuple[str, Any]] = []
    problems: list[str] = []
    for number, mapping in enumerate(mappings, 1):
        where = f"row {number}"
        if not isinstance(mapping, Mapping):
            problems.append(f"{where}: is not a mapping such as {{ICCID: …, IMEI: …}}")
            continue
        # Python's csv.DictReader puts cells beyond the header under the key None.
        extra = mapping.get(None)
        if extra and any(extra):
            problems.append(f"{where}: has more cells than the header; is a delimiter unquoted?")
        cells = {str(heading): cell for heading, cell in mapping.items() if heading is not None}
        # A lenient reader reads the rows after an unclosed quotation mark as text of one cell.
        problems += [
            f'{where}: {heading} contains a line break; check the CSV for an unclosed quotation mark (")'
            for heading, cell in cells.items()
            if isinstance(cell, str) and ("\n" in cell.strip() or "\r" in cell.strip())
        ]
        plain = {name: unwrap(cell) if isinstance(cell, str) else cell for name, cell in cells.items()}
        if not all(map(is_blank, plain.values())):
            items.append((where, plain))
    if problems:
        raise InputError(problems, "The list of rows")
    return DocumentRows(items, "the list of rows", source)


def read_fleet(path: str, kind: Kind, defaults: Mapping[str, Any], names: Mapping[str, Any] | None = None) -> Fleet:
    """Return the devices of a file, which may have a column `kind`.

    Args:
        path: of a file as the option `src` of the modules takes it.
        kind: of the devices without a kind of their own.
        defaults: fields for each device that lacks them.
        names: may have the options `columns`, `sheet` and `carrier_names`.

    Raises InputError with every problem of every kind.
    """
    given = Defaults.read(defaults)
    rows = rows_of_file(path, kind, given, names or {})
    reading = Reading(identities(), kind.identity, given, carriers=Carriers.read((names or {}).get("carrier_names")))
    return Fleet.of(check_fleet(rows, reading))


def rows_of_file(path: str, kind: Kind, defaults: Defaults, names: Mapping[str, Any]) -> Iterable[Row]:
    """Return the rows of a file of any kinds. The arguments are those of `read_fleet`."""
    return read_rows(path, fleet_source(names, kind.identity, defaults))


def is_blank(value: Any) -> bool:
    """Return whether a value is None or blank."""
    return value is None or (isinstance(value, str) and not value.strip())
