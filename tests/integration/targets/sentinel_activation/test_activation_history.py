# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared devices are compared with the history."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import COMMON, device, iccid, imei
from harness.playbooks import Playbooks, activation
from harness.simulators import ACTIVE, EXPORT, FAILED, HISTORY_PATH, OLD_ACTIVE, Simulator


def known(fixture: dict[str, str]) -> dict[str, str]:
    """A declared device with a line in the simulator's history."""
    return {**COMMON, **fixture}


def test_the_option_history_decides_which_lines_are_read(sentinel: Simulator, playbook: Playbooks) -> None:
    options = {"devices": [known(ACTIVE), known(OLD_ACTIVE)], "listing": "none", "result_devices": "all"}
    run = playbook([activation(name, history=name, **options) for name in ("full", "recent", "none")], check=True)
    active, old = ACTIVE["iccid"], OLD_ACTIVE["iccid"]
    assert run["full"].outcomes() == {active: "already_active", old: "already_active"}
    assert run["recent"].outcomes() == {active: "already_active", old: "would_activate"}
    assert run["none"].outcomes() == {active: "would_activate", old: "would_activate"}
    assert sentinel.calls(run["full"]) == [f"GET {HISTORY_PATH}?{EXPORT}"]
    assert all("export" not in call for call in sentinel.calls(run["recent"]))
    assert not any(HISTORY_PATH in call for call in sentinel.calls(run["none"]))


def test_the_recent_history_has_all_lines_of_a_transaction(sentinel: Simulator, playbook: Playbooks) -> None:
    lines: list[dict[str, Any]] = [
        {"iccid": iccid(number), "imei": imei(number), "days_ago": 9, "status": status, "transaction_id": "ACT-TEST-1"}
        for number, status in ((1, "active"), (2, "failed"), (3, "pending"))
    ]
    sentinel.history(*lines)
    listed = [device(number) for number in (1, 2, 3, 4)]
    run = playbook(activation("recent", devices=listed, history="recent", result_devices="all"), check=True)
    assert run.only["plan"].items() >= {"unchanged": 1, "wait": 1, "activate": 2, "conflict": 0}.items()


@pytest.mark.parametrize("duplicates", ["fail_line", "refuse"])
def test_without_history_and_list_the_service_decides_about_duplicates(
    sentinel: Simulator, playbook: Playbooks, duplicates: str
) -> None:
    sentinel.settings(duplicates=duplicates)
    arguments = {"devices": [known(ACTIVE), device(1)], "history": "none", "listing": "none", "result_devices": "all"}
    outcome = playbook(activation("none", ignore=False, **arguments)).only
    assert outcome.outcomes() == {ACTIVE["iccid"]: "already_active", iccid(1): "activated"}
    assert len(sentinel.writes()) == 2


@pytest.mark.parametrize("request_format", ["single", "batch"])
def test_a_pending_device_is_waited_for_and_not_submitted(
    sentinel: Simulator, playbook: Playbooks, request_format: str
) -> None:
    line = {"iccid": iccid(1), "imei": imei(1), "status": "pending", "days_ago": 0.001, "finishes_in": 600}
    sentinel.history({**line, "transaction_id": "ACT-TEST-1"})
    outcome = playbook(
        activation("adopt", ignore=False, devices=[device(1), device(2)], request_format=request_format),
        meanwhile=lambda: sentinel.advance_when_polled(600),
    ).only
    assert outcome["plan"].items() >= {"activate": 1, "wait": 1}.items()
    assert outcome.outcomes() == {iccid(1): "activated", iccid(2): "activated"}
    assert outcome.by_iccid[iccid(1)]["transaction_id"] == "ACT-TEST-1"
    assert list(sentinel.submitted()) == [iccid(2)]


def test_waiting_for_a_pending_device_is_not_a_change(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.history({"iccid": iccid(1), "imei": imei(1), "status": "pending", "days_ago": 0, "finishes_in": 600})
    run = playbook(
        [activation("check", check_mode=True, **device(1)), activation("apply", ignore=False, **device(1))],
        meanwhile=lambda: sentinel.advance_when_polled(600),
    )
    assert not run["check"].failed
    assert run["check"]["summary"] == {"pending": 1}
    assert run["apply"]["summary"] == {"activated": 1}
    assert not any(outcome.changed for outcome in run)
    sentinel.assert_wrote_nothing()


def test_a_failed_device_is_submitted_again_or_reported(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            activation("leave", retry_failed=False, **known(FAILED)),
            activation("would retry", check_mode=True, **known(FAILED)),
            activation("retry", ignore=False, **known(FAILED)),
        ],
        diff=True,
    )
    reported, retried = run["leave"], run["retry"]
    assert reported.failed
    assert reported["summary"] == {"failed": 1}
    assert "ICCID is unknown to the carrier" in reported.msg
    sentinel.assert_wrote_nothing(reported)
    assert run["would retry"]["plan"] == retried["plan"]
    assert "retry: failed before" in retried["diff"]["prepared"].replace("\n    ", " ")
    assert retried["summary"] == {"activated": 1}
    assert sentinel.submitted() == {FAILED["iccid"]: 1}


#: Shared identifier → device in the history that conflicts with a declared one.
CONFLICTS = {
    "imei": {"imei": imei(1), "iccid": iccid(51)},
    "iccid": {"imei": imei(52), "iccid": iccid(2)},
}


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_conflict_is_not_submitted_and_other_devices_are_activated(
    sentinel: Simulator, playbook: Playbooks, status: str
) -> None:
    sentinel.history(*({**line, "status": status, "days_ago": 5} for line in CONFLICTS.values()))
    listed = [device(1), device(2), device(3)]
    run = playbook(
        [
            activation("would fail", devices=listed, check_mode=True),
            activation("would activate", devices=listed, on_conflict="activate", check_mode=True),
            activation("fail", devices=listed),
            activation("skip", devices=listed, on_conflict="skip", ignore=False),
        ]
    )
    for name in ("would fail", "fail"):
        assert run[name].failed
        assert run[name]["plan"]["conflict"] == 2
        reasons = {key: entry["reason"] for key, entry in run[name].by_iccid.items()}
        assert f"imei {imei(1)} is {status} with iccid {iccid(51)}" in reasons[iccid(1)]
        assert f"iccid {iccid(2)} is {status} with imei {imei(52)}" in reasons[iccid(2)]
    assert run["would fail"]["summary"] == {"conflict": 2, "would_activate": 1}
    assert run["would activate"]["plan"].items() >= {"activate": 3, "conflict": 0}.items()
    assert run["fail"]["summary"] == {"conflict": 2, "activated": 1}
    assert run["skip"]["summary"] == {"skipped": 2, "already_active": 1}
    assert sentinel.submitted() == {iccid(3): 1}


def test_on_conflict_activate_submits_a_conflict(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.history(*({**line, "status": "active", "days_ago": 5} for line in CONFLICTS.values()))
    outcome = playbook(activation("activate", devices=[device(1), device(2)], on_conflict="activate")).only
    assert sentinel.submitted() == {iccid(1): 1, iccid(2): 1}
    # The service moves a device to another SIM, but refuses a SIM that is active in another device.
    assert outcome.outcomes() == {iccid(2): "failed"}
    assert outcome["summary"] == {"failed": 1, "activated": 1}
