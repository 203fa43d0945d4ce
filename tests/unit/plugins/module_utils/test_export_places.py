# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports: paths that are not files, existing files, and unknown transactions."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, RefusedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.export import export
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.test_export import CSV, Machine

NOBODY = "http://127.0.0.1:1/api"


def test_an_irregular_file_is_refused_and_not_changed(tmp_path):
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(InputError, match="pipe is a FIFO; give a regular file"):
        export(Machine(NOBODY, place))
    assert os.listdir(tmp_path) == ["pipe"]


def test_an_empty_id_is_not_the_whole_history(tmp_path):
    with pytest.raises(InputError, match="transaction_id: must not be empty"):
        export(Machine(NOBODY, tmp_path / "history.csv", transaction_id=" "))


def test_only_an_existing_file_is_backed_up(serve, tmp_path):
    dest = tmp_path / "history.csv"
    machine = Machine(serve(*[Answer(CSV)] * 3).url, dest, backup=True)
    kept = []

    def backup_local(path):
        with open(path, encoding="utf-8") as stream:
            kept.append(stream.read())
        return f"{path}.old"

    machine.backup_local = backup_local
    assert "backup_file" not in export(machine)
    assert "backup_file" not in export(machine)
    dest.write_text("old")
    assert export(machine)["backup_file"] == f"{dest}.old"
    assert kept == ["old"]
    assert dest.read_bytes() == CSV


def test_an_unknown_transaction_is_a_clear_error(serve, tmp_path):
    with pytest.raises(RefusedError) as caught:
        export(Machine(serve(Answer({"message": "nope"}, 404)).url, tmp_path / "history.csv", transaction_id=" A-1 "))
    assert "the service does not know transaction A-1" in str(caught.value)
    assert "sentinel_transactions_info" in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_another_refusal_is_not_changed(serve, tmp_path):
    with pytest.raises(RefusedError, match="not that way"):
        export(
            Machine(serve(Answer({"message": "not that way"}, 400)).url, tmp_path / "history.csv", transaction_id="A-1")
        )


class Keeping(Machine):
    """Moves a file as Ansible does: the new file gets the mode of the old one, else the default mode."""

    def atomic_move(self, src, dest, unsafe_writes=False):
        """Moves the file."""
        if os.path.exists(dest):
            shutil.copystat(dest, src)
        else:
            os.chmod(src, 0o666)
        super().atomic_move(src, dest, unsafe_writes)


def test_a_new_file_is_private_and_an_old_one_keeps_its_permissions_without_special_bits(serve, tmp_path):
    dest = tmp_path / "history.csv"
    machine = Keeping(serve(*[Answer(CSV)] * 2).url, dest)
    export(machine)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    dest.write_text("old")
    dest.chmod(0o6754)
    export(machine)
    assert dest.read_bytes() == CSV
    assert stat.S_IMODE(dest.stat().st_mode) == 0o754


def test_a_failed_move_is_a_clear_error(serve, tmp_path):
    machine = Machine(serve(Answer(CSV)).url, tmp_path / "history.csv")

    def fail(*_args, **_more):
        raise Exception("Could not replace the file.")  # as Ansible does

    machine.atomic_move = fail
    with pytest.raises(InputError, match=r"dest: .*: could not replace the file"):
        export(machine)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a\x00b", "a\ud83db", "x" * 300])
def test_an_invalid_path_is_a_clear_error(tmp_path, name):
    with pytest.raises(InputError, match=r"^dest: "):
        export(Machine(NOBODY, f"{tmp_path}/{name}"))
