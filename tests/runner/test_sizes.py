# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large fleets in job events. A controller empties results that are too long and shows such tasks as unchanged."""

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


#: Longer than the result allows.
REASON = "The carrier refuses this device. " * 20


def refused(key: str, value: str) -> dict[str, str]:
    """A simulator setting that makes the device with this identifier fail."""
    return {key: value, "outcome": "fail", "reason": REASON}


def activation(**arguments: Any) -> dict[str, Any]:
    """A play that activates the fleet of a file in one task."""
    quick = {"src": "fleet.csv", "request_format": "batch", "poll_interval": 0.2, "result_file": "fleet.result.jsonl"}
    task = {"name": "Activate", "kajeet.sentinel.sentinel_activation": {**quick, **arguments}}
    return {"name": "Fleet", "hosts": "localhost", "gather_facts": False, "tasks": [task]}


def in_one_task(new_job: NewJob, sentinel: Simulator, cmdline: str = "", rc: int = 0, **arguments: Any) -> Job:
    """Run a job that activates 10,000 devices in one task."""
    job = new_job(LOCALHOST, by_token(sentinel), play=activation(**arguments), variables={}, cmdline=cmdline)
    (job.directory / "project" / "fleet.csv").write_text(csv_of(fleet(range(DEVICES))), encoding="utf-8")
    job.start()
    job.finish(rc)
    return job


def test_a_result_with_ten_thousand_devices_fits_a_job_event(sentinel: Simulator, new_job: NewJob) -> None:
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


def test_a_result_with_ten_thousand_failed_devices_fits_a_job_event(sentinel: Simulator, new_job: NewJob) -> None:
    sentinel.devices(*(refused("iccid", iccid(number)) for number in range(DEVICES)))
    job = in_one_task(new_job, sentinel, "--diff", rc=2)
    (result,) = job.results("Activate")
    assert result["summary"] == {"failed": DEVICES}
    assert len(result["devices"]) + result["devices_omitted"] == DEVICES
    assert job.largest().size < LIMIT


def test_the_declarations_of_many_hosts_are_not_in_a_job_event(sentinel: Simulator, new_job: NewJob) -> None:
    """They are longer than a controller allows for a result."""
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


def test_a_result_with_failed_devices_of_three_kinds_fits_a_job_event(sentinel: Simulator, new_job: NewJob) -> None:
    """Each kind has more failed devices than a result may list."""
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
