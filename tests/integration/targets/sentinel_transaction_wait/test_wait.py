# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_transaction_wait, after a task that does not wait."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import BLOCKED, NEVER, device, fleet
from harness.playbooks import Playbooks, activation
from harness.simulators import Simulator

MODULE = "kajeet.sentinel.sentinel_transaction_wait"
IDS = "{{ submitted.transactions | map(attribute='transaction_id') | list }}"


def submitted(*devices: dict[str, Any]) -> dict[str, Any]:
    """A task that submits and does not wait."""
    return {**activation("submit", ignore=False, devices=list(devices), wait=False), "register": "submitted"}


def wait(name: str, **arguments: Any) -> dict[str, Any]:
    """A task that waits."""
    return activation(name, module=MODULE, **{"transaction_ids": IDS, **arguments})


def test_check_apply_apply_check_waits_and_changes_nothing(sentinel: Simulator, playbook: Playbooks) -> None:
    # Longer than Ansible takes between the two tasks, even on a busy machine
    sentinel.settings(line_latency=[8, 9])
    run = playbook(
        [
            submitted(*fleet(range(1, 4))),
            wait("check", check_mode=True),
            wait("apply"),
            wait("again"),
            wait("check again", check_mode=True),
        ]
    )
    assert run["submit"]["summary"] == {"pending": 3}
    assert run["check"]["summary"] == {"pending": 3}
    assert not run["check"].failed
    for name in ("apply", "again", "check again"):
        assert run[name]["summary"] == {"activated": 3}
        assert len(run[name]["devices"][0]["mdn"]) == 10
    assert run["again"]["requests"]["reads"] == 3
    for outcome in list(run)[1:]:
        assert not outcome.changed
        sentinel.assert_wrote_nothing(outcome)
    sentinel.assert_each_once(fleet(range(1, 4)))


@pytest.mark.usefixtures("sentinel")
def test_failed_pending_and_unknown_transactions_fail_with_the_whole_result(playbook: Playbooks) -> None:
    run = playbook(
        [
            submitted(device(1), device(2, BLOCKED), device(3, NEVER)),
            wait("wait", wait_timeout=1),
            wait("unknown", transaction_ids=["ACT-1999-0101-001"], settle_timeout=0.3),
        ]
    )
    outcome = run["wait"]
    assert outcome.failed
    assert outcome["summary"] == {"failed": 1, "pending": 1, "activated": 1}
    assert [entry["outcome"] for entry in outcome["devices"]] == ["failed", "pending", "activated"]
    assert "block list" in outcome.msg
    assert "Run again to keep waiting for pending devices." in outcome.msg
    assert run["unknown"].failed
    assert run["unknown"]["summary"] == {"unknown": 1}
    assert "ACT-1999-0101-001" in run["unknown"].msg
