# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the README and the workflow of examples/, a directory to copy, and the part of CONTRIBUTING.md that uses it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import warm
from harness.places import collection_root
from harness.playbooks import environment
from harness.shells import run_in_shell
from harness.simulators import PASSWORD, USERNAME, Simulator
from harness.snippets import commands, parse
from harness.waits import POLL_INTERVAL

EXAMPLES = collection_root() / "examples"
INSTALL = ("pip install ", "ansible-galaxy collection install ")


class Project:
    """A copy of the directory, with a simulator instead of the account.

    Args:
        directory: parent of the copy.
        shared: a directory of all copies, so that they have the same settings and share a warm server.
        sentinel: the simulator.
    """

    def __init__(self, directory: Path, shared: Path, sentinel: Simulator) -> None:
        self.directory = directory / "examples"
        shutil.copytree(EXAMPLES, self.directory)
        (shared / "hosts.ini").write_text("localhost ansible_connection=local\n", encoding="utf-8")
        login = {"SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD, "SENTINEL_API_URL": sentinel.api_url}
        self._env = environment(directory / "results", {**login, "ANSIBLE_INVENTORY": str(shared / "hosts.ini")})
        self._env["GITHUB_STEP_SUMMARY"] = str(directory / "summary.md")
        # ansible-test does not allow the default interpreter. The default poll interval is for the service.
        known = {"ansible_python_interpreter": warm.python(self._env), "fleet_poll_interval": POLL_INTERVAL}
        shims = warm.shims(shared / "bin", shared, self._env, known)
        self._env["PATH"] = f"{shims}{os.pathsep}{self._env['PATH']}"

    def run(self, command: str, rc: int = 0, cwd: Path | None = None) -> str:
        """Run a command; return its output.

        Args:
            command: for a shell.
            rc: the expected exit code.
            cwd: working directory; default: the copy.
        """
        return run_in_shell(command, cwd or self.directory, self._env, rc)


@pytest.fixture
def project(sentinel: Simulator, workspace: Path, tmp_path: Path) -> Project:
    """A copy of the example."""
    sentinel.reset(settings={"seeded_history": False})
    return Project(tmp_path, workspace, sentinel)


@dataclass(frozen=True)
class Record:
    """What the commands of the README and of the workflow's drift job did, and the playbooks when run again.

    Args:
        outputs: of the commands of the README.
        has_report: whether the report was written.
        hosts: output of ansible-inventory.
        again: outputs of the playbooks' second runs.
        written: names of new files in the directory.
        max_submitted: how often the most submitted device was submitted.
    """

    outputs: dict[str, str]
    has_report: bool
    hosts: str
    again: list[str]
    written: set[str]
    max_submitted: int


@pytest.fixture(scope="module")
def record(simulator: Simulator, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Runs the commands once, in a copy of the example of their own."""
    simulator.reset(settings={"seeded_history": False})
    project = Project(tmp_path_factory.mktemp("readme"), workspace, simulator)
    before = set(os.listdir(project.directory))
    outputs = {command: project.run(command) for command in of_readme()}
    has_report = (project.directory / "report" / "report.html").exists()
    hosts = project.run("ansible-inventory -i fleet.sentinel.yml --list")
    again = [project.run(command) for command in ("ansible-playbook plan.yml", "ansible-playbook apply.yml")]
    for command in of_workflow("drift"):
        project.run(command)
    written = set(os.listdir(project.directory)) - before
    return Record(outputs, has_report, hosts, again, written, simulator.activations()["max_submitted"])


def of_readme() -> list[str]:
    """The commands of the README, without installation and without variables, which the environment has."""
    blocks = parse("README.md", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    all_commands = [command for block in blocks if block.language == "console" for command in commands(block.text)]
    return [command for command in all_commands if not command.startswith((*INSTALL, "export "))]


def of_workflow(job: str) -> list[str]:
    """The commands of a job of the workflow, without installation."""
    workflow = yaml.safe_load((EXAMPLES / ".github/workflows/fleet.yml").read_text(encoding="utf-8"))
    all_commands = [step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step]
    return [command for command in all_commands if not command.startswith(INSTALL)]


def test_the_readme_leads_to_an_active_fleet(record: Record) -> None:
    outputs = record.outputs
    assert list(outputs)[1:4] == ["ansible-playbook plan.yml", "cat fleet.plan.md", "ansible-playbook apply.yml"]
    assert "Ready: SIM activation." in outputs["ansible-playbook kajeet.sentinel.check_account"]
    assert "3 to activate" in outputs["ansible-playbook plan.yml"]
    assert "3 activated" in outputs["ansible-playbook apply.yml"]
    assert record.has_report
    assert record.hosts.count('"sentinel_imei"') == 3
    for output in record.again:
        assert "3 already active" in output
    assert record.max_submitted == 1


def test_the_workflow_plans_activates_and_compares(sentinel: Simulator, project: Project) -> None:
    for command in of_workflow("plan"):
        project.run(command)
    sentinel.assert_wrote_nothing()
    assert "Digest" in (project.directory.parent / "summary.md").read_text(encoding="utf-8")
    (drift,) = of_workflow("drift")
    assert "3 missing" in project.run(drift, rc=2)
    (apply,) = of_workflow("apply")
    project.run(apply)
    assert "as declared" in project.run(drift)
    assert sentinel.activations()["max_submitted"] == 1


def test_a_device_that_was_added_after_the_plan_is_refused(sentinel: Simulator, project: Project) -> None:
    project.run("ansible-playbook plan.yml")
    with (project.directory / "fleet.csv").open("a", encoding="utf-8") as rows:
        rows.write("89148000004821993519,355737368190938,Verizon,Transportation,,,Bus 04\n")
    assert "approved" in project.run("ansible-playbook apply.yml", rc=2)
    sentinel.assert_wrote_nothing()


def test_the_commands_of_contributing_lose_an_answer_and_activate_once(sentinel: Simulator, project: Project) -> None:
    page = parse("CONTRIBUTING.md", (collection_root() / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    _start, block = (block for block in page if block.key.startswith("Run one playbook"))
    checkout = project.directory.parent
    (checkout / ".cache").mkdir()
    books: dict[str, Any] = {}
    for command in commands(block.text):
        words = shlex.split(command)
        if "--json" in words:
            sentinel.control(
                "POST", words[-1].partition("/_simulator/")[2], json.loads(words[words.index("--json") + 1])
            )
        elif words[0] == "curl":
            books = sentinel.control("GET", words[-1].partition("/_simulator/")[2])
        elif words[1] != "kajeet.sentinel.simulator_stop":
            project.run(command, cwd=checkout)
    sentinel.assert_faults_struck()
    assert (books["max_submitted"], books["max_activated"]) == (1, 1)


def test_gitignore_lists_all_files_that_the_playbooks_write(record: Record) -> None:
    ignored = (EXAMPLES / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip("/").removesuffix("*") for line in ignored if line.startswith("/")]
    assert record.written
    assert [name for name in record.written if not name.startswith(tuple(patterns))] == []


def test_the_example_has_the_requirements_of_the_collection() -> None:
    galaxy = yaml.safe_load((collection_root() / "galaxy.yml").read_text(encoding="utf-8"))
    wanted: dict[str, Any] = yaml.safe_load((EXAMPLES / "requirements.yml").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in wanted["collections"]] == [galaxy["repository"]]
    assert lines_of(EXAMPLES / "requirements.txt") >= lines_of(collection_root() / "requirements.txt")
    runtime = yaml.safe_load((collection_root() / "meta/runtime.yml").read_text(encoding="utf-8"))
    (oldest,) = re.findall(r"^>=([\d.]+?)(?:\.0)?$", runtime["requires_ansible"])
    assert any(line.startswith(f"ansible-core>={oldest}") for line in lines_of(EXAMPLES / "requirements.txt"))


def lines_of(path: Path) -> set[str]:
    """The requirements in a file."""
    return {line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}
