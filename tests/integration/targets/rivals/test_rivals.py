# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent hosts of a play and concurrent jobs, with common devices or without."""

from __future__ import annotations

from collections.abc import Callable

from harness.devices import fleet
from harness.processes import wait_until
from harness.simulators import Simulator
from jobs import Job

#: Seconds until lines end, longer than a test waits. Tests advance the simulator's clock.
LATE = 3600


def test_one_host_of_a_play_submits_and_the_others_find_active_devices(
    sentinel: Simulator, start: Callable[..., Job]
) -> None:
    devices = fleet(range(12))
    # Without claims, all hosts would read the history before the first one submits.
    sentinel.settings(request_latency=0.1)
    outcomes = start("play", devices, hosts=("a", "b", "c", "d")).outcomes()
    outcomes.sort(key=lambda outcome: -outcome["requests"]["writes"])
    assert [outcome["requests"]["writes"] for outcome in outcomes] == [12, 0, 0, 0]
    assert [outcome["summary"] for outcome in outcomes] == [{"activated": 12}, *[{"already_active": 12}] * 3]
    sentinel.assert_each_once(devices)


def test_a_job_waits_for_another_one_with_common_devices_and_names_it(
    sentinel: Simulator, start: Callable[..., Job]
) -> None:
    # The first job still submits when the second one starts.
    sentinel.settings(request_latency=0.3, line_latency=LATE)
    first = start("first", fleet(range(10)), concurrency=1, wait_timeout=60)
    second = start("second", fleet(range(5, 15)))
    wait_until(lambda: "waiting for" in first.output + second.output, "a job reports that it waits", 30)
    jobs = (first, second) if "waiting for" in second.output else (second, first)
    holder, waiting = jobs
    assert (
        f"\nwaiting for process {holder.process.pid} (ansible-playbook {holder.playbook.name}), "
        "which activates 5 of these devices\n"
    ) in waiting.output
    assert "waiting for" not in holder.output
    wait_until(lambda: sentinel.count_writes() == 10, "the first job has submitted all devices", 30)
    sentinel.settings(request_latency=0, line_latency=0)
    sentinel.advance(LATE)
    assert [job.outcomes()[0]["summary"] for job in jobs] == [{"activated": 10}, {"activated": 5, "already_active": 5}]
    sentinel.assert_each_once(fleet(range(15)))


def test_jobs_without_common_devices_do_not_wait(sentinel: Simulator, start: Callable[..., Job]) -> None:
    sentinel.settings(line_latency=LATE)
    first = start("first", fleet(range(5)), wait_timeout=60)
    wait_until(lambda: sentinel.count_writes() == 5, "the first job has submitted all devices", 30)
    sentinel.settings(line_latency=0)
    second = start("second", fleet(range(5, 10)))
    assert second.outcomes()[0]["summary"] == {"activated": 5}
    assert first.process.poll() is None
    sentinel.advance(LATE)
    assert first.outcomes()[0]["summary"] == {"activated": 5}
    assert "waiting for" not in first.output + second.output
    sentinel.assert_each_once(fleet(range(10)))
