# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known to make a plan fail, found out before its first write: carriers, plan ids, the stock of eSIMs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._decide.kinds import Kind
from .._declare.carriers import unknown_carriers
from .._declare.devices import Device
from .._service.api import SentinelAPI
from .._text import fold, hint
from .._wire import takes_business_plan

#: So many rows are named where many have the same problem.
_ROWS_NAMED = 5


class Preflight(NamedTuple):
    """What stands in the way, a sentence each; and `most` as in `Terms`."""

    problems: list[str]
    most: Mapping[str, int] = {}


def preflight(kind: Kind, api: SentinelAPI, devices: Sequence[Device], corp_id: str | None) -> Preflight:
    """What is known to make the submission of these devices fail. Asks the service; only reads."""
    carriers = api.esim_carriers() if kind.takes_stock else api.carriers()
    written = {carrier: _rows(rows) for carrier, rows in _grouped(devices, "carrier").items()}
    problems = [*unknown_carriers(written, carriers), *_unknown_plans(devices, api)]
    if problems or not kind.takes_stock or not corp_id:
        return Preflight(problems)
    return _stock(devices, api, corp_id)


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


def _stock(devices: Sequence[Device], api: SentinelAPI, corp_id: str) -> Preflight:
    """Whether the account's eSIMs cover the devices, and how many one request may ask for."""
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
