# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired state: the devices that a task declares in a list, a file or its own fields. Reports all errors at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from .._errors import MissingLibraryError, lacking
from .._identity import Identity
from .._options import DEVICE_FIELDS
from .._text import counted, device_label, hint
from .._wire import carrier_advice
from .carriers import Carriers
from .files import CsvRows, Row, WorkbookRows, read_rows, warnings_of, with_warnings
from .identifiers import Checked, IdentifierError
from .rows import CHECKS, Place, explained, filled, group_warnings, text_of
from .sources import declaring_option, input_error, listed_rows, source_of, vocabulary

try:
    import voluptuous
except ImportError:
    VOLUPTUOUS_IMPORT_ERROR: str | None = lacking("voluptuous")
else:
    VOLUPTUOUS_IMPORT_ERROR = None

#: Fields that often have the same values in all devices of a fleet.
_SHARED_FIELDS = tuple(field for field in DEVICE_FIELDS if field != "nickname")
#: Fields that the rules of carriers examine.
_FOR_CARRIERS = ("sim_id", *_SHARED_FIELDS)
_for_carriers = attrgetter(*_FOR_CARRIERS)
#: Maximum number of valid combinations of values that are remembered.
_REMEMBERED = 1000


#: Identifiers that not every kind has → what they identify, a kind that has them, and its module.
_KIND_WITH = {
    "iccid": ("SIMs", "sim", "sentinel_activation"),
    "sim_id": ("SmartSIMs", "smartsim", "sentinel_smartsim_activation"),
    "eid": ("eSIMs", "esim", "sentinel_esim_activation"),
}
_FOREIGN = frozenset(_KIND_WITH)

#: The kind of a device, and its key.
DeviceName = tuple[str, str]


class Device(NamedTuple):
    """A device that must be active.

    `where`: the row that declares it. `identity`: identifiers of its kind. All other fields are text, or None if not
    given.
    """

    where: str
    identity: Identity
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None
    carrier: str | None = None
    device_group: str | None = None
    filter_group: str | None = None
    service_zip_code: str | None = None
    nickname: str | None = None
    plan_id: str | None = None
    activation_location: str | None = None
    sub_type: str | None = None
    agency_end_user_name: str | None = None
    billing_address: str | None = None
    billing_city: str | None = None
    billing_state: str | None = None

    @property
    def key(self) -> str:
        """The identifier that is activated. It is unique among the devices of a task, even across kinds."""
        return str(self.identity.key_of(self))

    @property
    def name(self) -> DeviceName:
        """The name of the device, unique across tasks and kinds."""
        return (self.identity.kind, self.key)

    @property
    def partner(self) -> str | None:
        """The identifier that belongs to the key, or None if it is not given or the kind has none."""
        return self.identity.partner_of(self)

    def pair(self) -> list[tuple[str, str]]:
        """Return key and partner, if given, each with the field's name."""
        return self.identity.pair(self)

    def describe(self) -> str:
        """Return the device for a message: "Bus 12 (iccid 8901… imei 3557…)"."""
        return device_label(self.nickname, self.identity.describe(self))

    def declared(self) -> dict[str, str]:
        """Return the declared fields, without those that are not given."""
        return {name: text for name, text in zip(self._fields[2:], self[2:]) if text is not None}


#: Fields that a declaration may have: those of `Device` that are text.
DECLARED_FIELDS = Device._fields[2:]


class Declared(NamedTuple):
    """The devices in the order of their rows, and warnings about them.

    `headings`: the headings of a CSV file or a workbook in their order → the fields that they mean. For any other
    source, the fields that the devices have.
    """

    devices: list[Device]
    warnings: list[str]
    headings: Mapping[str, str] = MappingProxyType({})


def load(params: Mapping[str, Any], identity: Identity, strict: bool = False) -> Declared:
    """Return the devices that a task's parameters declare.

    Args:
        params: `devices`, `src`, or one device at the top level; the other fields there are defaults for each device.
        identity: identity of the kind of device.
        strict: whether warnings become errors.

    Raises InputError with every problem, in the order of the rows; MissingLibraryError without voluptuous.
    """
    return check_rows(_rows(params, identity), identity, params, strict)


