# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the account: the history of activations, and the device list if it was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from ...module_utils._declare.devices import Device
from ...module_utils._identity import values_of
from ...module_utils._observe.history import History
from ...module_utils._observe.listing import Listing
from ...module_utils._observe.observed import Observed, active_lines, wanted
from ...module_utils._wire import DeviceStatuses, Entry, Line, StatusWords

#: Fields of a device that are shown, from its declaration, its entry or its line.
COMMON = ("iccid", "imei", "sim_id", "eid", "carrier", "device_group", "filter_group", "nickname", "mdn", "ip")


class Account(NamedTuple):
    """The state of the account.

    `lines`: the whole history, oldest first. `entries`: the device list, or None if it was not read. `words`,
    `statuses`: meanings of the status words of lines and of listed devices.
    """

    lines: Sequence[Line]
    words: StatusWords
    entries: Sequence[Entry] | None = None
    statuses: DeviceStatuses = DeviceStatuses()

    def history(self) -> History:
        """Return the whole history, indexed."""
        return History(self.lines, {value for line in self.lines for value in values_of(line)}, self.words)

    def listing(self, identifiers: Iterable[str], mdns: Iterable[str] = ()) -> Listing:
        """Return the entries of the device list with these identifiers or MDNs (521-267-1508)."""
        if self.entries is None:
            return Listing((), (), self.statuses, is_known=False)
        return Listing(self.entries, {*identifiers, *mdns}, self.statuses)

    def observed(self, devices: Sequence[Device], history: History) -> Observed:
        """Return history and device list reconciled for declared devices, as the activation modules do it."""
        if self.entries is None:
            return Observed.by_history(history)
        active = active_lines(devices, history)
        listing = self.listing(*wanted(devices, active))
        return Observed.of(devices, history, active, listing)


def first_of(named: Collection[Any], field: str) -> str | None:
    """Return the first value of a field in a device, an entry or a line, or None if none of them has one."""
    return next(filter(None, (getattr(item, field, None) for item in named)), None)
