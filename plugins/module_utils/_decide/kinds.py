# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the kinds of devices: identity, endpoint, request body. A further kind is a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from .._declare.devices import Device
from .._errors import InputError
from .._identity import Identity
from .._options import DEVICE_FIELDS, ActivationOptions
from .._service.api import ACTIVATION
from .._text import fold
from .._wire import (
    CORP_ID,
    DEVICE_NAMES,
    LINES,
    REQUEST_NAMES,
    SERVICE_ADDRESS,
    SERVICE_DETAILS,
)

#: A line's own fields in a batch [I]; all others are common to the request.
_LINE_FIELDS = ("imei", "iccid", "nickname")
_ESIM_LINE_FIELDS = ("imei", "eid", "nickname")
_COMMON_FIELDS = tuple(field for field in DEVICE_FIELDS if field not in _LINE_FIELDS)
_common_of = attrgetter(*_COMMON_FIELDS)
_CORP_ID_MISSING = (
    "corp_id is missing: a request says for which account it is. Give corp_id (SENTINEL_CORP_ID), or api_username and "
    "api_password: then the login tells it."
)
_STOCK_CORP_ID_MISSING = (
    "corp_id is missing: the stock of eSIMs is counted for an account. Give corp_id (SENTINEL_CORP_ID), or "
    "api_username and api_password: then the login tells it; or set preflight to false."
)


class Terms(NamedTuple):
    """What requests are made by: the task's options, the account, and what the preflight found.

    `most`: carrier, folded → the most devices that one request may ask for.
    """

    options: ActivationOptions
    corp_id: str | None = None
    most: Mapping[str, int] = {}


class Request(NamedTuple):
    """A submission: the devices in it. Its body is made when it is sent: those of a large fleet take memory."""

    devices: tuple[Device, ...]
    kind: Kind
    terms: Terms

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return self.kind.body(self.devices, self.terms)


