# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The observed state of the declared devices: history, journal and device list in one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._declare.devices import Device
from .._identity import values_of
from .._wire import ACTIVE, DeviceStatuses, Line, mdn_of
from .history import History
from .listing import Listing, unknown_statuses
from .presence import Presence, presence

_DECIDES = " For devices with such a status the history decides."


class Observed(NamedTuple):
    """The observed state of the declared devices; immutable.

    `active`: device key → the line by which the device is active. `presences`: device key → its entry in the list,
    without devices that are not listed.
    """

    history: History
    listing: Listing
    active: Mapping[str, Line]
    presences: Mapping[str, Presence]
    warnings: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        devices: Iterable[Device],
        history: History,
        active: Mapping[str, Line],
        listing: Listing,
    ) -> Observed:
        """Return the state of devices by history and list. `active`: the result of `active_lines`."""
        presences = {}
        for device in devices if listing.is_known else ():
            found = presence(device, listing, active.get(device.key))
            if found is not None:
                presences[device.key] = found
        unread = (found.entry.status for found in presences.values() if found.state is None and found.entry.status)
        warnings = (*history.warnings, *listing.warnings, *unknown_statuses(unread, _DECIDES))
        return cls(history, listing, active, presences, warnings)

    @classmethod
    def by_history(cls, history: History) -> Observed:
        """Return the state by the history alone."""
        return cls(history, Listing((), (), DeviceStatuses(), is_known=False), {}, {}, history.warnings)


def active_lines(devices: Iterable[Device], history: History) -> dict[str, Line]:
    """Return device key → the line by which the device is active. The line has its partner or none."""
    active = {}
    reported = history.reported_fields
    for device in devices:
        identity = device.identity
        seen = history.current(identity.key, device.key)
        if seen is not None and seen.state == ACTIVE and not identity.contradiction(device, seen.line, reported):
            active[device.key] = seen.line
    return active


def wanted(devices: Iterable[Device], active: Mapping[str, Line]) -> tuple[set[str], set[str]]:
    """Return the identifiers and the MDNs (521-267-1508) by which the device list may have these devices.

    Args:
        devices: the devices.
        active: the result of `active_lines`.
    """
    identifiers = {value for named in (*devices, *active.values()) for value in values_of(named)}
    return identifiers, {mdn_of(line.mdn) for line in active.values() if line.mdn}
