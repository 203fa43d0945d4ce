# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SmartSIMs: identified by their SIM id; each line has its own carrier and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.devices import imei
from harness.playbooks import Playbooks, activation
from harness.simulators import EXPORT, HISTORY_PATH, LISTING, Simulator

MODULE = "kajeet.sentinel.sentinel_smartsim_activation"
COMMON = {"carrier": "T-Mobile", "device_group": "Library", "filter_group": "Student_HS", "service_zip_code": "20190"}
#: An active SmartSIM in the simulator's history.
SMARTSIM_ACTIVE = {"sim_id": "891039000000142007", "imei": "355737360550188"}


def sim_id(number: int) -> str:
    """A SIM id that the simulator activates successfully."""
    return f"8910390000{number:04d}0007"


def smartsims(count: int) -> list[dict[str, Any]]:
    """This number of devices to activate."""
    return [{"sim_id": sim_id(number)} for number in range(1, count + 1)]


def test_check_apply_apply_check_activates_each_smartsim_once(
    check_apply_apply_check: Callable[..., Any], sentinel: Simulator
) -> None:
    devices = smartsims(3)
    devices[0].update(imei=imei(1), carrier="Verizon")
    four = check_apply_apply_check({"devices": devices, **COMMON}, devices, module=MODULE, key="sim_id")
    assert four.apply["requests"]["writes"] == 1
    assert {entry["outcome"] for entry in four.apply["devices"]} == {"activated"}
    (body,) = sentinel.bodies()
    assert body["activationLines"][0] == {
        "simID": sim_id(1),
        "imei": imei(1),
        "serviceDetails": {
            "carrier": "Verizon",
            "deviceGroup": "Library",
            "filterGroup": "Student_HS",
            "serviceAddress": {"serviceZipCode": "20190"},
        },
    }
    assert sentinel.calls(four.again) == [f"GET {HISTORY_PATH}?{EXPORT}", LISTING]


def test_new_refused_and_active_smartsims_are_in_one_summary(sentinel: Simulator, playbook: Playbooks) -> None:
    devices = [*smartsims(5), {"sim_id": "89103900009019010"}, SMARTSIM_ACTIVE]
    outcome = playbook(activation("apply", module=MODULE, devices=devices, batch_size=2, **COMMON)).only
    assert outcome.failed
    assert outcome["summary"] == {"failed": 1, "activated": 5, "already_active": 1}
    assert [len(body["activationLines"]) for body in sentinel.bodies()] == [2, 2, 2]
    assert outcome["devices"][0]["sim_id"] == "89103900009019010"
    assert "unknown to the carrier" in outcome["devices"][0]["reason"]


def test_another_imei_is_a_conflict(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            activation("other imei", module=MODULE, sim_id=SMARTSIM_ACTIVE["sim_id"], imei=imei(9), **COMMON),
            activation("same", module=MODULE, sim_id=SMARTSIM_ACTIVE["sim_id"], **COMMON),
        ]
    )
    assert run["other imei"]["summary"] == {"conflict": 1}
    assert run["same"]["summary"] == {"already_active": 1}
    sentinel.assert_wrote_nothing()


def test_a_lost_answer_activates_once(sentinel: Simulator, playbook: Playbooks) -> None:
    path = "/v1.0/activation/smartsim-transaction$"
    sentinel.faults({"kind": "status", "status": 502, "method": "POST", "path": path, "commit": True})
    outcome = playbook(activation("apply", ignore=False, module=MODULE, devices=smartsims(3), **COMMON)).only
    assert outcome["summary"] == {"activated": 3}
    sentinel.assert_faults_struck()
    sentinel.assert_each_once(smartsims(3), "sim_id")


def test_all_wrong_devices_are_reported_at_once(sentinel: Simulator, playbook: Playbooks) -> None:
    devices = [{"sim_id": "12/34"}, {"imei": imei(1)}, {"sim_id": sim_id(1)}, {"sim_id": sim_id(1), "imei": imei(2)}]
    outcome = playbook(activation("bad", module=MODULE, devices=devices, **COMMON)).only
    lines = outcome.msg.splitlines()
    assert any("device 1: sim_id 12/34" in line for line in lines)
    assert any("device 2: sim_id is required" in line for line in lines)
    assert any("device 4: sim_id" in line and "device 3" in line for line in lines)
    assert sentinel.requests() == []
