# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Polls history and device list for the event source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ...module_utils._observe.listing import NONE
from ...module_utils._service.api import SentinelAPI
from ...module_utils._transport.session import Session
from .changes import Change
from .cursor import Cursor
from .device_watch import DeviceBatch, DeviceWatch
from .devices import DeviceChange
from .examination import Batch, Examination
from .settings import Settings
from .survey import Survey
from .unread import Unread

#: Number of transactions per batch.
_CHUNK = 5000
#: Seconds after which ended transactions, and devices that are not listed any more, are forgotten. The history goes
#: back 180 days [P].
_FORGET_AFTER = 200 * 86400.0


class Feed:
    """Polls history and device list. Each poll yields the changes since the last one that was remembered.

    Args:
        settings: the source's arguments.
        sleep: waits for a number of seconds. It may raise to stop.
        clock: seconds since the epoch.

    Raises InputError if the state file cannot be used, AuthenticationError without credentials.
    """

    def __init__(
        self,
        settings: Settings,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._clock = clock
        connection = settings.connection
        self._session = Session(connection, sleep=sleep)
        self.cursor = Cursor(settings.state_file, {"api_url": settings.service, "corp_id": connection.corp_id})
        self._claimed = False

        def check_stop() -> None:
            """Raise if the source is to stop, so that a poll of many requests does not delay it."""
            sleep(0)

        api, unread = SentinelAPI(self._session), Unread()
        self._survey = Survey(settings, api, self.cursor, unread, check_stop)
        self._examination = Examination(settings, api, self.cursor, unread, check_stop)
        self._devices = DeviceWatch(settings, api, self.cursor.devices, check_stop)

    def close(self) -> None:
        """Close the connections and the state file."""
        self._session.close()
        self.cursor.close()

    def poll(self) -> Iterator[Batch | DeviceBatch]:
        """Yield the changes of one poll, oldest transactions first, then the device list.

        A batch must be kept before the next one is requested.

        Raises SentinelError if the service cannot be reached. Nothing is lost, because the next poll yields the rest.
        Raises InputError if the state file belongs to another account.
        """
        self._claim()
        now = self._clock()
        whole = not self.cursor.has_caught_up
        quiet = whole and not self._settings.beginning
        self._begin(whole)
        wanted = self._survey.transactions(now, whole)
        for start in range(0, max(1, len(wanted)), _CHUNK):
            part = wanted[start : start + _CHUNK]
            yield self._examination.batch(part, now, quiet, start + _CHUNK >= len(wanted))
        devices = self._devices.batch(now)
        if devices is not None:
            yield devices

    def _begin(self, whole: bool) -> None:
        """Remember whether to report the first device list. A source with an existing state does not."""
        devices = self.cursor.devices
        if self._settings.listing != NONE and not devices.has_begun:
            with self.cursor.writing():
                devices.begin(whole and self._settings.beginning)

    def _claim(self) -> None:
        """Check that the state file belongs to this account, which the login reports."""
        if self._claimed:
            return
        options = self._settings.connection
        # With a token, the login is used only when the token expires.
        corp_id = options.corp_id if options.api_token else self._session.corp_id()
        self.cursor.claim(options.api_username, corp_id)
        self._claimed = True

    def keep(self, batch: Batch | DeviceBatch) -> None:
        """Remember a batch after its events have been delivered."""
        now = self._clock()
        if isinstance(batch, DeviceBatch):
            self._keep_devices(batch, now)
            return
        with self.cursor.writing():
            for change in batch.changes:
                if change.event is None:
                    self.cursor.remember(change)
            for listed in batch.listed:
                self.cursor.remember_listed(listed, now)
            if batch.last:
                self.cursor.catch_up(now)
                self.cursor.forget(now - _FORGET_AFTER)

    def _keep_devices(self, batch: DeviceBatch, now: float) -> None:
        devices = self.cursor.devices
        with self.cursor.writing():
            for change in batch.changes:
                if change.event is None:
                    devices.remember(change)
            # A list that is empty at first may be late. All devices would be new in the next one.
            if batch.is_read:
                devices.read_once(now)
                devices.forget(now - _FORGET_AFTER)

    def remember(self, change: Change | DeviceChange) -> None:
        """Remember a change after its event has been delivered."""
        with self.cursor.writing():
            if isinstance(change, DeviceChange):
                self.cursor.devices.remember(change)
            else:
                self.cursor.remember(change)
