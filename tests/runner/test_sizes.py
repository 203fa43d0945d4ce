# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large fleets in job events: a controller empties a result that is too long, and then shows the task as unchanged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from harness.devices import csv_of, fleet, iccid
from harness.fleets import esim, smartsim
from harness.simulators import Simulator
from jobs import ACTIVATE, LIMIT, LOCALHOST, PLAY, QUICK, Job, by_token, hosts_of

DEVICES = 10_000
NewJob = Callable[..., Job]


#: Longer than what a result has room for.
REASON = "The carrier refuses this device. " * 20


def refused(key: str, value: str) -> dict[str, str]:
    """Decides that the device with this identifier fails."""
    return {key: value, "outcome": "fail", "reason": REASON}


def activation(**arguments: Any) -> dict[str, Any]:
    """A play that activates a file's fleet in one task."""
    quick = {"src": "fleet.csv", "request_format": "batch", "poll_interval": 0.2, "result_file": "fleet.result.jsonl"}
    task = {"name": "Activate", "kajeet.sentinel.sentinel_activation": {**quick, **arguments}}
    return {"name": "Fleet", "hosts": "localhost", "gather_facts": False, "tasks": [task]}


def in_one_task(new_job: NewJob, sentinel: Simulator, cmdline: str = "", rc: int = 0, **arguments: Any) -> Job:
    """Activates 10,000 devices in one task."""
    job = new_job(LOCALHOST, by_token(sentinel), play=activation(**arguments), variables={}, cmdline=cmdline)
    (job.directory / "project" / "fleet.csv").write_text(csv_of(fleet(range(DEVICES))), encoding="utf-8")
    job.start()
    job.finish(rc)
    return job


def test_ten_thousand_devices_in_one_task(sentinel: Simulator, new_job: NewJob) -> None:
    check = in_one_task(new_job, sentinel, "--check --diff")
    (planned,) = check.results("Activate")
    assert planned["summary"] == {"would_activate": DEVICES}
    assert planned["diff"]["prepared"]
    assert check.largest().size < LIMIT
    sentinel.assert_wrote_nothing()

    job = in_one_task(new_job, sentinel, "--diff", result_devices="all")
    (result,) = job.results("Activate")
    assert result["changed"]
    assert result["summary"] == {"activated": DEVICES}
    assert len(result["devices"]) + result["devices_omitted"] == DEVICES
    assert result["diff"]["prepared"]
    assert job.largest().size < LIMIT
    lines = (job.directory / "project" / "fleet.result.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == DEVICES
    assert {json.loads(line)["outcome"] for line in lines} == {"activated"}
    sentinel.assert_each_once(fleet(range(DEVICES)))


def test_ten_thousand_devices_that_fail(sentinel: Simulator, new_job: NewJob) -> None:
    sentinel.devices(*(refused("iccid", iccid(number)) for number in range(DEVICES)))
    job = in_one_task(new_job, sentinel, "--diff", rc=2)
    (result,) = job.results("Activate")
    assert result["summary"] == {"failed": DEVICES}
    assert len(result["devices"]) + result["devices_omitted"] == DEVICES
    assert job.largest().size < LIMIT


def test_hosts_that_are_devices(sentinel: Simulator, new_job: NewJob) -> None:
    """What the hosts declare is longer than a controller takes, and is in no event."""
    address = {"agency_end_user_name": "A student of the district " * 4, "billing_address": "1 School Street " * 8}
    devices = fleet(range(2000), **address, billing_city="Springfield", billing_state="VA")
    assert len(json.dumps(devices)) > LIMIT
    job = new_job(hosts_of(devices), by_token(sentinel), cmdline="--diff")
    job.start()
    job.finish()
    assert job.largest().size < LIMIT
    (result,) = job.results(ACTIVATE)
    assert result["summary"] == {"activated": 2000}
    sentinel.assert_each_once(devices)


def test_a_fleet_of_three_kinds_that_fails(sentinel: Simulator, new_job: NewJob) -> None:
    """The longest result of the role: each kind alone has more to list than a result may have."""
    count = 1200
    listed = [
        *fleet(range(count)),
        *(smartsim(number) for number in range(count)),
        *(esim(number) for number in range(count, count + count)),
    ]
    keys = [next(name for name in ("sim_id", "iccid", "imei") if name in entry) for entry in listed]
    sentinel.settings(esim_max=count)
    sentinel.devices(*(refused(key, entry[key]) for key, entry in zip(keys, listed)))
    play = {**PLAY, "hosts": "localhost"}
    variables = {**QUICK, "fleet_src": "fleet.csv", "fleet_preflight": False, "fleet_result_file": "fleet.result.jsonl"}
    job = new_job(LOCALHOST, by_token(sentinel), play=play, variables=variables, cmdline="--diff")
    (job.directory / "project" / "fleet.csv").write_text(csv_of(listed), encoding="utf-8")
    job.start()
    job.finish(rc=2)
    (result,) = job.results(ACTIVATE)
    assert result["summary"] == {"failed": 3 * count}
    assert len(result["devices"]) + result["devices_omitted"] == 3 * count
    assert job.largest().size < LIMIT
    lines = (job.directory / "project" / "fleet.result.jsonl").read_text(encoding="utf-8").splitlines()
    assert Counter(json.loads(line)["kind"] for line in lines) == dict.fromkeys(("sim", "smartsim", "esim"), count)
