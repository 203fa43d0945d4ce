# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms of module_utils and plugin_utils, read from their source: files, imports and lengths."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
#: Maximum number of lines of a file, and of a definition in it.
MAX_FILE = 400
MAX_DEFINITION = {ast.ClassDef: 150, ast.FunctionDef: 50, ast.AsyncFunctionDef: 50}


def files_of(house: str) -> list[Path]:
    """The Python files of a folder of plugins/, such as module_utils."""
    return sorted((PLUGINS / house).rglob("*.py"))


def short(path: Path) -> str:
    """Return the path of a file below plugins/, as a test id."""
    return str(path.relative_to(PLUGINS))


def room_of(path: Path) -> str:
    """The room that a file is in: its folder in module_utils or plugin_utils, or itself."""
    return path.relative_to(PLUGINS).parts[1].removesuffix(".py")


def imports(path: Path) -> list[str]:
    """Return the imports of a file as dotted names, those of the collection relative to plugins/."""
    found = []
    package = path.relative_to(PLUGINS).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = [node.module] if node.module else []
            found += [".".join([*base, *module, name.name]) for name in node.names]
    return found


def rooms_below(path: Path, rooms: Sequence[str]) -> list[str]:
    """Return the rooms of its own house that a file imports from although they come later in `rooms`."""
    house = path.relative_to(PLUGINS).parts[0]
    own = rooms.index(room_of(path))
    used = {name.split(".")[1] for name in imports(path) if name.startswith(f"{house}.")}
    return [room for room in rooms[own + 1 :] if room in used] + sorted(used.difference(rooms))


def too_long(path: Path) -> Iterator[str]:
    """Yield the names of the file, classes and functions that are too long."""
    text = path.read_text(encoding="utf-8")
    if len(text.splitlines()) > MAX_FILE:
        yield path.name
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, tuple(MAX_DEFINITION)) and node.end_lineno - node.lineno >= MAX_DEFINITION[type(node)]:
            yield node.name
