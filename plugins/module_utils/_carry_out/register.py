# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims as files of one directory: which devices the other runs of this user have, as long as their processes live.

Each claim is a file that its run keeps locked, with the numbers of its devices: sorted, 8 bytes each. The lock ends
with the process, by SIGKILL too, and a claim without a lock is removed by the next run that sees it. Entering a claim
is one step under a lock on the directory itself.

The locks are those of flock(2). They belong to the open file: two threads of one process exclude one another, unlike
with fcntl.lockf, whose locks belong to the process and end when any descriptor of the file is closed. Linux' locks of
open files (F_OFD_SETLK) would do the same, elsewhere they are missing. A forked child shares the open file, and would
keep the claim when its parent dies, so it closes it at once (`_close_in_child`); a program that is started gets no
descriptor of ours.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import uuid
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from itertools import chain

try:
    import fcntl
except ImportError:  # not a POSIX system
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

#: A Mersenne prime below 2**61: identifiers of up to 18 digits, and those of one issuer, keep a number of their own.
_MODULUS = 2**61 - 1
#: Devices compared at once: bounds the memory of a comparison.
_AT_ONCE = 32_768
#: Bytes read at once.
_PART = 2**20
#: From this ratio of sizes on, each device of the smaller claim is looked up in the larger one.
_FAR_SMALLER = 32

#: A claim's file: the id of its process, and what no other claim has.
_CLAIM = re.compile(r"^\d+-[0-9a-f]{32}$")

#: Descriptors of the claims that this process holds.
_held: set[int] = set()


def _close_in_child() -> None:
    for file in _held:
        with suppress(OSError):
            os.close(file)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


def numbers_of(keys: Iterable[str]) -> array[int]:
    """Return the numbers of devices, sorted, each once, the same in every process.

    Two keys with one number make a run wait without need, and nothing worse.
    """
    ordered = sorted(map(_number, keys))
    return array("Q", (number for number, before in zip(ordered, chain((-1,), ordered)) if number != before))


def _number(key: str) -> int:
    try:
        return int(key) % _MODULUS
    except ValueError:
        digest = sha256(key.encode("utf-8", "backslashreplace")).digest()
        return int.from_bytes(digest[:8], "big")


def shared(mine: Sequence[int], theirs: Sequence[int]) -> int:
    """Return how many numbers two sorted sequences without repeats have in common. Needs little memory besides them."""
    few, many = sorted((mine, theirs), key=len)
    if len(few) * _FAR_SMALLER < len(many):
        places = ((number, bisect_left(many, number)) for number in few)
        return sum(place < len(many) and many[place] == number for number, place in places)
    common = 0
    for start in range(0, len(few), _AT_ONCE):
        part = few[start : start + _AT_ONCE]
        first, last = bisect_left(many, part[0]), bisect_right(many, part[-1])
        numbers = set(part)
        for place in range(first, last, _AT_ONCE):
            common += len(numbers.intersection(many[place : min(last, place + _AT_ONCE)]))
    return common


class Claim:
    """The claim of another run: its file is open only while it is looked at, as there may be hundreds."""

    def __init__(self, folder: int, name: str) -> None:
        self._folder = folder
        self._name = name
        #: Id of the run's process.
        self.pid = int(name.partition("-")[0])

    def ended(self) -> bool:
        """Return whether the run has ended, however it did."""
        try:
            with self._opened() as file:
                # Shared: two runs that ask at once must not take one another for the claim's run.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return True
        return True

    def entered(self) -> int:
        """Return when it was entered, in nanoseconds of the epoch; 0 where its run has ended."""
        try:
            return os.stat(self._name, dir_fd=self._folder, follow_symlinks=False).st_mtime_ns
        except FileNotFoundError:
            return 0

    def shared_with(self, mine: Sequence[int]) -> int:
        """Return how many devices it has in common with these numbers."""
        try:
            with self._opened() as file:
                content = memoryview(b"".join(iter(lambda: os.read(file, _PART), b"")))
        except FileNotFoundError:
            return 0
        return shared(mine, content[: len(content) // 8 * 8].cast("Q"))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        file = os.open(self._name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._folder)
        try:
            yield file
        finally:
            os.close(file)


class Register:
    """A directory with claims. It is opened for each run; `close` it after its claims.

    Args:
        base: a directory that exists.
        private: whether `base` must be this user's alone, and not a link.
        names: the directories below it, each in the one before, made where they are missing; always this user's alone.

    Raises OSError where it cannot be had: its text says why.
    """

    def __init__(self, base: str, private: bool, *names: str) -> None:
        folder = _own_folder(base) if private else os.open(base, os.O_RDONLY | os.O_DIRECTORY)
        path = base
        for name in names:
            path = os.path.join(path, name)
            try:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=folder)
                inner = _own_folder(name, folder, path)
            finally:
                os.close(folder)
            folder = inner
        self._folder = folder

    def lock(self) -> bool:
        """Begins a step that no other run is in; returns False where another one is. `unlock` ends it."""
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self) -> None:
        """Ends the step."""
        fcntl.flock(self._folder, fcntl.LOCK_UN)

    def claims(self) -> list[Claim]:
        """Return the claims of living runs, and remove those of dead ones. Within a step only."""
        claims = []
        for name in os.listdir(self._folder):
            if not _CLAIM.match(name):
                continue
            claim = Claim(self._folder, name)
            if not claim.ended():
                claims.append(claim)
                continue
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._folder)
        return claims

    def enter(self, numbers: array[int], held: ExitStack) -> None:
        """Adds a claim, which ends with `held` or with the process. Within a step only."""
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._folder)
        _held.add(file)
        held.callback(self._leave, name, file)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = memoryview(numbers).cast("B")
        while left:
            left = left[os.write(file, left) :]

    def _leave(self, name: str, file: int) -> None:
        if file in _held:  # not so in a child that was forked in the meantime
            _held.discard(file)
            with suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
            os.close(file)

    def close(self) -> None:
        """Closes the directory."""
        os.close(self._folder)


def _own_folder(name: str, parent: int | None = None, path: str = "") -> int:
    """Opens a directory that is this user's alone, never through a link. Raises OSError.

    `parent`: descriptor of the directory that it is in, or None where `name` is a path. `path`: how to call it.
    """
    path = path or name
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise PermissionError(errno.EPERM, "is not a directory", path) from None
        raise OSError(error.errno, error.strerror, path) from None
    status = os.fstat(folder)
    if status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077:
        return folder
    os.close(folder)
    why = "is open to other users" if status.st_uid == os.geteuid() else "belongs to another user"
    raise PermissionError(errno.EPERM, why, path)
