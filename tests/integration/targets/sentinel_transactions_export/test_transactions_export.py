# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_transactions_export in playbooks."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from harness.infos import documented
from harness.places import collection_root
from harness.playbooks import Outcome, Playbooks
from harness.simulators import (
    HISTORY_PATH,
    LINES_PATH,
    PASSWORD,
    TOKEN,
    TOKEN_PATH,
    TOKEN_WITHOUT_SCOPES,
    USERNAME,
    Simulator,
)

MODULE = "kajeet.sentinel.sentinel_transactions_export"
PLUGIN = "modules/sentinel_transactions_export"
NEWEST_FIRST = f"GET {HISTORY_PATH}?sortDir=DESC&export=CSV"
#: Number of lines in the simulator's history.
SEEDED = 65


class Exports:
    """Calls the module several times in one playbook, with one task per call."""

    def __init__(self, playbook: Playbooks, sentinel: Simulator) -> None:
        self._playbook = playbook
        self._sentinel = sentinel

    def __call__(self, calls: Mapping[str, Mapping[str, Any]], check: bool = False) -> dict[str, Outcome]:
        """Run all calls; return their outcomes. Omits arguments that are None. Asserts that nothing is written."""
        known = {"api_url": self._sentinel.api_url, "api_token": TOKEN}
        tasks = [
            {
                "name": name,
                MODULE: {key: value for key, value in {**known, **given}.items() if value is not None},
                "ignore_errors": True,
            }
            for name, given in calls.items()
        ]
        run = self._playbook(tasks, check=check, diff=True, defaults={})
        assert all("diff" not in outcome.data for outcome in run)
        self._sentinel.assert_wrote_nothing()
        return {name: run[name] for name in calls}


@pytest.fixture
def export(playbook: Playbooks, sentinel: Simulator) -> Exports:
    """Calls the module. The history does not change, because pending lines do not end."""
    sentinel.reset(settings={"pending_fixture": 3600})
    return Exports(playbook, sentinel)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """The path of a new file in an empty directory."""
    return tmp_path / "history.csv"


def is_alone(path: Path) -> bool:
    """Whether the file's directory has no other file."""
    return list(path.parent.iterdir()) == [path]


def rows(path: Path) -> list[list[str]]:
    """The rows of the CSV."""
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_check_apply_apply_check_writes_the_history_once(sentinel: Simulator, export: Exports, dest: Path) -> None:
    call = {"dest": str(dest)}
    check = export({"check": call}, check=True)["check"]
    assert check.changed
    assert list(dest.parent.iterdir()) == []

    outcomes = export({"apply": call, "again": call})
    apply, again = outcomes["apply"], outcomes["again"]
    assert apply.changed
    assert is_alone(dest)
    assert (check["lines"], check["size"], check["checksum"]) == (apply["lines"], apply["size"], apply["checksum"])
    assert (apply["dest"], apply["lines"]) == (str(dest), SEEDED)
    assert apply["size"] == dest.stat().st_size
    assert apply["checksum"] == hashlib.sha256(dest.read_bytes()).hexdigest()
    assert len(rows(dest)) == SEEDED + 1
    assert not again.changed

    before = dest.stat()
    check_again = export({"check": call}, check=True)["check"]
    assert not check_again.changed
    assert dest.stat() == before
    for outcome in (check, apply, again, check_again):
        assert not outcome.failed, outcome.msg
        assert sentinel.calls(outcome) == [NEWEST_FIRST]


def test_check_mode_keeps_an_existing_file(export: Exports, dest: Path) -> None:
    dest.write_text("old", encoding="utf-8")
    check = export({"check": {"dest": str(dest), "backup": True, "mode": "0600"}}, check=True)["check"]
    assert check.changed
    assert "backup_file" not in check.data
    assert check["lines"] == SEEDED
    assert dest.read_text(encoding="utf-8") == "old"
    assert is_alone(dest)


