# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of a task: no file overwrites another, and all problems are reported before any request."""

from __future__ import annotations

import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.activate import Mode, Surroundings, activate
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.tasks import of_kind
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import declared, params


@pytest.fixture
def problems():
    """Run an invalid task: problems(option=…) → its problems."""

    def no_service(*_args):
        raise AssertionError("the service was asked")

    def run(**given):
        task = params(**{"devices": [declared(0)], "api_token": "t", **given})
        with pytest.raises(InputError) as caught:
            activate(of_kind(SIM), task, Mode(), lambda secret: None, Surroundings(no_service))
        return caught.value.problems

    return run


@pytest.fixture
def approved(tmp_path):
    """An approved plan without devices."""
    path = tmp_path / "approved.json"
    activate(of_kind(SIM), params(devices=[], api_token="t", plan_file=str(path)), Mode(), lambda secret: None)
    return path


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("plan_file", "link.json"),
        ("plan_markdown", "link.md"),
        ("result_file", "link.csv"),
        ("failed_file", "link.csv"),
        ("journal", "link"),
    ],
)
def test_an_approved_plan_is_not_overwritten(problems, approved, tmp_path, monkeypatch, option, name):
    before = approved.read_text()
    link = tmp_path / name
    link.symlink_to(approved)
    monkeypatch.setenv("HOME", str(tmp_path))
    for written in (str(approved), "~/approved.json", "${HOME}/here/../approved.json"):
        (tmp_path / "here").mkdir(exist_ok=True)
        reported = problems(**{option: str(link), "approved_plan": written})
        overwritten = f"{option}: {link} is also the file of approved_plan and would be overwritten; give another path"
        assert reported == [overwritten]
    assert approved.read_text() == before


def test_the_path_of_an_approved_plan_may_begin_with_a_tilde(problems, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLANS", str(tmp_path))
    (tmp_path / "approved.json").write_text("[]")
    for written in ("~/approved.json", "$PLANS/approved.json"):
        assert problems(approved_plan=written) == [
            f"approved_plan: {written} is not a plan file; write one with plan_file"
        ], "it was found and read"


def test_a_digest_is_not_a_path(problems, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    digest = "0" * 64
    (problem,) = problems(approved_plan=digest, result_file=f"{digest}.xls")
    assert problem == f"result_file: {digest}.xls: unsupported file type; use .jsonl (JSON lines), .csv or .xlsx"


@pytest.mark.parametrize(
    ("first", "second"), [("plan_file", "result_file"), ("result_file", "failed_file"), ("result_file", "journal")]
)
def test_two_options_that_name_the_same_file_are_refused(problems, tmp_path, first, second):
    (tmp_path / "here").mkdir()
    path, same = tmp_path / "result.jsonl", os.path.join(tmp_path, "here", "..", "result.jsonl")
    reported = problems(**{first: str(path), second: same})
    assert reported == [f"{second}: {same} is also the file of {first} and would be overwritten; give another path"]
    assert not path.exists()


def test_the_source_of_the_fleet_is_not_overwritten_by_its_outcomes(problems, tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text(
        "iccid,imei,carrier\n" + ",".join(declared(0)[name] for name in ("iccid", "imei", "carrier")) + "\n"
    )
    before = path.read_text()
    (problem,) = problems(devices=None, src=str(path), result_file=str(path))
    assert problem.startswith("result_file:")
    assert "the file of src" in problem
    assert path.read_text() == before


def test_a_journal_that_cannot_be_written_is_found_before_any_request(problems, tmp_path):
    (problem,) = problems(journal=str(tmp_path / "none" / "fleet.journal"))
    assert problem.startswith("journal:")


@pytest.mark.parametrize("option", ["failed_file", "result_file", "plan_file", "journal", "src", "approved_plan"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_path_is_an_error(problems, option, blank):
    more = {"devices": None} if option == "src" else {}
    assert f"{option}: must not be blank; give a value or omit {option}" in problems(**{option: blank, **more})
