# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.plan."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from harness.devices import device, fleet, pair
from harness.fleets import PLAN, QUICK, connection_env, csv_file, mixed, result
from harness.playbooks import Playbooks, Run
from harness.simulators import ACTIVE, Simulator

PLAYBOOK = "kajeet.sentinel.plan"
PUBLISH, SHOW = "Publish the plan", "Show how to carry out the plan"


class Plan:
    """Runs the playbook in the test's directory."""

    def __init__(self, directory: Path, simulator: Simulator) -> None:
        self._playbook = Playbooks(directory)
        self._env = connection_env(simulator)

    def __call__(self, **options: Any) -> Run:
        variables = {**QUICK, **options.pop("variables")}
        return self._playbook(PLAYBOOK, extra_vars=variables, env={**self._env, **options.pop("env", {})}, **options)


@pytest.fixture
def plan(sentinel: Simulator, tmp_path: Path) -> Plan:
    """The playbook."""
    return Plan(tmp_path, sentinel)


def published(run: Run) -> dict[str, Any]:
    """The artifacts of the job."""
    outcome = run[PUBLISH]
    assert not outcome["ansible_stats"]["aggregate"]
    assert not outcome["ansible_stats"]["per_host"]
    data: dict[str, Any] = outcome["ansible_stats"]["data"]
    return data


def test_the_plan_is_the_same_with_and_without_check_mode(sentinel: Simulator, plan: Plan, tmp_path: Path) -> None:
    csv_file(tmp_path / "fleet.csv", [*mixed(), {**ACTIVE, **device(0, iccid=ACTIVE["iccid"], imei=ACTIVE["imei"])}])
    runs = [plan(variables={"fleet_src": "fleet.csv"}, check=check, diff=check) for check in (False, True)]
    for run in runs:
        written = json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))
        assert written["counts"] == {
            "activate": 7,
            "restore": 0,
            "wait": 0,
            "unchanged": 1,
            "conflict": 0,
            "inactive": 0,
        }
        assert published(run) == {"fleet_plan_digest": written["digest"], "fleet_plan_counts": written["counts"]}
        lines = run.output.splitlines()
        assert any("+ Bus 1 (iccid" in line for line in lines)
        assert any("Plan: 7 to activate, 1 active." in line for line in lines)
        assert any(f"Digest: {written['digest']}" in line for line in lines)
        assert written["digest"] in run[SHOW].msg
    assert published(runs[0]) == published(runs[1])
    assert str(tmp_path / "fleet.plan.json") in runs[0][SHOW].msg
    sentinel.assert_wrote_nothing()


def test_the_artifacts_are_shown_with_custom_stats(plan: Plan, tmp_path: Path) -> None:
    run = plan(
        variables={"fleet_devices": fleet([1]), "plan_file": "plans.json"}, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    )
    assert "CUSTOM STATS" in run.output
    assert published(run)["fleet_plan_digest"] in run.output.partition("CUSTOM STATS")[2]
    assert (tmp_path / "plans.json").exists()


def test_the_plan_is_written_as_a_markdown_table(sentinel: Simulator, plan: Plan, tmp_path: Path) -> None:
    devices = [device(1, nickname="a|b <i>"), device(2, iccid=ACTIVE["iccid"])]
    plan(variables={"fleet_devices": devices, "plan_markdown": "plan.md"}, expect_rc=2, check=True)
    text = (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert text.startswith("| carrier | device group | activate |")
    assert "- a\\|b \\<i\\> (iccid" in text
    assert "**in conflict**" in text
    digest = json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))["digest"]
    assert text.endswith(f"\nDigest: `{digest}`\n")
    sentinel.assert_wrote_nothing()


