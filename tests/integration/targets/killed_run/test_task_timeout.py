# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that reaches Ansible's timeout while its submissions wait for their turn."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from harness.devices import fleet
from harness.playbooks import Playbooks, activation
from harness.simulators import SUBMIT_PATH, Simulator

FLEET = fleet(range(40))
#: The task's timeout, in seconds.
TIMEOUT = 4
LIMITED = {
    "kind": "status",
    "status": 429,
    "retry_after": 100,
    "count": 0,
    "method": "POST",
    "path": f"^{SUBMIT_PATH}$",
}


@pytest.mark.parametrize("limited", [False, True], ids=["pace", "429"])
def test_a_task_that_times_out_submits_nothing_more(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, limited: bool
) -> None:
    if limited:
        sentinel.faults(LIMITED)
    given: dict[str, Any] = {"devices": FLEET, "journal": str(tmp_path / "journal"), "preflight": False}
    slow = activation("slow", concurrency=20, **given, **({} if limited else {"requests_per_minute": 60}))
    began = time.monotonic()
    outcome = playbook([{**slow, "timeout": TIMEOUT}]).only
    assert outcome.failed
    assert time.monotonic() - began < TIMEOUT + 15, "the submissions would take 20 s, a 429 would take 100 s"
    # One request per second, of which the first reads the history.
    submitted = sum(sentinel.submitted().values())
    assert submitted <= (0 if limited else TIMEOUT + 1)

    sentinel.control("DELETE", "faults")
    # The journal has no open intents, so the next run does not wait for the settle time.
    again = playbook([activation("again", settle_timeout=60, **given)]).only
    assert again["plan"]["activate"] == len(FLEET) - submitted
    assert again["elapsed"] < 30
    sentinel.assert_each_once(FLEET)
