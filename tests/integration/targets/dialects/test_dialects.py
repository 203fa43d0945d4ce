# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts with other names and values: the plan is right, and each device is activated once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from harness.devices import COMMON, device
from harness.playbooks import Playbooks, activation
from harness.processes import wait_until
from harness.simulators import ACTIVE, FAILED, OLD_ACTIVE, Simulator

SEEDS = range(1, 13)
NEW = [device(number) for number in range(3)]
#: Submitted before the run, and still pending.
RUNNING = device(9)
FLEET: list[dict[str, Any]] = [
    {**COMMON, **ACTIVE},
    {**COMMON, **OLD_ACTIVE},
    {**COMMON, **FAILED},
    {**COMMON, **RUNNING},
    *NEW,
]


def end_when_submitted(sentinel: Simulator) -> None:
    """Lets pending lines end as soon as a run submits, which is after its plan."""
    wait_until(lambda: sentinel.count_writes() > 1, "the run submits", 60.0)
    sentinel.advance(600)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fleet_is_planned_and_activated_in_any_dialect(tmp_path: Path, playbook: Playbooks, seed: int) -> None:
    """Check, apply, apply, check, with active, pending, failed and new devices."""
    with Simulator(tmp_path / "simulator", "instant", ("--dialect", f"random:{seed}")) as sentinel:
        sentinel.settings(line_latency=[600, 600])
        options = {"devices": FLEET, "result_devices": "all", **sentinel.connection}
        planned = playbook(
            [
                activation("begin", devices=[RUNNING], wait=False, **sentinel.connection),
                {**activation("plan", **options), "check_mode": True},
            ]
        )
        assert planned["begin"]["summary"] == {"pending": 1}, planned.output
        plan = planned["plan"]["plan"]
        del plan["digest"]
        assert plan == {"activate": 4, "restore": 0, "wait": 1, "unchanged": 2, "conflict": 0, "inactive": 0}, (
            planned.output
        )
        assert sentinel.writes(planned["plan"]) == []
        sentinel.settings(line_latency=[0, 0])
        threading.Thread(target=end_when_submitted, args=(sentinel,), daemon=True).start()
        run = playbook(
            [
                activation("apply", **options),
                activation("again", **options),
                {**activation("plan again", **options), "check_mode": True},
            ]
        )
        assert run["apply"]["summary"] == {"activated": 5, "already_active": 2}, run.output
        assert (run["again"].changed, run["again"]["summary"]) == (False, {"already_active": 7}), run.output
        assert (run["plan again"].changed, run["plan again"]["summary"]) == (False, {"already_active": 7})
        counts = {entry["iccid"]: entry["submitted"] for entry in sentinel.activations()["devices"]}
        wanted = [RUNNING["iccid"], FAILED["iccid"], *(entry["iccid"] for entry in NEW)]
        assert {iccid: counts.get(iccid) for iccid in wanted} == dict.fromkeys(wanted, 1)
        assert sentinel.activations()["max_activated"] == 1