def check_rows(
    rows: Iterable[Row], identity: Identity, params: Mapping[str, Any] | None = None, strict: bool = False
) -> Declared:
    """Return the devices that rows declare. `params` may have defaults for each device; see `load`."""
    defaults = filled({name: (params or {}).get(name) for name in DEVICE_FIELDS})
    carriers = Carriers.read((params or {}).get("carrier_names"))
    check = Check(identity, [], carriers)
    for number, row in enumerate(with_warnings(rows)):
        check.add(number, row, defaults)
    problems = [text for _number, text in check.problems(strict)]
    ignored = warnings_of(rows)
    if strict:
        problems += [f"{text} (an error because strict is set)" for text in ignored]
    if problems:
        raise input_error(problems, ignored)
    return Declared(check.devices, [*ignored, *check.warnings()], headings_of(rows, check.devices))


def _rows(params: Mapping[str, Any], identity: Identity) -> Iterable[Row]:
    option = declaring_option(params, identity.identifiers, ("devices", "src"))
    if option == "src":
        required = [name for name in identity.required if not params.get(name)]
        return read_rows(params["src"], source_of(params, vocabulary(), identity.kind, required))
    if option == "devices":
        return listed_rows(params["devices"])
    return [Row("the device", {name: params[name] for name in identity.identifiers if params.get(name)})]


