# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sliced jobs: several jobs at the same time, one per slice, against one account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from harness.devices import fleet
from harness.processes import wait_until
from harness.simulators import PASSWORD, TOKEN, Simulator
from jobs import ACTIVATE, QUICK, Hosts, Job, by_login, by_token, hosts_of, sliced
from witness import Witness

SLICES = 4
DEVICES = 1000
#: Seconds by the simulator's clock, which the test advances.
LATENCY = 600.0
NewJob = Callable[..., Job]


def run_together(jobs: Sequence[Job]) -> None:
    """Runs jobs at the same time."""
    for job in jobs:
        job.start()
    for job in jobs:
        job.finish()


def iccids(hosts: Hosts) -> set[str]:
    """The devices of these hosts."""
    return {variables["sentinel_iccid"] for variables in hosts.values()}


def submitted(simulator: Simulator) -> list[set[str]]:
    """The devices of each submission."""
    return [{line["iccid"] for line in request["body"]["activationLines"]} for request in simulator.writes()]


def assert_shows_nothing(job: Job, secrets: set[str]) -> None:
    """Asserts that no file that the job has written contains any of these secrets."""
    texts = job.files()
    assert any("/job_events/" in name for name in texts)
    assert any(name.endswith("/stdout") for name in texts)
    shown = [(name, secret[:4] + "…") for name, text in texts.items() for secret in secrets if secret in text]
    assert shown == []


def test_four_slices_at_once_activate_each_device_once_and_show_no_secrets(
    sentinel: Simulator, new_job: NewJob
) -> None:
    sentinel.settings(line_latency=LATENCY)
    devices = fleet(range(DEVICES))
    hosts = hosts_of(devices)
    parts = [sliced(hosts, number, SLICES) for number in range(1, SLICES + 1)]
    with Witness(sentinel.url) as witness:
        seen = {"SENTINEL_API_URL": witness.url + sentinel.api_url.removeprefix(sentinel.url)}
        login = {**by_login(sentinel), **seen}
        credentials = [by_token(sentinel), login, by_token(sentinel), login]
        jobs = [new_job(part, credential) for part, credential in zip(parts, credentials)]
        for job in jobs:
            job.start()
        # No device becomes active until all slices have submitted, so that all of them wait at the same time.
        wait_until(lambda: sentinel.count_writes() == SLICES, "each slice has submitted its devices", 120.0)
        sentinel.advance(LATENCY)
        for job in jobs:
            job.finish()

    sentinel.assert_each_once(devices)
    # One request per slice, with the devices of the slice.
    assert sorted(map(sorted, submitted(sentinel))) == sorted(sorted(iccids(part)) for part in parts)
    results = [job.results(ACTIVATE) for job in jobs]
    assert list(map(len, results)) == [1] * SLICES
    for (result,), part in zip(results, parts):
        assert result["summary"] == {"activated": DEVICES // SLICES}
        assert {device["iccid"] for device in result["devices"]} == iccids(part)
        assert len(result["transactions"]) == 1
    assert len({result["transactions"][0]["transaction_id"] for (result,) in results}) == SLICES

    minted = witness.tokens
    assert len(minted) >= 2
    for job in jobs:
        assert_shows_nothing(job, {TOKEN, PASSWORD} | minted)

    # A job for all hosts has nothing left to do.
    again = new_job(hosts, by_token(sentinel))
    run_together([again])
    (result,) = again.results(ACTIVATE)
    assert (result["summary"], result["changed"]) == ({"already_active": DEVICES}, False)
    assert result["requests"]["writes"] == 0
    sentinel.assert_each_once(devices)


def test_slices_share_the_limit_of_the_account(sentinel: Simulator, new_job: NewJob) -> None:
    """Four slices at a quarter of the account's limit each are never rate-limited."""
    rate = 20.0
    sentinel.settings(rate_limit=rate)
    devices = fleet(range(60))
    hosts = hosts_of(devices)
    variables = {
        **QUICK,
        "fleet_request_format": "single",
        "fleet_poll_interval": 1,
        "fleet_requests_per_minute": int(rate * 60),
        "fleet_slices": SLICES,
    }
    jobs = [
        new_job(sliced(hosts, number, SLICES), by_token(sentinel), variables=variables)
        for number in range(1, SLICES + 1)
    ]
    run_together(jobs)
    sentinel.assert_each_once(devices)
    assert [request for request in sentinel.requests() if request["status"] == 429] == []
    # Each slice sends its devices evenly, at the rate of its share.
    for number in range(1, SLICES + 1):
        own = iccids(sliced(hosts, number, SLICES))
        sent = [request["at"] for request in sentinel.writes() if request["body"]["iccid"] in own]
        assert len(sent) == len(own)
        gaps = [later - earlier for earlier, later in pairwise(sorted(sent))]
        assert sum(gaps) / len(gaps) > 0.9 * SLICES / rate


def test_a_slice_on_an_execution_node_activates_its_devices_and_shows_no_secrets(
    sentinel: Simulator, new_job: NewJob
) -> None:
    """One process sends the job, a second runs it, and a third stores the artifacts."""
    devices = fleet(range(200))
    hosts = hosts_of(devices)
    part = sliced(hosts, 2, SLICES)
    with Witness(sentinel.url) as witness:
        seen = {"SENTINEL_API_URL": witness.url + sentinel.api_url.removeprefix(sentinel.url)}
        job = new_job(part, {**by_login(sentinel), **seen})
        job.start_elsewhere()
        job.finish()
    sentinel.assert_each_once([device for device in devices if device["iccid"] in iccids(part)])
    (result,) = job.results(ACTIVATE)
    assert result["summary"] == {"activated": len(part)}
    assert len(witness.tokens) >= 1
    assert_shows_nothing(job, {PASSWORD} | witness.tokens)


def test_the_approved_plan_of_a_fleet_allows_its_slices_and_no_other_device(
    sentinel: Simulator, new_job: NewJob, tmp_path: Any
) -> None:
    devices = fleet(range(40))
    hosts = hosts_of(devices)
    approved = tmp_path / "approved.plan.json"
    plan = new_job(hosts, by_token(sentinel), variables={**QUICK, "fleet_plan_file": str(approved)}, cmdline="--check")
    run_together([plan])
    sentinel.assert_wrote_nothing()

    variables = {**QUICK, "fleet_approved_plan": str(approved)}
    stranger = {"bus-new": hosts_of(fleet([41]))["bus-00000"]}
    jobs = [
        new_job(sliced(hosts, 1, 2), by_token(sentinel), variables=variables),
        new_job({**sliced(hosts, 2, 2), **stranger}, by_token(sentinel), variables=variables),
    ]
    for job in jobs:
        job.start()
    jobs[0].finish()
    jobs[1].finish(rc=2)
    sentinel.assert_each_once([device for device in devices if device["iccid"] in iccids(sliced(hosts, 1, 2))])
