# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that remembers submissions, for runs that may be killed: the intent before each, what came of it after it.

One JSON object a line, appended. A run holds a lock on the file, so that two runs with one journal cannot overlap.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import Any, NamedTuple

from .._declare.devices import DeviceName
from .._errors import InputError, JournalError, reason_of
from .._text import printable
from .journal_file import JournalFile

FORMAT = 1
_HEADER = {"journal": "kajeet.sentinel", "format": FORMAT}
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class SinceBoot(NamedTuple):
    """A moment by a clock that nobody sets: the id of the machine's boot, and the seconds since then."""

    boot: str
    seconds: float


class Entry(NamedTuple):
    """What is remembered of a device: one of its submissions, the newest that was not refused.

    `at`: when it was sent, or when its answer was lost, in seconds of the epoch. `before`: the transactions of the
    device that the history showed before. `transaction_id`: of the submission, or None while nobody knows whether it
    was taken. `partner`: the identifier that was submitted with the device's key, or None. `since_boot`: the moment
    of `at` on the machine that wrote it, or None where that has no such clock.
    """

    at: float
    before: tuple[str, ...] = ()
    transaction_id: str | None = None
    partner: str | None = None
    since_boot: SinceBoot | None = None


#: The service, and the device's name there.
Key = tuple[str, str, str]
Record = Mapping[str, Any]