def headings_of(rows: Iterable[Row], devices: Sequence[Device], fields: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the headings of rows that were read → the fields that they mean; see `Declared`.

    Args:
        rows: the rows.
        devices: the devices that the rows declare.
        fields: fields that come first if the source has no headings.
    """
    if isinstance(rows, (CsvRows, WorkbookRows)):
        return rows.table.headings
    known = (name for name in DECLARED_FIELDS if any(getattr(device, name) is not None for device in devices))
    return {name: name for name in (*fields, *known)}


class Check:
    """Checks the rows of one kind and gathers devices, problems and warnings, each with its row.

    Args:
        identity: identity of the kind.
        devices: the list to which valid devices are added. Several kinds may share it.
        carriers: other names of the carriers.

    Raises MissingLibraryError without voluptuous.
    """

    def __init__(self, identity: Identity, devices: list[Device], carriers: Carriers | None = None) -> None:
        if VOLUPTUOUS_IMPORT_ERROR:
            raise MissingLibraryError("voluptuous", VOLUPTUOUS_IMPORT_ERROR)
        self._identity = identity
        self._fields = fields = identity.identifiers + DEVICE_FIELDS
        self._own = {name: CHECKS.get(name, text_of) for name in fields if name not in _SHARED_FIELDS}
        self._shared = _remembering(_SHARED)
        self._advised: dict[tuple[str | None, ...], list[str]] = {}
        self._first: dict[str, dict[str, Device]] = {name: {} for name in identity.identifiers}
        self.devices = devices
        self._carriers = carriers
        self._others = _FOREIGN.difference(fields)
        self._foreign: dict[str, list[Place]] = {}
        self._problems: list[tuple[Place, str]] = []
        self._oddities: list[tuple[Place, str]] = []

    def problems(self, strict: bool) -> list[tuple[int, str]]:
        """Return the problems in the order of the rows, each with the row's number."""
        problems = [*self._problems, *self._of_other_kinds()]
        if strict:
            problems += [(row, f"{text} (an error because strict is set)") for row, text in self._oddities]
        problems.sort(key=lambda problem: problem[0].number)
        return [(row.number, f"{row.where}: {text}") for row, text in problems]

    def warnings(self) -> list[str]:
        """Return one warning per oddity."""
        return group_warnings(self._oddities)

    def add(self, number: int, row: Row, defaults: Mapping[str, str] = MappingProxyType({})) -> None:
        """Check one row."""
        place = Place(number, row.where)
        values = {**defaults, **filled(row.values)}
        if not self._others.isdisjoint(values):
            for name in self._others.intersection(values):
                values.pop(name)
                if name not in self._identity.assigned:
                    self._foreign.setdefault(name, []).append(place)
        if self._carriers and "carrier" in values:
            values["carrier"] = self._carriers.of(values["carrier"])
        missing = [name for name in self._identity.required if not values.get(name)]
        problems = {name: f"{name} is required" for name in missing}
        checked: dict[str, Checked] = {}
        for name, check in self._own.items():
            if name in values:
                value = values.pop(name)
                try:
                    checked[name] = check(value)
                except IdentifierError as error:
                    problems[name] = explained(name, value, error)
        try:
            checked.update(self._shared(values))
        except voluptuous.MultipleInvalid as invalid:
            problems.update(self._explain(error, values) for error in invalid.errors)
        if problems:
            order = {name: position for position, name in enumerate(self._fields)}
            names = sorted(problems, key=lambda name: order.get(name, len(order)))
            self._problems += [(place, problems[name]) for name in names]
            return
        device = Device(row.where, self._identity, **{name: item.value for name, item in checked.items()})
        if self._is_new(place, device):
            self.devices.append(device)
            for name, item in checked.items():
                if item.warning:
                    self._oddities.append((Place(number, f"{row.where} ({item.value})"), f"{name} {item.warning}"))
            self._oddities += [(place, text) for text in self._advice(device)]

    def _of_other_kinds(self) -> list[tuple[Place, str]]:
        """Return one problem per identifier that devices of this kind do not have."""
        kind = self._identity.kind
        problems = []
        for name, places in self._foreign.items():
            rows = "" if len(places) == 1 else f" and {counted(len(places) - 1, 'more row')}"
            devices, other, module = _KIND_WITH[name]
            text = (
                f"{name} is not a field of kind {kind}; for {devices}, use {module}, or sentinel_fleet with kind: "
                f"{other}; otherwise remove {name}, or list the other columns in the option columns"
            )
            problems.append((places[0]._replace(where=places[0].where + rows), text))
        return problems

    def _advice(self, device: Device) -> list[str]:
        """Return the warnings of the carrier's rules. Devices with the same values share them."""
        values = _for_carriers(device)
        if values not in self._advised:
            self._advised[values] = carrier_advice(dict(zip(_FOR_CARRIERS, values)))
        return self._advised[values]

    def _explain(self, error: Any, values: Mapping[str, Any]) -> tuple[str, str]:
        name = str(error.path[-1])
        if name not in self._fields:
            return name, f'unknown field "{name}"{hint(name, self._fields)}'
        return name, explained(name, values[name], error.msg)

    def _is_new(self, place: Place, device: Device) -> bool:
        """Return whether no earlier row has the device's identifiers, and note a problem or an ignored duplicate."""
        key, partner = self._identity.key, self._identity.partner
        own = device.key
        first = self._first[key].setdefault(own, device)
        if first is not device:
            self._repeat(place, device, first)
            return False
        value = device.partner
        other = self._first[str(partner)].setdefault(value, device) if value else device
        if other is not device:
            text = (
                f"{partner} {value} is also on {other.where} with {key} {other.key}, here with {key} {own}; "
                "remove the wrong row"
            )
            self._problems.append((place, text))
        return other is device

    def _repeat(self, place: Place, device: Device, first: Device) -> None:
        key, own = self._identity.key, device.key
        names = [name for name in DECLARED_FIELDS if getattr(device, name) != getattr(first, name)]
        if names:
            values = ((name, getattr(first, name) or "(none)", getattr(device, name) or "(none)") for name in names)
            differ = ", ".join(f"{name} {there} there, {here} here" for name, there, here in values)
            text = f"{key} {own} is also on {first.where} with other fields ({differ}); remove the wrong row"
            self._problems.append((place, text))
        else:
            named = place._replace(where=f"{place.where} ({own}, as in {first.where})")
            self._oddities.append((named, f"same {key} as an earlier row; duplicate ignored"))


def _validator(check: Callable[[Any], Checked]) -> Callable[[Any], Checked]:
    def validate(value: Any) -> Checked:
        try:
            return check(value)
        except IdentifierError as error:
            raise voluptuous.Invalid(str(error)) from None

    return validate


def _remembering(
    check: Callable[[Mapping[str, Any]], dict[str, Checked]],
) -> Callable[[Mapping[str, Any]], dict[str, Checked]]:
    """Return a check that remembers what it accepted. It remembers only text: as keys, 1 and true are the same."""
    known: dict[tuple[tuple[str, str], ...], dict[str, Checked]] = {}

    def checked(values: Mapping[str, Any]) -> dict[str, Checked]:
        if not all(isinstance(value, str) for value in values.values()):
            return check(values)
        key = tuple(values.items())
        result = known.get(key)
        if result is None:
            result = check(values)
            if len(known) < _REMEMBERED:
                known[key] = result
        return result

    return checked


#: Checks the shared fields. Raises voluptuous.MultipleInvalid with all problems, including unknown fields. It is built
#: on import because a task on the controller is a process that is forked later.
_SHARED: Callable[[Mapping[str, Any]], dict[str, Checked]]
if VOLUPTUOUS_IMPORT_ERROR is None:
    _SHARED = voluptuous.Schema(
        {voluptuous.Optional(name): _validator(CHECKS.get(name, text_of)) for name in _SHARED_FIELDS}
    )