def test_the_order_of_the_lines_can_be_chosen(sentinel: Simulator, export: Exports, dest: Path, tmp_path: Path) -> None:
    other = tmp_path / "ascending.csv"
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    outcomes = export({"desc": {"dest": str(dest)}, "asc": {"dest": str(other), "sort_dir": "ASC", **login}})
    assert not outcomes["asc"].failed, outcomes["asc"].msg
    assert rows(dest)[0] == rows(other)[0]
    assert {row[2] for row in rows(dest)} == {row[2] for row in rows(other)}
    assert rows(dest)[1][0] == rows(other)[-1][0]
    ascending = f"GET {HISTORY_PATH}?sortDir=ASC&export=CSV"
    assert sentinel.calls(outcomes["asc"]) == [f"POST {TOKEN_PATH}", ascending]


def test_mode_backup_and_symbolic_links_work_as_in_other_modules(export: Exports, dest: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.csv"
    real.parent.mkdir()
    real.write_text("old", encoding="utf-8")
    dest.symlink_to(real)
    outcomes = export(
        {
            "first": {"dest": str(dest), "backup": True, "mode": "0600"},
            "again": {"dest": str(dest), "backup": True, "mode": "0600"},
            "mode alone": {"dest": str(dest), "backup": True, "mode": "0640"},
            "mode kept": {"dest": str(dest), "sort_dir": "ASC"},
        }
    )
    assert [outcome.changed for outcome in outcomes.values()] == [True, False, True, True]
    backup = Path(outcomes["first"]["backup_file"])
    assert backup.read_text(encoding="utf-8") == "old"
    assert all("backup_file" not in outcomes[name].data for name in ("again", "mode alone", "mode kept"))
    assert outcomes["first"]["mode"] == "0600"
    assert dest.is_symlink()
    assert sorted(real.parent.iterdir()) == sorted([real, backup])
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(rows(real)) == SEEDED + 1


def test_a_single_transaction_can_be_exported(sentinel: Simulator, export: Exports, dest: Path) -> None:
    sentinel.history(
        {
            "iccid": "89148000003100412084",
            "imei": "355737361044132",
            "transaction_id": "ACT 1+2",
            "nickname": 'a,"b"\nc',
        },
        {"iccid": "89148000003100412092", "imei": "355737361044140", "transaction_id": "ACT 1+2"},
    )
    outcomes = export(
        {
            "known": {"dest": str(dest), "transaction_id": "ACT 1+2"},
            "again": {"dest": str(dest), "transaction_id": " ACT 1+2 "},
            "unknown": {"dest": str(dest), "transaction_id": "ACT-0000-0000-000"},
        }
    )
    assert [outcome.changed for outcome in outcomes.values()] == [True, False, False]
    assert outcomes["known"]["lines"] == 2
    assert [row[3] for row in rows(dest)[1:]] == ["89148000003100412084", "89148000003100412092"]
    assert sentinel.calls(outcomes["known"]) == [f"GET {LINES_PATH}ACT%201%2B2/csv"]
    assert outcomes["unknown"].failed
    assert "the service does not know transaction ACT-0000-0000-000" in outcomes["unknown"].msg
    assert outcomes["unknown"]["error"] == documented(PLUGIN, "RETURN")["error"]["sample"]
    assert is_alone(dest)


@pytest.mark.parametrize("kind", ["broken", "reset"])
def test_a_download_that_breaks_off_is_repeated_and_keeps_the_old_file(
    sentinel: Simulator, export: Exports, dest: Path, kind: str
) -> None:
    dest.write_text("old", encoding="utf-8")
    sentinel.faults({"kind": kind, "path": HISTORY_PATH, "count": 2})
    failed = export({"export": {"dest": str(dest), "request_retries": 1}})["export"]
    assert failed.failed
    assert failed["error"]["kind"] == "unreachable"
    assert "tried 2 times" in failed.msg
    assert dest.read_text(encoding="utf-8") == "old"
    assert is_alone(dest)

    sentinel.reset()
    sentinel.faults({"kind": kind, "path": HISTORY_PATH, "count": 1})
    done = export({"export": {"dest": str(dest)}})["export"]
    assert done.changed
    assert len(rows(dest)) == SEEDED + 1
    assert sentinel.calls(done) == [NEWEST_FIRST] * 2
    assert is_alone(dest)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "html", "status": 200}, "the answer is HTML instead of data"),
        ({"kind": "status", "status": 200, "body": {"message": "no", "status": 1}}, "a header of several columns"),
        ({"kind": "status", "status": 200, "body": 'IMEI,ICCID\n1,"2'}, "the answer is not a CSV"),
        ({"kind": "empty"}, "the answer is empty, but the account has a history"),
    ],
)
def test_an_unexpected_answer_keeps_the_old_file(
    sentinel: Simulator, export: Exports, dest: Path, fault: dict[str, Any], words: str
) -> None:
    dest.write_text("old", encoding="utf-8")
    sentinel.faults({"path": HISTORY_PATH, "count": 0, **fault})
    outcome = export({"export": {"dest": str(dest)}})["export"]
    assert outcome.failed
    assert outcome["error"]["kind"] == "unexpected_answer"
    assert words in outcome.msg
    assert dest.read_text(encoding="utf-8") == "old"
    assert is_alone(dest)


