# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired state of a fleet with devices of several kinds. Reports the errors of all kinds at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from .._errors import InputError, read_all
from .._identity import Identity
from .._options import DEVICE_FIELDS
from .._text import fold, hint, shown_name
from .carriers import Carriers
from .defaults import CARRIER, Defaults
from .devices import Check, Declared, Device, headings_of
from .files import Row, Source, read_rows, warnings_of, with_warnings
from .history_rows import KIND
from .rows import filled
from .sources import declaring_option, input_error, listed_rows, source_of, vocabulary

#: Name → kind.
Kinds = Mapping[str, Identity]
#: Identifiers that mean the same in all kinds → what they identify.
_OF_ANY_KIND = {"imei": "device", "iccid": "SIM", "sim_id": "SIM"}
_NO_DEVICE = (
    "hosts: no host of the play declares a device; set variables such as sentinel_iccid, sentinel_imei and "
    "sentinel_carrier on the hosts, or declare the devices with src or devices"
)


class Reading(NamedTuple):
    """How the rows of a fleet are read.

    `kinds`: all kinds. `kind`: kind of the devices that do not name theirs. `strict`: whether warnings become errors.
    `is_whole`: whether the rows are the whole fleet, so that unused defaults are worth a warning. `carriers`: other
    names of the carriers.
    """

    kinds: Kinds
    kind: Identity
    defaults: Defaults = Defaults()
    strict: bool = False
    is_whole: bool = True
    carriers: Carriers = Carriers()


def load_fleet(params: Mapping[str, Any], kinds: Kinds, hosts: Callable[[], Sequence[Row]] = list) -> Declared:
    """Return the devices of any kinds that a task's parameters declare, in the order of their rows.

    Args:
        params: `devices`, `src`, `hosts`, or one device at the top level; `kind`; the other fields at the top level and
            `defaults`, `carrier_defaults` and `group_defaults` complete each device. If the action plugin sent the
            module, `hosts` is a mapping of places, such as "host bus-12", to fields.
        kinds: all kinds.
        hosts: returns the rows of the hosts, for a task with `hosts`.

    Raises InputError with every problem; MissingLibraryError without voluptuous.
    """
    kind, defaults, carriers, rows = read_all(
        lambda: kind_of(params.get(KIND) or next(iter(kinds)), kinds),
        lambda: _defaults(params),
        lambda: Carriers.read(params.get("carrier_names")),
        lambda: _rows(params, kinds, hosts),
    )
    is_whole = params.get("hosts") in (None, False)
    return check_fleet(rows, Reading(kinds, kind, defaults, bool(params.get("strict")), is_whole, carriers))


def kind_of(name: Any, kinds: Kinds) -> Identity:
    """Return the kind with a name. Raises InputError if there is none."""
    identity = kinds.get(fold(name))
    if identity is None:
        raise InputError([f"kind: '{shown_name(str(name))}' is not a kind of device{hint(str(name), kinds)}"])
    return identity


def fleet_source(params: Mapping[str, Any], kind: Identity, defaults: Defaults) -> Source:
    """Return how to read a file with devices of any kinds.

    Args:
        params: may have `columns` and `sheet`.
        kind: kind of the devices that do not name theirs.
        defaults: default fields of the devices.

    Raises InputError for an invalid option.
    """
    given = {*defaults.common, *(name for each in (defaults.carriers, defaults.groups) for name in _fields_in(each))}
    required = [name for name in kind.required if name not in given]
    return source_of(params, vocabulary(), None, required)


def _source(params: Mapping[str, Any], kinds: Kinds) -> Source:
    """Return how to read the file of a task. An invalid kind and invalid defaults are reported elsewhere."""
    kind, defaults = next(iter(kinds.values())), Defaults()
    with suppress(InputError):
        kind = kind_of(params.get(KIND) or kind.kind, kinds)
        defaults = _defaults(params)
    return fleet_source(params, kind, defaults)


