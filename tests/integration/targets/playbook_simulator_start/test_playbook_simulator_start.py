# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.simulator_start: starts one simulator, and prints lines for a shell."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.environments import simulator_python
from harness.playbooks import Playbooks, Run

START, STOP = "kajeet.sentinel.simulator_start", "kajeet.sentinel.simulator_stop"


class Simulators:
    """Starts and stops the simulator of a directory, in an existing virtual environment."""

    def __init__(self, directory: Path) -> None:
        self.playbook = Playbooks(directory)
        self.variables: dict[str, Any] = {
            "simulator_directory": str(directory / "simulator"),
            "simulator_venv": str(simulator_python().parent.parent),
            "simulator_lifetime": 120,
            "simulator_port": 0,
            "simulator_profile": "instant",
        }

    def __call__(self, name: str = START, expect_rc: int = 0, **options: Any) -> Run:
        variables = {**self.variables, **options.pop("variables", {})}
        return self.playbook(name, extra_vars=variables, expect_rc=expect_rc, **options)


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[Simulators]:
    running = Simulators(tmp_path)
    yield running
    running(STOP)


def copied(run: Run) -> list[str]:
    """The lines of the output that a user copies to a shell."""
    return [line for line in run.output.splitlines() if line.startswith(("export ", "unset "))]


def variables_after(lines: list[str], **before: str) -> dict[str, str]:
    """The SENTINEL_* variables of a shell after it has run the lines."""
    script = "\n".join([*lines, "env"])
    env = {"PATH": "/usr/bin:/bin", **before}
    shown = subprocess.run(["bash", "-ec", script], stdout=subprocess.PIPE, text=True, check=True, env=env).stdout
    return dict(line.split("=", 1) for line in shown.splitlines() if line.startswith("SENTINEL_"))


def test_the_printed_lines_connect_to_the_simulator(simulators: Simulators) -> None:
    run = simulators()
    assert "The simulator has been started." in run.output
    env = variables_after(copied(run))
    assert set(env) == {"SENTINEL_API_URL", "SENTINEL_USERNAME", "SENTINEL_PASSWORD"}
    assert simulators.playbook({"kajeet.sentinel.sentinel_carriers_info": {}}, env=env).only["carriers"]


def test_a_second_start_reports_the_running_simulator_and_changes_nothing(simulators: Simulators) -> None:
    first, second = simulators(), simulators()
    assert "The simulator is already running." in second.output
    assert not any(outcome.changed for outcome in second)
    assert copied(second) == copied(first)


def test_the_printed_lines_unset_a_token_of_the_environment(simulators: Simulators) -> None:
    given = {"SENTINEL_TOKEN": "a-token", "SENTINEL_CORP_ID": "ELSEWHERE"}
    run = simulators(env=given)
    assert "SENTINEL_TOKEN" not in variables_after(copied(run), **given)
    assert "a-token" not in run.output


def test_check_mode_starts_nothing(simulators: Simulators, tmp_path: Path) -> None:
    run = simulators(check=True)
    assert "The simulator is not started in check mode." in run.output
    assert not (tmp_path / "simulator").exists()


def test_a_port_that_is_in_use_is_reported(simulators: Simulators) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = simulators(expect_rc=2, variables={"simulator_port": port})
    assert f"port {port} is in use" in run.output
    assert copied(run) == []
