# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ctrl-C, and processes that are killed, at a terminal of 80 columns."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from harness.devices import device
from harness.fleets import MODULE, QUICK, ROLE, connection_env, csv_file
from harness.simulators import Simulator
from screens import INSIDES, MOST_LINES, Screen, at_a_terminal, plain, yaml_play

END = "interrupted: 5 of 5 devices were submitted and are under way or done. Run the task again: it picks"


def interrupt(_child: int, terminal: int) -> None:
    """Ctrl-C."""
    os.write(terminal, b"\x03")


def kill_worker(child: int, _terminal: int) -> None:
    """What the system does where memory runs out."""
    psutil.Process(child).children()[0].kill()


def kill_parent(child: int, _terminal: int) -> None:
    """The worker outlives its parent for a moment."""
    os.kill(child, signal.SIGKILL)


def screen_of(what: str, directory: Path, sentinel: Simulator, act: Callable[[int, int], None]) -> tuple[int, Screen]:
    """Runs a fleet that does not end by itself, in a module, a role or a playbook."""
    sentinel.settings(line_latency=600)
    csv_file(directory / "fleet.csv", [device(number, nickname=f"Bus {number}") for number in range(1, 6)])
    waits = {"request_format": "batch", "poll_interval": 0.2, "progress_interval": 0.5}
    variables = {**QUICK, **{f"fleet_{name}": value for name, value in waits.items()}, "fleet_src": "fleet.csv"}
    tasks = {
        "module": {"name": "Activate the buses", MODULE: {"src": "fleet.csv", **waits}},
        "role": {"name": "Use the role", "ansible.builtin.include_role": {"name": ROLE}, "vars": variables},
    }
    if what == "playbook":
        given = {**variables, "fleet_directory": str(directory)}
        # The plan was approved as a digest, whichever it is: nothing but devices is what the test is about.
        book = ["kajeet.sentinel.activate", "-e", json.dumps({**given, "approved_plan": approved(directory, sentinel)})]
    else:
        book = [str(yaml_play(directory / "play.yml", [tasks[what]], {}))]
    known = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
    command = ["ansible-playbook", "-i", "localhost,", "-e", json.dumps(known), *book]
    status, output = at_a_terminal(directory, command, connection_env(sentinel), " pending", act)
    return status, Screen(output)


def approved(directory: Path, sentinel: Simulator) -> str:
    """Plans the fleet; returns the digest."""
    from harness.playbooks import Playbooks

    options = {"src": str(directory / "fleet.csv"), "state": "planned"}
    run = Playbooks(directory, sentinel.connection)({"name": "Plan", MODULE: options}, env=plain(directory))
    return str(run.only["plan"]["digest"])


@pytest.mark.parametrize("what", ["module", "role", "playbook"])
def test_ctrl_c_says_how_far_the_run_came(sentinel: Simulator, tmp_path: Path, what: str) -> None:
    status, screen = screen_of(what, tmp_path, sentinel, interrupt)
    assert status == 99
    assert len(screen.lines) <= MOST_LINES
    assert not INSIDES.search(screen.output)
    assert screen.output.count(END) == 1
    assert screen.output.strip().splitlines()[-1] == "[ERROR]: User interrupted execution"


@pytest.mark.parametrize(("what", "act"), [("module", kill_parent), ("role", kill_worker), ("playbook", kill_parent)])
def test_what_is_killed_shows_nothing_but_how_far_it_was(
    sentinel: Simulator, tmp_path: Path, what: str, act: Callable[[int, int], None]
) -> None:
    status, screen = screen_of(what, tmp_path, sentinel, act)
    assert status == (1 if act is kill_worker else -signal.SIGKILL)
    assert len(screen.lines) <= MOST_LINES
    assert not INSIDES.search(screen.output)
    lines = screen.output.strip().splitlines()
    if act is kill_worker:
        assert lines.pop() == "[ERROR]: A worker was found in a dead state"
    assert "0 of 5 done after " in "".join(lines[-2:])
