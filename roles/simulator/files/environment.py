# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""See to the simulator's virtual environment: ``environment.py VENV [--check]``, its requirements on stdin.

One that has what is required, and whose Python runs, is left alone. One that was made here is made anew where its
Python has gone or changed. Prints ``{"changed": …}``, or ``{"error": …}`` with exit code 1. Standard library only; runs
on the target.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Optional

#: What was installed. Written last: an installation that broke off is done again.
INSTALLED = ".sentinel-simulator-requirements"
#: Says that the directory is ours, so that it may be cleared.
OURS = ".sentinel-simulator-made"
#: Takes 0.05 s. What is compiled for one Python is imported; the rest is looked for, which is quicker by far.
PROOF = (
    "import httptools, pydantic, importlib.util as found; "
    "assert all(map(found.find_spec, ('fastapi', 'starlette', 'uvicorn')))"
)
LAST_LINES = 4


class Failure(Exception):
    """Why there is no environment."""


class Environment:
    """A virtual environment."""

    def __init__(self, path: str, requirements: str) -> None:
        self.path = path
        self.python = os.path.join(path, "bin", "python")
        self.requirements = requirements

    def is_ready(self) -> bool:
        """Tell whether it has what is required."""
        try:
            with open(os.path.join(self.path, INSTALLED), encoding="utf-8") as stream:
                return stream.read() == self.requirements and self.runs(PROOF)
        except OSError:
            return False

    def runs(self, code: str) -> bool:
        """Tell whether its Python can do something, with its own packages alone."""
        try:
            return subprocess.run([self.python, "-I", "-c", code], capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def is_ours(self) -> bool:
        """Tell whether it may be made anew: it was made here, or there is nothing yet."""
        if os.path.exists(os.path.join(self.path, OURS)):
            return True
        return not os.path.isdir(self.path) or not os.listdir(self.path)

    def provide(self) -> None:
        """Install what is required, and make the environment before where that is needed."""
        ours, made = self.is_ours(), False
        if not self.runs("import pip"):
            if not ours and os.path.lexists(self.python):
                raise Failure("its Python does not run, or has no pip, and it was not made by this role: remove it")
            self._make(ours)
            made = True
        self._install()
        if ours and not made and not self.runs(PROOF):
            self._make(ours)
            self._install()
        if not self.runs(PROOF):
            raise Failure("its packages are installed, but cannot be imported")
        self._write(INSTALLED, self.requirements)

    def _make(self, ours: bool) -> None:
        try:
            run([sys.executable, "-m", "venv", *(["--clear"] if ours else []), self.path])
        finally:
            # What broke off is ours, too, and made anew the next time.
            if ours and os.path.isdir(self.path):
                self._write(OURS, "")

    def _install(self) -> None:
        wanted = [line for line in self.requirements.splitlines() if line and not line.startswith("#")]
        run([self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *wanted])

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as stream:
            stream.write(text)


def run(command: list[str]) -> None:
    """Run a command. Raises Failure with the end of what it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise Failure(" | ".join(lines[-LAST_LINES:]) or f"{command[0]} ended with exit code {done.returncode}")


@contextlib.contextmanager
def alone(path: str) -> Iterator[None]:
    """Let nobody else make this environment at the same time: several simulators may share one."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as stream:
        # Some file systems know no locks.
        with contextlib.suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def ensure(environment: Environment, check: bool) -> bool:
    """See to the environment; return whether that changed anything, or would."""
    if environment.is_ready():
        return False
    if not check:
        with alone(environment.path):
            # Somebody else may have been quicker.
            if environment.is_ready():
                return False
            environment.provide()
    return True


def main() -> int:
    """Report."""
    environment = Environment(os.path.abspath(sys.argv[1]), sys.stdin.read())
    error: Optional[str] = None
    try:
        changed = ensure(environment, "--check" in sys.argv[2:])
    except (Failure, OSError) as exc:
        error = str(exc)
    print(json.dumps({"error": error} if error is not None else {"changed": changed}))
    return 0 if error is None else 1


if __name__ == "__main__":
    sys.exit(main())
