# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the kinds of devices: identity, endpoint, request body, preflight. A further kind is a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ._api import SentinelAPI
from ._devices import Device, Identity
from ._errors import InputError
from ._options import DEVICE_FIELDS, ActivationOptions
from ._text import fold, hint
from ._wire import (
    CORP_ID,
    DEVICE_NAMES,
    LINES,
    REQUEST_NAMES,
    SERVICE_ADDRESS,
    SERVICE_DETAILS,
    Line,
    takes_business_plan,
)

#: A line's own fields in a batch [I]; all others are common to the request.
_LINE_FIELDS = ("imei", "iccid", "nickname")
_ESIM_LINE_FIELDS = ("imei", "eid", "nickname")
_COMMON_FIELDS = tuple(field for field in DEVICE_FIELDS if field not in _LINE_FIELDS)
_CORP_ID_MISSING = (
    "corp_id is missing: a request says for which account it is. Give corp_id (SENTINEL_CORP_ID), or api_username and "
    "api_password: then the login tells it."
)
_STOCK_CORP_ID_MISSING = (
    "corp_id is missing: the stock of eSIMs is counted for an account. Give corp_id (SENTINEL_CORP_ID), or "
    "api_username and api_password: then the login tells it; or set preflight to false."
)
#: So many rows are named where many have the same problem.
_ROWS_NAMED = 5


class Request(NamedTuple):
    """A submission: its body, and the devices in it."""

    body: Mapping[str, Any]
    devices: tuple[Device, ...]


class Terms(NamedTuple):
    """What requests are made by: the task's options, the account, and what the preflight found.

    `most`: carrier, folded → the most devices that one request may ask for.
    """

    options: ActivationOptions
    corp_id: str | None = None
    most: Mapping[str, int] = {}


class Preflight(NamedTuple):
    """What stands in the way, a sentence each; and `most` as in `Terms`."""

    problems: list[str]
    most: Mapping[str, int] = {}


class Kind:
    """Base of the kinds: what the engine asks of each."""

    name: str
    identity: Identity
    formats: tuple[str, ...] = ()
    #: Whether the service takes the SIMs from the account's stock.
    takes_stock = False

    def submit(self, api: SentinelAPI, request: Request, about_to_send: Callable[[], None] = lambda: None) -> str:
        """Sends a request; returns the transaction's id. `about_to_send` is called before each time that it leaves."""
        raise NotImplementedError

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        """The requests that submit the devices, each in one of them. Raises InputError where corp_id is missing."""
        raise NotImplementedError

    def known_carriers(self, api: SentinelAPI) -> list[str]:
        """The carriers that the account may activate this kind with."""
        raise NotImplementedError

    def context(self, options: ActivationOptions, corp_id: str | None) -> dict[str, Any]:
        """What a submission says besides its devices; part of each device's fingerprint."""
        return {"kind": self.name, "corp_id": corp_id, "extra_body": dict(options.extra_body)}

    def lines_of(self, device: Device, lines: Iterable[Line]) -> list[Line]:
        """The lines of a transaction that are this device's: by its key, or by its partner where they have no key."""
        key, partner = self.identity.key, self.identity.partner
        own = getattr(device, key)
        value = getattr(device, partner) if partner else None
        by_key, by_partner = [], []
        for line in lines:
            if getattr(line, key) == own:
                by_key.append(line)
            elif value and partner and getattr(line, key) is None and getattr(line, partner) == value:
                by_partner.append(line)
        return by_key or by_partner

    def preflight(self, api: SentinelAPI, devices: Sequence[Device], corp_id: str | None) -> Preflight:
        """What is known to make the submission of these devices fail. Asks the service; only reads.

        Raises InputError where corp_id is missing for the stock.
        """
        problems = [*_unknown_carriers(devices, self.known_carriers(api)), *_unknown_plans(devices, api)]
        if problems or not self.takes_stock:
            return Preflight(problems)
        return _stock(devices, api, corp_id)


class SimKind(Kind):
    """A SIM card and the device it sits in: activated by ICCID, with the IMEI as its partner."""

    name = "sim"
    identity = Identity("iccid", "imei", ("imei", "iccid", "carrier"), ("imei", "iccid"))
    formats = ("single", "batch")

    def submit(self, api: SentinelAPI, request: Request, about_to_send: Callable[[], None] = lambda: None) -> str:
        return api.submit_sim(request.body, about_to_send)

    def known_carriers(self, api: SentinelAPI) -> list[str]:
        return api.carriers()

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        _check_extra(terms.options.extra_body)
        if terms.options.request_format == "batch":
            return _batches(devices, _LINE_FIELDS, terms)
        if devices and not terms.corp_id:
            raise InputError([_CORP_ID_MISSING])
        return [Request(self._single(device, terms), (device,)) for device in devices]

    def _single(self, device: Device, terms: Terms) -> dict[str, Any]:
        body = {CORP_ID: terms.corp_id, **_wire_fields(device, ("imei", "iccid", *DEVICE_FIELDS))}
        return merged(body, terms.options.extra_body)


class SmartSimKind(Kind):
    """A SmartSIM, activated by its own id; the IMEI of its device goes with it where it is known."""

    name = "smartsim"
    identity = Identity("sim_id", "imei", ("sim_id",), ("sim_id", "imei"), ("iccid",))

    def submit(self, api: SentinelAPI, request: Request, about_to_send: Callable[[], None] = lambda: None) -> str:
        return api.submit_smartsim(request.body, about_to_send)

    def known_carriers(self, api: SentinelAPI) -> list[str]:
        return api.carriers()

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        _check_extra(terms.options.extra_body)
        size = terms.options.batch_size
        chunks = [devices[start : start + size] for start in range(0, len(devices), size)]
        return [Request(_with_lines({}, map(self._line, chunk), terms), tuple(chunk)) for chunk in chunks]

    def _line(self, device: Device) -> dict[str, Any]:
        """[I] Each line says for itself what it is for; where the fields go that nothing public shows is [A]."""
        details: dict[str, Any] = _wire_fields(device, (name for name in _COMMON_FIELDS if name != "service_zip_code"))
        address = _wire_fields(device, ("service_zip_code",))
        if address:
            details[SERVICE_ADDRESS] = address
        return {**_wire_fields(device, ("sim_id", "imei", "nickname")), SERVICE_DETAILS: details}


