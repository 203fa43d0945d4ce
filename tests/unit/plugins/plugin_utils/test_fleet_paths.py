# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths that variables name."""

from __future__ import annotations

import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.paths import resolved

DIGEST = "A0" * 32


def test_relative_paths_begin_at_the_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    given = {"a": "x/../fleet.csv", "b": "~/plan.json", "c": "/etc/fleet", "d": None, "e": " ", "f": f" {DIGEST} "}
    assert resolved(given, str(tmp_path)) == {
        "a": f"{tmp_path}/fleet.csv",
        "b": "/home/someone/plan.json",
        "c": "/etc/fleet",
        "f": DIGEST,
    }


def test_a_file_is_named_once(tmp_path):
    os.symlink(tmp_path / "fleet.csv", tmp_path / "link")
    with pytest.raises(InputError) as error:
        resolved(
            {"src": "fleet.csv", "plan": "./fleet.csv", "one": DIGEST, "two": DIGEST, "result": "link"}, str(tmp_path)
        )
    assert error.value.problems == [
        f"{name}: {path} is the file of src, too, and would be overwritten: give another path"
        for name, path in (("plan", tmp_path / "fleet.csv"), ("result", tmp_path / "link"))
    ]


@pytest.mark.parametrize("path", ["a\x00b", "a\ud83db"])
def test_what_is_no_path_is_a_sentence(tmp_path, path):
    with pytest.raises(InputError, match=r"plan: .* is not a path: it contains"):
        resolved({"plan": path, "src": "fleet.csv"}, str(tmp_path))
