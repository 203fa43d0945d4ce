# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is killed while it submits, and the next run."""

from __future__ import annotations

import time
from pathlib import Path

from harness.devices import csv_of, fleet
from harness.playbooks import Playbooks, activation
from harness.processes import family, kill_family, wait_until
from harness.simulators import Simulator

FLEET = fleet(range(200))
#: Submissions after which the run is killed.
ENOUGH = 60


def test_the_run_after_a_killed_run_activates_each_device_once(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    sentinel.reset(profile="demo")
    path = tmp_path / "fleet.csv"
    path.write_text(csv_of(FLEET), encoding="utf-8")
    task = activation("activate", ignore=False, src=str(path), concurrency=2, poll_interval=0.5)

    process, _results = playbook.start([task])
    try:
        wait_until(lambda: sentinel.count_writes() >= ENOUGH, f"{ENOUGH} submissions", patience=60, pause=0.01)
        members = family(process.pid)
        assert len(members) > 1, "the task runs in its own process"
    finally:
        kill_family(process)
    before = wait_until(lambda: settled(sentinel), "the last submissions have ended")
    # The service may or may not have accepted the requests that were being sent.
    assert ENOUGH - 2 <= before < len(FLEET), "the run was killed while it submitted"

    outcome = playbook([task]).only
    assert outcome.changed
    assert sum(outcome["summary"].values()) == len(FLEET)
    assert set(outcome["summary"]) <= {"activated", "already_active"}
    assert outcome["plan"]["activate"] == outcome["requests"]["writes"] == len(FLEET) - before
    sentinel.assert_each_once(FLEET)

    again = playbook([task]).only
    assert not again.changed
    assert again["summary"] == {"already_active": len(FLEET)}


def settled(sentinel: Simulator) -> int:
    """The number of accepted submissions if it does not change any more, otherwise 0."""
    before = sum(sentinel.submitted().values())
    time.sleep(0.5)
    return before if before == sum(sentinel.submitted().values()) else 0
