# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file with the submissions of runs that may be killed: the intent before each submission, the outcome after it.

One JSON object per line, appended. A run locks the file, so that two runs with one journal cannot overlap.
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
    """A moment by a clock that cannot be set: the id of the boot of the machine, and the seconds since then."""

    boot: str
    seconds: float


class Entry(NamedTuple):
    """The newest submission of a device that was not refused.

    `at`: when it was sent, or when its answer was lost, in seconds of the epoch. `before`: the transactions of the
    device in the history before the submission. `transaction_id`: the id of the submission, or None while its outcome
    is unknown. `partner`: the identifier that was submitted with the key of the device, or None. `since_boot`: the
    moment of `at` on the machine that wrote it, or None if the machine has no such clock.
    """

    at: float
    before: tuple[str, ...] = ()
    transaction_id: str | None = None
    partner: str | None = None
    since_boot: SinceBoot | None = None


#: The service, and the name of the device there.
Key = tuple[str, str, str]
Record = Mapping[str, Any]


class Journal:
    """The journal of the devices at one service.

    Args:
        path: the file, or None for no journal.
        service: name of the service in the file, the same for all spellings of its URL.
        now: seconds of the epoch; None: the clock of the system.
        since_boot: returns the moment by the clock that cannot be set, or None without such a clock. Default: the clock
            of the system; none if `now` is given.
    """

    def __init__(
        self,
        path: str | None,
        service: str = "",
        now: Callable[[], float] | None = None,
        since_boot: Callable[[], SinceBoot | None] | None = None,
    ) -> None:
        self.now = now or time.time
        #: Why the outcome of a submission could not be written, or None.
        self.problem: str | None = None
        self._since_boot = since_boot or (system_since_boot if now is None else lambda: None)
        self._path = path
        self._file = None if path is None else JournalFile(path, _text(_HEADER))
        self._service = service
        self._lock = threading.Lock()
        self._memory = _Memory()

    @contextmanager
    def opened(self, writable: bool) -> Iterator[Journal]:
        """Read the file and, if it is writable, lock it until the block ends.

        Raises InputError if it is in use by another run, is not a journal, or cannot be read or written.
        """
        if self._file is None:
            yield self
            return
        self._file.open(writable, partial(self._memory.read, self._path))
        try:
            yield self
        finally:
            self._file.close()

    # -- Entries of earlier runs ---------------------------------------------------------------------------------------

    def entry(self, name: DeviceName) -> Entry | None:
        """Return the entry of the device with this kind and key, or None."""
        return self._memory.entries.get((self._service, *name))

    def age(self, entry: Entry) -> float:
        """Return the seconds since the submission was sent, or since its answer was lost.

        Until the machine is rebooted, setting its clock does not change them. After that, the settable clock is used,
        and a time in the future counts as now.
        """
        current, recorded = self._since_boot(), entry.since_boot
        if current is not None and recorded is not None and current.boot == recorded.boot:
            return max(0.0, current.seconds - recorded.seconds)
        return max(0.0, self.now() - entry.at)

    def elsewhere(self, names: Iterable[DeviceName]) -> str | None:
        """Return another service with an entry of any of these devices, or None."""
        others = {key for key in self._memory.entries if key[0] != self._service}
        wanted = set(names) if others else set()
        return min((service for service, *name in others if tuple(name) in wanted), default=None)

    def forget(self, names: Iterable[DeviceName]) -> None:
        """Remove the entries of devices that the history shows by now, and shorten the file."""
        entries = self._memory.entries
        with self._lock:
            known = {(self._service, *name) for name in names}.intersection(entries)
            for key in known:
                del entries[key]
            if self._file is not None and known:
                with suppress(OSError):  # the longer file is still correct
                    self._file.replace(_text(_record(key, entry)) for key, entry in entries.items())

    # -- Records of this run ------------------------------------------------------------------------------------------

    def intend(self, kind: str, submitted: Iterable[tuple[str, str | None, Iterable[str]]]) -> str:
        """Record that devices are about to be submitted. Return the name of the submission.

        `kind`: the kind of the devices. `submitted`: key, partner and known transactions of each device. The record is
        on the disk when this returns. Raises JournalError if that fails; then nothing must be sent.
        """
        name = uuid.uuid4().hex[:16]
        if self._file is not None:
            devices = {key: [partner, sorted(before)] for key, partner, before in submitted}
            self._flush({"intent": name, **self._when(), **self._where(kind), "devices": devices})
        return name

    def again(self, name: str) -> None:
        """Record that a submission that was not accepted is about to be sent again. Like `intend`."""
        self._flush({"again": name, **self._when()})

    def accepted(self, name: str, transaction_id: str) -> None:
        """Record that a submission was accepted as a transaction."""
        self._note({"taken": name, "transaction_id": transaction_id})

    def refused(self, name: str) -> None:
        """Record that a submission was refused."""
        self._note({"refused": name})

    def lost(self, name: str) -> None:
        """Record that the answer to a submission was lost."""
        self._note({"lost": name, **self._when()})

    def adopted(self, name: DeviceName, partner: str | None, transaction_id: str) -> None:
        """Record the transaction in which a device was found."""
        kind, key = name
        self._note({"found": {key: [partner, transaction_id]}, **self._when(), **self._where(kind)})

    def over(self, names: Iterable[DeviceName]) -> None:
        """Record that the transactions of these devices are over: they failed, or the user resubmits the devices."""
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
            cure = "Free disk space or give another path. Devices that are not in the journal were not submitted."
            raise JournalError(f"journal: {self._path} cannot be written: {why}", cure) from None

    def _note(self, record: Record) -> None:
        try:
            self._write(record)
        except OSError as error:
            # The intent has no outcome then, so the next run looks the submission up.
            self.problem = f"journal: {self._path} could not be written: {reason_of(error)}"

    def _write(self, record: Record, flush: bool = False) -> None:
        with self._lock:
            if self._file is not None and self._file.append(_text(record), flush):
                self._memory.apply(record)


