# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults in what the list of devices says: rows that are missing, come twice or have unknown status words."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Optional

from .chances import chances
from .faults import Strike
from .listed import Listed

#: Where the request's scope has what spoils its answer.
_KEY = "sentinel_simulator.spoil"


@dataclass(frozen=True)
class Spoil:
    """A fault that the route carries out itself: it knows the rows before they are worded."""

    strike: Strike

    def put_on(self, scope: MutableMapping[str, Any]) -> None:
        """Let it spoil the answer to a request."""
        scope[_KEY] = self

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Optional[Spoil]:
        """Return what spoils the answer to a request."""
        found: Optional[Spoil] = scope.get(_KEY)
        return found

    def _hits(self, device: Listed) -> bool:
        # The same devices on every page, and whenever it is read.
        return chances(self.strike.chances, device.line)[0] < self.strike.spec.share

    def rows(self, devices: Iterable[Listed]) -> list[Listed]:
        """Return the rows of the whole list in their order."""
        kind = self.strike.spec.kind
        if kind == "partial":
            return [device for device in devices if self._hits(device)]
        if kind == "duplicates":
            return [row for device in devices for row in ([device] * 2 if self._hits(device) else [device])]
        return [self._renamed(device) for device in devices]

    def _renamed(self, device: Listed) -> Listed:
        if not self._hits(device):
            return device
        words = self.strike.spec.words
        return device._replace(status=words[int(chances(self.strike.chances, "word", device.line)[0] * len(words))])

    def total(self, true: int, rows: int) -> int:
        """Return the total that goes with the list, by how many devices and how many rows it has."""
        said = self.strike.spec.total
        return true if said == "true" else rows if said == "rows" else max(true, rows) + 1 + max(true, rows) // 4
