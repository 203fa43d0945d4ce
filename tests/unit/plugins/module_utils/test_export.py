# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports: failures of a file system or a service that a playbook cannot easily cause."""

from __future__ import annotations

import errno
import os
from unittest import mock

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories import export as _export
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.export import export
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
)

CSV = b'IMEI,Line Status\r\n1,COMPLETED\r\n\r\n2,"FAI\nLED"\r\n'


class Machine:
    """The file functions of a module; `moved` counts the files that were moved into place."""

    def __init__(self, url, dest, check_mode=False, **params):
        known = {name: getattr(ConnectionOptions(url), name) for name in ConnectionOptions.__dataclass_fields__}
        self.params = {**known, "api_token": "tok-secret-1", "dest": str(dest), "backup": False, **params}
        self.check_mode = check_mode
        self.no_log_values = set()
        self.moved = 0

    def load_file_common_arguments(self, params, path):
        """Return those of the parameters."""
        return {"path": path, "mode": params.get("mode")}

    def set_fs_attributes_if_different(self, file_args, changed):
        """Nothing to do."""
        assert os.path.exists(file_args["path"])
        return changed

    def atomic_move(self, src, dest, unsafe_writes=False):
        """Moves the file."""
        assert unsafe_writes is False
        self.moved += 1
        os.replace(src, dest)


@pytest.fixture
def dest(tmp_path):
    """A path in an empty directory."""
    return tmp_path / "history.csv"


def test_the_file_has_what_was_sent_and_counts_its_rows(serve, dest):
    machine = Machine(serve(Answer(CSV), Answer(CSV)).url, dest)
    result = export(machine)
    assert dest.read_bytes() == CSV
    assert (result["changed"], result["lines"], result["size"]) == (True, 2, len(CSV))
    assert not export(machine)["changed"]
    assert machine.moved == 1


def test_a_second_download_replaces_the_first(serve, dest, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    longer = CSV + b"3,COMPLETED\r\n" * 9
    result = export(Machine(serve(Broken(longer), Answer(CSV)).url, dest))
    assert dest.read_bytes() == CSV
    assert result["size"] == len(CSV)


def test_check_mode_opens_nothing_for_writing(serve, dest, monkeypatch):
    monkeypatch.setattr(_export, "beside", None)
    assert export(Machine(serve(Answer(CSV)).url, dest, check_mode=True))["changed"]
    assert os.listdir(dest.parent) == []


def test_an_account_without_a_history_gives_an_empty_file(serve, dest):
    result = export(Machine(serve(Answer(b""), Answer([])).url, dest))
    assert (result["changed"], result["lines"], dest.read_bytes()) == (True, 0, b"")


def test_an_empty_transaction_is_not_a_csv(serve, dest):
    with pytest.raises(UnexpectedAnswerError, match="the CSV of the transaction A-1: expected a header"):
        export(Machine(serve(Answer(b"")).url, dest, transaction_id="A-1"))
    assert os.listdir(dest.parent) == []


def test_no_secret_in_a_quoted_answer(serve, dest):
    with pytest.raises(UnexpectedAnswerError) as caught:
        export(Machine(serve(Answer(b"Bearer tok-secret-1\n")).url, dest))
    assert "tok-secret-1" not in str(caught.value)


@pytest.mark.parametrize("when", ["write", "move"])
def test_a_full_disk_keeps_the_old_file(serve, dest, monkeypatch, when):
    dest.write_text("old")

    problem = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    place = (_export._Copy, "through") if when == "write" else (Machine, "atomic_move")
    monkeypatch.setattr(*place, mock.Mock(side_effect=problem))
    with pytest.raises(InputError, match="no space left on device; the file was not replaced"):
        export(Machine(serve(Answer(CSV)).url, dest))
    assert dest.read_text() == "old"
    assert os.listdir(dest.parent) == ["history.csv"]


def test_a_directory_that_cannot_be_written_is_found_before_any_request(dest, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match="cannot be written"):
        export(Machine("http://127.0.0.1:1", dest))
