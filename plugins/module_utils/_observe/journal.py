# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that remembers submissions, for runs that may be killed: the intent before each, what came of it after it.

One JSON object a line, appended. A run holds a lock on the file, so that two runs with one journal cannot overlap.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from .._errors import InputError, JournalError

try:
    import fcntl
except ImportError:  # no POSIX system
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

FORMAT = 1
_HEADER = {"journal": "kajeet.sentinel", "format": FORMAT}


class Entry(NamedTuple):
    """What is remembered of a device: one of its submissions, the newest that was not refused.

    `at`: when it was sent, or when its answer was lost, in seconds of the epoch. `before`: the transactions of the
    device that the history showed before. `transaction_id`: of the submission, or None while nobody knows whether it
    was taken. `partner`: the identifier that was submitted with the device's key, or None.
    """

    at: float
    before: tuple[str, ...] = ()
    transaction_id: str | None = None
    partner: str | None = None


Key = tuple[str, str, str]  # the service's URL, the kind of device, the device's key
Tickets = dict[str, dict[Key, "Entry | None"]]


class Journal:
    """What is remembered of the devices of one kind, at one service.

    Args:
        path: the file, or None for no journal: then nothing is remembered.
        service: the base URL of the service.
        kind: name of the kind of device.
        now: seconds of the epoch.
    """

    def __init__(
        self, path: str | None, service: str = "", kind: str = "", now: Callable[[], float] = time.time
    ) -> None:
        self.now = now
        #: Why what became of a submission could not be written, or None.
        self.problem: str | None = None
        self._path = path
        #: Where the file is: a link stays a link to it.
        self._place = os.path.realpath(path) if path else ""
        self._scope = (service, kind)
        self._lock = threading.Lock()
        self._file: int | None = None
        self._entries: dict[Key, Entry] = {}
        self._tickets: Tickets = {}

    @contextmanager
    def opened(self, writable: bool) -> Iterator[Journal]:
        """Reads the file and, where it is to be written, holds it until the block ends.

        Raises InputError where it is in use by another run, is no journal, or cannot be read or written.
        """
        if self._path is None:
            yield self
            return
        try:
            try:
                if writable:
                    self._file = _locked(self._path, self._place)
                elif os.path.exists(self._place):
                    self._file = os.open(self._place, os.O_RDONLY)
                if self._file is not None:
                    self._read(self._file, writable)
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                raise InputError([f"journal: {self._path} cannot be opened: {why}"]) from None
            if not writable:
                self._close()
            yield self
        finally:
            self._close()

    # -- What earlier runs left ----------------------------------------------------------------------------------------

    def entry(self, key: str) -> Entry | None:
        """What is remembered of the device with this key."""
        return self._entries.get((*self._scope, key))

    def age(self, entry: Entry) -> float:
        """Seconds since a submission was sent; one in the future counts as sent now."""
        return max(0.0, self.now() - entry.at)

    def forget(self, keys: Iterable[str]) -> None:
        """Drops what is remembered of devices of which the history tells by now, and shortens the file."""
        known = {(*self._scope, key) for key in keys}.intersection(self._entries)
        for key in known:
            del self._entries[key]
        if self._file is None or self._path is None or not known:
            return
        records = [_HEADER, *(_record(key, entry) for key, entry in self._entries.items())]
        with suppress(OSError):  # then it stays as long as it is: nothing in it is wrong
            replaced = _replaced(self._place, "".join(map(_line, records)))
            self._close()
            self._file = replaced

    # -- What this run does --------------------------------------------------------------------------------------------

    def intend(self, submitted: Mapping[str, tuple[str | None, Iterable[str]]]) -> str:
        """Remembers that devices are about to be submitted; returns the submission's name.

        `submitted`: key of each device → its partner, and its transactions as far as the history shows them. On the
        disk when this returns; raises JournalError where that fails, and then nothing must be sent.
        """
        name = uuid.uuid4().hex[:16]
        service, kind = self._scope
        devices = {key: [partner, sorted(before)] for key, (partner, before) in submitted.items()}
        record = {"intent": name, "at": self.now(), "service": service, "kind": kind, "devices": devices}
        self._flush(record)
        return name

    def again(self, name: str) -> None:
        """Remembers that a submission is about to be sent again, which was not taken before. Like `intend`."""
        self._flush({"again": name, "at": self.now()})

    def taken(self, name: str, transaction_id: str) -> None:
        """Remembers that a submission became a transaction."""
        self._note({"taken": name, "transaction_id": transaction_id})

    def refused(self, name: str) -> None:
        """Remembers that a submission was not taken."""
        self._note({"refused": name})

    def lost(self, name: str) -> None:
        """Remembers that nobody knows whether a submission was taken."""
        self._note({"lost": name, "at": self.now()})

    def found(self, key: str, partner: str | None, transaction_id: str) -> None:
        """Remembers the transaction in which a device was found."""
        self._note(_record((*self._scope, key), Entry(self.now(), (), transaction_id, partner)))

    def over(self, keys: Iterable[str]) -> None:
        """Remembers no transaction of these devices any more: it failed, or the user gives it up."""
        known = [key for key in keys if self.entry(key)]
        if known:
            service, kind = self._scope
            self._note({"over": known, "service": service, "kind": kind})

    # -- The file ------------------------------------------------------------------------------------------------------

    def _flush(self, record: Mapping[str, Any]) -> None:
        try:
            self._write(record, flush=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            cure = "Make room or give another path; what was not written was not submitted."
            raise JournalError(f"journal: {self._path} cannot be written: {why}", cure) from None

    def _note(self, record: Mapping[str, Any]) -> None:
        try:
            self._write(record)
        except OSError as error:
            # The intent stays without an outcome: the next run looks what became of it.
            self.problem = f"journal: {self._path} could not be written: {error.strerror or error}"

    def _write(self, record: Mapping[str, Any], flush: bool = False) -> None:
        with self._lock:
            if self._path is None or self._file is None:
                return
            before = os.fstat(self._file).st_size
            try:
                _write(self._file, _line(record))
                if flush:
                    os.fsync(self._file)
            except OSError:
                # A part of a line would make the journal unreadable once another line follows it.
                with suppress(OSError):
                    os.ftruncate(self._file, before)
                raise
            self._apply(record)

    def _read(self, file: int, writable: bool) -> None:
        with open(file, "rb", closefd=False) as stream:
            stream.seek(0)
            content = stream.read()
        # A run that was killed while it wrote leaves a line without an end, and had not sent what it says.
        whole = content[: content.rfind(b"\n") + 1]
        # Of a file without any whole line, only the beginning of our own first one may be dropped.
        ours = whole or _line(_HEADER).encode().startswith(content)
        for number, text in enumerate((whole if ours else content).splitlines(), 1):
            try:
                record = json.loads(text)
                if number == 1 and (record["journal"], record["format"]) != (_HEADER["journal"], FORMAT):
                    raise ValueError
                self._apply(record)
            except (ValueError, KeyError, TypeError, AttributeError):
                what = f"journal: {self._path}, line {number}: is no line of a journal that this version writes"
                cure = "give another path, or move the file away once no run needs it any more"
                raise InputError([f"{what}: {cure}"]) from None
        if writable and whole != content:
            os.ftruncate(file, len(whole))
        if writable and not whole:
            _write(file, _line(_HEADER))
            _sync_folder(self._place)

    def _apply(self, record: Mapping[str, Any]) -> None:
        """Does to what is remembered what a record says: the same for one just written and for one read."""
        if "intent" in record:
            scope = record["service"], record["kind"]
            at = float(record["at"])
            entries = {
                (*scope, str(key)): Entry(at, tuple(before), None, partner)
                for key, (partner, before) in record["devices"].items()
            }
            self._tickets[record["intent"]] = {key: self._entries.get(key) for key in entries}
            self._entries.update(entries)
        elif "taken" in record:
            for key in self._tickets.pop(record["taken"], ()):
                self._entries[key] = self._entries[key]._replace(transaction_id=record["transaction_id"])
        elif "refused" in record:
            for key, entry in self._tickets.pop(record["refused"], {}).items():
                if entry is None:
                    self._entries.pop(key, None)
                else:  # an earlier submission of which nobody knows
                    self._entries[key] = entry
        elif "again" in record:
            for key in self._tickets.get(record["again"], ()):
                self._entries[key] = self._entries[key]._replace(at=float(record["at"]))
        elif "lost" in record:
            for key in self._tickets.pop(record["lost"], ()):
                self._entries[key] = self._entries[key]._replace(at=float(record["at"]))
        elif "found" in record:
            for key, (partner, transaction_id) in record["found"].items():
                entry = Entry(float(record["at"]), (), str(transaction_id), partner)
                self._entries[(record["service"], record["kind"], str(key))] = entry
        elif "over" in record:
            for key in record["over"]:
                self._entries.pop((record["service"], record["kind"], str(key)), None)
        elif "journal" not in record:
            raise ValueError

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


def _record(key: Key, entry: Entry) -> dict[str, Any]:
    """An entry as a record of its own."""
    service, kind, device = key
    scope = {"at": entry.at, "service": service, "kind": kind}
    if entry.transaction_id is not None:
        return {"found": {device: [entry.partner, entry.transaction_id]}, **scope}
    return {"intent": uuid.uuid4().hex[:16], **scope, "devices": {device: [entry.partner, list(entry.before)]}}


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"


def _replaced(path: str, text: str) -> int:
    """Puts a file with this text in the place of one that we hold, and holds it in its turn, from the first moment."""
    folder, name = os.path.split(os.path.abspath(path))
    file, aside = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        _write(file, text)
        os.fsync(file)
        if HAS_LOCKS:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
        os.replace(aside, path)
        _sync_folder(path)
    except BaseException:
        os.close(file)
        os.unlink(aside)
        raise
    return file


def _sync_folder(path: str) -> None:
    """Sees to it that a new name is on the disk, too; where the system cannot do that, it is not needed or in vain."""
    with suppress(OSError):
        folder = os.open(os.path.dirname(path), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(file: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(file, data) :]


def _locked(path: str, place: str) -> int:
    """The file at `place`, open for appending, locked by this process; `path` is what the user calls it.

    Raises OSError, and InputError where another process has it.
    """
    while True:
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if HAS_LOCKS:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                # Another run may have put a shorter file in its place before we had the lock.
                if os.path.samestat(os.stat(place), os.fstat(file)):
                    return file
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                what = f"journal: {path} is in use by another run"
                raise InputError([f"{what}: wait until that has ended, or give another path"]) from None
            raise
        os.close(file)
