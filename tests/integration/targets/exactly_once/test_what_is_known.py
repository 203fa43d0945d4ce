# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submissions that were certainly not accepted are repeated; those that show up late are waited for."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import device, fleet
from harness.playbooks import Playbooks, activation
from harness.simulators import SUBMIT_PATH, Simulator

LIMITED = {"kind": "status", "status": 429}
FORMATS = ("single", "batch")


def test_on_unknown_resubmit_submits_unknown_devices_again(sentinel: Simulator, playbook: Playbooks) -> None:
    reset: dict[str, Any] = {"kind": "reset"}
    sentinel.submission_faults(reset, {}, reset, {}, {**reset, "commit": True}, reset, reset)
    options: dict[str, Any] = {"on_unknown": "resubmit", "settle_timeout": 0.3}
    run = playbook(
        [
            activation("single", devices=[device(1)], **options),
            activation("batch", devices=fleet([2, 3]), request_format="batch", **options),
            activation("accepted", devices=[device(4)], **options),
            activation("lost again", devices=[device(5)], **options),
        ]
    )
    sentinel.assert_faults_struck()
    assert [len(sentinel.writes(outcome)) for outcome in run] == [2, 2, 1, 2]
    assert run["single"]["summary"] == {"activated": 1}
    assert run["batch"]["summary"] == {"activated": 2}
    assert run["accepted"]["summary"] == {"activated": 1}
    assert run["lost again"]["summary"] == {"unknown": 1}
    assert run["lost again"].failed
    sentinel.assert_each_once(fleet([1, 2, 3, 4]))


def test_a_submission_is_repeated_after_the_time_of_retry_after(sentinel: Simulator, playbook: Playbooks) -> None:
    waits: dict[str, dict[str, Any]] = {
        "without": {},
        "seconds": {"retry_after": 1},
        "date": {"retry_after": "date:2"},
        "nonsense": {"retry_after": "soon"},
    }
    sentinel.submission_faults(*(fault for wait in waits.values() for fault in ({**LIMITED, **wait}, {})))
    run = playbook(
        [
            activation(name, ignore=False, devices=[device(number)], request_format=FORMATS[number % 2])
            for number, name in enumerate(waits)
        ]
    )
    sentinel.assert_faults_struck()
    pauses = {}
    for outcome in run:
        assert outcome["summary"] == {"activated": 1}
        first, second = sentinel.writes(outcome)
        assert (first["status"], second["status"]) == (429, 200)
        assert outcome["requests"]["retried"] == 1
        pauses[outcome.name] = second["at"] - first["at"]
    assert pauses["seconds"] >= 1
    # An HTTP date has whole seconds, so that two seconds may be little more than one.
    assert pauses["date"] >= 0.9
    assert run["seconds"]["requests"]["throttled_seconds"] >= 0.9
    sentinel.assert_each_once(fleet(range(len(waits))))


def test_a_fleet_is_activated_under_a_rate_limit(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(rate_limit=20, rate_limit_retry_after="seconds")
    listed = fleet(range(40))
    outcome = playbook(activation("limited", ignore=False, devices=listed, poll_interval=1)).only
    assert outcome["summary"] == {"activated": 40}
    assert 429 in {request["status"] for request in sentinel.requests()}
    sentinel.assert_each_once(listed)


@pytest.mark.parametrize("form", FORMATS)
def test_a_lost_submission_is_found_in_a_late_history(sentinel: Simulator, playbook: Playbooks, form: str) -> None:
    sentinel.settings(history_lag=1.2)
    sentinel.submission_faults({"kind": "reset", "commit": True})
    listed = fleet([1, 2, 3]) if form == "batch" else [device(1)]
    outcome = playbook(activation("lagging", ignore=False, devices=listed, request_format=form, settle_timeout=8)).only
    sentinel.assert_faults_struck()
    assert outcome["summary"] == {"activated": len(listed)}
    assert outcome.ended - sentinel.writes()[0]["at"] < 8, "it does not wait for the whole settle time"
    sentinel.assert_each_once(listed)


def test_devices_are_not_unknown_if_no_connection_was_made(sentinel: Simulator, playbook: Playbooks) -> None:
    # Nothing listens at the address when the first request, a submission, is made.
    listed = fleet(range(4))
    gone = {**sentinel.connection, "request_retries": 1}
    options: dict[str, Any] = {
        "history": "none",
        "listing": "none",
        "preflight": False,
        "api_url": "http://127.0.0.1:1",
    }
    run = playbook(
        [
            activation("gone", devices=listed, **options),
            activation("back", devices=listed, ignore=False),
        ],
        defaults=gone,
    )
    assert run["gone"].failed
    assert not run["gone"].changed
    assert run["gone"]["summary"] == {"failed": 4}
    assert "cannot be reached" in run["gone"].msg
    assert run["back"]["summary"] == {"activated": 4}
    sentinel.assert_each_once(listed)


def test_answers_lost_at_random_lose_and_repeat_no_device(sentinel: Simulator, playbook: Playbooks) -> None:
    """Answers are lost before and after the service accepts the submission."""
    faults = [
        {"kind": kind, "commit": commit, "method": "POST", "path": SUBMIT_PATH, "probability": 0.12, "count": 0}
        for kind in ("reset", "truncated", "html")
        for commit in (False, True)
    ]
    listed = fleet(range(60))
    tasks = [activation(f"run {number}", devices=listed, settle_timeout=0.5) for number in range(5)]
    sentinel.faults(*faults)
    run = playbook(tasks)
    sentinel.assert_faults_struck()
    assert run["run 0"].failed
    sentinel.control("DELETE", "faults")
    last = playbook(activation("calm", devices=listed, ignore=False, result_devices="all")).only
    assert set(last.outcomes().values()) <= {"activated", "already_active"}
    sentinel.assert_each_once(listed)
