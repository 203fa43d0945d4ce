# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.wait. The target playbook_activate_hosts uses it after the slices of a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness.devices import BLOCKED, device, fleet
from harness.fleets import connection_env
from harness.playbooks import Playbooks, Run, activation
from harness.simulators import Simulator

QUICK = {"wait_poll_max_interval": 0.1, "wait_timeout": 20}
WAIT, SAY = "Wait", "Show the outcome"


def submitted(playbook: Playbooks, *devices: dict[str, Any]) -> list[str]:
    """Submit devices without waiting; return the ids of their transactions."""
    listed = playbook(activation("submit", ignore=False, devices=list(devices), wait=False)).only["transactions"]
    return [entry["transaction_id"] for entry in listed]


@pytest.fixture
def wait(sentinel: Simulator, tmp_path: Path) -> Any:
    """Runs the playbook."""
    playbooks = Playbooks(tmp_path)

    def run(transactions: list[str] | None, expect_rc: int = 0, check: bool = False, **variables: Any) -> Run:
        given = {} if transactions is None else {"wait_transactions": transactions}
        return playbooks(
            "kajeet.sentinel.wait",
            extra_vars={**QUICK, **given, **variables},
            env=connection_env(sentinel),
            expect_rc=expect_rc,
            check=check,
        )

    return run


def test_a_second_run_continues_to_wait_after_a_timeout(sentinel: Simulator, playbook: Playbooks, wait: Any) -> None:
    sentinel.settings(line_latency=600.0)
    ids = submitted(playbook, *fleet([1, 2]))
    written = sentinel.count_writes()
    late = wait(ids, expect_rc=2, wait_timeout=0.2)
    assert late[WAIT]["summary"] == {"pending": 2}
    assert "Run again to keep waiting for pending devices." in late[WAIT].msg
    assert wait(ids, check=True)[WAIT]["summary"] == {"pending": 2}
    sentinel.advance(600.0)
    run = wait(ids)
    assert run[WAIT]["summary"] == {"activated": 2}
    assert run[SAY].msg.endswith("2 activated")
    assert sentinel.count_writes() == written


def test_a_failed_device_fails_the_playbook(playbook: Playbooks, wait: Any) -> None:
    run = wait(submitted(playbook, device(1), device(2, BLOCKED)), expect_rc=2)
    assert run[WAIT]["summary"] == {"failed": 1, "activated": 1}
    assert device(2, BLOCKED)["iccid"] in run[WAIT].msg


def test_the_playbook_waits_for_transactions_that_earlier_jobs_have_published(
    sentinel: Simulator, playbook: Playbooks, wait: Any
) -> None:
    one, two = submitted(playbook, device(1)), submitted(playbook, device(2))
    run = wait(None, fleet_transactions_17=one, fleet_transactions_18=[*two, *one])
    assert run[WAIT]["summary"] == {"activated": 2}
    reads = len(sentinel.requests())
    assert wait(None)["Report that nothing is pending"].msg == "Nothing is pending."
    assert len(sentinel.requests()) == reads