class Kind:
    """Base of the kinds: what the engine asks of each."""

    identity: Identity
    #: Where submissions go.
    path: str
    formats: tuple[str, ...] = ()
    #: Whether the service takes the SIMs from the account's stock of eSIMs, of the carriers that it has for these.
    takes_stock = False

    @property
    def name(self) -> str:
        """The kind's name."""
        return self.identity.kind

    def check(self, options: ActivationOptions, corp_id: str | None) -> None:
        """Raises InputError where these options cannot make requests: before anything is asked of the service."""
        _check_extra(options.extra_body)
        if self.takes_stock and options.preflight and not corp_id:
            raise InputError([_STOCK_CORP_ID_MISSING])

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        """The requests that submit the devices, each in one of them."""
        return [Request(tuple(together), self, terms) for together in self.together(devices, terms)]

    def together(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        """The devices of each request: as many as the option batch_size allows, unless a kind says otherwise."""
        return _parts(devices, terms.options.batch_size)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        """What a request says that submits these devices together."""
        raise NotImplementedError

    def context(self, options: ActivationOptions, corp_id: str | None) -> dict[str, Any]:
        """What a submission says besides its devices; part of each device's fingerprint."""
        return {"kind": self.name, "corp_id": corp_id, "extra_body": dict(options.extra_body)}


class SimKind(Kind):
    """A SIM card and the device it sits in: activated by ICCID, with the IMEI as its partner."""

    path = f"{ACTIVATION}/transaction"
    identity = Identity("sim", "iccid", "imei", ("imei", "iccid", "carrier"), ("imei", "iccid"))
    formats = ("single", "batch")

    def check(self, options: ActivationOptions, corp_id: str | None) -> None:
        super().check(options, corp_id)
        if options.request_format != "batch" and not corp_id:
            raise InputError([_CORP_ID_MISSING])

    def together(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        if terms.options.request_format == "batch":
            return _alike(devices, terms.options.batch_size, terms.most)
        return _parts(devices, 1)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        if terms.options.request_format == "batch":
            return _batch(devices, _LINE_FIELDS, terms)
        (device,) = devices
        body = {CORP_ID: terms.corp_id, **_wire_fields(device, ("imei", "iccid", *DEVICE_FIELDS))}
        return merged(body, terms.options.extra_body)


class SmartSimKind(Kind):
    """A SmartSIM, activated by its own id; the IMEI of its device goes with it where it is known."""

    path = f"{ACTIVATION}/smartsim-transaction"
    identity = Identity("smartsim", "sim_id", "imei", ("sim_id",), ("sim_id", "imei"), ("iccid",))

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        return _with_lines({}, map(self._line, devices), terms)

    def _line(self, device: Device) -> dict[str, Any]:
        """[I] Each line says for itself what it is for; where the fields go that nothing public shows is [A]."""
        details: dict[str, Any] = _wire_fields(device, (name for name in _COMMON_FIELDS if name != "service_zip_code"))
        address = _wire_fields(device, ("service_zip_code",))
        if address:
            details[SERVICE_ADDRESS] = address
        return {**_wire_fields(device, ("sim_id", "imei", "nickname")), SERVICE_DETAILS: details}


class EsimKind(Kind):
    """An eSIM: activated by its device's IMEI, with its EID where it is declared; the service chooses the ICCID."""

    path = f"{ACTIVATION}/esim-transaction"
    identity = Identity("esim", "imei", "eid", ("imei", "carrier"), ("imei", "eid"), ("iccid",))
    takes_stock = True

    def together(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        return _alike(devices, terms.options.batch_size, terms.most)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        return _batch(devices, _ESIM_LINE_FIELDS, terms)


SIM = SimKind()
SMARTSIM = SmartSimKind()
ESIM = EsimKind()
#: The kinds by their names, in the order in which reports show them.
KINDS: dict[str, Kind] = {kind.name: kind for kind in (SIM, SMARTSIM, ESIM)}


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with `extra` merged into it, mapping by mapping; anything else in `extra` replaces what was there."""
    result = dict(body)
    for name, value in extra.items():
        mine = result.get(name)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        result[name] = merged(mine, value) if both and isinstance(mine, Mapping) else value
    return result


def _check_extra(extra: Mapping[str, Any]) -> None:
    """What says which devices are meant must come from the declaration: the plan would not be the truth otherwise."""
    forbidden = [name for name in extra if name in DEVICE_NAMES]
    if forbidden:
        raise InputError([f"extra_body: {', '.join(forbidden)} cannot be given here: declare the devices instead"])


def _wire_fields(device: Device, fields: Iterable[str]) -> dict[str, str]:
    return {REQUEST_NAMES[field]: text for field in fields if (text := getattr(device, field)) is not None}


def _with_lines(common: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], terms: Terms) -> dict[str, Any]:
    """[I] A request with lines; the account is named where it is known."""
    account = {CORP_ID: terms.corp_id} if terms.corp_id else {}
    return merged({**account, **common, LINES: list(lines)}, terms.options.extra_body)


def _batch(devices: Sequence[Device], line_fields: Sequence[str], terms: Terms) -> dict[str, Any]:
    """[I] A request that says common fields once, and `line_fields` for each device."""
    lines = (_wire_fields(device, line_fields) for device in devices)
    return _with_lines(_wire_fields(devices[0], _COMMON_FIELDS), lines, terms)


def _alike(devices: Sequence[Device], size: int, most: Mapping[str, int]) -> Iterator[Sequence[Device]]:
    """Devices that share all their common fields, at the most `size` and what their carrier allows at a time."""
    groups: dict[tuple[str | None, ...], list[Device]] = {}
    for device in devices:
        groups.setdefault(_common_of(device), []).append(device)
    for group in groups.values():
        yield from _parts(group, min(size, most.get(fold(group[0].carrier or ""), size)))


def _parts(devices: Sequence[Device], size: int) -> Iterator[Sequence[Device]]:
    return (devices[start : start + size] for start in range(0, len(devices), size))
