# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims as files in one directory: the devices of this user's other runs, while their processes live.

Each claim is a file that its run keeps locked. It has the numbers of the run's devices: sorted, 8 bytes each. The lock
ends with the process, even after SIGKILL, and the next run that sees a claim without a lock removes it. A claim is
entered in one step, under a lock on the directory itself.

The locks are those of flock(2). They belong to the open file, so two threads of one process exclude one another. Locks
of fcntl.lockf belong to the process and end when any descriptor of the file is closed. Open file description locks
(F_OFD_SETLK) would also do, but exist only on Linux. A forked child shares the open file and would keep the claim after
its parent dies, so it closes the file at once (`_close_in_child`). A started program does not inherit the descriptor.
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

#: A Mersenne prime: identifiers of up to 18 digits, and those of one issuer, have unique numbers.
_MODULUS = 2**61 - 1
#: Number of devices compared at once; limits the memory of a comparison.
_AT_ONCE = 32_768
#: Number of bytes read at once.
_PART = 2**20
#: Minimum ratio of sizes for looking up each device of the smaller claim in the larger one.
_FAR_SMALLER = 32

#: Name of a claim's file: the id of its process, and a unique part.
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
    """Return the numbers of devices: sorted, unique, and the same in every process.

    If two keys have the same number, a run may wait without need; nothing worse happens.
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
    """Return how many numbers two sorted sequences without repeats have in common. Needs little additional memory."""
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
    """The claim of another run. Its file is open only while it is read, because there may be hundreds."""

    def __init__(self, folder: int, name: str) -> None:
        self._folder = folder
        self._name = name
        #: Id of the run's process.
        self.pid = int(name.partition("-")[0])

    def has_ended(self) -> bool:
        """Whether the run has ended, even if it was killed."""
        try:
            with self._opened() as file:
                # A shared lock: two runs that check at once must not mistake each other for the claim's run.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return True
        return True

    def entered_at(self) -> int:
        """Return when it was entered, in nanoseconds since the epoch; 0 if its run has ended."""
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
    """A directory with claims. Each run opens it, and closes it after its claims.

    Args:
        base: an existing directory.
        private: whether `base` must belong to this user alone, and not be a link.
        names: the directories below it, each in the previous one. They must belong to this user alone, and are created
            if they are missing.

    Raises OSError with the reason if the directory cannot be used.
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
        """Begin an exclusive step; return False if another run is in one. `unlock` ends the step."""
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self) -> None:
        """End the step."""
        fcntl.flock(self._folder, fcntl.LOCK_UN)

    def claims(self) -> list[Claim]:
        """Return the claims of living runs, and remove those of dead ones. Only within a step."""
        claims = []
        for name in os.listdir(self._folder):
            if not _CLAIM.match(name):
                continue
            claim = Claim(self._folder, name)
            if not claim.has_ended():
                claims.append(claim)
                continue
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._folder)
        return claims

    def enter(self, numbers: array[int], held: ExitStack) -> None:
        """Add a claim, which ends with `held` or with the process. Only within a step."""
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._folder)
        _held.add(file)
        held.callback(self._leave, name, file)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unwritten = memoryview(numbers).cast("B")
        while unwritten:
            unwritten = unwritten[os.write(file, unwritten) :]

    def _leave(self, name: str, file: int) -> None:
        if file in _held:  # not in a child that was forked in the meantime
            _held.discard(file)
            with suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
            os.close(file)

    def close(self) -> None:
        """Close the directory."""
        os.close(self._folder)


def _own_folder(name: str, parent: int | None = None, path: str = "") -> int:
    """Open a directory that belongs to this user alone, never through a link. Raises OSError.

    `parent`: descriptor of its parent directory, or None if `name` is a path. `path`: its path for messages.
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
    problem = "is open to other users" if status.st_uid == os.geteuid() else "belongs to another user"
    raise PermissionError(errno.EPERM, problem, path)
