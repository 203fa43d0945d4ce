# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide the simulator's virtual environment: ``environment.py VENV [--check]``, its requirements on stdin.

An environment that has the requirements and whose Python runs is left alone. One that this program created is
recreated if its Python is gone or changed. Prints ``{"changed": …}``, or ``{"error": …}`` with exit code 1. Standard
library only; runs on the target.
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

#: Records the installed requirements. Written last, so that an interrupted installation is repeated.
INSTALLED = ".sentinel-simulator-requirements"
#: Marks a directory that this program created and may clear.
MARKER = ".sentinel-simulator-made"
#: Imports the compiled packages, which fit only one Python, and looks up the others, which is much faster (0.05 s).
IMPORT_CHECK = (
    "import httptools, pydantic, importlib.util as found; "
    "assert all(map(found.find_spec, ('fastapi', 'starlette', 'uvicorn')))"
)
#: Maximum number of output lines in an error.
LAST_LINES = 4


class Failure(Exception):
    """The environment cannot be provided; the message says why."""


class Environment:
    """A virtual environment."""

    def __init__(self, path: str, requirements: str) -> None:
        self.path = path
        self.python = os.path.join(path, "bin", "python")
        self.requirements = requirements

    def is_ready(self) -> bool:
        """Return whether it has the requirements and its Python runs."""
        try:
            with open(os.path.join(self.path, INSTALLED), encoding="utf-8") as stream:
                return stream.read() == self.requirements and self.can_run(IMPORT_CHECK)
        except OSError:
            return False

    def can_run(self, code: str) -> bool:
        """Return whether its Python runs the code, with no packages but its own."""
        try:
            return subprocess.run([self.python, "-I", "-c", code], capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def may_clear(self) -> bool:
        """Return whether it may be cleared: this program created it, or the directory is empty or missing."""
        if os.path.exists(os.path.join(self.path, MARKER)):
            return True
        return not os.path.isdir(self.path) or not os.listdir(self.path)

    def provide(self) -> None:
        """Install the requirements, after creating the environment if necessary."""
        may_clear, is_new = self.may_clear(), False
        if not self.can_run("import pip"):
            if not may_clear and os.path.lexists(self.python):
                raise Failure("its Python does not run or has no pip, and this role did not create it; remove it")
            self._create(may_clear)
            is_new = True
        self._install()
        if may_clear and not is_new and not self.can_run(IMPORT_CHECK):
            self._create(may_clear)
            self._install()
        if not self.can_run(IMPORT_CHECK):
            raise Failure("its packages are installed, but cannot be imported")
        self._write(INSTALLED, self.requirements)

    def _create(self, may_clear: bool) -> None:
        try:
            run([sys.executable, "-m", "venv", *(["--clear"] if may_clear else []), self.path])
        finally:
            # Mark an incomplete environment too, so that the next run can clear it.
            if may_clear and os.path.isdir(self.path):
                self._write(MARKER, "")

    def _install(self) -> None:
        packages = [line for line in self.requirements.splitlines() if line and not line.startswith("#")]
        run([self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *packages])

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as stream:
            stream.write(text)


def run(command: list[str]) -> None:
    """Run a command. Raises Failure with the last lines of its output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise Failure(" | ".join(lines[-LAST_LINES:]) or f"{command[0]} ended with exit code {done.returncode}")


@contextlib.contextmanager
def lock(path: str) -> Iterator[None]:
    """Hold the lock of an environment, because several simulators can share it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as stream:
        # Some file systems do not support locks.
        with contextlib.suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def ensure(environment: Environment, check: bool) -> bool:
    """Provide the environment; return whether that changed anything, or would."""
    if environment.is_ready():
        return False
    if not check:
        with lock(environment.path):
            # Another process may have provided it in the meantime.
            if environment.is_ready():
                return False
            environment.provide()
    return True


def main() -> int:
    """Provide the environment and print the result."""
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
