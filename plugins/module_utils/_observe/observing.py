# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observed state in one step: history, journal and device list, reconciled into one value."""

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

#: What a device is reported as that the journal knows to be taken, and the history does not show yet.
_SUBMITTED = "submitted"


#: The transactions of a device that are known already.
Known = Callable[[Device], Collection[str]]


class Findings(NamedTuple):
    """What a look at the history has found.

    `found`: each device that was found, with its new line. `missing`: those that still are. `history`: all that has
    been seen. `problem`: why the history could not be read this time, or None: without a look at the end nobody knows
    whether what is missing is there.
    """

    found: list[tuple[Device, Seen]]
    missing: list[Device]
    history: History
    problem: SentinelError | None = None


class HistoryLookup:
    """Looks devices up in the history, in the form of it that the user chose: the other may be unreadable.

    Args:
        reader: reads the history.
        options: the task's.
        clock, sleep: seconds that never go backwards, and waiting for some.
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
        """What the history shows of these devices now. Raises SentinelError where it cannot be read."""
        return self._reader.read(_values_of_all(devices))

    def first_look(self, devices: Sequence[Device]) -> History:
        """What a run is planned from: nothing where the user wants no history."""
        values = _values_of_all(devices)
        return self._reader.read(values) if self._options.history != "none" else self._reader.nothing(values)

    def compare(self, devices: Iterable[Device], history: History, known: Known) -> Findings:
        """Which of the devices have a line in this history of a transaction that is not `known`."""
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
        """Looks the devices up until each shows a new line, or so many seconds have passed; once at least.

        Args:
            known: the transactions of a device that are none of the new ones.
            history: what has been seen before.

        Yields after each look what that has found.
        """
        history = history or self._reader.nothing()
        missing = list(devices)
        for _round in self.rounds(seconds, at_once=True):
            try:
                history = history.updated(self.look(missing))
            except SentinelError as error:
                # The service is in trouble already; it is asked again until the time is over.
                yield Findings([], missing, history, error)
            else:
                findings = self.compare(missing, history, known)
                missing = findings.missing
                yield findings
            if not missing:
                return

    def rounds(self, seconds: float, at_once: bool = False) -> Iterator[None]:
        """Yield for each look until so many seconds have passed: see `intervals.rounds`."""
        intervals = Intervals(min(0.5, self._options.poll_interval), 5.0)
        return rounds(seconds, intervals, self._clock, self._sleep, at_once)

    def _new_line(self, device: Device, history: History, known: Collection[str]) -> Seen | None:
        """The device's newest line of a transaction that is not known.

        Without the whole history to compare with, an old failure cannot be told from a new one: then none is taken.
        """
        whole = self._options.history == "full"
        identity = device.identity
        for field, value in device.pair():
            for seen in reversed(history.lines(field, value)):
                line = seen.line
                mine = identity.may_match(device, line) and not identity.contradiction(
                    device, line, history.reported_fields
                )
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
    """Return what is known of the devices by the history, by what earlier runs left in the journal, and by the list.

    Args:
        lists: reads the device list, as the option `listing` says.
        options: `settle_timeout` (seconds) and `on_deactivated` are used.

    Raises SentinelError where history or list cannot be read: then nobody knows, and nothing must be submitted.
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
    """Whether any device is listed as deactivated that the history shows as activated: perhaps after that.

    A late list would have it activated again, and billed again.
    """
    return any(found.state == DEACTIVATED and key in observed.active for key, found in observed.presences.items())


def _history_of(devices: Sequence[Device], lookup: HistoryLookup, journal: Journal, settle: float) -> History:
    """What is known of the devices by the history, and by what earlier runs left in the journal.

    A submission without an outcome is looked for until the settle time since it was sent has passed: by then the
    history is to be believed, whatever it says. A transaction that the history does not show yet is added to it. What
    the history shows by now, the journal forgets.

    Args:
        settle: the option settle_timeout, in seconds.

    Raises SentinelError where the history cannot be read: then nobody knows, and nothing must be submitted.
    """
    history = lookup.first_look(devices)
    entries = [(device, journal.entry(device.name)) for device in devices]
    remembered = {device: entry for device, entry in entries if entry is not None}
    unsettled = {device: entry for device, entry in remembered.items() if entry.transaction_id is None}
    missing = lookup.compare(unsettled, history, lambda device: unsettled[device].before).missing
    if missing:
        # The newest of them has had the least time to show up.
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
