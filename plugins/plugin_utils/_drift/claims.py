# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entries of the device list belong to a device that is reported already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...module_utils._identity import agree
from ...module_utils._wire import Entry, identifiers, mdn_of


class Claims:
    """The identifiers of devices, and their MDNs."""

    def __init__(self) -> None:
        self._identifiers: set[str] = set()
        self._mdns: dict[str, list[Any]] = {}

    def add(self, device: Any, values: Iterable[str], mdns: Iterable[str | None]) -> None:
        """Claim what a device has.

        Args:
            device: has identifiers as attributes.
            values: its identifiers, and those that were assigned to it.
            mdns: its MDNs, as they are written anywhere; None where it has none.
        """
        self._identifiers.update(values)
        for mdn in filter(None, mdns):
            self._mdns.setdefault(mdn_of(mdn), []).append(device)

    def have(self, entry: Entry) -> bool:
        """Whether an entry is one of theirs. A number that another SIM has by now is not theirs any more."""
        if any(value in self._identifiers for value in identifiers(entry)):
            return True
        return any(agree(device, entry) for device in self._mdns.get(entry.mdn or "", ()))
