# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role simulator: starts and stops a simulator, and reports why it cannot."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from harness.devices import device
from harness.places import collection_root
from harness.playbooks import Playbooks, activation
from harness.simulators import CORP_ID, TOKEN
from role import Role, answers, is_gone, pids, status_of, use


@pytest.fixture(scope="module")
def playbook(workspace: Path) -> Playbooks:
    """Runs playbooks without a simulator of the harness."""
    return Playbooks(workspace)


@pytest.fixture(scope="module")
def venv(workspace: Path) -> Path:
    """The virtual environment that the role creates at its first use."""
    return workspace / "venv"


@pytest.fixture
def role(playbook: Playbooks, tmp_path: Path, venv: Path) -> Iterator[Role]:
    """The role, with the test's own directory."""
    using = Role(playbook, tmp_path / "simulator", venv)
    yield using
    using.stop()


def test_starting_and_stopping_twice_changes_once_and_check_mode_changes_nothing(role: Role, venv: Path) -> None:
    checked = role([use("check", **role.variables())], check=True)
    assert checked.changed("check")
    assert not role.directory.exists()
    assert not (venv / "bin").exists()

    started = role([use("start", **role.variables()), use("again", **role.variables())])
    assert "Start the simulator's process" in started.changed("start")
    assert started.changed("again") == []
    facts = started.facts("start")
    assert started.facts("again") == facts
    assert facts["api_url"].startswith(facts["url"] + "/")
    assert answers(facts["url"])
    assert (venv / "bin" / "python").exists()

    checked = role([use("start", **role.variables()), use("stop", **role.variables(state="stopped"))], check=True)
    assert checked.changed("start") == []
    assert checked.facts("start") == facts
    assert checked.changed("stop") == ["Stop the simulator's process"]
    assert answers(facts["url"]), "check mode stops nothing"

    stopped = role([use("stop", **role.variables(state="stopped")), use("again", **role.variables(state="stopped"))])
    assert stopped.changed("stop") == ["Stop the simulator's process"]
    assert stopped.changed("again") == []
    assert not answers(facts["url"])
    assert is_gone(int(facts["pid"]))


def test_other_parameters_restart_the_simulator(role: Role) -> None:
    steps = role([use("closed", **role.variables()), use("open", **role.variables(control=True))])
    old, new = pids(steps, ["closed", "open"])
    assert steps.changed("open") == ["Start the simulator's process"]
    assert old != new
    assert is_gone(old)
    assert status_of(steps.facts("open")["url"] + "/_simulator/requests") == 200


def test_the_control_surface_is_off(role: Role) -> None:
    steps = role([use("start", **role.variables())])
    url = steps.facts("start")["url"]
    for path in ("requests", "activations", "settings", "clock", "faults"):
        assert status_of(f"{url}/_simulator/{path}") == 404
    assert status_of(f"{url}/docs") == 200


def test_a_port_that_is_in_use_is_reported(role: Role) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        steps = role([use("start", **role.variables(port=port))], expect_rc=2)
    message = " ".join(steps.failures())
    assert "The simulator did not start" in message
    assert f"port {port} is in use" in message
    assert "choose another" in message
    assert "simulator.log" in message


def test_a_virtual_environment_without_its_python_is_created_again(role: Role, venv: Path) -> None:
    role([use("start", **role.variables()), use("stop", **role.variables(state="stopped"))])
    for link in (venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/bin/python3")
    checked = role([use("start", **role.variables())], check=True)
    assert "Create the virtual environment" in checked.changed("start")
    steps = role([use("start", **role.variables()), use("again", **role.variables())])
    assert steps.changed("start") == ["Create the virtual environment", "Start the simulator's process"]
    assert steps.changed("again") == []
    assert answers(steps.facts("start")["url"])


@pytest.mark.parametrize(
    ("python", "words", "state"),
    [
        ("/nowhere/python3", "it cannot be run, or prints nothing", "started"),
        ("/nowhere/python3", "it cannot be run, or prints nothing", "stopped"),
        ("/bin/ls", "ls: ", "started"),
        ("/bin/echo", "-c import json", "started"),
    ],
)
def test_a_path_that_is_not_a_python_is_refused(role: Role, python: str, words: str, state: str) -> None:
    steps = role([use("start", **role.variables(python=python, state=state))], expect_rc=2)
    (message,) = steps.failures()
    assert f"simulator_python: {python} is not a Python interpreter on the target; set it to the path of" in message
    assert words in message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("port", 99999, "--port must be between 0 and 65535, not 99999"), ("lifetime", -5, "--lifetime must be 0")],
)
def test_a_number_out_of_range_is_refused(role: Role, name: str, value: int, words: str) -> None:
    steps = role([use("start", **role.variables(**{name: value}))], expect_rc=2)
    message = steps.failures()[-1]
    assert f"sentinel_simulator: {words}" in message
    assert "usage" not in message


def test_an_unknown_profile_is_refused(role: Role) -> None:
    steps = role([use("start", **role.variables(profile="hasty"))], expect_rc=2)
    assert any("instant, demo, realistic" in message for message in steps.failures())
    assert not role.directory.exists()


@pytest.mark.parametrize("name", ["directory", "venv", "db"])
def test_a_blank_path_is_refused(role: Role, name: str) -> None:
    steps = role([use("start", **role.variables(**{name: ""}))], expect_rc=2)
    assert f"simulator_{name}: must not be blank" in steps.failures()[-1]
    assert not role.directory.exists()


def plays_of_the_guide() -> list[dict[str, Any]]:
    """The plays in the guide to the simulator."""
    text = (collection_root() / "docs/docsite/rst/simulator.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"^\.\. code-block:: yaml\+jinja\n\n((?: {3}.*\n|\n)+)", text, re.MULTILINE)
    return [play for block in blocks for play in yaml.safe_load(dedent(block)) if "hosts" in play]


def test_the_guides_play_leaves_the_simulator_of_another_alone(
    role: Role, playbook: Playbooks, tmp_path: Path, venv: Path
) -> None:
    (play,) = plays_of_the_guide()
    # Unless the play names its own directory, it would use this test's simulator.
    variables = role.variables(control=True, lifetime=900)
    play["vars"] = {"simulator_directory": variables["directory"], **play.get("vars", {}), "simulator_venv": str(venv)}
    (tmp_path / "guide.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    other = role([use("start", **variables)]).facts("start")["url"]
    run = playbook(tmp_path / "guide.yml")
    assert answers(other)
    assert run["Read the books"]["json"]["max_submitted"] == 1
    assert not Path(run["Make a place for the simulator"]["path"]).exists()


def test_a_database_file_keeps_activations_between_starts(role: Role, tmp_path: Path) -> None:
    variables = role.variables(db=str(tmp_path / "simulator.sqlite"))
    arguments = {"api_url": "{{ simulator_api_url }}", "api_token": TOKEN, "corp_id": CORP_ID, "poll_interval": 0.05}
    tasks = [
        *use("start", **variables),
        activation("activate", ignore=False, **arguments, **device(1)),
        *use("stop", **{**variables, "state": "stopped"}),
        *use("start again", **variables),
        activation("activate again", ignore=False, **arguments, **device(1)),
    ]
    run = role.run(tasks)
    assert run["activate"]["summary"] == {"activated": 1}
    assert run["activate again"]["summary"] == {"already_active": 1}
