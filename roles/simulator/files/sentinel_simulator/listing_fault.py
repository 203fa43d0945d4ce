# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the device list: rows that are missing, appear twice or have unknown status words."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Optional

from .chances import chances
from .faults import Strike
from .listed import Listed

#: Key of the fault in the request's scope.
_KEY = "sentinel_simulator.spoil"


@dataclass(frozen=True)
class ListingFault:
    """A fault that the route applies, because only the route has the rows before they are formatted."""

    strike: Strike

    def attach_to(self, scope: MutableMapping[str, Any]) -> None:
        """Apply the fault to the answer to a request."""
        scope[_KEY] = self

    @classmethod
    def attached_to(cls, scope: MutableMapping[str, Any]) -> Optional[ListingFault]:
        """Return the fault of a request, or None."""
        found: Optional[ListingFault] = scope.get(_KEY)
        return found

    def _is_hit(self, device: Listed) -> bool:
        # The same devices on every page and in every read.
        return chances(self.strike.chances, device.line)[0] < self.strike.spec.share

    def rows(self, devices: Iterable[Listed]) -> list[Listed]:
        """Return the rows of the whole list, with the fault."""
        kind = self.strike.spec.kind
        if kind == "partial":
            return [device for device in devices if self._is_hit(device)]
        if kind == "duplicates":
            return [row for device in devices for row in ([device] * 2 if self._is_hit(device) else [device])]
        return [self._renamed(device) for device in devices]

    def _renamed(self, device: Listed) -> Listed:
        if not self._is_hit(device):
            return device
        words = self.strike.spec.words
        return device._replace(status=words[int(chances(self.strike.chances, "word", device.line)[0] * len(words))])

    def total(self, true: int, rows: int) -> int:
        """Return the total next to the list, from its number of devices and its number of rows."""
        kind = self.strike.spec.total
        return true if kind == "true" else rows if kind == "rows" else max(true, rows) + 1 + max(true, rows) // 4
