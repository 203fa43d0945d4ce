# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet: its files are told apart, and tell the truth where an activation ends early."""

from __future__ import annotations

import fcntl
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from harness.devices import fleet
from harness.fleets import csv_file, esim, result, role
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator


def first_failure(run: Run) -> str:
    """The message of the task that failed first."""
    return next(outcome.msg for outcome in run if outcome.failed)


def test_a_plan_does_not_approve_itself(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """The new plan would be written over the approved one, and then be compared with itself."""
    given: dict[str, Any] = {"directory": str(tmp_path), "plan_file": "fleet.plan.json"}
    playbook(role(devices=fleet([1]), state="planned", **given))
    approved = (tmp_path / "fleet.plan.json").read_text(encoding="utf-8")
    run = playbook(role(devices=fleet([1, 2, 3]), approved_plan=f"{tmp_path}/fleet.plan.json", **given), expect_rc=2)
    assert f"fleet_plan_file: {tmp_path}/fleet.plan.json is the file of fleet_approved_plan, too" in first_failure(run)
    assert (tmp_path / "fleet.plan.json").read_text(encoding="utf-8") == approved
    sentinel.assert_wrote_nothing()


def test_a_fleet_is_not_overwritten(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    src = csv_file(tmp_path / "fleet.csv", fleet([1]))
    before = src.read_bytes()
    variables = ("plan_file", "result_file", "journal", "approved_plan")
    given = {"directory": str(tmp_path), "src": "fleet.csv", **dict.fromkeys(variables, str(src))}
    run = playbook(role(**given), check=True, expect_rc=2)
    for variable in variables:
        assert f"fleet_{variable}: {src} is the file of fleet_src, too" in first_failure(run)
    assert src.read_bytes() == before
    assert sentinel.requests() == []


def test_a_result_is_not_overwritten_by_the_report(playbook: Playbooks, tmp_path: Path) -> None:
    given = {"directory": str(tmp_path), "report": "report", "result_file": "report/report.csv"}
    run = playbook(role(devices=fleet([1]), **given), check=True, expect_rc=2)
    assert "report.csv in fleet_report: " in first_failure(run)


def test_an_ending_that_tells_no_format(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """Before anything is submitted, and not when there is nothing left to do but write."""
    run = playbook(role(devices=fleet([1]), directory=str(tmp_path), result_file="result.txt"), expect_rc=2)
    assert "result.txt tells no format: use .jsonl (JSON lines) or .csv" in run.output
    sentinel.assert_wrote_nothing()


def test_an_activation_that_ends_early_is_no_plan(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """The file of the journal is another run's when it comes to the activation: nothing must look well."""
    playbook(role(devices=fleet([1])))
    journal = tmp_path / "fleet.journal"
    given = {"journal": str(journal), "report": "report", "result_file": "result.jsonl", "directory": str(tmp_path)}
    # The plan only reads the journal.
    with open(journal, "w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        run = playbook(role(devices=[*fleet([1, 2, 3]), esim(4)], **given), expect_rc=2)
    summary = {"unknown": 3, "already_active": 1}
    assert result(run)["failed"]
    assert result(run)["summary"] == summary
    assert {entry["outcome"] for entry in result(run)["failed_devices"]} == {"unknown"}
    assert "journal" in run["Fail where devices need attention"].msg
    for path in (tmp_path / "result.jsonl", tmp_path / "report" / "report.json"):
        text = path.read_text(encoding="utf-8")
        devices = json.loads(text)["devices"] if path.suffix == ".json" else list(map(json.loads, text.splitlines()))
        assert Counter(entry["outcome"] for entry in devices) == summary
        assert all("journal" in entry["reason"] for entry in devices if entry["outcome"] == "unknown")
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["plan"], report["summary"]) == (False, summary)
    assert "Nothing needs attention" not in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert len(sentinel.activations()["devices"]) == 1


@pytest.mark.usefixtures("sentinel")
@pytest.mark.parametrize(("check", "rc", "limit"), [(False, 0, 1), (True, 0, 1), (False, 2, 0)])
def test_nothing_is_left_behind(playbook: Playbooks, check: bool, rc: int, limit: int) -> None:
    """Of what was written on the way: the devices, their plans, what became of them."""
    run = playbook(role(devices=fleet([1]), max_new_activations=limit), check=check, expect_rc=rc)
    made = Path(run["Make it in check mode, too" if check else "Make a directory for plans and results"]["path"])
    assert made.parent.is_dir()
    assert not made.exists()