def test_carrier_defaults_may_be_yaml_or_json_text_from_a_survey(plan: Plan, tmp_path: Path) -> None:
    devices = [device(1, filter_group=None)]
    for text in ("Verizon: {filter_group: Staff}", '{"Verizon": {"filter_group": "Staff"}}'):
        plan(variables={"fleet_devices": devices, "fleet_carrier_defaults": text})
        written = json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))
        assert [entry["filter_group"] for entry in written["devices"]] == ["Staff"]
    run = plan(variables={"fleet_devices": devices, "fleet_carrier_defaults": "Staff"}, expect_rc=2)
    assert "carrier_defaults" in run.output


def test_fleet_state_as_an_extra_variable_does_not_activate(sentinel: Simulator, plan: Plan) -> None:
    plan(variables={"fleet_devices": fleet([1]), "fleet_state": "active"})
    sentinel.assert_wrote_nothing()


def test_a_plan_with_conflicts_fails_and_is_published(sentinel: Simulator, plan: Plan, tmp_path: Path) -> None:
    devices = [device(1), device(2, iccid=ACTIVE["iccid"])]
    run = plan(variables={"fleet_devices": devices}, expect_rc=2)
    assert published(run)["fleet_plan_counts"]["conflict"] == 1
    assert json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))["counts"]["activate"] == 1
    assert "1 of 2 devices needs attention" in run[PLAN].msg or "1 of 2 devices need attention" in run[PLAN].msg
    sentinel.assert_wrote_nothing()


def test_a_missing_and_a_wrong_fleet_are_reported_before_any_request(sentinel: Simulator, plan: Plan) -> None:
    run = plan(variables={}, expect_rc=2)
    assert "no host of the play declares a device" in run[PLAN].msg
    run = plan(variables={"fleet_devices": [pair(1)]}, expect_rc=2)
    assert "device 1: carrier is required" in run[PLAN].msg
    assert [outcome.status for outcome in run if outcome.name == PUBLISH] == ["skipped"]
    assert sentinel.requests() == []


def test_the_command_that_is_shown_carries_out_the_plan(sentinel: Simulator, plan: Plan, tmp_path: Path) -> None:
    csv_file(tmp_path / "the fleet.csv", fleet([1, 2]))
    lines = plan(variables={"fleet_src": "the fleet.csv"})[SHOW]["msg"]
    command = shlex.split(lines[-1])
    assert command[:2] == ["ansible-playbook", "kajeet.sentinel.activate"]
    given = dict(word.split("=", 1) for word in command[2:] if word != "-e")
    done = Playbooks(tmp_path)(command[1], extra_vars={**QUICK, **given}, env=connection_env(sentinel))
    assert result(done)["summary"] == {"activated": 2}
    again = plan(variables={"fleet_src": "the fleet.csv"})[SHOW].msg
    assert again.endswith("It submits nothing.")


def test_fleet_plan_file_as_an_extra_variable_sets_the_plan_file(plan: Plan, tmp_path: Path) -> None:
    """Extra variables override the playbook's. The artifacts and the table must be those of the new plan."""
    plan(variables={"fleet_devices": fleet([1])})
    variables = {"fleet_devices": fleet([2]), "fleet_plan_file": "other.json", "plan_markdown": "plan.md"}
    run = plan(variables=variables)
    written = json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    assert published(run)["fleet_plan_digest"] == written["digest"]
    assert f"Digest: `{written['digest']}`" in (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert str(tmp_path / "other.json") in run[SHOW].msg


@pytest.mark.parametrize("variable", ["plan_file", "plan_markdown"])
def test_the_fleets_file_is_not_overwritten(sentinel: Simulator, plan: Plan, tmp_path: Path, variable: str) -> None:
    src = tmp_path / "fleet.json"
    src.write_text(json.dumps(fleet([1])), encoding="utf-8")
    run = plan(variables={"fleet_src": "fleet.json", variable: "./fleet.json"}, expect_rc=2)
    assert "is also the file of " in next(outcome.msg for outcome in run if outcome.failed)
    assert json.loads(src.read_text(encoding="utf-8")) == fleet([1])
    assert sentinel.requests() == []
