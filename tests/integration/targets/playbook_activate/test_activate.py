# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.activate after kajeet.sentinel.plan, as in a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness.devices import device
from harness.fleets import ACTIVATE, QUICK, connection_env, csv_file, mixed, posted, result
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator


@pytest.fixture
def run(sentinel: Simulator, tmp_path: Path) -> Callable[..., Run]:
    """Runs a playbook of the collection in the test's directory."""
    playbook = Playbooks(tmp_path)

    def start(name: str, variables: dict[str, Any], **options: Any) -> Run:
        merged = {**QUICK, "fleet_src": "fleet.csv", **variables}
        env = options.pop("env", connection_env(sentinel))
        return playbook(f"kajeet.sentinel.{name}", extra_vars=merged, env=env, **options)

    return start


def planned(run: Run) -> dict[str, Any]:
    """The artifacts of the job that plans."""
    data: dict[str, Any] = run["Publish the plan"]["ansible_stats"]["data"]
    return data


@pytest.fixture
def artifacts(run: Callable[..., Run], tmp_path: Path) -> dict[str, Any]:
    """The artifacts of a plan for fleet.csv, which is also in fleet.plan.json."""
    csv_file(tmp_path / "fleet.csv", mixed())
    return planned(run("plan", {}))


def test_a_plan_is_carried_out_with_its_digest(
    sentinel: Simulator, run: Callable[..., Run], artifacts: dict[str, Any]
) -> None:
    approved = {"approved_plan": artifacts["fleet_plan_digest"]}
    check = run("activate", approved, check=True)
    assert result(check)["summary"] == {"would_activate": 7}
    sentinel.assert_wrote_nothing()
    done = run("activate", approved)
    assert result(done)["summary"] == {"activated": 7}
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}
    # The approved plan is carried out, and a plan that submits nothing needs no approval.
    again = result(run("activate", approved))
    assert not again["changed"]
    assert again["summary"] == {"already_active": 7}
    assert sum(posted(sentinel).values()) == 3


def test_a_plan_is_carried_out_with_its_file_and_can_be_run_again(
    sentinel: Simulator, run: Callable[..., Run], artifacts: dict[str, Any]
) -> None:
    approved = {"approved_plan": "fleet.plan.json"}
    assert result(run("activate", approved))["plan"]["digest"] == artifacts["fleet_plan_digest"]
    again = result(run("activate", approved))
    assert not again["changed"]
    assert again["summary"] == {"already_active": 7}
    assert sum(posted(sentinel).values()) == 3


def test_the_artifacts_of_a_workflow_are_enough(
    sentinel: Simulator, run: Callable[..., Run], artifacts: dict[str, Any]
) -> None:
    """A controller passes the artifacts of a job to the next one as variables."""
    assert result(run("activate", artifacts))["summary"] == {"activated": 7}
    assert sentinel.activations()["max_submitted"] == 1


@pytest.mark.parametrize("approved", ["digest", "fleet.plan.json"])
def test_a_device_that_was_not_approved_is_refused(
    sentinel: Simulator, run: Callable[..., Run], artifacts: dict[str, Any], tmp_path: Path, approved: str
) -> None:
    csv_file(tmp_path / "fleet.csv", [*mixed(), device(30)])
    wanted = artifacts["fleet_plan_digest"] if approved == "digest" else approved
    refused = run("activate", {"approved_plan": wanted}, expect_rc=2)
    assert "nothing was written" in refused[ACTIVATE].msg
    sentinel.assert_wrote_nothing()


def test_an_approved_plan_is_required(sentinel: Simulator, run: Callable[..., Run], tmp_path: Path) -> None:
    csv_file(tmp_path / "fleet.csv", mixed())
    for variables in ({}, {"approved_plan": " "}):
        refused = run("activate", variables, expect_rc=2)
        assert "approved_plan is required" in refused["Check that a plan is approved"].msg
    assert sentinel.requests() == []


def test_the_same_survey_answers_make_the_approved_plan(run: Callable[..., Run], tmp_path: Path) -> None:
    csv_file(tmp_path / "fleet.csv", [device(1, filter_group=None)])
    answer = {"fleet_carrier_defaults": "Verizon: {filter_group: Staff}"}
    digest = planned(run("plan", answer))["fleet_plan_digest"]
    done = run("activate", {**answer, "approved_plan": f" {digest} "})
    assert result(done)["summary"] == {"activated": 1}
