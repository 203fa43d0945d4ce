# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's device list, filtered and as plain data. Nothing here writes to the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from .._errors import InputError, reason_of
from .._observe.listing import NONE, REQUIRED, UNREADABLE, ListingReader
from .._options import ConnectionOptions
from .._report.files import row_lines, write_whole
from .._report.outputs import check_result_file
from .._service.api import SentinelAPI
from .._text import fold, hint, printable
from .._transport.session import Session
from .._wire import DeviceStatuses, Entry
from .._wire.devices import COLUMNS

Params = Mapping[str, Any]

#: Fields of every device in a result, in addition to `state`.
SHOWN = (
    *("mdn", "imei", "iccid", "sim_id", "eid", "status", "carrier", "device_group", "device_group_name"),
    *("filter_group", "nickname", "device_name", "online", "last_30_days_used", "monthly_amount_used"),
    *("day_amount_used", "monthly_limit", "daily_limit", "labels"),
)
_ONLINE = "online"
#: Folded names of columns, ours and the published ones → our field.
_FIELDS = {fold(name): field for field, column in COLUMNS.items() for name in (field, column)}
_FIELDS[_ONLINE] = _ONLINE


class Listed(NamedTuple):
    """Devices of the list. `total`: number of devices that match the filters, which may be more than `devices` has."""

    devices: list[dict[str, Any]]
    total: int
    warnings: list[str]


class _Found(NamedTuple):
    """Entries of the list. `total`: number of entries that match the filters. `is_known`: whether the list was read."""

    entries: list[Entry]
    total: int
    warnings: list[str]
    is_known: bool = True

    @classmethod
    def nothing(cls, warnings: list[str]) -> _Found:
        """Return the result for a list that was not read."""
        return cls([], 0, warnings, is_known=False)


def devices(params: Params, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Return the result of `sentinel_devices_info`. Raises InputError for invalid options."""
    query = Query.read(params)
    path, option = params.get("result_file"), params.get("listing") or REQUIRED
    with closing(Session(ConnectionOptions.read(params.get), on_secret)) as session:
        api = SentinelAPI(session)
        limit = None if path else query.limit
        found = _Found.nothing([]) if option == NONE else _find(api, query, params.get("search"), option, limit)
    if path and found.is_known:
        _write(path, query, found, api)
    listed = _listed(found, query, api)
    return {
        "changed": False,
        "available": found.is_known,
        "devices": listed.devices,
        "devices_omitted": listed.total - len(listed.devices),
        "total": listed.total,
        **({"warnings": listed.warnings} if listed.warnings else {}),
    }


class Query(NamedTuple):
    """Which devices to return, and with which fields. Filters are folded; an empty filter matches everything."""

    statuses: frozenset[str]
    carriers: frozenset[str]
    device_groups: frozenset[str]
    fields: tuple[str, ...]
    limit: int | None

    @classmethod
    def read(cls, params: Params) -> Query:
        """Return the query for the options of a module or a lookup. Raises InputError."""
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
        problems += check_result_file(params.get("result_file"))
        if problems:
            raise InputError(problems)
        fields = tuple(dict.fromkeys(_FIELDS[fold(name)] for name in names))
        return cls(statuses, carriers, device_groups, fields, limit)

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields of each device."""
        return tuple(dict.fromkeys((*SHOWN, *self.fields)))

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
    """Return the devices of the account's list that match a query.

    Args:
        search: only devices that the service finds by this text; blank or None: all.
    """
    return _listed(_find(api, query, search, REQUIRED, query.limit), query, api)


def _find(api: SentinelAPI, query: Query, search: str | None, option: str, limit: int | None) -> _Found:
    """Return the entries that match a query, at most `limit`. `option`: as for ListingReader."""
    search = (search or "").strip() or None
    statuses = api.reader.device_statuses
    reader = ListingReader(api, option, columns=(*SHOWN, *query.fields))

    def take(entries: Iterable[Entry]) -> tuple[list[Entry], int]:
        kept: list[Entry] = []
        total = 0
        for entry in entries:
            if query.matches(entry, statuses.read(entry.status)):
                total += 1
                if limit is None or len(kept) < limit:
                    kept.append(entry)
        return kept, total

    try:
        (kept, total), warnings = reader.read_all(take, search)
    except UNREADABLE as error:
        if option == REQUIRED:
            raise
        return _Found.nothing([reader.unreadable(error)])
    if _ONLINE in query.fields:
        kept = reader.with_online(kept, search)
    return _Found(kept, total, warnings)


def _listed(found: _Found, query: Query, api: SentinelAPI) -> Listed:
    entries = found.entries[: query.limit]
    shown = [_shown(entry, query.shown, api.reader.device_statuses) for entry in entries]
    return Listed(shown, found.total, found.warnings)


def _write(path: str, query: Query, found: _Found, api: SentinelAPI) -> None:
    """Write the entries to the result file. Raises InputError if that fails."""
    rows = (_shown(entry, query.shown, api.reader.device_statuses) for entry in found.entries)
    fields = [name for field in query.shown for name in ((field, "state") if field == "status" else (field,))]
    try:
        write_whole(path, row_lines(path, fields, rows))
    except OSError as error:
        raise InputError([f"result_file: {printable(path)} cannot be written: {reason_of(error)}"]) from None


def _shown(entry: Entry, fields: Iterable[str], statuses: DeviceStatuses) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        values[field] = getattr(entry, field)
        if field == "status":
            values["state"] = statuses.read(entry.status)
    return {**values, "labels": list(entry.labels)}
