# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal as a file of lines: locked, appended to, replaced by a shorter one. It does not interpret the lines."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress

from .._errors import InputError, reason_of
from .._text import printable

try:
    import fcntl
except ImportError:  # not a POSIX system
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

#: Without these flags, a FIFO would block until it has a writer, and a terminal would become the controlling one.
_SAFELY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class JournalFile:
    """A file that one run at a time appends lines to, one thread at a time.

    Args:
        path: the path that the user gave.
        first: the first line, without its line end.
    """

    def __init__(self, path: str, first: str) -> None:
        self.path = path
        self._first = f"{first}\n".encode()
        self._place = ""
        self._file: int | None = None

    def open(self, writable: bool, read: Callable[[list[bytes]], None]) -> None:
        """Open the file and pass its lines to `read`: no lines if it does not exist and is only read.

        If `writable`, it is created if missing and locked until `close`, and a last line without a line end is cut off
        after `read`. Raises InputError if it is in use by another run, or cannot be a journal.
        """
        try:
            self._place = os.path.realpath(self.path)  # keeps a link
            if writable:
                self._file = _locked(self.path, self._place)
            else:
                with suppress(FileNotFoundError):
                    self._file = _opened(self._place, os.O_RDONLY)
            if self._file is not None:
                self._read(self._file, writable, read)
        except (OSError, ValueError) as error:  # ValueError: a NUL, or characters that the file system cannot encode
            self.close()
            raise InputError([f"journal: {printable(self.path)} cannot be opened: {_reason(error)}"]) from None
        except BaseException:
            self.close()
            raise
        if not writable:
            self.close()

    def append(self, text: str, flush: bool) -> bool:
        """Append a whole line or nothing. Return False if the file is not open for writing.

        `flush`: whether the line must be on the disk when this returns. Raises OSError.
        """
        if self._file is None:
            return False
        before = os.fstat(self._file).st_size
        try:
            _write(self._file, f"{text}\n".encode())
            if flush:
                os.fsync(self._file)
        except OSError:
            # A partial line would make the journal unreadable after another line.
            with suppress(OSError):
                os.ftruncate(self._file, before)
            raise
        return True

    def replace(self, texts: Iterable[str]) -> None:
        """Replace all lines except the first. Raises OSError and leaves the file unchanged if that fails."""
        if self._file is not None:
            replaced = _replaced(self._place, self._first + "".join(f"{text}\n" for text in texts).encode())
            self.close()
            self._file = replaced

    def close(self) -> None:
        """Close the file, which releases the lock."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _read(self, file: int, writable: bool, read: Callable[[list[bytes]], None]) -> None:
        with open(file, "rb", closefd=False) as stream:
            content = stream.read()
        # A run that was killed while writing leaves a line without a line end, and has not sent its submission.
        whole = content[: content.rfind(b"\n") + 1]
        # In a file without a complete line, only the start of our first line may be dropped.
        is_journal = whole or self._first.startswith(content)
        read((whole if is_journal else content).splitlines())
        if writable and whole != content:
            os.ftruncate(file, len(whole))
        if writable and not whole:
            _write(file, self._first)
            _sync_folder(self._place)


def _reason(error: OSError | ValueError) -> str:
    """Return why a system call failed."""
    if isinstance(error, OSError):
        return reason_of(error)
    return "the path has a character that a file name cannot have"


def _opened(place: str, flags: int) -> int:
    """Open the regular file at this place. Raises OSError."""
    file = os.open(place, flags | _SAFELY, 0o600)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    folder = stat.S_ISDIR(os.fstat(file).st_mode)
    os.close(file)
    raise OSError(errno.EISDIR, os.strerror(errno.EISDIR)) if folder else OSError(errno.EINVAL, "not a regular file")


def _locked(path: str, place: str) -> int:
    """Open the file at `place` for appending and lock it. `path`: the path that the user gave.

    Raises OSError, and InputError if another process has locked it.
    """
    while True:
        file = _opened(place, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            if HAS_LOCKS:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                # Another run may have replaced the file before we had the lock.
                if os.path.samestat(os.stat(place), os.fstat(file)):
                    return file
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                problem = f"journal: {printable(path)} is in use by another run"
                raise InputError([f"{problem}; wait until it has ended, or give another path"]) from None
            raise
        os.close(file)


def _replaced(path: str, content: bytes) -> int:
    """Replace a locked file by a new one with this content, which is locked before it is visible."""
    folder, name = os.path.split(os.path.abspath(path))
    file, aside = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        _write(file, content)
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
    """Flush the name of a new file to the disk, if the system supports it."""
    with suppress(OSError):
        folder = os.open(os.path.dirname(path), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
