# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims: on one controller, only one run at a time handles a device."""

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

#: Seconds that a run waits for another one before it reports that.
_QUIET_SECONDS = 3.0
#: Seconds between two checks while a run waits: first and maximum.
_PAUSE, _LONGEST_PAUSE = 0.002, 0.1
_FOLDER = "kajeet.sentinel"
#: Directory that all jobs of a user share. Not $TMPDIR: some jobs have one of their own.
_TEMPORARY = os.path.join(os.sep, "tmp")


class Claimed(NamedTuple):
    """The result of claiming devices.

    `waited_seconds`: how long the run waited for others. `warning`: why the devices are not claimed, or None.
    """

    waited_seconds: float = 0.0
    warning: str | None = None


class Claims:
    """The claims of this user's runs on this machine, for the devices of one kind at one service.

    A run enters all its devices in one step, then waits for the runs that entered some of them earlier. So runs on the
    same devices run one after another in the order in which they entered, no run waits for a later one, and runs on
    other devices are not delayed. A run with several kinds claims them in the order of their names, so such runs cannot
    deadlock either.

    A claim ends with its block, or with its process, even if that is killed. The register is in the user's runtime
    directory ($XDG_RUNTIME_DIR, or /run/user/UID) and in the user's own directory below /tmp, if these can be used:
    with both, a scheduled job without a runtime directory sees the runs of a login that has one. Runs of other users,
    on other machines, or in containers with directories of their own are not visible.

    Args:
        service: the key of the service, the same for all spellings of its URL.
        kind: name of the kind of device.
        where: a private directory of this user for the register; None for the directories named above.
        clock, sleep: a monotonic clock in seconds, and a function that sleeps.
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
        """Wait until no other run has any of these devices, then hold them all until the block ends.

        Do not nest for the same device: the inner block would wait for the outer one.

        Args:
            keys: the keys of the devices.
            say: receives a line about each process that the run has waited for during 3 seconds.
            stop: whether to give up; called repeatedly while waiting.

        Raises StoppedError when `stop` returns True. If devices cannot be claimed, the block runs without a claim, and
        `Claimed` has the reason.
        """
        numbers = numbers_of(keys)
        started = self._clock()
        warning = None
        with ExitStack() as held:
            if not HAS_LOCKS:
                warning = _unclaimed("this system has no file locks (flock)")
            elif numbers:
                claims, warning = self._enter(numbers, held, stop)
                # Entered claims do not change, so comparing needs no lock.
                rivals = {claim: common for claim in claims if (common := claim.shared_with(numbers))}
                reported: set[int] = set()
                for rival in sorted(rivals, key=Claim.entered_at):
                    self._wait_for(rival, rivals[rival], reported, say, stop)
            yield Claimed(self._clock() - started, warning)

    def _enter(self, numbers: array[int], held: ExitStack, stop: Callable[[], bool]) -> tuple[list[Claim], str | None]:
        """Enter the devices until `held` ends; return the earlier claims, and a warning or None."""
        claims: list[Claim] = []
        problems = []
        entered = False
        with ExitStack() as step:
            # All registers stay locked until the end of the step, so two runs have the same order in each of them.
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
        """Return the places of registers: base path, whether it must be the user's own, directories below it."""
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
        self, rival: Claim, common: int, reported: set[int], say: Callable[[str], object], stop: Callable[[], bool]
    ) -> None:
        """Wait until a run has ended. `reported`: ids of the processes that were already reported."""
        since, pause = self._clock(), _PAUSE
        while not rival.has_ended():
            if rival.pid not in reported and self._clock() - since >= _QUIET_SECONDS:
                reported.add(rival.pid)
                devices = f"{common} of these devices" if common > 1 else "one of these devices"
                say(f"waiting for {describe(rival.pid)}, which activates {devices}")
            pause = self._pause(pause, stop)

    def _pause(self, seconds: float, stop: Callable[[], bool]) -> float:
        """Sleep; return how long to sleep the next time."""
        if stop():
            raise StoppedError("Stopped while waiting for another run on the same devices; nothing was submitted.")
        self._sleep(seconds)
        return min(2 * seconds, _LONGEST_PAUSE)


def _reason(error: OSError) -> str:
    reason = reason_of(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _unclaimed(why: str) -> str:
    return (
        f"The devices are not claimed ({why}). Another run on this machine may submit the same devices at the same "
        "time. Run them one after another, or set XDG_RUNTIME_DIR to a directory that only this user can use."
    )
