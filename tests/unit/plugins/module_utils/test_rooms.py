# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of the rooms: data flows one way, so a room imports only from those above it in this list."""

from __future__ import annotations

import re

import pytest

from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.rooms import (
    files_of,
    imports,
    room_of,
    rooms_below,
    short,
    too_long,
)

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
FILES = files_of("module_utils")
#: Libraries that only one room imports, each guarded.
LIBRARIES = {"requests": "_transport", "urllib3": "_transport", "voluptuous": "_declare"}


def test_each_room_is_in_the_list():
    assert {room_of(path) for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_imports_from_the_rooms_above_its_own(path):
    assert rooms_below(path, ROOMS) == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_nothing_here_imports_from_the_controller(path):
    assert [name for name in imports(path) if "plugin_utils" in name or name.startswith("ansible.plugins")] == []


@pytest.mark.parametrize(("library", "room"), LIBRARIES.items())
def test_a_library_is_imported_in_one_room(library, room):
    users = {room_of(path) for path in FILES if library in [name.split(".")[0] for name in imports(path)]}
    assert users == {room}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_classes_and_functions_are_short(path):
    """At most 400 lines per file, 150 per class, 50 per function."""
    assert list(too_long(path)) == []


def test_identifiers_are_compared_in_one_room():
    """Only that room names key and partner of a device; all others ask an identity."""
    spelt = re.compile(r"getattr\([^()]*, (\w+\.)*(key|partner)\)|\.(imei|iccid|eid|sim_id) [!=]= ")
    users = {room_of(path) for path in FILES if spelt.search(path.read_text(encoding="utf-8"))}
    assert users <= {"_identity"}
