# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of a controller: a job plans the inventory, its artifact is approved, slices activate it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.devices import fleet
from harness.simulators import ACTIVE, Simulator
from jobs import LIMIT, LOCALHOST, QUICK, Hosts, Job, by_token, hosts_of, sliced

DEVICES, SLICES = 4000, 4
NewJob = Callable[..., Job]


def playbook(name: str) -> dict[str, str]:
    """A playbook of the collection, as a job's playbook imports it."""
    return {"name": name, "import_playbook": f"kajeet.sentinel.{name}"}


def test_a_large_plan_travels_as_an_artifact(sentinel: Simulator, new_job: NewJob) -> None:
    """It is what an artifact carries, however long: no event's result has it."""
    devices = fleet(range(DEVICES))
    hosts: Hosts = {**hosts_of(devices), "already": {f"sentinel_{name}": text for name, text in ACTIVE.items()}}
    variables = {**QUICK, "fleet_hosts_pattern": "all:!localhost", "plan_publish_content": True}
    plan = new_job({**LOCALHOST, **hosts}, by_token(sentinel), play=playbook("plan"), variables=variables)
    plan.start()
    plan.finish()
    assert plan.largest().size < LIMIT
    sentinel.assert_wrote_nothing()

    artifacts = plan.published()
    assert artifacts["fleet_plan_counts"] == {
        "activate": DEVICES,
        "restore": 0,
        "wait": 0,
        "unchanged": 1,
        "conflict": 0,
        "inactive": 0,
    }
    assert len(artifacts["fleet_plan"]["devices"]) == DEVICES, "what is active already needs no approval"

    def activate(part: Hosts) -> Job:
        # A controller hands artifacts on as extra variables.
        given: dict[str, Any] = {**QUICK, **artifacts}
        return new_job({**LOCALHOST, **part}, by_token(sentinel), play=playbook("activate_hosts"), variables=given)

    slices = [activate(sliced(hosts, number, SLICES)) for number in range(1, SLICES + 1)]
    for job in slices:
        job.start()
    for job in slices:
        job.finish()
        assert job.largest().size < LIMIT
    sentinel.assert_each_once(devices)

    stranger = activate(hosts_of(fleet([DEVICES + 1])))
    stranger.start()
    stranger.finish(rc=2)
    assert "is not in the approved plan" in stranger.output
    sentinel.assert_each_once(devices)
