# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Polls the account's device list for the event source."""

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

#: Errors after which the list is read again later. Credentials that are not accepted end the source instead.
_UNREADABLE = (
    *(InputError, RefusedError, ScopeError, ServiceError, ThrottledError),
    *(UnexpectedAnswerError, UnreachableError),
)
#: Maximum number of different warnings about reading the list.
_MAX_WARNINGS = 10

_LOG = logging.getLogger("kajeet.sentinel.transactions")


class DeviceBatch(NamedTuple):
    """Changes of the device list to deliver. `is_read`: whether the list had any device."""

    changes: list[DeviceChange]
    is_read: bool


class DeviceWatch:
    """Reads the device list at intervals, and compares it with the remembered devices.

    Args:
        settings: the source's arguments.
        api: the service.
        memory: the remembered devices.
        check_stop: is called before each entry. It raises to stop the read.
    """

    def __init__(
        self, settings: Settings, api: SentinelAPI, memory: DeviceMemory, check_stop: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._statuses = DeviceStatuses(settings.connection.status_words)
        self._api = api
        self._memory = memory
        self._check_stop = check_stop
        self._read_at: float | None = None
        self._is_unreadable = False
        self._warned: set[str] = set()

    def batch(self, now: float) -> DeviceBatch | None:
        """Return the changes of the list, or None if it is too early to read it, or if it cannot be read.

        Raises SentinelError if the service does not accept the credentials. With `listing: required`, also if the list
        cannot be read.
        """
        wanted, at = self._settings.listing, self._read_at
        if wanted == NONE or (at is not None and 0 <= now - at < self._settings.listing_interval):
            return None
        try:
            # A new reader each time, because an export that was refused may be available later.
            entries, warnings = ListingReader(self._api).read_all(self._take)
        except _UNREADABLE as error:
            if wanted != AUTO:
                raise
            self._read_at = now
            if not self._is_unreadable:
                _LOG.warning("The device list cannot be read; no device events until it can: %s", printable(str(error)))
            self._is_unreadable = True
            return None
        self._read_at = now
        if self._is_unreadable:
            _LOG.warning("The device list can be read again; changes in the meantime are reported now.")
        self._is_unreadable = False
        self._warn(warnings)
        memory = self._memory
        changes = device_changes(
            self._settings.service, self._statuses, entries, memory.known(), now, quiet=memory.is_quiet
        )
        return DeviceBatch(changes, bool(entries))

    def _take(self, entries: Iterator[Entry]) -> list[Entry]:
        taken = []
        for entry in entries:
            self._check_stop()
            taken.append(entry)
        return taken

    def _warn(self, warnings: list[str]) -> None:
        for warning in map(printable, warnings):
            if warning not in self._warned and len(self._warned) < _MAX_WARNINGS:
                self._warned.add(warning)
                _LOG.warning("%s", warning)
