# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of devices: identity, endpoint and request body. Each kind is a class."""

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
    "corp_id is required: each request names its account. Set corp_id (SENTINEL_CORP_ID), or api_username and "
    "api_password, whose login reports it."
)
_STOCK_CORP_ID_MISSING = (
    "corp_id is required: the stock of eSIMs is counted per account. Set corp_id (SENTINEL_CORP_ID), or api_username "
    "and api_password, whose login reports it; or set preflight to false."
)


class Terms(NamedTuple):
    """What requests are made from: the task's options, the account, and what the preflight found.

    `max_per_request`: carrier, folded → maximum number of devices per request.
    """

    options: ActivationOptions
    corp_id: str | None = None
    max_per_request: Mapping[str, int] = {}


class Request(NamedTuple):
    """A submission of devices. Its body is made when it is sent, because the bodies of a large fleet take memory."""

    devices: tuple[Device, ...]
    kind: Kind
    terms: Terms

    @property
    def body(self) -> dict[str, Any]:
        """The request body."""
        return self.kind.body(self.devices, self.terms)


class Kind:
    """Base class of the kinds."""

    identity: Identity
    #: Where submissions go.
    path: str
    formats: tuple[str, ...] = ()
    #: Whether the service takes the eSIM from the account's stock, which has carriers of its own.
    takes_stock = False

    @property
    def name(self) -> str:
        """The kind's name."""
        return self.identity.kind

    def check(self, options: ActivationOptions, corp_id: str | None) -> None:
        """Raise InputError if no request can be made with these options. Asks the service nothing."""
        _check_extra(options.extra_body)
        if self.takes_stock and options.preflight and not corp_id:
            raise InputError([_STOCK_CORP_ID_MISSING])

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        """Return the requests that submit the devices, each device in one request."""
        return [Request(tuple(batch), self, terms) for batch in self.batches(devices, terms)]

    def batches(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        """Return the devices of each request: up to `batch_size`, unless a kind says otherwise."""
        return _parts(devices, terms.options.batch_size)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        """Return the body of a request that submits these devices together."""
        raise NotImplementedError

    def context(self, options: ActivationOptions, corp_id: str | None) -> dict[str, Any]:
        """Return what a submission has apart from its devices; part of each device's fingerprint."""
        return {"kind": self.name, "corp_id": corp_id, "extra_body": dict(options.extra_body)}


class SimKind(Kind):
    """A SIM card in a device: activated by ICCID, with the IMEI as its partner."""

    path = f"{ACTIVATION}/transaction"
    identity = Identity("sim", "iccid", "imei", ("imei", "iccid", "carrier"), ("imei", "iccid"))
    formats = ("single", "batch")

    def check(self, options: ActivationOptions, corp_id: str | None) -> None:
        super().check(options, corp_id)
        if options.request_format != "batch" and not corp_id:
            raise InputError([_CORP_ID_MISSING])

    def batches(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        if terms.options.request_format == "batch":
            return _alike(devices, terms.options.batch_size, terms.max_per_request)
        return _parts(devices, 1)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        if terms.options.request_format == "batch":
            return _batch(devices, _LINE_FIELDS, terms)
        (device,) = devices
        body = {CORP_ID: terms.corp_id, **_wire_fields(device, ("imei", "iccid", *DEVICE_FIELDS))}
        return merged(body, terms.options.extra_body)


class SmartSimKind(Kind):
    """A SmartSIM: activated by its own id, with the IMEI of its device if that is declared."""

    path = f"{ACTIVATION}/smartsim-transaction"
    identity = Identity("smartsim", "sim_id", "imei", ("sim_id",), ("sim_id", "imei"), ("iccid",))

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        return _with_lines({}, map(self._line, devices), terms)

    def _line(self, device: Device) -> dict[str, Any]:
        """[I] Each line has its own service details. The place of fields that no public source shows is [A]."""
        details: dict[str, Any] = _wire_fields(device, (name for name in _COMMON_FIELDS if name != "service_zip_code"))
        address = _wire_fields(device, ("service_zip_code",))
        if address:
            details[SERVICE_ADDRESS] = address
        return {**_wire_fields(device, ("sim_id", "imei", "nickname")), SERVICE_DETAILS: details}


class EsimKind(Kind):
    """An eSIM: activated by its device's IMEI, with its EID if that is declared; the service chooses the ICCID."""

    path = f"{ACTIVATION}/esim-transaction"
    identity = Identity("esim", "imei", "eid", ("imei", "carrier"), ("imei", "eid"), ("iccid",))
    takes_stock = True

    def batches(self, devices: Sequence[Device], terms: Terms) -> Iterable[Sequence[Device]]:
        return _alike(devices, terms.options.batch_size, terms.max_per_request)

    def body(self, devices: Sequence[Device], terms: Terms) -> dict[str, Any]:
        return _batch(devices, _ESIM_LINE_FIELDS, terms)


SIM = SimKind()
SMARTSIM = SmartSimKind()
ESIM = EsimKind()
#: Kinds by name, in the order in which reports show them.
KINDS: dict[str, Kind] = {kind.name: kind for kind in (SIM, SMARTSIM, ESIM)}


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with `extra` merged into it: mappings are merged, any other value replaces the body's."""
    result = dict(body)
    for name, value in extra.items():
        current = result.get(name)
        both = isinstance(current, Mapping) and isinstance(value, Mapping)
        result[name] = merged(current, value) if both and isinstance(current, Mapping) else value
    return result


def _check_extra(extra: Mapping[str, Any]) -> None:
    """Raise InputError for fields that identify devices: with these, the request would differ from the plan."""
    forbidden = [name for name in extra if name in DEVICE_NAMES]
    if forbidden:
        raise InputError([f"extra_body: {', '.join(forbidden)} cannot be given here: declare the devices instead"])


def _wire_fields(device: Device, fields: Iterable[str]) -> dict[str, str]:
    return {REQUEST_NAMES[field]: text for field in fields if (text := getattr(device, field)) is not None}


def _with_lines(common: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], terms: Terms) -> dict[str, Any]:
    """[I] Return a request with lines. It names the account if its corp id is known."""
    account = {CORP_ID: terms.corp_id} if terms.corp_id else {}
    return merged({**account, **common, LINES: list(lines)}, terms.options.extra_body)


def _batch(devices: Sequence[Device], line_fields: Sequence[str], terms: Terms) -> dict[str, Any]:
    """[I] Return a request with common fields once, and `line_fields` for each device."""
    lines = (_wire_fields(device, line_fields) for device in devices)
    return _with_lines(_wire_fields(devices[0], _COMMON_FIELDS), lines, terms)


def _alike(devices: Sequence[Device], size: int, limits: Mapping[str, int]) -> Iterator[Sequence[Device]]:
    """Yield devices that share all common fields, at most `size` at a time and no more than their carrier allows."""
    groups: dict[tuple[str | None, ...], list[Device]] = {}
    for device in devices:
        groups.setdefault(_common_of(device), []).append(device)
    for group in groups.values():
        yield from _parts(group, min(size, limits.get(fold(group[0].carrier or ""), size)))


def _parts(devices: Sequence[Device], size: int) -> Iterator[Sequence[Device]]:
    return (devices[start : start + size] for start in range(0, len(devices), size))
