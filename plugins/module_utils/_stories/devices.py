# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the account has now: the devices of its list, filtered and as plain data. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from .._errors import InputError
from .._observe.listing import ListingReader
from .._options import ConnectionOptions
from .._service.api import SentinelAPI
from .._text import fold, hint
from .._transport.session import Session
from .._wire import DeviceStatuses, Entry
from .._wire.devices import COLUMNS

Params = Mapping[str, Any]

#: The fields that every device of a result has, beside `state`.
SHOWN = (
    *("mdn", "imei", "iccid", "sim_id", "eid", "status", "carrier", "device_group", "device_group_name"),
    *("filter_group", "nickname", "device_name", "online", "last_30_days_used", "monthly_amount_used"),
    *("day_amount_used", "monthly_limit", "daily_limit", "labels"),
)
_ONLINE = "online"
#: Names of columns, folded → our field: ours, and the published ones.
_FIELDS = {fold(name): field for field, column in COLUMNS.items() for name in (field, column)}
_FIELDS[_ONLINE] = _ONLINE


class Listed(NamedTuple):
    """Devices of the list. `total`: how many match the filters, which may be more than `devices` has."""

    devices: list[dict[str, Any]]
    total: int
    warnings: list[str]


def devices(params: Params, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """The result of `sentinel_devices_info`. Raises InputError for what is wrong with its options."""
    query = Query.read(params)
    with closing(Session(ConnectionOptions.read(params.get), on_secret)) as session:
        found = devices_of(SentinelAPI(session), query, params.get("search"))
    return {
        "changed": False,
        "devices": found.devices,
        "devices_omitted": found.total - len(found.devices),
        "total": found.total,
        **({"warnings": found.warnings} if found.warnings else {}),
    }


class Query(NamedTuple):
    """Which devices are wanted, and what of them. Filters are folded; an empty one lets everything pass."""

    statuses: frozenset[str]
    carriers: frozenset[str]
    device_groups: frozenset[str]
    fields: tuple[str, ...]
    limit: int | None

    @classmethod
    def read(cls, params: Params) -> Query:
        """Return the query of a module's or a lookup's options. Raises InputError."""
        names = [str(name) for name in params.get("columns") or []]
        problems = [
            f"columns: unknown column {name!r}{hint(name, (*COLUMNS, _ONLINE))}"
            for name in names
            if fold(name) not in _FIELDS
        ]

        def folded(option: str) -> frozenset[str]:
            words = [str(word) for word in params.get(option) or []]
            problems.extend(f"{option}: {word!r} has no letter or digit" for word in words if not fold(word))
            return frozenset(map(fold, words))

        statuses, carriers, device_groups = map(folded, ("statuses", "carriers", "device_groups"))
        limit = params.get("limit")
        if limit is not None and limit < 1:
            problems.append(f"limit: must be at least 1, not {limit}")
        if problems:
            raise InputError(problems)
        fields = tuple(dict.fromkeys(_FIELDS[fold(name)] for name in names))
        return cls(statuses, carriers, device_groups, fields, limit)

    def matches(self, entry: Entry, state: str | None) -> bool:
        """Whether an entry passes the filters. `state`: what its status means."""
        return (
            (not self.statuses or not self.statuses.isdisjoint((state or "", fold(entry.status or ""))))
            and (not self.carriers or fold(entry.carrier or "") in self.carriers)
            and (
                not self.device_groups
                or not self.device_groups.isdisjoint(
                    map(fold, (entry.device_group or "", entry.device_group_name or ""))
                )
            )
        )


def devices_of(api: SentinelAPI, query: Query, search: str | None = None) -> Listed:
    """Return the devices of the account's list that a query wants.

    Args:
        search: only devices that the service finds by this text; blank or None: all.
    """
    search = (search or "").strip() or None
    statuses = api.reader.device_statuses
    reader = ListingReader(api, columns=(*SHOWN, *query.fields))

    def take(entries: Iterable[Entry]) -> tuple[list[Entry], int]:
        kept: list[Entry] = []
        total = 0
        for entry in entries:
            if query.matches(entry, statuses.read(entry.status)):
                total += 1
                if query.limit is None or len(kept) < query.limit:
                    kept.append(entry)
        return kept, total

    (kept, total), warnings = reader.read_all(take, search)
    if _ONLINE in query.fields:
        kept = reader.with_online(kept, search)
    fields = tuple(dict.fromkeys((*SHOWN, *query.fields)))
    return Listed([_shown(entry, fields, statuses) for entry in kept], total, warnings)


def _shown(entry: Entry, fields: Iterable[str], statuses: DeviceStatuses) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        values[field] = getattr(entry, field)
        if field == "status":
            values["state"] = statuses.read(entry.status)
    return {**values, "labels": list(entry.labels)}