class Journal:
    """What is remembered of the devices at one service.

    Args:
        path: the file, or None for no journal: then nothing is remembered.
        service: what the service is called in the file, the same for all spellings of its URL.
        now: seconds of the epoch; None for the system's clock.
        since_boot: the moment by the clock that nobody sets, or None where there is none. Without it, the system's
            clock; with a clock `now` of the caller's, that one alone counts.
    """

    def __init__(
        self,
        path: str | None,
        service: str = "",
        now: Callable[[], float] | None = None,
        since_boot: Callable[[], SinceBoot | None] | None = None,
    ) -> None:
        self.now = now or time.time
        #: Why what became of a submission could not be written, or None.
        self.problem: str | None = None
        self._since_boot = since_boot or (system_since_boot if now is None else lambda: None)
        self._path = path
        self._file = None if path is None else JournalFile(path, _text(_HEADER))
        self._service = service
        self._lock = threading.Lock()
        self._memory = _Memory()

    @contextmanager
    def opened(self, writable: bool) -> Iterator[Journal]:
        """Reads the file and, where it is to be written, holds it until the block ends.

        Raises InputError where it is in use by another run, is not a journal, or cannot be read or written.
        """
        if self._file is None:
            yield self
            return
        self._file.open(writable, partial(self._memory.read, self._path))
        try:
            yield self
        finally:
            self._file.close()

    # -- What earlier runs left ----------------------------------------------------------------------------------------

    def entry(self, name: DeviceName) -> Entry | None:
        """What is remembered of the device with this kind and key."""
        return self._memory.entries.get((self._service, *name))

    def age(self, entry: Entry) -> float:
        """Seconds since the submission was sent, or its answer was lost.

        Where the machine has not been started again since, setting its clock does not change them. Otherwise they
        are those of the clock that can be set, and a time in the future counts as now.
        """
        here, there = self._since_boot(), entry.since_boot
        if here is not None and there is not None and here.boot == there.boot:
            return max(0.0, here.seconds - there.seconds)
        return max(0.0, self.now() - entry.at)

    def elsewhere(self, names: Iterable[DeviceName]) -> str | None:
        """Return another service at which any of these devices is remembered; None where there is none."""
        others = {key for key in self._memory.entries if key[0] != self._service}
        wanted = set(names) if others else set()
        return min((service for service, *name in others if tuple(name) in wanted), default=None)

    def forget(self, names: Iterable[DeviceName]) -> None:
        """Drops what is remembered of devices that the history shows by now, and shortens the file."""
        entries = self._memory.entries
        with self._lock:
            known = {(self._service, *name) for name in names}.intersection(entries)
            for key in known:
                del entries[key]
            if self._file is not None and known:
                with suppress(OSError):  # then it stays as long as it is: nothing in it is wrong
                    self._file.replace(_text(_record(key, entry)) for key, entry in entries.items())

    # -- What this run does --------------------------------------------------------------------------------------------

    def intend(self, kind: str, submitted: Iterable[tuple[str, str | None, Iterable[str]]]) -> str:
        """Remembers that devices are about to be submitted; returns the submission's name.

        `kind`: theirs. `submitted`: of each device its key, its partner, and its transactions as far as the history
        shows them. On the disk when this returns; raises JournalError where that fails, and then nothing must be sent.
        """
        name = uuid.uuid4().hex[:16]
        if self._file is not None:
            devices = {key: [partner, sorted(before)] for key, partner, before in submitted}
            self._flush({"intent": name, **self._when(), **self._where(kind), "devices": devices})
        return name

    def again(self, name: str) -> None:
        """Remembers that a submission is about to be sent again, which was not taken before. Like `intend`."""
        self._flush({"again": name, **self._when()})

    def accepted(self, name: str, transaction_id: str) -> None:
        """Remembers that a submission became a transaction."""
        self._note({"taken": name, "transaction_id": transaction_id})

    def refused(self, name: str) -> None:
        """Remembers that a submission was not taken."""
        self._note({"refused": name})

    def lost(self, name: str) -> None:
        """Remembers that nobody knows whether a submission was taken."""
        self._note({"lost": name, **self._when()})

    def adopted(self, name: DeviceName, partner: str | None, transaction_id: str) -> None:
        """Remembers the transaction in which a device was found."""
        kind, key = name
        self._note({"found": {key: [partner, transaction_id]}, **self._when(), **self._where(kind)})

    def over(self, names: Iterable[DeviceName]) -> None:
        """Remembers no transaction of these devices any more: it failed, or the user gives it up."""
        known: dict[str, list[str]] = {}
        for kind, key in names:
            if self.entry((kind, key)):
                known.setdefault(kind, []).append(key)
        for kind, keys in known.items():
            self._note({"over": keys, **self._where(kind)})

    # -- The file ------------------------------------------------------------------------------------------------------

    def _when(self) -> dict[str, Any]:
        return _stamp(self.now(), self._since_boot())

    def _where(self, kind: str) -> dict[str, Any]:
        return {"service": self._service, "kind": kind}

    def _flush(self, record: Record) -> None:
        try:
            self._write(record, flush=True)
        except OSError as error:
            why = reason_of(error)
            cure = "Make room or give another path; what was not written was not submitted."
            raise JournalError(f"journal: {self._path} cannot be written: {why}", cure) from None

    def _note(self, record: Record) -> None:
        try:
            self._write(record)
        except OSError as error:
            # The intent stays without an outcome: the next run looks what became of it.
            self.problem = f"journal: {self._path} could not be written: {reason_of(error)}"

    def _write(self, record: Record, flush: bool = False) -> None:
        with self._lock:
            if self._file is not None and self._file.append(_text(record), flush):
                self._memory.apply(record)


