# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of submissions of which nobody knows whether they were taken: of this run, and of earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .._decide.kinds import Kind
from .._decide.plan import other_sim
from .._declare.devices import Device
from .._errors import SentinelError
from .._observe.history import History, Observed
from .._observe.journal import Entry, Journal
from .._observe.reading import HistoryReader
from .._options import ActivationOptions
from .._service.api import SentinelAPI
from .._wire import FAILED, Line, StatusWords
from .watch import Intervals

#: What a device is reported as that the journal knows to be taken, and the history does not show yet.
_REMEMBERED = "submitted"


class Settler:
    """Looks devices up in the history, in the form of it that the user chose: the other may be unreadable.

    Args:
        api, kind, options, words: the service, the kind of device, the task's options, the status words.
        clock, sleep: seconds that never go backwards, and waiting for some.
        reader: reads the history; None for one of its own.
    """

    def __init__(
        self,
        api: SentinelAPI,
        kind: Kind,
        options: ActivationOptions,
        words: StatusWords,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        reader: HistoryReader | None = None,
    ) -> None:
        self._reader = reader or HistoryReader(api, words, options.history)
        self._kind = kind
        self._options = options
        self._clock = clock
        self._sleep = sleep

    def look_up(self, devices: Iterable[Device]) -> History:
        """What the history shows of these devices now. Raises SentinelError where it cannot be read."""
        wanted = {value for device in devices for value in identifiers_of(device)}
        return self._reader.read(wanted)

    def find(
        self, devices: Sequence[Device], seconds: float, take: Callable[[Device, History], bool]
    ) -> tuple[list[Device], SentinelError | None]:
        """Looks the devices up until each is found, or so many seconds have passed.

        Args:
            devices: what is looked for.
            seconds: how long.
            take: whether a history shows the device.

        Returns the devices that were not found, and why the history could not be read at the end, or None: without a
        look at the end nobody knows whether they are there.
        """
        deadline = self._clock() + seconds
        intervals = Intervals(min(0.5, self._options.poll_interval), 5.0)
        missing = list(devices)
        while True:
            left = deadline - self._clock()
            problem = None
            try:
                history = self.look_up(missing)
            except SentinelError as error:
                problem = error  # the service is in trouble already; it is asked again until the time is over
            else:
                missing = [device for device in missing if not take(device, history)]
            if left <= 0 or not missing:
                return missing, problem
            self._sleep(min(intervals.next(), left))

    def new_line(self, device: Device, history: History, before: Collection[str]) -> Observed | None:
        """The device's newest line of a transaction that was not known `before`.

        Without the whole history to compare with, an old failure cannot be told from a new one: then none is taken.
        """
        whole = self._options.history == "full"
        for field in filter(None, (self._kind.identity.key, self._kind.identity.partner)):
            for seen in reversed(history.lines(field, getattr(device, field))):
                mine = self._is_mine(device, seen.line, history)
                old = seen.line.transaction_id in before
                blind = seen.state == FAILED and not (whole and seen.line.transaction_id is not None)
                if mine and not old and not blind:
                    return seen
        return None

    def _is_mine(self, device: Device, line: Line, history: History) -> bool:
        """Whether a line of the history is the device's: of its pair, as far as both tell it, and of no other SIM."""
        key, partner = self._kind.identity.key, self._kind.identity.partner
        if not self._kind.lines_of(device, [line]) or not same_partner(device, line, partner):
            return False
        return getattr(line, key) is not None or other_sim(device, line, history, key) is None

    def resume(self, journal: Journal, devices: Sequence[Device], history: History) -> None:
        """Settles what earlier runs left open, and brings the history up to date with it.

        A submission without an outcome is looked for until the settle time since it was sent has passed: by then the
        history is to be believed, whatever it says. A transaction that the history does not show yet is added to it.

        Raises SentinelError where the history cannot be read: then nobody knows, and nothing must be submitted.
        """
        key, partner = self._kind.identity.key, self._kind.identity.partner
        entries = ((device, journal.entry(getattr(device, key))) for device in devices)
        remembered = [(device, entry) for device, entry in entries if entry is not None]
        self._await(journal, {device: entry for device, entry in remembered if entry.transaction_id is None}, history)
        forgotten = []
        for device, entry in remembered:
            if entry.transaction_id in (None, *known_transactions(self._kind, device, history)):
                forgotten.append(getattr(device, key))
            else:
                fields = {key: getattr(device, key), **({partner: entry.partner} if partner else {})}
                history.add_all([Line(transaction_id=entry.transaction_id, status=_REMEMBERED, **fields)])
        journal.forget(forgotten)

    def _await(self, journal: Journal, open_: Mapping[Device, Entry], history: History) -> None:
        """Waits for the history to show the submissions without an outcome, and adds to it what it shows then."""

        def take(device: Device, seen: History) -> bool:
            return self.new_line(device, seen, open_[device].before) is not None

        missing = [device for device in open_ if not take(device, history)]
        if not missing:
            return
        since = max(min(open_[device].at, journal.now()) for device in missing)
        latest = history

        def look(device: Device, seen: History) -> bool:
            nonlocal latest
            if seen is not latest:
                history.update(seen)
                latest = seen
            return take(device, seen)

        left = since + self._options.settle_timeout - journal.now()
        _missing, problem = self.find(missing, max(0.0, left), look)
        if problem is not None:
            raise problem


def known_transactions(kind: Kind, device: Device, history: History) -> set[str]:
    """The transactions of the device, and of its partner, that the history shows."""
    fields = filter(None, (kind.identity.key, kind.identity.partner))
    return {name for field in fields for name in history.transaction_ids(field, getattr(device, field))}


def identifiers_of(device: Device) -> list[str]:
    """All that the device is known by."""
    return [value for value in (device.imei, device.iccid, device.sim_id, device.eid) if value]


def same_partner(device: Device, line: Line, partner: str | None) -> bool:
    """Whether a line does not contradict the device's partner, as far as both tell one."""
    own, theirs = (getattr(device, partner), getattr(line, partner)) if partner else (None, None)
    return own is None or theirs in (None, own)
