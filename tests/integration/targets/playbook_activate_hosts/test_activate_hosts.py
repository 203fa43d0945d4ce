# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.activate_hosts after kajeet.sentinel.plan, as in a controller's workflow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from controller import ANSWERS, HOSTS, Controller, artifacts, slices
from harness.devices import device
from harness.fleets import ACTIVATE, PLAN, csv_file, mixed, posted, result
from harness.playbooks import Run
from harness.simulators import ACTIVE, Simulator


@pytest.fixture
def controller(sentinel: Simulator, tmp_path: Path) -> Controller:
    """A controller with a fleet of eight devices, of which one is already active."""
    controller = Controller(tmp_path, sentinel)
    already = {**device(0), "iccid": ACTIVE["iccid"], "imei": ACTIVE["imei"]}
    csv_file(controller.project / "fleet.csv", [*mixed(), already])
    return controller


def plan(controller: Controller, hosts: Mapping[str, Any], **variables: Any) -> Run:
    """Run the job that plans."""
    given = {**ANSWERS, **HOSTS, "plan_publish_content": True, **variables}
    return controller.start("plan.yml", hosts, given).done()


def test_slices_that_run_at_the_same_time_activate_each_device_of_the_approved_plan_once(
    sentinel: Simulator, controller: Controller
) -> None:
    hosts = controller.update_inventory()
    assert len(hosts) == 8
    planned = plan(controller, hosts)
    published = artifacts(planned)
    assert published["fleet_plan_counts"] == {
        "activate": 7,
        "restore": 0,
        "wait": 0,
        "unchanged": 1,
        "conflict": 0,
        "inactive": 0,
    }
    assert published["fleet_plan"]["digest"] == published["fleet_plan_digest"]
    approved = published["fleet_plan"]["approved"]
    counts = {kind: {action: len(keys) for action, keys in actions.items()} for kind, actions in approved.items()}
    assert counts == {
        kind: {"activate": number}
        for kind, number in Counter((entry.get("kind") or "sim").lower() for entry in mixed()).items()
    }
    # It is not in the job's events, which are too small for a large fleet.
    assert planned["Publish the plan"].data.keys() >= {"censored"}
    sentinel.assert_wrote_nothing()

    given = {**ANSWERS, **HOSTS, **published}
    jobs = [controller.start("activate.yml", part, given) for part in slices(hosts, 2)]
    runs = [job.done() for job in jobs]
    done = [result(run) for run in runs]
    assert sum(each["summary"]["activated"] for each in done) == 7
    assert [sum(each["summary"].values()) for each in done] == [4, 4]
    seen = sentinel.activations()
    assert (len(seen["devices"]), seen["max_submitted"], seen["max_activated"]) == (7, 1, 1)

    # A slice can be run again, for example after a failure of another one.
    again = result(controller.start("activate.yml", slices(hosts, 2)[0], given).done())
    assert not again["changed"]
    assert sum(posted(sentinel).values()) == sum(each["requests"]["writes"] for each in done)


def test_only_the_slice_with_a_device_that_was_not_approved_is_refused(
    sentinel: Simulator, controller: Controller
) -> None:
    published = artifacts(plan(controller, controller.update_inventory()))
    csv_file(controller.project / "fleet.csv", [*mixed(), device(30, nickname="New")])
    hosts = controller.update_inventory()
    rest = {name: values for name, values in hosts.items() if values["sentinel_nickname"] != "New"}
    new = {name: values for name, values in hosts.items() if name not in rest}
    assert len(new) == 1
    given = {**ANSWERS, **HOSTS, **published}
    refused = controller.start("activate.yml", new, given).done(expect_rc=2)
    assert "is not in the approved plan" in refused[ACTIVATE].msg
    sentinel.assert_wrote_nothing()
    assert result(controller.start("activate.yml", rest, given).done())["summary"]["activated"] == 7


def test_a_fleet_in_a_file_is_activated_by_one_job(sentinel: Simulator, controller: Controller) -> None:
    """The survey names the file. The approval is the same artifact."""
    declared = [{name: value for name, value in entry.items() if name != "filter_group"} for entry in mixed()]
    csv_file(controller.project / "buses.csv", declared)
    text = "Verizon: {filter_group: Student_K8}\nAT&T: {filter_group: Staff}\nT-Mobile: {filter_group: Staff}\n"
    answers = {**ANSWERS, "fleet_src": "buses.csv", "fleet_carrier_defaults": text}
    published = artifacts(controller.start("plan.yml", {}, {**answers, "plan_publish_content": True}).done())
    given = {**answers, **published, "fleet_hosts_pattern": "localhost"}
    assert result(controller.start("activate.yml", {}, given).done())["summary"] == {"activated": 7}
    groups = {str(body.get(name)) for body in sentinel.bodies() for name in body if "ilter" in name}
    assert groups == {"Student_K8", "Staff"}
    # With the digest alone: the approved plan is carried out, and a plan that submits nothing needs no approval.
    digest = {**answers, "fleet_hosts_pattern": "localhost", "fleet_plan_digest": published["fleet_plan_digest"]}
    assert result(controller.start("activate.yml", {}, digest).done())["summary"] == {"already_active": 7}
    assert sentinel.activations()["max_submitted"] == 1


