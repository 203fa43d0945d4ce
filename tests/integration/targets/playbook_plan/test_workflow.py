# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the commands of the workflow in docs/ci unchanged, against a simulator."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from harness.fleets import csv_file, mixed
from harness.places import collection_root
from harness.playbooks import environment
from harness.simulators import PASSWORD, USERNAME, Simulator

WORKFLOW = collection_root() / "docs" / "ci" / "github-actions.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    """The content of the workflow's file."""
    content: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return content


def commands(workflow: dict[str, Any], job: str) -> list[str]:
    """The commands of a job that run playbooks for a fleet."""
    steps = workflow["jobs"][job]["steps"]
    playbooks = [step["run"] for step in steps if step.get("run", "").startswith("ansible-playbook ")]
    return [command for command in playbooks if command != "ansible-playbook kajeet.sentinel.simulator_start"]


def run(
    command: str, directory: Path, sentinel: Simulator, workflow: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory with a fleet, with a login at the simulator."""
    csv_file(directory / workflow["env"]["FLEET"], mixed())
    login = {"SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD, "SENTINEL_API_URL": sentinel.api_url}
    return subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=directory,
        env=environment(directory / "run.results", {**login, "FLEET": workflow["env"]["FLEET"]}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_jobs_of_a_pull_request_plan_and_compare_the_fleet(
    sentinel: Simulator, workflow: dict[str, Any], tmp_path: Path
) -> None:
    assert workflow["jobs"]["simulator"]["env"]["SENTINEL_PASSWORD"] == PASSWORD
    wanted = [*commands(workflow, "simulator"), *commands(workflow, "plan")]
    assert len(wanted) == 3
    for command in wanted:
        done = run(command, tmp_path, sentinel, workflow)
        assert done.returncode == 0, done.stdout
    sentinel.assert_wrote_nothing()
    digest = json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))["digest"]
    table = (tmp_path / "fleet.plan.md").read_text(encoding="utf-8")
    assert table.startswith("| carrier |")
    assert digest in table
    suite = ET.parse(tmp_path / "fleet.drift.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("7", "7")
    kept = workflow["jobs"]["plan"]["steps"][-1]["with"]["path"].split()
    assert all((tmp_path / name).exists() for name in kept)


def test_the_nightly_job_fails_on_drift(sentinel: Simulator, workflow: dict[str, Any], tmp_path: Path) -> None:
    (command,) = commands(workflow, "drift")
    done = run(command, tmp_path, sentinel, workflow)
    assert done.returncode == 2
    assert "7 missing" in done.stdout
    sentinel.assert_wrote_nothing()
    kept = workflow["jobs"]["drift"]["steps"][-1]["with"]["path"].split()
    assert all((tmp_path / name).exists() for name in kept)


def test_the_workflow_never_activates(workflow: dict[str, Any]) -> None:
    every = [command for job in workflow["jobs"] for command in commands(workflow, job)]
    assert {command.split()[1] for command in every} == {"kajeet.sentinel.plan", "kajeet.sentinel.drift"}
