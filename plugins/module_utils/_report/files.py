# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a task writes: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping


def check_writable(option: str, path: str) -> list[str]:
    """What will keep a file from being written, as a problem of the option that names it; empty where nothing will."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        return [f"{option}: {path} is a directory: give a file"]
    if not os.path.isdir(folder):
        return [f"{option}: the directory {folder} does not exist on the machine that runs the module"]
    return [] if os.access(folder, os.W_OK) else [f"{option}: the directory {folder} cannot be written"]


def named_twice(paths: Mapping[str, str | None]) -> list[str]:
    """Options that name one file: one of them would be written over the other. A problem each; `paths`: by option."""
    files: dict[str, str] = {}
    problems = []
    for name, path in paths.items():
        first = files.setdefault(os.path.realpath(path), name) if path else name
        if first != name:
            problems.append(f"{name}: {path} is the file of {first}, too, and would be overwritten: give another path")
    return problems


def write_whole(path: str, text: str) -> None:
    """Writes a UTF-8 text file whole or not at all: to the side first, then moved into place. Raises OSError."""
    folder, name = os.path.split(os.path.abspath(path))
    handle, aside = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        # A service may cut a text in the middle of a character.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            stream.write(text)
        os.chmod(aside, _mode(path))
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def _mode(path: str) -> int:
    """The mode of the file that is there, otherwise that of any new file."""
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
