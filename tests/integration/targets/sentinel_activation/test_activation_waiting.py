# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until devices are active, also in a later run."""

from __future__ import annotations

from harness.devices import NEVER, device, iccid
from harness.playbooks import Playbooks, activation
from harness.simulators import PASSWORD, SUBMIT_PATH, USERNAME, Simulator


def test_a_later_run_waits_for_devices_that_an_earlier_one_has_submitted(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    sentinel.settings(line_latency=600)
    listed = [device(1), device(2)]
    run = playbook(
        [
            activation("submit", ignore=False, devices=listed, wait=False),
            activation("wait", ignore=False, devices=listed),
        ],
        meanwhile=lambda: sentinel.advance_when_polled(600),
    )
    submit, wait = run["submit"], run["wait"]
    assert submit.changed
    assert submit["summary"] == {"pending": 2}
    assert {entry["status"] for entry in submit["transactions"]} == {"pending"}
    assert not wait.changed
    assert wait["plan"].items() >= {"wait": 2, "activate": 0}.items()
    assert wait["summary"] == {"activated": 2}
    sentinel.assert_wrote_nothing(wait)
    sentinel.assert_each_once(listed)


def test_a_device_that_stays_pending_fails_the_task_after_wait_timeout(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    listed = [device(1), device(2, NEVER)]
    arguments = {"devices": listed, "wait_timeout": 1.5}
    run = playbook([activation("first", **arguments), activation("second", **arguments)])
    first, second = run["first"], run["second"]
    for outcome in run:
        assert outcome.failed
        assert f"(iccid {iccid(2, NEVER)}" in outcome.msg
        assert "run the task again to keep waiting" in outcome.msg
        assert outcome.by_iccid[iccid(2, NEVER)]["outcome"] == "pending"
        assert outcome.by_iccid[iccid(2, NEVER)]["line_status"] == "IN PROGRESS"
    assert first.changed
    assert first["summary"] == {"pending": 1, "activated": 1}
    assert not second.changed
    assert second["summary"] == {"pending": 1, "already_active": 1}
    assert set(sentinel.submitted().values()) == {1}


def test_an_expired_token_is_renewed(sentinel: Simulator, playbook: Playbooks) -> None:
    login = {**sentinel.connection, "api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    sentinel.faults(
        {"kind": "expire_token", "method": "POST", "path": SUBMIT_PATH, "skip": 2},
        {"kind": "expire_token", "method": "GET", "path": "/transactions/"},
    )
    listed = [device(number) for number in range(6)]
    outcome = playbook(activation("renew", ignore=False, devices=listed), defaults=login).only
    sentinel.assert_faults_struck()
    assert outcome["summary"] == {"activated": 6}
    assert sentinel.logins() == 3, "one at the start, and one per expired token"
    assert [write["status"] for write in sentinel.writes()].count(200) == len(listed)
    sentinel.assert_each_once(listed)


def test_given_status_words_are_recognised(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(status_words={"COMPLETED": "Provisioned OK", "FAILED": "No-Go"})
    good, bad = device(1), device(2, "901")
    words = {"success": ["provisioned ok"], "failed": ["NOGO"]}
    run = playbook(
        [
            activation("not known", devices=[good, bad], wait_timeout=1),
            activation("known", devices=[good, bad], status_words=words, retry_failed=False, result_devices="all"),
        ]
    )
    unknown = run["not known"]
    assert unknown.failed
    assert unknown["summary"] == {"pending": 2}
    assert "the service reports: Provisioned OK" in unknown.msg
    assert run["known"].outcomes() == {bad["iccid"]: "failed"}
    assert run["known"]["summary"] == {"failed": 1, "already_active": 1}