class _Memory:
    """The entries by all records so far, whether just written or read from the file."""

    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}
        #: Open submissions → the previous entries of their devices.
        self._before: dict[str, dict[Key, Entry | None]] = {}

    def read(self, path: str | None, lines: list[bytes]) -> None:
        """Apply the lines of a file. Raises InputError for the first invalid line."""
        for number, text in enumerate(lines, 1):
            try:
                record = json.loads(text)
                if number == 1 and (record["journal"], record["format"]) != (_HEADER["journal"], FORMAT):
                    raise ValueError
                self.apply(record)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
                problem = f"journal: {printable(str(path))}, line {number}: is not a line of a journal of this version"
                cure = "give another path, or move the file away if no run needs it any more"
                raise InputError([f"{problem}; {cure}"]) from None

    def apply(self, record: Record) -> None:
        """Apply a record. Raises ValueError, KeyError, TypeError or a similar error for an unknown record."""
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
            else:  # an earlier submission with unknown outcome
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


#: Word of a record → the method that applies it.
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
    """Return the current moment of this machine, including suspended time; None without a boot id."""
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
    """Return the fields of a record for a moment; `_moment` reads them."""
    return {"at": at, **({"boot": since_boot.boot, "uptime": since_boot.seconds} if since_boot else {})}


def _moment(record: Record) -> tuple[float, SinceBoot | None]:
    at = float(record["at"])
    return at, SinceBoot(str(record["boot"]), float(record["uptime"])) if "boot" in record else None


def _record(key: Key, entry: Entry) -> Record:
    """Return an entry as a record."""
    service, kind, device = key
    scope = {**_stamp(entry.at, entry.since_boot), "service": service, "kind": kind}
    if entry.transaction_id is not None:
        return {"found": {device: [entry.partner, entry.transaction_id]}, **scope}
    return {"intent": uuid.uuid4().hex[:16], **scope, "devices": {device: [entry.partner, list(entry.before)]}}


def _text(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"))
