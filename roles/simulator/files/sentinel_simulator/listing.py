# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's devices: one device per activated line and per entry, with its current status.

Changes take effect immediately. The list shows them after ``listing_lag`` and ``status_lag``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Optional

from .bodies import Refused
from .chances import between, chances
from .device_records import API, PORTAL, Change, DeviceRecords
from .faults import as_span
from .listed import SORTS, Listed
from .profiles import Settings
from .states import DEACTIVATED, state_of
from .store import Row, Store

#: All activations, oldest first. Later ones replace earlier ones with the same SIM (of eSIMs, the same IMEI).
_LINES = (
    "SELECT l.id, l.kind, l.imei, l.iccid, l.sim_id, l.eid, l.carrier, l.device_group, l.filter_group, l.nickname, "
    "COALESCE(s.status, 'active'), s.reason, COALESCE(s.changes, 0), NULL, NULL, NULL, 1, l.done_at "
    "FROM lines AS l LEFT JOIN device_status AS s ON s.line = l.id "
    "WHERE l.outcome = 'success' AND l.done_at <= :now ORDER BY l.done_at, l.id"
)
_ENTRIES = (
    "SELECT -e.id, e.kind, e.imei, e.iccid, e.sim_id, e.eid, e.carrier, e.device_group, e.filter_group, e.nickname, "
    "COALESCE(s.status, e.status), COALESCE(s.reason, e.reason), COALESCE(s.changes, 0), e.mdn, e.more, e.listed_at, "
    "e.replaces, e.made_at FROM entries AS e LEFT JOIN device_status AS s ON s.line = -e.id "
    "WHERE e.made_at <= :now ORDER BY e.made_at, e.id"
)


class _Lags(NamedTuple):
    """Delay of the list for activations and for status changes, [shortest, longest] in seconds."""

    seed: int
    activation: tuple[float, float]
    status: tuple[float, float]

    def activated(self, line: int, at: float) -> float:
        """Return the time at which the list shows an activation."""
        low, high = self.activation
        return at + (low if low == high else between(chances(self.seed, "listed", line)[0], self.activation))

    def changed(self, change: Change) -> float:
        """Return the time at which the list shows a change."""
        if change.listed_at is not None:
            return change.listed_at
        low, high = self.status
        if low == high:
            return change.at + low
        return change.at + between(chances(self.seed, "changed", change.device, change.at)[0], self.status)


class View:
    """The list at a time. ``span``: the times between which it does not change. ``basis``: the state it depends on."""

    def __init__(self, devices: list[Listed], span: tuple[float, float], basis: tuple[int, int, Settings]) -> None:
        self.devices = devices
        self.span = span
        self.basis = basis
        self._hidden = frozenset(basis[2].hidden_groups)
        #: Caches of sorted lists and of CSV.
        self.sorted: dict[tuple[str, bool, Optional[str], str], list[Listed]] = {}
        self.csv: dict[tuple[Any, ...], bytes] = {}

    def find(self, group: Optional[str], search: str, sort: str, descending: bool) -> list[Listed]:
        """Return the devices of a group (None: of the account) that match a search, sorted."""
        search = search.strip().lower()
        key = (sort, descending, group, search)
        if key not in self.sorted:
            found = [device for device in self.devices if self._is_in(device, group)]
            found = [device for device in found if not search or device.matches(search)]
            found.sort(key=SORTS[sort], reverse=descending)
            self.sorted[key] = found
        return self.sorted[key]

    def _is_in(self, device: Listed, group: Optional[str]) -> bool:
        return device.device_group not in self._hidden if group is None else device.device_group == group


