# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks before the first write for what would make a plan fail: carriers, plan ids, the stock of eSIMs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._decide.kinds import Kind
from .._declare.carriers import unknown_carriers
from .._declare.devices import Device
from .._service.api import SentinelAPI
from .._text import fold, hint
from .._wire import is_business_internet_carrier

#: Maximum number of rows named per problem.
_ROWS_NAMED = 5


class Preflight(NamedTuple):
    """The problems, one sentence each, and `max_per_request` as in `Terms`."""

    problems: list[str]
    max_per_request: Mapping[str, int] = {}


def preflight(kind: Kind, api: SentinelAPI, devices: Sequence[Device], corp_id: str | None) -> Preflight:
    """Return what would make the submission of these devices fail. Asks the service, but only reads."""
    carriers = api.esim_carriers() if kind.takes_stock else api.carriers()
    written = {carrier: _rows(rows) for carrier, rows in _grouped(devices, "carrier").items()}
    problems = [*unknown_carriers(written, carriers), *_unknown_plans(devices, api)]
    if problems or not kind.takes_stock or not corp_id:
        return Preflight(problems)
    return _stock(devices, api, corp_id)


def _unknown_plans(devices: Sequence[Device], api: SentinelAPI) -> list[str]:
    """Return problems of plan ids that the account does not have. Requests each list of plans only if it is needed."""
    wanted = [device for device in devices if device.plan_id]
    business = [device for device in wanted if is_business_internet_carrier(device.carrier)]
    others = [device for device in wanted if not is_business_internet_carrier(device.carrier)]
    problems = []
    for group, name, plans in (
        (business, "business internet plan", api.business_internet_plans),
        (others, "billing plan", api.billing_plans),
    ):
        known = api.reader.plan_ids_of(plans()) if group else []
        # A list without a recognisable id does not show which ids exist.
        for plan_id, rows in _grouped(group, "plan_id").items() if known else ():
            if plan_id not in known:
                problems.append(f"{_rows(rows)}: the account has no {name} {plan_id!r}{hint(plan_id, known)}")
    return problems


def _stock(devices: Sequence[Device], api: SentinelAPI, corp_id: str) -> Preflight:
    """Check that the account has enough eSIMs for the devices, and find how many one request may ask for."""
    problems: list[str] = []
    max_per_request: dict[str, int] = {}
    # A carrier has one stock, however its name is written.
    spellings: dict[str, list[str]] = {}
    for carrier in filter(None, (device.carrier for device in devices)):
        spellings.setdefault(fold(carrier), []).append(carrier)
    for name, written in spellings.items():
        carrier, needed = written[0], len(written)
        available, limit = api.esim_stock(corp_id, carrier)
        if needed > available:
            problems.append(
                f"{carrier}: {needed} eSIMs are needed, but {corp_id} has {available} in stock: "
                f"{needed - available} are missing. Order more, or declare fewer devices"
            )
        if limit:
            max_per_request[name] = limit
    return Preflight(problems, max_per_request)


def _grouped(devices: Iterable[Device], field: str) -> dict[str, list[str]]:
    """Return the rows of the devices by a field's value, without devices that have none."""
    groups: dict[str, list[str]] = {}
    for device in devices:
        value = getattr(device, field)
        if value is not None:
            groups.setdefault(value, []).append(device.where)
    return groups


def _rows(rows: Sequence[str]) -> str:
    shown = ", ".join(rows[:_ROWS_NAMED])
    return f"{shown} and {len(rows) - _ROWS_NAMED} more" if len(rows) > _ROWS_NAMED else shown