def test_errors_say_what_is_wrong_without_secrets(
    sentinel: Simulator, export: Exports, dest: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    refused: dict[str, tuple[dict[str, Any], str]] = {
        "a directory": ({"dest": str(tmp_path / "folder")}, "is a directory: give a file"),
        "no parent": ({"dest": str(tmp_path / "none" / "x.csv")}, "does not exist on the machine that runs the module"),
        "a device": ({"dest": "/dev/null"}, "dest: /dev/null is a character device; give a regular file"),
        "empty id": ({"dest": str(dest), "transaction_id": " "}, "transaction_id: must not be empty"),
        "both": ({"dest": str(dest), "transaction_id": "1", "sort_dir": "ASC"}, "mutually exclusive"),
        "no credentials": ({"dest": str(dest), "api_token": None}, "No credentials are set"),
    }
    answered: dict[str, tuple[dict[str, Any], str]] = {
        "wrong token": ({"dest": str(dest), "api_token": "wrong-secret-0815"}, "api_token is not accepted (HTTP 401)"),
        "no scope": ({"dest": str(dest), "api_token": TOKEN_WITHOUT_SCOPES}, "lack the scope aux_activation"),
    }
    calls = {**refused, **answered}
    outcomes = export({name: given for name, (given, words) in calls.items()})
    for name, (_given, words) in calls.items():
        assert outcomes[name].failed, name
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
        # Wrong options are reported before any request.
        assert len(sentinel.calls(outcomes[name])) == (name in answered)
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_memory_does_not_grow_with_the_history(sentinel: Simulator, dest: Path) -> None:
    def peak() -> tuple[int, int]:
        params = {
            "api_url": sentinel.api_url,
            "api_token": TOKEN,
            "dest": str(dest),
            "backup": False,
            "validate_certs": True,
            "request_timeout": 60.0,
            "request_retries": 0,
            "concurrency": 8,
        }
        script = str(Path(__file__).resolve().parent / "peak.py")
        # A process inherits the peak memory of its parent, so start it from a small one.
        small_parent = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
        command = [*small_parent, sys.executable, script, str(import_directory(dest.parent)), json.dumps(params)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=110)
        kilobytes, lines = map(int, done.stdout.split())
        return kilobytes, lines

    small, lines = peak()
    assert lines == SEEDED
    sentinel.control("POST", "history", {"generate": 300_000, "lines_per_transaction": 100})
    large, lines = peak()
    assert lines == SEEDED + 300_000
    assert large - small < 30 * 1024, (small, large)


def import_directory(tmp: Path) -> Path:
    """A directory in which the collection can be imported as ansible_collections.kajeet.sentinel."""
    link = tmp / "collections" / "ansible_collections" / "kajeet" / "sentinel"
    if not link.exists():
        link.parent.mkdir(parents=True)
        link.symlink_to(collection_root(), target_is_directory=True)
    return tmp / "collections"