class Listing:
    """The device list, cached until an activation ends or something is written."""

    def __init__(self, store: Store, rules: Callable[[], tuple[int, Settings]]) -> None:
        self._store = store
        self._rules = rules
        self.records = DeviceRecords(store)
        self._truth: Optional[View] = None
        self._shown: Optional[View] = None

    def all(self, now: float) -> list[Listed]:
        """Return all devices at a time, oldest first, without the delays of the list."""
        self._truth = self._current(self._truth, now, late=False)
        return self._truth.devices

    def shown(self, now: float) -> View:
        """Return the list at a time, with its delays."""
        self._shown = self._current(self._shown, now, late=True)
        return self._shown

    def _current(self, view: Optional[View], now: float, late: bool) -> View:
        seed, settings = self._rules()
        basis = (self._store.version, seed, settings)
        if view is not None and view.span[0] <= now < view.span[1] and view.basis == basis:
            return view
        no_delay = (0.0, 0.0)
        lags = _Lags(seed, as_span(settings.listing_lag), as_span(settings.status_lag)) if late else None
        devices, until = self._devices_at(now, lags or _Lags(seed, no_delay, no_delay), late, settings)
        return View(devices, (now, until), basis)

    def _devices_at(self, now: float, lags: _Lags, late: bool, settings: Settings) -> tuple[list[Listed], float]:
        """Return the devices at a time, and the time until which they do not change."""
        rows = self._store.rows(_LINES, {"now": now})
        entries = self._store.rows(_ENTRIES, {"now": now})
        if entries:
            # An entry comes after its line with the same time.
            rows = sorted(rows + entries, key=lambda row: float(row[-1])) if rows else entries
        until = self._store.next_end(now)
        old, news = self._old_statuses(now, lags) if late else ({}, math.inf)
        until = min(until, news)
        fields = self.records.fields()
        latest: dict[Any, Listed] = {}
        for row in rows:
            device, listed_at, replaces = self._device(row, fields, old)
            if late:
                if listed_at is None and row[-1] + lags.activation[1] > now:
                    listed_at = lags.activated(device.line, row[-1])
                if listed_at is not None and listed_at > now:
                    until = min(until, listed_at)
                    continue
            key = device.key if replaces else None
            if key is None or key[1] is None:
                latest[device.line] = device
                continue
            before = latest.pop(key, None)
            is_reactivated = before is not None and device.line > 0 and before.state == DEACTIVATED
            if before is not None and is_reactivated and settings.keep_deactivated:
                latest[before.line] = before
            latest[key] = device
        removed = {device for device, known in fields.items() if known.get("removed")}
        return [device for device in latest.values() if device.line not in removed], until

    def _device(
        self, row: Row, fields: dict[int, dict[str, Any]], old: dict[int, str]
    ) -> tuple[Listed, Optional[float], bool]:
        """Return the device of a row, the time when it is listed (None: by the lag), and whether it replaces others."""
        device = Listed._make(row[:15])
        if device.line in fields:
            known = fields[device.line]
            device = device._replace(**{name: value for name, value in known.items() if name in Listed._fields})
        if device.line in old:
            device = device._replace(status=old[device.line])
        return device, row[15], bool(row[16])

    def _old_statuses(self, now: float, lags: _Lags) -> tuple[dict[int, str], float]:
        """Return the outdated statuses that the list shows, and the time of its next status change."""
        old: dict[int, str] = {}
        until = math.inf
        for change in self.records.unlisted(now - lags.status[1], now):
            old.setdefault(change.device, change.before)
            when = lags.changed(change)
            if when <= now:
                old[change.device] = change.after
            else:
                until = min(until, when)
        return old, until

    def find_one(self, now: float, name: str) -> Listed:
        """Return the device with an identifier or MDN. Raises ``Refused`` if there is none, or more than one."""
        digits = re.sub(r"\D", "", name)
        found = [device for device in self.all(now) if device.is_identified_by(name, digits)]
        if not found:
            raise Refused(f"No listed device has the identifier or MDN {name}", status=404)
        if len(found) > 1:
            raise Refused(f"{len(found)} listed devices have {name}; give the MDN of one of them")
        return found[0]

    def set_status(
        self, now: float, group: Optional[str], mdns: Sequence[str], status: str, reason: Optional[str]
    ) -> None:
        """Set the status of devices. Raises ``Refused``, having changed nothing, if one of them cannot have it."""
        known: dict[str, Listed] = {}
        for device in self.all(now):
            before = known.get(device.digits)
            # Of two devices with the same MDN, use the one that is not deactivated.
            if (group is None or device.device_group == group) and (before is None or before.state == DEACTIVATED):
                known[device.digits] = device
        wanted = {mdn: known.get(re.sub(r"\D", "", mdn)) for mdn in mdns}
        missing = [mdn for mdn, device in wanted.items() if device is None]
        if missing:
            raise Refused(f"No devices found: {_listed(missing)}", [f"No device has MDN {mdn}" for mdn in missing], 404)
        devices = {device.line: device for device in wanted.values() if device is not None}
        # [A]: a deactivated line cannot be used again.
        if state_of(status) != DEACTIVATED:
            deactivated = [device.mdn for device in devices.values() if device.state == DEACTIVATED]
            if deactivated:
                raise Refused(f"Deactivated devices must be activated again: {_listed(deactivated)}", status=409)
        with self._store.change():
            self._change(now, list(devices.values()), status, reason, API, None)

    def change_status(self, now: float, device: Listed, status: str, reason: Optional[str], listed_in: float) -> None:
        """Change a status in the portal, which accepts any status. The list shows it after ``listed_in`` seconds."""
        self._change(now, [device], status, reason, PORTAL, now + listed_in)

    def _change(
        self,
        now: float,
        devices: Sequence[Listed],
        status: str,
        reason: Optional[str],
        source: str,
        listed_at: Optional[float],
    ) -> None:
        stuck = {
            device.line for device in devices if source == API and self.records.fields_of(device.line).get("stuck")
        }
        self.records.log(
            [
                Change(
                    device.line, now, listed_at, device.status,
                    device.status if device.line in stuck else status, reason, source,
                )
                for device in devices
            ]
        )  # fmt: skip
        changed = [device for device in devices if device.line not in stuck]
        self._store.set_device_status([device.line for device in changed], status, reason)
        if state_of(status) == DEACTIVATED:
            for device in changed:
                self.records.end_earlier(device.kind, device.key[1], device.line, now)


def _listed(values: Iterable[str]) -> str:
    values = list(values)
    more = f" (and {len(values) - 10} more)" if len(values) > 10 else ""
    return ", ".join(values[:10]) + more
