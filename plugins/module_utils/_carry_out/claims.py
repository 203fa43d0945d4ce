# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On one controller, a device is in the hands of one run at a time."""

from __future__ import annotations

import os
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from .._errors import StoppedError, reason_of
from .processes import describe
from .register import HAS_LOCKS, Claim, Register, numbers_of

#: Seconds that a run waits for another one before it says so.
_SILENT = 3.0
#: Seconds between two looks at what a run waits for: the first and the longest.
_PAUSE, _LONGEST_PAUSE = 0.002, 0.1
_FOLDER = "kajeet.sentinel"
#: Where all jobs of a user meet. Not $TMPDIR: some jobs have one of their own.
_TEMPORARY = os.path.join(os.sep, "tmp")


class Claimed(NamedTuple):
    """How a run got its devices.

    `waited_seconds`: how long other runs had some of them. `warning`: why the devices are not claimed, or None.
    """

    waited_seconds: float = 0.0
    warning: str | None = None


class Claims:
    """The devices of one kind at one service that runs of this user on this machine have in their hands.

    A run enters all its devices in one step, and then waits for those runs that entered some of them before it. So
    runs on the same devices go one after another in the order in which they came, nobody waits for a run that came
    later, and runs on other devices are not held up. A run with several kinds claims them in the order of their
    names: then runs with several kinds cannot wait for one another, either.

    A claim ends with its block, or with the process, however that ends. The register is in the user's runtime
    directory ($XDG_RUNTIME_DIR, or /run/user/UID) and in a directory of the user's own below /tmp, as far as these
    can be had: a scheduled job, which has no runtime directory, meets the runs of a login, which have one. Runs of
    other users and on other machines, or in containers with directories of their own, are not seen.

    Args:
        service: the key of the service, the same for all spellings of its URL.
        kind: name of the kind of device.
        where: the runtime directory, a directory of this user alone; None for those named above.
        clock, sleep: seconds that never go backwards, and waiting for some.
    """

    def __init__(
        self,
        service: str,
        kind: str,
        where: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._name = sha256(f"{service}\0{kind}".encode("utf-8", "backslashreplace")).hexdigest()[:32]
        self._where = where
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def held(
        self,
        keys: Iterable[str],
        say: Callable[[str], object] = lambda text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Claimed]:
        """Waits until no other run has any of these devices, then holds them all until the block ends.

        Not to be used in a block that holds one of the devices already: it would wait for itself.

        Args:
            keys: what the kind's devices are told apart by.
            say: is given a line about each process that it has waited for during 3 seconds.
            stop: whether to give up, asked all the time while it waits.

        Raises StoppedError where `stop` says so. Where devices cannot be claimed, the block runs without: `Claimed`
        says why.
        """
        numbers = numbers_of(keys)
        started = self._clock()
        warning = None
        with ExitStack() as held:
            if not HAS_LOCKS:
                warning = _unclaimed("this system has no file locks (flock)")
            elif numbers:
                claims, warning = self._enter(numbers, held, stop)
                # What others have entered does not change: comparing needs no lock.
                rivals = {claim: common for claim in claims if (common := claim.shared_with(numbers))}
                said: set[int] = set()
                for rival in sorted(rivals, key=Claim.entered):
                    self._wait_for(rival, rivals[rival], said, say, stop)
            yield Claimed(self._clock() - started, warning)

    def _enter(self, numbers: array[int], held: ExitStack, stop: Callable[[], bool]) -> tuple[list[Claim], str | None]:
        """Enters the devices until `held` ends; returns the claims that were there before, and a warning."""
        claims: list[Claim] = []
        problems = []
        entered = False
        with ExitStack() as step:
            # Each register is locked while those before it are: the order of two runs is the same in all of them.
            registers = []
            for base, private, names in self._places():
                try:
                    register = Register(base, private, *names, self._name)
                    held.callback(register.close)
                    self._lock(register, stop)
                    step.callback(register.unlock)
                    registers.append(register)
                except OSError as error:
                    problems.append(_reason(error))
            for register in registers:
                try:
                    claims += register.claims()
                    register.enter(numbers, held)
                    entered = True
                except OSError as error:
                    problems.append(_reason(error))
        return claims, None if entered else _unclaimed("; ".join(problems))

    def _places(self) -> list[tuple[str, bool, tuple[str, ...]]]:
        """The directories that a register may be below: path, whether it must be the user's own, what is below it."""
        if self._where is not None:
            return [(str(self._where), True, ())]
        user = os.geteuid()
        temporary = _TEMPORARY if os.path.isdir(_TEMPORARY) else tempfile.gettempdir()
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        return [
            (runtime if os.path.isabs(runtime) else f"/run/user/{user}", True, (_FOLDER,)),
            (temporary, False, (f"{_FOLDER}-{user}",)),
        ]

    def _lock(self, register: Register, stop: Callable[[], bool]) -> None:
        pause = _PAUSE
        while not register.lock():
            pause = self._pause(pause, stop)

    def _wait_for(
        self, rival: Claim, common: int, said: set[int], say: Callable[[str], object], stop: Callable[[], bool]
    ) -> None:
        """Waits until a run has ended. `said`: the processes that were already named."""
        since, pause = self._clock(), _PAUSE
        while not rival.ended():
            if rival.pid not in said and self._clock() - since >= _SILENT:
                said.add(rival.pid)
                devices = f"{common} of these devices" if common > 1 else "one of these devices"
                say(f"waiting for {describe(rival.pid)}, which activates {devices}")
            pause = self._pause(pause, stop)

    def _pause(self, seconds: float, stop: Callable[[], bool]) -> float:
        """Sleeps; returns how long to sleep the next time."""
        if stop():
            raise StoppedError("Stopped while waiting for another run on the same devices; nothing was submitted.")
        self._sleep(seconds)
        return min(2 * seconds, _LONGEST_PAUSE)


def _reason(error: OSError) -> str:
    what = reason_of(error)
    return f"{error.filename}: {what}" if error.filename else what


def _unclaimed(why: str) -> str:
    return (
        f"The devices are not claimed ({why}). Another run on this machine may submit the same ones at the same time."
        " Keep such runs apart, or set XDG_RUNTIME_DIR to a directory that only this user can use."
    )
