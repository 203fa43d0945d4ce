# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output after Ctrl-C and after a process was killed, at a terminal of 80 columns."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from harness.devices import device
from harness.fleets import MODULE, ROLE, connection_env, csv_file
from harness.playbooks import Playbooks, environment
from harness.simulators import Simulator
from harness.terminals import Started, at_a_terminal
from screens import INSIDES, MOST_LINES, Screen, plain, yaml_play

FLEET = [device(number, nickname=f"Bus {number}") for number in range(1, 6)]
END = "interrupted: 5 of 5 devices were submitted and are under way or done. Run the task again: it picks"


def kill_worker(started: Started) -> None:
    """Kill the worker, as the system does if memory runs out."""
    time.sleep(0.3)  # a process that is killed while it writes to Ansible's queue leaves the queue locked
    psutil.Process(started.pid).children()[0].kill()


def kill_parent(started: Started) -> None:
    """Kill ansible-playbook. Its worker lives on for a moment."""
    os.kill(started.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def digest(simulator: Simulator, workspace: Path) -> str:
    """The digest of the plan for the fleet."""
    run = Playbooks(workspace, simulator.connection)({"name": "Plan", MODULE: {"devices": FLEET, "state": "planned"}})
    return str(run.only["plan"]["digest"])


Start = Callable[[str, Callable[[Started], None]], "tuple[int, Screen]"]


@pytest.fixture
def start(sentinel: Simulator, tmp_path: Path, digest: str) -> Start:
    """Runs an activation that does not end by itself, by module, role or playbook; returns exit status and output."""
    sentinel.settings(line_latency=600)
    csv_file(tmp_path / "fleet.csv", FLEET)
    waits = {"request_format": "batch", "poll_interval": 0.2, "progress_interval": 1}
    variables = {**{f"fleet_{name}": value for name, value in waits.items()}, "fleet_src": "fleet.csv"}
    tasks = {
        "module": {"name": "Activate the buses", MODULE: {"src": "fleet.csv", **waits}},
        "role": {"name": "Use the role", "ansible.builtin.include_role": {"name": ROLE}, "vars": variables},
    }

    def run(form: str, act: Callable[[Started], None]) -> tuple[int, Screen]:
        given: dict[str, Any] = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
        book = "kajeet.sentinel.activate"
        if form == "playbook":
            given.update(variables, fleet_directory=str(tmp_path), approved_plan=digest)
        else:
            book = str(yaml_play(tmp_path / "play.yml", [tasks[form]], {}))
        command = ["ansible-playbook", "-i", "localhost,", "-e", json.dumps(given), book]
        env = environment(tmp_path / "run.results", {**plain(tmp_path), **connection_env(sentinel)})
        status, output = at_a_terminal(tmp_path, command, env, " pending", act)
        return status, Screen(output)

    return run


@pytest.mark.parametrize("form", ["module", "role", "playbook"])
def test_ctrl_c_shows_the_progress_of_the_run(start: Start, form: str) -> None:
    status, screen = start(form, Started.interrupt)
    assert status == 99
    assert len(screen.lines) <= MOST_LINES
    assert not INSIDES.search(screen.output)
    assert screen.output.count(END) == 1
    # Two processes write these lines, in any order.
    last = "\n".join(screen.output.strip().splitlines()[-2:])
    assert END in last
    assert "[ERROR]: User interrupted execution" in last


@pytest.mark.parametrize(("form", "act"), [("module", kill_parent), ("role", kill_worker), ("playbook", kill_parent)])
def test_a_killed_run_shows_only_its_progress(start: Start, form: str, act: Callable[[Started], None]) -> None:
    status, screen = start(form, act)
    assert status == (1 if act is kill_worker else -signal.SIGKILL)
    assert len(screen.lines) <= MOST_LINES
    assert not INSIDES.search(screen.output)
    lines = screen.output.strip().splitlines()
    if act is kill_worker:
        assert lines.pop() == "[ERROR]: A worker was found in a dead state"
    assert "0 of 5 done after " in "".join(lines[-2:])
