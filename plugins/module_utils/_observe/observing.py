# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads history, journal and device list into one observed state."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from .._declare.devices import Device
from .._errors import SentinelError
from .._identity import Seen, values_of
from .._options import ActivationOptions
from .._wire import FAILED, Line
from .._wire.devices import DEACTIVATED
from .history import History
from .intervals import Intervals, rounds
from .journal import Journal
from .listing import ListingReader
from .observed import Observed, active_lines, wanted
from .reading import HistoryReader

#: Status of a line that the journal has as accepted and the history does not show yet.
_SUBMITTED = "submitted"


#: Returns the known transactions of a device.
Known = Callable[[Device], Collection[str]]


class Findings(NamedTuple):
    """The result of a look at the history.

    `found`: devices with a new line, and the line. `missing`: devices without a new line. `history`: everything that
    was read so far. `problem`: why the history could not be read this time, or None. With a problem in the last look,
    the missing devices are unknown.
    """

    found: list[tuple[Device, Seen]]
    missing: list[Device]
    history: History
    problem: SentinelError | None = None


class HistoryLookup:
    """Looks devices up in the form of the history that the user chose. The other form may be unreadable.

    Args:
        reader: reads the history.
        options: options of the task.
        clock: seconds that never go backwards. sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        reader: HistoryReader,
        options: ActivationOptions,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._reader = reader
        self._options = options
        self._clock = clock
        self._sleep = sleep

    def look(self, devices: Iterable[Device]) -> History:
        """Return the current history of these devices. Raises SentinelError if it cannot be read."""
        return self._reader.read(_values_of_all(devices))

    def first_look(self, devices: Sequence[Device]) -> History:
        """Return the history for the plan, empty with `history: none`."""
        values = _values_of_all(devices)
        return self._reader.read(values) if self._options.history != "none" else self._reader.nothing(values)

    def compare(self, devices: Iterable[Device], history: History, known: Known) -> Findings:
        """Find the devices with a line of a transaction that is not `known` in this history."""
        found, missing = [], []
        for device in devices:
            line = self._new_line(device, history, known(device))
            if line is None:
                missing.append(device)
            else:
                found.append((device, line))
        return Findings(found, missing, history)

    def search(
        self, devices: Sequence[Device], seconds: float, known: Known, history: History | None = None
    ) -> Iterator[Findings]:
        """Look the devices up, at least once, until each has a new line or a number of seconds has passed.

        Args:
            devices: the devices.
            seconds: time for all looks.
            known: returns the known transactions of a device, which are not new.
            history: the history that was read before.

        Yields the findings of each look.
        """
        history = history or self._reader.nothing()
        missing = list(devices)
        for _round in self.rounds(seconds, at_once=True):
            try:
                history = history.updated(self.look(missing))
            except SentinelError as error:
                # The service already has problems; it is asked again until the time is over.
                yield Findings([], missing, history, error)
            else:
                findings = self.compare(missing, history, known)
                missing = findings.missing
                yield findings
            if not missing:
                return

    def rounds(self, seconds: float, at_once: bool = False) -> Iterator[None]:
        """Yield for each look until a number of seconds has passed; see `intervals.rounds`."""
        intervals = Intervals(min(0.5, self._options.poll_interval), 5.0)
        return rounds(seconds, intervals, self._clock, self._sleep, at_once)

    def _new_line(self, device: Device, history: History, known: Collection[str]) -> Seen | None:
        """Return the newest line of a device in an unknown transaction, or None.

        Without the full history, old and new failures cannot be distinguished: failed lines are then ignored.
        """
        whole = self._options.history == "full"
        identity, reported = device.identity, history.reported_fields
        for field, value in device.pair():
            for seen in reversed(history.lines(field, value)):
                line = seen.line
                mine = identity.may_match(device, line) and not identity.contradiction(device, line, reported)
                blind = seen.state == FAILED and not (whole and line.transaction_id is not None)
                if mine and line.transaction_id not in known and not blind:
                    return seen
        return None


def _values_of_all(named: Iterable[Device]) -> set[str]:
    return {value for item in named for value in values_of(item)}


def observe(
    devices: Sequence[Device],
    lookup: HistoryLookup,
    lists: ListingReader,
    journal: Journal,
    options: ActivationOptions,
) -> Observed:
    """Return the observed state of devices by the history, the journal and the device list.

    Args:
        devices: the devices.
        lookup: reads the history.
        lists: reads the device list according to the option `listing`.
        journal: the entries of earlier runs.
        options: `settle_timeout` (seconds) and `on_deactivated` are used.

    Raises SentinelError if history or list cannot be read. Nothing must be submitted then.
    """
    history = _history_of(devices, lookup, journal, options.settle_timeout)
    active = active_lines(devices, history)
    names = wanted(devices, active)

    def look() -> Observed:
        return Observed.of(devices, history, active, lists.read(*names))

    observed = look()
    if options.on_deactivated == "activate":
        for _round in lookup.rounds(options.settle_timeout):
            if not _may_be_late(observed):
                break
            observed = look()
    return observed


def _may_be_late(observed: Observed) -> bool:
    """Whether any device is listed as deactivated but active by the history, perhaps because the list is late.

    With a late list, it would be activated and billed again.
    """
    return any(found.state == DEACTIVATED and key in observed.active for key, found in observed.presences.items())


def _history_of(devices: Sequence[Device], lookup: HistoryLookup, journal: Journal, settle: float) -> History:
    """Return the history of the devices, completed from the journal.

    A submission without an outcome is looked up until `settle` seconds after it was sent. After that, the history
    counts as complete. Transactions of the journal that the history does not show yet are added to it. Entries that the
    history shows by now are removed from the journal.

    Args:
        devices: the devices.
        lookup: reads the history.
        journal: the entries of earlier runs.
        settle: the option settle_timeout, in seconds.

    Raises SentinelError if the history cannot be read. Nothing must be submitted then.
    """
    history = lookup.first_look(devices)
    entries = [(device, journal.entry(device.name)) for device in devices]
    remembered = {device: entry for device, entry in entries if entry is not None}
    unsettled = {device: entry for device, entry in remembered.items() if entry.transaction_id is None}
    missing = lookup.compare(unsettled, history, lambda device: unsettled[device].before).missing
    if missing:
        # The newest submission has had the least time to appear.
        remaining = max(0.0, settle - min(journal.age(unsettled[device]) for device in missing))
        problem: SentinelError | None = None
        for findings in lookup.search(missing, remaining, lambda device: unsettled[device].before, history):
            history, problem = findings.history, findings.problem
        if problem is not None:
            raise problem
    forgotten, added = [], []
    for device, entry in remembered.items():
        if entry.transaction_id in (None, *history.transaction_ids(device.pair())):
            forgotten.append(device.name)
        else:
            identity = device.identity
            partner = {identity.partner: entry.partner} if identity.partner else {}
            fields = {identity.key: device.key, **partner}
            added.append(Line(transaction_id=entry.transaction_id, status=_SUBMITTED, **fields))
    journal.forget(forgotten)
    return history.plus(added) if added else history
