# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what the account's device list says of the hosts of an inventory."""

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

#: Amounts and limits of an entry, which are numbers.
USAGE = ("last_30_days_used", "monthly_amount_used", "day_amount_used", "monthly_limit", "daily_limit")
#: What only the device list can say.
PRESENT = ("listed", "device_status", "device_state", "online", "network", *USAGE, "labels")
#: What of an entry is read: what becomes a variable. `ip` and `online` have no column, and are in pages only.
FIELDS = (*wire.LEAN, *USAGE, "labels", "sim_id", "ip", "online")

#: Which entry counts where there are several for one device: the first of these states.
_STATES = (wire.ACTIVE, wire.SUSPENDED, wire.DEACTIVATED, None)
_IDENTITIES = {kind.identity.key: kind.identity for kind in KINDS.values()}


class Found(NamedTuple):
    """The entry of a host, the state that its status means (None: none of them), and why it is another device's."""

    entry: Entry
    state: str | None
    conflict: str | None = None


class DeviceList:
    """The account's device list, as far as it concerns an inventory.

    Args:
        entries: of the list; None: it was not read.
        wanted: identifiers and MDNs of the devices and lines that are looked for.
        statuses: sorts status words.
    """

    def __init__(
        self,
        entries: Sequence[Entry] | None = None,
        wanted: Iterable[str] = (),
        statuses: DeviceStatuses | None = None,
    ) -> None:
        self.is_known = entries is not None
        self.listing = Listing(entries or (), wanted, statuses or DeviceStatuses(), is_known=self.is_known)

    def of_device(self, device: Device) -> Found | None:
        """Return what the list alone says of a declared device; None where it is not listed."""
        found = presence(device, self.listing, None)
        return found and Found(found.entry, found.state, _conflict(found))

    def of_line(self, key: str, line: Line, is_active: bool) -> Found | None:
        """Return what the list says of a device that nobody declares; None where it is not listed.

        Args:
            key: the name of the identifier by which the line's device is told apart.
            is_active: whether the line has ended well.
        """
        found = presence_of_line(key, line, self.listing, is_active)
        return found and Found(found.entry, found.state)


def presence_of_line(key: str, line: Line, listing: Listing, is_active: bool) -> Presence | None:
    """Return what the list says of a device that only the history has; None where it is not listed.

    Args:
        key: the name of the identifier by which the line's device is told apart.
        is_active: whether the line has ended well.
    """
    identity = _IDENTITIES.get(key, ESIM.identity)
    device = Device("the history", identity, **{name: getattr(line, name) for name in IDENTIFIERS})
    found = presence(device, listing, line if is_active else None)
    # A SIM that sits in another device now is the same SIM, as the list is newer; a device with another SIM is not.
    return None if found is None or (found.against and found.against.shared != identity.key) else found


def _conflict(found: Presence) -> str | None:
    against = found.against
    if against is None:
        return None
    known = getattr(found.entry, against.shared)
    return f"{against.shared} {known} is {found.state} with {against.field} {against.value} {found.place}"


def status_now(by_history: str | None, found: Found | None) -> str | None:
    """Return the status of a host for which nothing is planned, as list and history decide together.

    Args:
        by_history: its status by the history alone; None where that was not read.
    """
    if found is None or found.state is None or by_history == PENDING:
        return by_history
    if found.conflict is not None:
        return IN_CONFLICT
    if found.state == wire.DEACTIVATED and by_history not in (ACTIVE, None):
        return by_history
    return found.state


def variables(found: Found | None, is_known: bool) -> dict[str, Any]:
    """Return the variables of PRESENT, without a prefix."""
    values: dict[str, Any] = {**dict.fromkeys(PRESENT), "labels": []}
    if is_known:
        values["listed"] = found is not None
    if found is not None:
        entry = found.entry
        values.update({name: getattr(entry, name) for name in ("online", *USAGE)})
        values.update(device_status=entry.status, device_state=found.state, network=entry.carrier)
        values["labels"] = list(entry.labels)
    return values


def each_device(
    entries: Iterable[Entry], statuses: DeviceStatuses, fields: Sequence[str]
) -> dict[tuple[str, str], Found]:
    """Return the devices of the list by what tells them apart, the first of `fields` that an entry has.

    Of a device that is listed several times, the entry of the best state counts. An entry without any of the fields is
    left out.
    """
    devices: dict[tuple[str, str], Found] = {}
    for entry in entries:
        field = next((field for field in fields if getattr(entry, field)), None)
        if field is None:
            continue
        found = Found(entry, statuses.read(entry.status))
        best = devices.setdefault((field, getattr(entry, field)), found)
        if _STATES.index(found.state) < _STATES.index(best.state):
            devices[(field, getattr(entry, field))] = found
    return devices