class EsimKind(Kind):
    """An eSIM: activated by its device's IMEI, with its EID where it is declared; the service chooses the ICCID."""

    name = "esim"
    identity = Identity("imei", "eid", ("imei", "carrier"), ("imei", "eid"), ("iccid",))
    takes_stock = True

    def submit(self, api: SentinelAPI, request: Request, about_to_send: Callable[[], None] = lambda: None) -> str:
        return api.submit_esim(request.body, about_to_send)

    def known_carriers(self, api: SentinelAPI) -> list[str]:
        return api.esim_carriers()

    def requests(self, devices: Sequence[Device], terms: Terms) -> list[Request]:
        _check_extra(terms.options.extra_body)
        return _batches(devices, _ESIM_LINE_FIELDS, terms)


SIM = SimKind()
SMARTSIM = SmartSimKind()
ESIM = EsimKind()


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
    values = ((field, getattr(device, field)) for field in fields)
    return {REQUEST_NAMES[field]: text for field, text in values if text is not None}


def _with_lines(common: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], terms: Terms) -> dict[str, Any]:
    """[I] A request with lines; the account is named where it is known."""
    account = {CORP_ID: terms.corp_id} if terms.corp_id else {}
    return merged({**account, **common, LINES: list(lines)}, terms.options.extra_body)


def _batches(devices: Sequence[Device], line_fields: Sequence[str], terms: Terms) -> list[Request]:
    """[I] Requests that say common fields once, and `line_fields` for each device."""
    return [
        Request(
            _with_lines(
                _wire_fields(chunk[0], _COMMON_FIELDS), (_wire_fields(device, line_fields) for device in chunk), terms
            ),
            tuple(chunk),
        )
        for chunk in _chunks(devices, terms.options.batch_size, terms.most)
    ]


def _chunks(devices: Sequence[Device], size: int, most: Mapping[str, int]) -> Iterator[list[Device]]:
    """Devices that share all their common fields, at the most `size` and what their carrier allows at a time."""
    groups: dict[tuple[str | None, ...], list[Device]] = {}
    for device in devices:
        groups.setdefault(tuple(getattr(device, field) for field in _COMMON_FIELDS), []).append(device)
    for group in groups.values():
        step = min(size, most.get(fold(group[0].carrier or ""), size))
        for start in range(0, len(group), step):
            yield group[start : start + step]


def _unknown_carriers(devices: Sequence[Device], carriers: Sequence[str]) -> list[str]:
    known = {fold(name) for name in carriers}
    return [
        f"{_rows(rows)}: the account has no carrier {carrier!r}{hint(carrier, carriers)}"
        for carrier, rows in _grouped(devices, "carrier").items()
        if fold(carrier) not in known
    ]


def _unknown_plans(devices: Sequence[Device], api: SentinelAPI) -> list[str]:
    """Plan ids that the account has not. Each list is asked for only where a device needs it."""
    wanted = [device for device in devices if device.plan_id]
    business = [device for device in wanted if takes_business_plan(device.carrier)]
    others = [device for device in wanted if not takes_business_plan(device.carrier)]
    problems = []
    for group, what, plans in (
        (business, "business internet plan", api.business_internet_plans),
        (others, "billing plan", api.billing_plans),
    ):
        known = api.reader.plan_ids_of(plans()) if group else []
        # A list without one recognisable id tells nothing about which ids exist.
        for plan_id, rows in _grouped(group, "plan_id").items() if known else ():
            if plan_id not in known:
                problems.append(f"{_rows(rows)}: the account has no {what} {plan_id!r}{hint(plan_id, known)}")
    return problems


def _stock(devices: Sequence[Device], api: SentinelAPI, corp_id: str | None) -> Preflight:
    """Whether the account's eSIMs cover the devices, and how many one request may ask for."""
    if not corp_id:
        raise InputError([_STOCK_CORP_ID_MISSING])
    problems: list[str] = []
    most: dict[str, int] = {}
    # A carrier has one stock, however its name is written.
    spellings: dict[str, list[str]] = {}
    for carrier in filter(None, (device.carrier for device in devices)):
        spellings.setdefault(fold(carrier), []).append(carrier)
    for name, written in spellings.items():
        carrier, needed = written[0], len(written)
        available, limit = api.esim_stock(corp_id, carrier)
        if needed > available:
            problems.append(
                f"{carrier}: {needed} eSIMs are needed and {available} are available for {corp_id}: "
                f"{needed - available} are missing. Order more, or declare fewer devices"
            )
        if limit:
            most[name] = limit
    return Preflight(problems, most)


def _grouped(devices: Iterable[Device], field: str) -> dict[str, list[str]]:
    """The rows of the devices by a field's value; devices without one are left out."""
    groups: dict[str, list[str]] = {}
    for device in devices:
        value = getattr(device, field)
        if value is not None:
            groups.setdefault(value, []).append(device.where)
    return groups


def _rows(rows: Sequence[str]) -> str:
    shown = ", ".join(rows[:_ROWS_NAMED])
    return f"{shown} and {len(rows) - _ROWS_NAMED} more" if len(rows) > _ROWS_NAMED else shown
