# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired state: the devices that a task declares, from a list, a file or the task's own fields. All errors at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from .._errors import InputError, MissingLibraryError, lacking
from .._identity import Identity
from .._options import DEVICE_FIELDS
from .._text import called, hint
from .._wire import carrier_advice
from .files import CsvRows, Row, read_rows
from .identifiers import Checked, IdentifierError
from .rows import CHECKS, Place, column_names, explained, filled, gathered, text_of

try:
    import voluptuous
except ImportError:
    VOLUPTUOUS_IMPORT_ERROR: str | None = lacking("voluptuous")
else:
    VOLUPTUOUS_IMPORT_ERROR = None

#: What the devices of a fleet often have in common.
_SHARED_FIELDS = tuple(field for field in DEVICE_FIELDS if field != "nickname")
#: What the rules of carriers look at; the device's own identifiers but for the SIM's do not matter to them.
_FOR_CARRIERS = ("sim_id", *_SHARED_FIELDS)
_for_carriers = attrgetter(*_FOR_CARRIERS)
#: Maximum number of accepted combinations of values that are remembered.
_REMEMBERED = 1000


#: The kind of a device, and its key.
DeviceName = tuple[str, str]


class Device(NamedTuple):
    """A device that must be active.

    `where`: the row that declares it. `identity`: what tells the devices of its kind apart. The rest is text, None
    where not given.
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
        """The identifier that is activated. No two devices of a task have the same one, whatever their kinds."""
        return str(self.identity.key_of(self))

    @property
    def name(self) -> DeviceName:
        """What the device is called where other tasks and kinds are remembered, too."""
        return (self.identity.kind, self.key)

    @property
    def partner(self) -> str | None:
        """The identifier that goes with the key; None where it is not given, or the kind has none."""
        return self.identity.partner_of(self)

    def pair(self) -> list[tuple[str, str]]:
        """Return key and partner, as far as they are given, each with the field's name."""
        return self.identity.pair(self)

    def describe(self) -> str:
        """Return the device in a few words, as people know it: "Bus 12 (iccid 8901… imei 3557…)"."""
        return called(self.nickname, self.identity.describe(self))

    def declared(self) -> dict[str, str]:
        """What is declared of the device: its fields without the empty ones, without `where` and `identity`."""
        return {name: text for name, text in zip(self._fields[2:], self[2:]) if text is not None}


#: What may be declared of a device: the fields of `Device` that are text.
DECLARED_FIELDS = Device._fields[2:]


class Declared(NamedTuple):
    """The devices in the order of their rows, and what is odd about them, one sentence each.

    `headings`: the headings of the CSV that declares them, in its order, and the fields that they mean. For any other
    source: the fields that the devices have.
    """

    devices: list[Device]
    warnings: list[str]
    headings: Mapping[str, str] = MappingProxyType({})


def load(params: Mapping[str, Any], identity: Identity, strict: bool = False) -> Declared:
    """The devices that a task's parameters declare.

    Args:
        params: `devices`, `src`, or one device at the top level; the other fields there are defaults for each device.
        identity: of the kind of device.
        strict: makes an error of each warning.

    Raises InputError with every problem, in the order of the rows; MissingLibraryError without voluptuous.
    """
    return check_rows(_rows(params, identity), identity, params, strict)


def check_rows(
    rows: Iterable[Row], identity: Identity, params: Mapping[str, Any] | None = None, strict: bool = False
) -> Declared:
    """The devices that rows declare. `params`: may have defaults for each device; the rest is as in `load`."""
    defaults = filled({name: (params or {}).get(name) for name in DEVICE_FIELDS})
    check = Check(identity, [])
    for number, row in enumerate(rows):
        check.add(number, row, defaults)
    problems = check.found(strict)
    if problems:
        raise InputError([text for _number, text in problems], "The list of devices")
    return Declared(check.devices, check.warnings(), headings_of(rows, check.devices))


@lru_cache(maxsize=8)
def columns(identity: Identity) -> Mapping[str, str]:
    """What the header of a CSV may say → the field of a device that it means: the fields' names, and words, folded."""
    return MappingProxyType(column_names(identity.identifiers + DEVICE_FIELDS))


def _rows(params: Mapping[str, Any], identity: Identity) -> Iterable[Row]:
    how = declared_rows(params, identity.identifiers, ("devices", "src"))
    if how == "src":
        return read_rows(params["src"], columns(identity))
    if how == "devices":
        return listed_rows(params["devices"])
    return [Row("the device", {name: params[name] for name in identity.identifiers if params.get(name)})]