def test_the_next_job_waits_for_the_transactions_of_slices_that_did_not_wait(
    sentinel: Simulator, controller: Controller
) -> None:
    """It gets the transactions of all slices, and can be launched again."""
    sentinel.settings(line_latency=600.0)
    hosts = controller.update_inventory()
    given = {**ANSWERS, **HOSTS, "fleet_wait": False, **artifacts(plan(controller, hosts))}
    submitted: dict[str, Any] = {}
    for number, part in enumerate(slices(hosts, 2), 17):
        run = controller.start("activate.yml", part, {**given, "awx_job_id": number}).done()
        assert set(result(run)["summary"]) <= {"pending", "already_active"}
        (name,) = published = artifacts(run)
        assert name == f"fleet_transactions_{number}"
        assert len(set(published[name])) == len(published[name]) > 0
        submitted.update(published)
    quick = {"wait_timeout": 0.2, "wait_poll_max_interval": 0.1}
    late = controller.start("wait.yml", {}, {**submitted, **quick}).done(expect_rc=2)
    assert "7 pending" in late["Wait"].msg
    sentinel.advance(600.0)
    waited = controller.start("wait.yml", {}, {**submitted, **quick, "wait_timeout": 20}).done()
    assert waited["Wait"]["summary"] == {"activated": 7}
    assert "7 activated" in waited["Show the outcome"].msg
    assert sentinel.activations()["max_submitted"] == 1

    nothing = controller.start("wait.yml", {}, {}).done()
    assert nothing["Report that nothing is pending"].msg == "Nothing is pending."
    wrong = {**given, "awx_job_id": 19, "fleet_result_file": "fleet.csv"}
    refused = controller.start("activate.yml", hosts, wrong).done(expect_rc=2)
    assert "does not end in .jsonl" in refused["Check the variables"].msg


def test_a_given_approved_plan_overrides_the_artifact(sentinel: Simulator, controller: Controller) -> None:
    hosts = controller.update_inventory()
    published = artifacts(plan(controller, hosts))
    given = {**ANSWERS, **HOSTS, **published, "approved_plan": "0" * 64}
    refused = controller.start("activate.yml", hosts, given).done(expect_rc=2)
    assert "The plan is not the approved one" in refused[ACTIVATE].msg
    given["approved_plan"] = "fleet.plan.json"
    check = controller.start("activate.yml", hosts, given, ["--check"]).done()
    assert result(check)["summary"] == {"would_activate": 7, "already_active": 1}
    sentinel.assert_wrote_nothing()


def test_a_changed_artifact_is_refused_in_check_mode(sentinel: Simulator, controller: Controller) -> None:
    hosts = controller.update_inventory()
    published = artifacts(plan(controller, hosts))
    published["fleet_plan"]["approved"].popitem()
    given = {**ANSWERS, **HOSTS, **published}
    refused = controller.start("activate.yml", hosts, given, ["--check"]).done(expect_rc=2)
    assert "was changed after it was written" in refused[PLAN].msg
    sentinel.assert_wrote_nothing()


def test_missing_variables_and_hosts_are_reported_before_any_request(
    sentinel: Simulator, controller: Controller
) -> None:
    hosts = {"bus-1": {f"sentinel_{name}": value for name, value in device(1).items()}}
    digest = {"fleet_plan_digest": "0" * 64}
    for inventory, variables, task, message in (
        (hosts, {}, "Check the variables", "approved_plan is required"),
        (
            hosts,
            {**digest, "fleet_src": "fleet.csv"},
            "Check the variables",
            "declare a whole fleet",
        ),
        ({}, digest, "Check that there are hosts", "No host of the inventory matches all:!localhost"),
    ):
        run = controller.start("activate.yml", inventory, {**ANSWERS, **variables}).done(expect_rc=2)
        assert message in run[task].msg
        assert "Activate" not in {outcome.name for outcome in run}
    assert sentinel.requests() == []


def test_the_project_compares_the_fleet_with_the_account(sentinel: Simulator, controller: Controller) -> None:
    run = controller.start("drift.yml", {}, {"fleet_src": "fleet.csv"}).done(expect_rc=2)
    assert artifacts(run)["fleet_drift_counts"]["missing"] == 7
    drift = json.loads((controller.project / "fleet.drift.json").read_text(encoding="utf-8"))
    assert drift["drift"] == artifacts(run)["fleet_drift"]
    sentinel.assert_wrote_nothing()
