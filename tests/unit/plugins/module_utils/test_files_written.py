# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a task writes."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._report.files import check_writable, write_whole


def test_a_path_that_can_be_written_has_no_problem(tmp_path):
    assert check_writable("plan_file", str(tmp_path / "plan.json")) == []


def test_a_path_that_cannot_be_written_is_told_with_its_option(tmp_path, monkeypatch):
    (told,) = check_writable("plan_file", str(tmp_path))
    assert told == f"plan_file: {tmp_path} is a directory: give a file"
    (told,) = check_writable("plan_file", str(tmp_path / "none" / "plan.json"))
    assert told.startswith(f"plan_file: the directory {tmp_path / 'none'} does not exist")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (told,) = check_writable("result_file", str(tmp_path / "plan.json"))
    assert told == f"result_file: the directory {tmp_path} cannot be written"


def test_a_file_is_written_as_utf_8_with_the_mode_of_any_new_file(tmp_path):
    mask = os.umask(0o027)
    try:
        write_whole(str(tmp_path / "plan.json"), "schön\n")
    finally:
        os.umask(mask)
    assert (tmp_path / "plan.json").read_bytes() == "schön\n".encode()
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_a_file_that_is_there_is_replaced_and_keeps_its_mode(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old and longer")
    path.chmod(0o604)
    write_whole(str(path), "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(str(path), "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_half_a_character_from_the_service_is_no_reason_to_write_nothing(tmp_path):
    write_whole(str(tmp_path / "plan.json"), "bad \ud83d ZIP")
    assert (tmp_path / "plan.json").read_text() == "bad \\ud83d ZIP"