def _fields_in(defaults: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {name for fields in defaults.values() for name in fields}


def check_fleet(rows: Iterable[Row], reading: Reading) -> Declared:
    """Return the devices that rows declare. Raises InputError with every problem of every kind, in their order."""
    declared = Declared([], [])
    checks = {name: Check(identity, declared.devices) for name, identity in reading.kinds.items()}
    problems: list[tuple[int, str]] = []
    for number, row in enumerate(with_warnings(rows)):
        values = filled(row.values)
        if CARRIER in values:  # before the carrier's defaults apply
            values[CARRIER] = reading.carriers.of(values[CARRIER])
        name = values.pop(KIND, None)
        try:
            kind = reading.kind if name is None else kind_of(name, reading.kinds)
        except InputError as error:
            problems += [(number, f"{row.where}: {problem}") for problem in error.problems]
        else:
            checks[kind.kind].add(number, Row(row.where, reading.defaults.complete(values)))
    for check in checks.values():
        problems += check.problems(reading.strict)
    problems.sort(key=lambda problem: problem[0])
    ignored = warnings_of(rows)
    texts = [text for _number, text in problems] + _duplicates_across_kinds(declared.devices)
    if reading.strict:
        texts += [f"{text} (an error because strict is set)" for text in ignored]
    if texts:
        raise input_error(texts, ignored)
    declared.warnings.extend(ignored)
    for check in checks.values():
        declared.warnings.extend(check.warnings())
    if reading.is_whole:
        declared.warnings.extend(reading.defaults.unused(declared.devices))
    return declared._replace(headings=headings_of(rows, declared.devices, (KIND,)))


def _defaults(params: Mapping[str, Any]) -> Defaults:
    common = params.get("defaults")
    top = {name: params[name] for name in DEVICE_FIELDS if params.get(name) is not None}
    if top and (common is None or isinstance(common, Mapping)):
        common = {**(common or {}), **top}
    return Defaults.read(common, params.get("carrier_defaults"), params.get("group_defaults"))


def _rows(params: Mapping[str, Any], kinds: Kinds, hosts: Callable[[], Sequence[Row]]) -> Iterable[Row]:
    names = tuple(dict.fromkeys(name for identity in kinds.values() for name in identity.identifiers))
    option = declaring_option(params, names, ("devices", "src", "hosts"))
    if option == "hosts":
        sent = params["hosts"]
        rows = [Row(*row) for row in sent.items()] if isinstance(sent, Mapping) else hosts()
        if not any(row.values.get(name) for row in rows for name in names):
            raise InputError([_NO_DEVICE])
        return rows
    if option == "src":
        return read_rows(params["src"], _source(params, kinds))
    if option == "devices":
        return listed_rows(params["devices"])
    return [Row("the device", {name: params[name] for name in names if params.get(name)})]


def _duplicates_across_kinds(devices: Sequence[Device]) -> list[str]:
    """Return the problems of devices and SIMs that two kinds declare: each kind would activate them."""
    if len({device.identity.kind for device in devices}) <= 1:  # each kind checks its own devices
        return []
    first: dict[tuple[str, str], tuple[str, Device]] = {}
    keys: dict[str, Device] = {}
    problems = []
    for device in devices:
        kind = device.identity.kind
        duplicate = None
        for name, thing in _OF_ANY_KIND.items():
            value = getattr(device, name)
            field, other = first.setdefault((thing, value), (name, device)) if value else (name, device)
            if other.identity.kind != kind:
                duplicate = f"{name} {value} is also on {other.where} as {field} of kind {other.identity.kind}"
                problems.append(f"{device.where}: {duplicate}, here of kind {kind}; remove the wrong row")
        other = keys.setdefault(device.key, device)
        if other.identity.kind != kind and duplicate is None:
            also = f"{device.describe()} is also on {other.where} as {other.describe()}"
            problems.append(f"{device.where}: {also}; two kinds cannot share an identifier, so remove the wrong row")
    return problems
