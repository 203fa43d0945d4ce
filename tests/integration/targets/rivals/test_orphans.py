# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orphans: workers and modules whose ansible-playbook was killed or has lost its terminal."""

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
def test_orphans_stop_submitting_and_the_next_run_activates_the_other_devices(
    sentinel: Simulator,
    start: Callable[..., Job],
    playbook: Playbooks,
    connection: str,
    end: Callable[[Job], None],
) -> None:
    # One after another, all submissions would take ten seconds, and the simulator would have recorded them.
    sentinel.settings(request_latency=0.25)
    job = start("job", FLEET, connection, in_terminal=end is Job.hang_up, concurrency=1)
    wait_until(lambda: sentinel.count_writes() >= ENOUGH, f"{ENOUGH} submissions", 30)
    end(job)
    before = sentinel.count_writes()
    job.survivors_end(patience=30)
    # One more may have been on its way.
    submitted = sum(sentinel.submitted().values())
    assert ENOUGH <= submitted <= before + 1

    sentinel.settings(request_latency=0)
    outcome = playbook([activation("next", ignore=False, devices=FLEET)]).only
    assert outcome["summary"] == {"already_active": submitted, "activated": len(FLEET) - submitted}
    assert outcome["requests"]["writes"] == len(FLEET) - submitted
    sentinel.assert_each_once(FLEET)


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
def test_the_next_run_waits_for_an_orphans_submission(
    sentinel: Simulator, start: Callable[..., Job], playbook: Playbooks, connection: str
) -> None:
    devices = FLEET[:6]
    # The history does not show it before that, and the next run starts earlier.
    sentinel.submission_faults({"kind": "delay", "delay": 4})
    job = start("job", devices, connection, concurrency=1)
    wait_until(lambda: sentinel.count_writes() == 1, "the first submission", 30)
    job.kill()
    outcome = playbook([activation("next", ignore=False, devices=devices)]).only
    # The orphan's device may still be pending when the next run starts.
    assert sum(outcome["summary"].values()) == 6
    assert set(outcome["summary"]) <= {"already_active", "activated"}
    assert outcome["requests"]["writes"] == 5
    sentinel.assert_each_once(devices)
    job.survivors_end(patience=5)


@pytest.mark.parametrize(
    ("connection", "number"),
    # The result of 500 devices is longer than a pipe takes that nobody reads.
    [("local", 40), ("local", 500), ("elsewhere", 40), ("elsewhere", 500)],
)
def test_orphans_do_not_wait_for_their_transactions(
    sentinel: Simulator, start: Callable[..., Job], connection: str, number: int
) -> None:
    sentinel.settings(line_latency=3600, request_latency=0.3)
    job = start("job", fleet(range(number)), connection, concurrency=1, wait_timeout=600)
    wait_until(lambda: sentinel.count_writes() >= ENOUGH, f"{ENOUGH} submissions", 30)
    job.kill()
    job.survivors_end(patience=8)
