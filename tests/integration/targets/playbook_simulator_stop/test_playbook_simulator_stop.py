# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.simulator_stop: stops the simulator of a directory, if it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.environments import simulator_python
from harness.playbooks import Playbooks
from harness.processes import none_of

START, STOP = "kajeet.sentinel.simulator_start", "kajeet.sentinel.simulator_stop"
UNSET = "unset SENTINEL_API_URL SENTINEL_USERNAME SENTINEL_PASSWORD"


def test_a_running_simulator_is_stopped_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "simulator"
    playbook = Playbooks(tmp_path)
    place = {"simulator_directory": str(directory)}
    options: dict[str, Any] = {"simulator_venv": str(simulator_python().parent.parent), "simulator_port": 0}
    try:
        started = playbook(START, extra_vars={**place, **options, "simulator_lifetime": 120})
        pid = int(started["Set the simulator's facts"]["ansible_facts"]["simulator_pid"])
        checked = playbook(STOP, extra_vars=place, check=True)
        assert "The simulator would be stopped." in checked.output
        assert not none_of([pid])
    finally:
        stopped = playbook(STOP, extra_vars=place)
    assert "The simulator has been stopped." in stopped.output
    assert UNSET in stopped.output.splitlines()
    assert none_of([pid])
    again = playbook(STOP, extra_vars=place)
    assert f"No simulator is running in {directory}." in again.output
    assert not any(outcome.changed for outcome in again)
