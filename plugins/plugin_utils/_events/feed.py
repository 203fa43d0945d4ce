# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's looks at history and device list, one after the other."""

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

#: So many transactions are read, and handed over, before the next.
_CHUNK = 5000
#: What has ended so many seconds ago is forgotten, and so is a device that has not been listed since. The history that
#: is read goes back 180 days [P].
_FORGET_AFTER = 200 * 86400.0


class Feed:
    """Looks at history and device list again and again.

    Each look gives what has changed since the last one that was remembered.

    Args:
        settings: the source's arguments.
        sleep: waits for a number of seconds; may raise to end what is waiting.
        clock: seconds since the epoch.

    Raises InputError where the state file cannot be used, AuthenticationError without credentials.
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

        def go_on() -> None:
            """Raises where the source is to end, which a look of many requests must not hold up."""
            sleep(0)

        api, unread = SentinelAPI(self._session), Unread()
        self._survey = Survey(settings, api, self.cursor, unread, go_on)
        self._examination = Examination(settings, api, self.cursor, unread, go_on)
        self._devices = DeviceWatch(settings, api, self.cursor.devices, go_on)

    def close(self) -> None:
        """Closes the connections and the cursor."""
        self._session.close()
        self.cursor.close()

    def look(self) -> Iterator[Batch | DeviceBatch]:
        """One look: the oldest transactions first, then the device list.

        What a batch has is to be kept before the next is asked for.

        Raises SentinelError where the service could not be asked: nothing of what is left is lost, the next look shows
        it. InputError where the state file is another account's.
        """
        self._claim()
        now = self._clock()
        whole = not self.cursor.caught_up
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
        """Note what the device list begins with. A source that had a state before has listened since."""
        devices = self.cursor.devices
        if self._settings.listing != NONE and not devices.has_begun:
            with self.cursor.writing():
                devices.begin(whole and self._settings.beginning)

    def _claim(self) -> None:
        """Makes sure that the state file is this account's: the login tells which one that is."""
        if self._claimed:
            return
        options = self._settings.connection
        # With a token, a login is for the day when that expires.
        corp_id = options.corp_id if options.api_token else self._session.corp_id()
        self.cursor.claim(options.api_username, corp_id)
        self._claimed = True

    def keep(self, batch: Batch | DeviceBatch) -> None:
        """Remembers a batch whose events, where there are any, have been taken."""
        now = self._clock()
        if isinstance(batch, DeviceBatch):
            self._keep_devices(batch, now)
            return
        with self.cursor.writing():
            for change in batch.changes:
                if change.event is None:
                    self.cursor.remember(change)
            for looked in batch.looked:
                self.cursor.look(looked, now)
            if batch.last:
                self.cursor.catch_up(now)
                self.cursor.forget(now - _FORGET_AFTER)

    def _keep_devices(self, batch: DeviceBatch, now: float) -> None:
        devices = self.cursor.devices
        with self.cursor.writing():
            for change in batch.changes:
                if change.event is None:
                    devices.remember(change)
            # A list that is empty at first may be late: what it shows then would all be new.
            if batch.is_read:
                devices.read_once(now)
                devices.forget(now - _FORGET_AFTER)

    def took(self, change: Change | DeviceChange) -> None:
        """Remembers a change whose event has been taken."""
        with self.cursor.writing():
            if isinstance(change, DeviceChange):
                self.cursor.devices.remember(change)
            else:
                self.cursor.remember(change)
