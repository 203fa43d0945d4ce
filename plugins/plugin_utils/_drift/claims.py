# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of the device list that belong to devices already in the result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...module_utils._identity import may_be_same
from ...module_utils._wire import Entry, identifiers, mdn_of


class Claims:
    """The identifiers and MDNs of devices already in the result."""

    def __init__(self) -> None:
        self._identifiers: set[str] = set()
        self._mdns: dict[str, list[Any]] = {}

    def add(self, device: Any, values: Iterable[str], mdns: Iterable[str | None]) -> None:
        """Add a device.

        Args:
            device: has identifiers as attributes.
            values: its identifiers, including assigned ones.
            mdns: its MDNs, in any format. None is ignored.
        """
        self._identifiers.update(values)
        for mdn in filter(None, mdns):
            self._mdns.setdefault(mdn_of(mdn), []).append(device)

    def has(self, entry: Entry) -> bool:
        """Return whether an entry belongs to one of the devices. An MDN that another SIM has now does not count."""
        if any(value in self._identifiers for value in identifiers(entry)):
            return True
        return any(may_be_same(device, entry) for device in self._mdns.get(entry.mdn or "", ()))