def headings_of(rows: Iterable[Row], devices: Sequence[Device], fields: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the headings of rows that have been read, and the fields that they mean; see `Declared`.

    Args:
        devices: that the rows declare.
        fields: that come first, where the source is not a CSV.
    """
    if isinstance(rows, CsvRows):
        return rows.headings
    known = (name for name in DECLARED_FIELDS if any(getattr(device, name) is not None for device in devices))
    return {name: name for name in (*fields, *known)}


def declared_rows(params: Mapping[str, Any], identifiers: Sequence[str], options: Sequence[str]) -> str | None:
    """Return which option of a task declares its devices; None where it is one device at the top level.

    Args:
        identifiers: that a device at the top level may have.
        options: that may declare devices otherwise.

    Raises InputError where there is none, or more than one.
    """
    given = [name for name in options if params.get(name) not in (None, False)]
    single = [name for name in identifiers if params.get(name)]
    named = [*given, *([f"a device at the top level ({', '.join(single)})"] if single else [])]
    if len(named) != 1:
        what = f"{' and '.join(named)} are given" if named else "No device is declared"
        either = f"{', '.join(options)}, or one device at the top level ({', '.join(identifiers)})"
        raise InputError([f"{what}: give exactly one of: {either}."])
    return given[0] if given else None


def listed_rows(devices: Sequence[Any]) -> list[Row]:
    """Return the rows of a list of mappings. Raises InputError where an item is something else."""
    wrong = [number for number, device in enumerate(devices, 1) if not isinstance(device, Mapping)]
    if wrong:
        raise InputError([f"device {number}: must be a mapping such as {{imei: …, iccid: …}}" for number in wrong])
    return [
        Row(f"device {number}", {str(name): value for name, value in device.items() if value is not None})
        for number, device in enumerate(devices, 1)
    ]


class Check:
    """Goes through the rows of one kind and gathers devices, problems and oddities, each with its row.

    Args:
        identity: what tells the devices of the kind apart.
        devices: the list that valid devices are added to; several kinds may share it.

    Raises MissingLibraryError without voluptuous.
    """

    def __init__(self, identity: Identity, devices: list[Device]) -> None:
        if VOLUPTUOUS_IMPORT_ERROR:
            raise MissingLibraryError("voluptuous", VOLUPTUOUS_IMPORT_ERROR)
        self._identity = identity
        self._fields = fields = identity.identifiers + DEVICE_FIELDS
        self._own = {name: CHECKS.get(name, text_of) for name in fields if name not in _SHARED_FIELDS}
        self._shared = _remembering(_SHARED)
        self._advised: dict[tuple[str | None, ...], list[str]] = {}
        self._first: dict[str, dict[str, Device]] = {name: {} for name in identity.identifiers}
        self.devices = devices
        self._problems: list[tuple[Place, str]] = []
        self._oddities: list[tuple[Place, str]] = []

    def found(self, strict: bool) -> list[tuple[int, str]]:
        """Return what is wrong, in the order of the rows: their numbers, and a sentence each."""
        problems = list(self._problems)
        if strict:
            problems += [(row, f"{text} (an error because strict is set)") for row, text in self._oddities]
        problems.sort(key=lambda problem: problem[0].number)
        return [(row.number, f"{row.where}: {text}") for row, text in problems]

    def warnings(self) -> list[str]:
        """Return what is odd, one sentence for each oddity."""
        return gathered(self._oddities)

    def add(self, number: int, row: Row, defaults: Mapping[str, str] = MappingProxyType({})) -> None:
        """Check one row."""
        place = Place(number, row.where)
        values = {**defaults, **filled(row.values)}
        missing = [name for name in self._identity.required if not values.get(name)]
        problems = {name: f"{name} is missing: every device needs it" for name in missing}
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

    def _advice(self, device: Device) -> list[str]:
        """What the carrier's rules find wanting: the same for all devices that say the same to them."""
        said = _for_carriers(device)
        if said not in self._advised:
            self._advised[said] = carrier_advice(dict(zip(_FOR_CARRIERS, said)))
        return self._advised[said]

    def _explain(self, error: Any, values: Mapping[str, Any]) -> tuple[str, str]:
        name = str(error.path[-1])
        if name not in self._fields:
            return name, f'unknown field "{name}"{hint(name, self._fields)}'
        return name, explained(name, values[name], error.msg)

    def _is_new(self, place: Place, device: Device) -> bool:
        """Whether the device's identifiers stand in no earlier row; an exact repeat is passed over."""
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
                f"{partner} {value} is also in {other.where}, with {key} "
                f"{other.key}; here with {key} {own}: one {partner} takes one {key}; remove the wrong row"
            )
            self._problems.append((place, text))
        return other is device

    def _repeat(self, place: Place, device: Device, first: Device) -> None:
        key, own = self._identity.key, device.key
        names = [name for name in DECLARED_FIELDS if getattr(device, name) != getattr(first, name)]
        if names:
            differ = ", ".join(f"{name} {getattr(first, name)} there, {getattr(device, name)} here" for name in names)
            text = f"{key} {own} is also in {first.where}, declared otherwise ({differ}): remove the wrong row"
            self._problems.append((place, text))
        else:
            named = place._replace(where=f"{place.where} ({own}, as in {first.where})")
            self._oddities.append((named, f"the same {key} is in an earlier row: duplicate ignored"))


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
    """A check that remembers what it has accepted. Text only: as keys, 1 and true are the same."""
    known: dict[tuple[tuple[str, str], ...], dict[str, Checked]] = {}

    def checked(values: Mapping[str, Any]) -> dict[str, Checked]:
        if not all(isinstance(value, str) for value in values.values()):
            return check(values)
        said = tuple(values.items())
        found = known.get(said)
        if found is None:
            found = check(values)
            if len(known) < _REMEMBERED:
                known[said] = found
        return found

    return checked


#: Checks the shared fields: raises voluptuous.MultipleInvalid with all that is wrong, unknown fields too. Made on
#: import: a task on the controller is a process that was forked after that.
_SHARED: Callable[[Mapping[str, Any]], dict[str, Checked]]
if VOLUPTUOUS_IMPORT_ERROR is None:
    _SHARED = voluptuous.Schema(
        {voluptuous.Optional(name): _validator(CHECKS.get(name, text_of)) for name in _SHARED_FIELDS}
    )
