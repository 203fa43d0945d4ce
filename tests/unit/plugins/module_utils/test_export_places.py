# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports: places that are no files, what was there before, and transactions that the service does not know."""

from __future__ import annotations

import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, RefusedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.export import export
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.test_export import CSV, Machine

NOBODY = "http://127.0.0.1:1/api"


def test_what_is_no_ordinary_file_is_left_alone(tmp_path):
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(InputError, match="pipe is no ordinary file"):
        export(Machine(NOBODY, place))
    assert os.listdir(tmp_path) == ["pipe"]


def test_an_empty_id_is_not_the_whole_history(tmp_path):
    with pytest.raises(InputError, match="transaction_id: is empty"):
        export(Machine(NOBODY, tmp_path / "history.csv", transaction_id=" "))


def test_a_backup_is_made_of_what_was_there_and_of_nothing_else(serve, tmp_path):
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


def test_a_transaction_that_the_service_does_not_know_is_said_to_be_that(serve, tmp_path):
    with pytest.raises(RefusedError) as caught:
        export(Machine(serve(Answer({"message": "nope"}, 404)).url, tmp_path / "history.csv", transaction_id=" A-1 "))
    assert "the service does not know the transaction A-1" in str(caught.value)
    assert "sentinel_transactions_info" in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_another_refusal_stays_what_it_is(serve, tmp_path):
    with pytest.raises(RefusedError, match="not that way"):
        export(
            Machine(serve(Answer({"message": "not that way"}, 400)).url, tmp_path / "history.csv", transaction_id="A-1")
        )