class _Memory:
    """What all records so far say of the devices: the same for one just written and for one that was read."""

    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}
        #: Open submissions: what was remembered of their devices before.
        self._before: dict[str, dict[Key, Entry | None]] = {}

    def read(self, path: str | None, lines: list[bytes]) -> None:
        """Does what the lines of a file say. Raises InputError for the first that is none of a journal's."""
        for number, text in enumerate(lines, 1):
            try:
                record = json.loads(text)
                if number == 1 and (record["journal"], record["format"]) != (_HEADER["journal"], FORMAT):
                    raise ValueError
                self.apply(record)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
                what = f"journal: {printable(str(path))}, line {number}: is not a line of a journal"
                cure = "give another path, or move the file away once no run needs it any more"
                raise InputError([f"{what} that this version writes: {cure}"]) from None

    def apply(self, record: Record) -> None:
        """Does what a record says. Raises ValueError, KeyError, TypeError or the like where it says nothing known."""
        for word, do in _MEANINGS.items():
            if word in record:
                do(self, record)
                return
        if "journal" not in record:
            raise ValueError

    def _intent(self, record: Record) -> None:
        at, since_boot = _moment(record)
        entries = {
            (record["service"], record["kind"], str(key)): Entry(at, tuple(before), None, partner, since_boot)
            for key, (partner, before) in record["devices"].items()
        }
        self._before[record["intent"]] = {key: self.entries.get(key) for key in entries}
        self.entries.update(entries)

    def _taken(self, record: Record) -> None:
        for key in self._before.pop(record["taken"], ()):
            self.entries[key] = self.entries[key]._replace(transaction_id=record["transaction_id"])

    def _refused(self, record: Record) -> None:
        for key, entry in self._before.pop(record["refused"], {}).items():
            if entry is None:
                self.entries.pop(key, None)
            else:  # an earlier submission of which nobody knows
                self.entries[key] = entry

    def _again(self, record: Record) -> None:
        self._sent(self._before.get(record["again"], ()), record)

    def _lost(self, record: Record) -> None:
        self._sent(self._before.pop(record["lost"], ()), record)

    def _sent(self, keys: Iterable[Key], record: Record) -> None:
        at, since_boot = _moment(record)
        for key in keys:
            self.entries[key] = self.entries[key]._replace(at=at, since_boot=since_boot)

    def _found(self, record: Record) -> None:
        at, since_boot = _moment(record)
        for key, (partner, transaction_id) in record["found"].items():
            entry = Entry(at, (), str(transaction_id), partner, since_boot)
            self.entries[(record["service"], record["kind"], str(key))] = entry

    def _over(self, record: Record) -> None:
        for key in record["over"]:
            self.entries.pop((record["service"], record["kind"], str(key)), None)


#: Word of a record → what it does to what is remembered.
_MEANINGS: dict[str, Callable[[_Memory, Record], None]] = {
    "intent": _Memory._intent,
    "taken": _Memory._taken,
    "refused": _Memory._refused,
    "again": _Memory._again,
    "lost": _Memory._lost,
    "found": _Memory._found,
    "over": _Memory._over,
}


def system_since_boot() -> SinceBoot | None:
    """Return the present moment of this machine, suspended time included; None where it does not name its boots."""
    boot = _boot_id()
    if boot is None:
        return None
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if clock is None else time.clock_gettime(clock)
    return SinceBoot(boot, round(seconds, 3))


@lru_cache(maxsize=1)
def _boot_id() -> str | None:
    try:
        with open(_BOOT_ID, encoding="ascii") as stream:
            return stream.read(100).strip() or None
    except (OSError, ValueError):
        return None


def _stamp(at: float, since_boot: SinceBoot | None) -> dict[str, Any]:
    """The fields of a record for a moment; `_moment` reads them."""
    return {"at": at, **({"boot": since_boot.boot, "uptime": since_boot.seconds} if since_boot else {})}


def _moment(record: Record) -> tuple[float, SinceBoot | None]:
    at = float(record["at"])
    return at, SinceBoot(str(record["boot"]), float(record["uptime"])) if "boot" in record else None


def _record(key: Key, entry: Entry) -> Record:
    """An entry as a record of its own."""
    service, kind, device = key
    scope = {**_stamp(entry.at, entry.since_boot), "service": service, "kind": kind}
    if entry.transaction_id is not None:
        return {"found": {device: [entry.partner, entry.transaction_id]}, **scope}
    return {"intent": uuid.uuid4().hex[:16], **scope, "devices": {device: [entry.partner, list(entry.before)]}}


def _text(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"))
