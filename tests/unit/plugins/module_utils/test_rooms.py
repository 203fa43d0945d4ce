# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of the rooms: data flows one way, so a room knows only those above it in this list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOMS = (
    "_text",
    "_errors",
    "_options",
    "_wire",
    "_identity",
    "_transport",
    "_service",
    "_declare",
    "_observe",
    "_decide",
    "_carry_out",
    "_report",
    "_account",
    "_stories",
)
ROOT = Path(__file__).resolve().parents[4] / "plugins"
FILES = sorted((ROOT / "module_utils").rglob("*.py"))
#: Libraries that one room alone imports, each guarded.
LIBRARIES = {"requests": "_transport", "urllib3": "_transport", "voluptuous": "_declare"}


def room_of(path: Path) -> str:
    """The room that a file of module_utils is in: its folder, or itself."""
    return path.relative_to(ROOT / "module_utils").parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    """What a file imports, as dotted names: those of the collection from module_utils on."""
    found = []
    package = ["module_utils", *path.relative_to(ROOT / "module_utils").parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names = [name.name for name in node.names] if node.module is None else [node.module]
            found += [".".join([*base, name]) for name in names]
    return found


def test_each_room_is_in_the_list():
    assert {room_of(path) for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_from_the_rooms_above_its_own(path):
    own = ROOMS.index(room_of(path))
    inside = [name.split(".")[1] for name in imports(path) if name.startswith("module_utils.")]
    assert [name for name in inside if ROOMS.index(name) > own] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_here_knows_the_controller(path):
    assert [name for name in imports(path) if "plugin_utils" in name or name.startswith("ansible.plugins")] == []


@pytest.mark.parametrize(("library", "room"), LIBRARIES.items())
def test_a_library_is_imported_in_one_room(library, room):
    users = {room_of(path) for path in FILES if library in [name.split(".")[0] for name in imports(path)]}
    assert users == {room}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_into_the_head(path):
    """At most 400 lines, 150 a class, 50 a function."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    most = {ast.ClassDef: 150, ast.FunctionDef: 50, ast.AsyncFunctionDef: 50}
    for node in ast.walk(ast.parse(text)):
        if type(node) in most:
            assert node.end_lineno - node.lineno < most[type(node)], node.name


def test_identifiers_are_compared_in_one_room():
    """Key and partner of a device are spelt out there alone; elsewhere an identity is asked."""
    spelt = re.compile(r"getattr\([^()]*, (\w+\.)*(key|partner)\)|\.(imei|iccid|eid|sim_id) [!=]= ")
    users = {room_of(path) for path in FILES if spelt.search(path.read_text(encoding="utf-8"))}
    assert users <= {"_identity"}
