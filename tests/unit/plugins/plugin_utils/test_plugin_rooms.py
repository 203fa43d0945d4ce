# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms of plugin_utils, in the order of their imports: a room knows the engine and only the rooms above it."""

from __future__ import annotations

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
    "_connection",
    "_console",
    "_failures",
    "_vault",
    "_worker",
    "_in_process",
    "_junit",
    "_on_controller",
    "_fleet",
    "_inventory",
    "_drift",
    "_tables",
    "_drift_info",
    "_report",
    "_events",
)
FILES = files_of("plugin_utils")
#: Folders of plugins, which plugin_utils must not import.
PLUGINS = ("action", "filter", "inventory", "lookup", "modules", "test", "doc_fragments")


def test_each_room_is_in_the_list():
    assert {room_of(path) for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_imports_from_the_rooms_above_its_own(path):
    assert rooms_below(path, ROOMS) == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_plugin_utils_import_no_plugin(path):
    assert [name for name in imports(path) if name.split(".")[0] in PLUGINS] == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_is_short_enough(path):
    """At most 400 lines per file, 150 per class, 50 per function."""
    assert list(too_long(path)) == []
