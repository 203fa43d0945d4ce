# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers and modules that outlive their ansible-playbook, which was killed or has lost its terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness.devices import fleet
from harness.playbooks import Playbooks, activation
from harness.processes import wait_until
from harness.simulators import Simulator
from jobs import Job

FLEET = fleet(range(40))
#: Submissions after which ansible-playbook ends.
ENOUGH = 3


@pytest.mark.parametrize(("connection", "end"), [("local", Job.kill), ("local", Job.hang_up), ("elsewhere", Job.kill)])
def test_they_stop_and_the_next_run_activates_the_others(
    sentinel: Simulator,
    start: Callable[..., Job],
    playbook: Playbooks,
    connection: str,
    end: Callable[[Job], None],
) -> None:
    # One after another: all would take ten seconds, and be seen in the simulator's books.
    sentinel.settings(request_latency=0.25)
    job = start("job", FLEET, connection, in_terminal=end is Job.hang_up, concurrency=1)
    wait_until(lambda: sentinel.count_writes() >= ENOUGH, f"{ENOUGH} submissions", 30)
    end(job)
    before = sentinel.count_writes()
    job.survivors_end(patience=30)
    # The last one may have been on its way.
    submitted = sum(sentinel.submitted().values())
    assert ENOUGH <= submitted <= before + 1

    sentinel.settings(request_latency=0)
    outcome = playbook([activation("next", ignore=False, devices=FLEET)]).only
    assert outcome["summary"] == {"already_active": submitted, "activated": len(FLEET) - submitted}
    assert outcome["requests"]["writes"] == len(FLEET) - submitted
    sentinel.assert_each_once(FLEET)


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
def test_the_next_run_waits_for_a_submission_that_is_under_way(
    sentinel: Simulator, start: Callable[..., Job], playbook: Playbooks, connection: str
) -> None:
    devices = FLEET[:6]
    # It is in no history until then, and the next run has started long before.
    sentinel.submission_faults({"kind": "delay", "delay": 4})
    job = start("job", devices, connection, concurrency=1)
    wait_until(lambda: sentinel.count_writes() == 1, "the first submission", 30)
    job.kill()
    outcome = playbook([activation("next", ignore=False, devices=devices)]).only
    # What the orphan has submitted may still run.
    assert sum(outcome["summary"].values()) == 6
    assert set(outcome["summary"]) <= {"already_active", "activated"}
    assert outcome["requests"]["writes"] == 5
    sentinel.assert_each_once(devices)
    job.survivors_end(patience=5)


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
def test_they_do_not_wait_for_the_end_of_what_they_have_submitted(
    sentinel: Simulator, start: Callable[..., Job], connection: str
) -> None:
    sentinel.settings(line_latency=3600, request_latency=0.3)
    job = start("job", FLEET, connection, concurrency=1, wait_timeout=600)
    wait_until(lambda: sentinel.count_writes() >= ENOUGH, f"{ENOUGH} submissions", 30)
    job.kill()
    job.survivors_end(patience=8)
