# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's reads of the account's device list."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...module_utils._errors import (
    InputError,
    RefusedError,
    ScopeError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ...module_utils._observe.listing import AUTO, NONE, ListingReader
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import printable
from ...module_utils._wire import DeviceStatuses, Entry
from .device_memory import DeviceMemory
from .devices import DeviceChange, device_changes
from .settings import Settings

#: What a list cannot be read for. Credentials that are not accepted are none of it: they end the source.
_UNREADABLE = (
    *(InputError, RefusedError, ScopeError, ServiceError, ThrottledError),
    *(UnexpectedAnswerError, UnreachableError),
)
#: Maximum number of different warnings of how the list was read.
_MOST_WARNINGS = 10

_LOG = logging.getLogger("kajeet.sentinel.transactions")


class DeviceBatch(NamedTuple):
    """Changes of the device list to hand over. `is_read`: whether the list has shown any device."""

    changes: list[DeviceChange]
    is_read: bool


class DeviceWatch:
    """Reads the device list from time to time, and compares it with what is known.

    Args:
        settings: the source's arguments.
        api: the service.
        memory: what is known.
        go_on: is called before each entry; may raise to end the read.
    """

    def __init__(self, settings: Settings, api: SentinelAPI, memory: DeviceMemory, go_on: Callable[[], None]) -> None:
        self._settings = settings
        self._statuses = DeviceStatuses(settings.connection.status_words)
        self._api = api
        self._memory = memory
        self._go_on = go_on
        self._read_at: float | None = None
        self._is_unreadable = False
        self._warned: set[str] = set()

    def batch(self, now: float) -> DeviceBatch | None:
        """Return what has changed in the list; None where it is too early to read it, or it cannot be read.

        Raises SentinelError where the service does not accept the credentials; with `listing: required`, also where the
        list cannot be read.
        """
        wanted, at = self._settings.listing, self._read_at
        if wanted == NONE or (at is not None and 0 <= now - at < self._settings.listing_interval):
            return None
        try:
            # Anew each time: an export that was refused on a day of maintenance may be had on the next.
            entries, warnings = ListingReader(self._api).read_all(self._take)
        except _UNREADABLE as error:
            if wanted != AUTO:
                raise
            self._read_at = now
            if not self._is_unreadable:
                _LOG.warning("The device list cannot be read; no events of it until it can: %s", printable(str(error)))
            self._is_unreadable = True
            return None
        self._read_at = now
        if self._is_unreadable:
            _LOG.warning("The device list can be read again; what happened in the meantime is reported now.")
        self._is_unreadable = False
        self._warn(warnings)
        memory = self._memory
        changes = device_changes(
            self._settings.service, self._statuses, entries, memory.known(), now, quiet=memory.is_quiet
        )
        return DeviceBatch(changes, bool(entries))

    def _take(self, entries: Iterator[Entry]) -> list[Entry]:
        found = []
        for entry in entries:
            self._go_on()
            found.append(entry)
        return found

    def _warn(self, warnings: list[str]) -> None:
        for warning in map(printable, warnings):
            if warning not in self._warned and len(self._warned) < _MOST_WARNINGS:
                self._warned.add(warning)
                _LOG.warning("%s", warning)
