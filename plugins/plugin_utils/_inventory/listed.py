# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the hosts of an inventory in the account's device list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import ESIM, KINDS
from ...module_utils._declare.devices import Device
from ...module_utils._observe.listing import Listing
from ...module_utils._observe.presence import Presence, presence
from ...module_utils._wire import ACTIVE, IDENTIFIERS, PENDING, DeviceStatuses, Entry, Line
from ...module_utils._wire import devices as wire

MISSING, IN_CONFLICT = "missing", "conflict"

#: Usage and limits of an entry, which are numbers.
USAGE = ("last_30_days_used", "monthly_amount_used", "day_amount_used", "monthly_limit", "daily_limit")
#: Variables that only the device list has.
CURRENT = ("listed", "device_status", "device_state", "online", "network", *USAGE, "labels")
#: Fields of an entry that are read. `ip` and `online` have no column, and are only in the pages.
FIELDS = (*wire.LEAN, *USAGE, "labels", "sim_id", "ip", "online")

#: If a device has several entries, the one with the first of these states counts.
_STATES = (wire.ACTIVE, wire.SUSPENDED, wire.DEACTIVATED, None)
_IDENTITIES = {kind.identity.key: kind.identity for kind in KINDS.values()}


class ListedDevice(NamedTuple):
    """The entry of a host. `state`: meaning of its status, or None. `conflict`: why it belongs to another device."""

    entry: Entry
    state: str | None
    conflict: str | None = None


class DeviceList:
    """The entries of the account's device list that an inventory needs.

    Args:
        entries: of the list, or None if it was not read.
        wanted: identifiers and MDNs of the devices and lines to find.
        statuses: meanings of status words.
    """

    def __init__(
        self,
        entries: Sequence[Entry] | None = None,
        wanted: Iterable[str] = (),
        statuses: DeviceStatuses | None = None,
    ) -> None:
        self.is_known = entries is not None
        self.listing = Listing(entries or (), wanted, statuses or DeviceStatuses(), is_known=self.is_known)

    def of_device(self, device: Device) -> ListedDevice | None:
        """Return a declared device as listed, or None if it is not."""
        found = presence(device, self.listing, None)
        return found and ListedDevice(found.entry, found.state, _conflict(found))

    def of_line(self, key: str, line: Line, is_active: bool) -> ListedDevice | None:
        """Return the device of a line as listed, or None if it is not.

        Args:
            key: name of the field that identifies the device.
            line: its line in the history.
            is_active: whether the line is active.
        """
        found = presence_of_line(key, line, self.listing, is_active)
        return found and ListedDevice(found.entry, found.state)


def presence_of_line(key: str, line: Line, listing: Listing, is_active: bool) -> Presence | None:
    """Return the presence of a line's device in the device list, or None if it is not listed.

    Args:
        key: name of the field that identifies the device.
        line: its line in the history.
        listing: the device list.
        is_active: whether the line is active.
    """
    identity = _IDENTITIES.get(key, ESIM.identity)
    device = Device("the history", identity, **{name: getattr(line, name) for name in IDENTIFIERS})
    found = presence(device, listing, line if is_active else None)
    # A SIM that is now in another device is still the same SIM. A device with another SIM is not.
    return None if found is None or (found.against and found.against.shared != identity.key) else found


def _conflict(found: Presence) -> str | None:
    against = found.against
    if against is None:
        return None
    known = getattr(found.entry, against.shared)
    return f"{against.shared} {known} is {found.state} with {against.field} {against.value} {found.place}"


def current_status(by_history: str | None, listed: ListedDevice | None) -> str | None:
    """Return the status of a host without a plan, by history and device list together.

    Args:
        by_history: its status in the history, or None if that was not read.
        listed: its entry in the device list, or None.
    """
    if listed is None or listed.state is None or by_history == PENDING:
        return by_history
    if listed.conflict is not None:
        return IN_CONFLICT
    if listed.state == wire.DEACTIVATED and by_history not in (ACTIVE, None):
        return by_history
    return listed.state


def current_variables(listed: ListedDevice | None, is_known: bool) -> dict[str, Any]:
    """Return the variables of CURRENT, without a prefix."""
    values: dict[str, Any] = {**dict.fromkeys(CURRENT), "labels": []}
    if is_known:
        values["listed"] = listed is not None
    if listed is not None:
        entry = listed.entry
        values.update({name: getattr(entry, name) for name in ("online", *USAGE)})
        values.update(device_status=entry.status, device_state=listed.state, network=entry.carrier)
        values["labels"] = list(entry.labels)
    return values


def unique_devices(
    entries: Iterable[Entry], statuses: DeviceStatuses, fields: Sequence[str]
) -> dict[tuple[str, str], ListedDevice]:
    """Return the devices of the list by identifier, which is the first of `fields` that an entry has.

    If a device is listed several times, the entry of the best state counts. Entries without an identifier are left out.
    """
    devices: dict[tuple[str, str], ListedDevice] = {}
    for entry in entries:
        field = next((field for field in fields if getattr(entry, field)), None)
        if field is None:
            continue
        listed = ListedDevice(entry, statuses.read(entry.status))
        best = devices.setdefault((field, getattr(entry, field)), listed)
        if _STATES.index(listed.state) < _STATES.index(best.state):
            devices[(field, getattr(entry, field))] = listed
    return devices
