# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""eSIMs: the service chooses the ICCID, and the stock is checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.devices import imei
from harness.playbooks import Playbooks, activation
from harness.simulators import ACTIVE, EXPORT, HISTORY_PATH, LISTING, PASSWORD, USERNAME, Simulator

MODULE = "kajeet.sentinel.sentinel_esim_activation"
SUBMIT = "POST /v1.0/activation/esim-transaction"
COMMON = {"carrier": "AT&T", "device_group": "Field Staff", "filter_group": "Staff", "service_zip_code": "22102"}
EID = "89049032123451234512345678901235"
#: An active eSIM in the simulator's history.
ESIM_ACTIVE = {"imei": "351612081147032", "eid": "89049032000010000000051200447166"}
ESIM_ACTIVE_ICCID = "89014132999000000017"


def esims(count: int, **fields: Any) -> list[dict[str, Any]]:
    """This number of devices to activate."""
    return [{"imei": imei(number), **fields} for number in range(1, count + 1)]


def test_check_apply_apply_check_activates_each_esim_once(
    check_apply_apply_check: Callable[..., Any], sentinel: Simulator
) -> None:
    devices = esims(3)
    devices[0]["eid"] = EID
    four = check_apply_apply_check({"devices": devices, **COMMON}, devices, module=MODULE, key="imei")
    chosen = [entry["iccid"] for entry in four.apply["devices"]]
    assert len(set(chosen)) == 3
    assert all(iccid.startswith("89") for iccid in chosen), "the result has the ICCIDs that the service has chosen"
    assert "iccid" in four.check["devices"][0]
    assert four.check["devices"][0]["iccid"] is None
    (body,) = sentinel.bodies()
    assert body["corpId"] == "NORTHSTAR-ISD"
    assert [sorted(line) for line in body["activationLines"]] == [["eid", "imei"], ["imei"], ["imei"]]
    assert sentinel.calls(four.again) == [f"GET {HISTORY_PATH}?{EXPORT}", LISTING]


def test_requests_have_at_most_as_many_lines_as_the_service_allows(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(esim_max=4)
    outcome = playbook(activation("apply", ignore=False, module=MODULE, devices=esims(10), **COMMON)).only
    assert sorted(len(body["activationLines"]) for body in sentinel.bodies()) == [2, 4, 4]
    assert outcome["summary"] == {"activated": 10}
    stock = "GET /v1.0/activation/eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T"
    assert stock in sentinel.calls()


def test_missing_stock_and_unknown_carriers_are_reported_before_any_write(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    sentinel.control("PUT", "stock", {"carrier": "AT&T", "available": 2, "esim": True})
    run = playbook(
        [
            activation("short", module=MODULE, devices=esims(5), **COMMON),
            activation("check", module=MODULE, check_mode=True, devices=esims(5), **COMMON),
            activation("carrier", module=MODULE, devices=esims(1), **{**COMMON, "carrier": "Verizon Priority"}),
            activation("account", module=MODULE, devices=esims(1), corp_id="", **COMMON),
        ]
    )
    for name in ("short", "check"):
        assert "AT&T: 5 eSIMs are needed, but NORTHSTAR-ISD has 2 in stock: 3 are missing" in run[name].msg
    assert "no carrier 'Verizon Priority'" in run["carrier"].msg
    assert "alid: AT&T, T-Mobile, Verizon" in run["carrier"].msg
    assert "corp_id is required: the stock of eSIMs is counted per account" in run["account"].msg
    assert all(outcome.failed and not outcome.changed for outcome in run)
    sentinel.assert_wrote_nothing()


def test_an_active_esim_is_found_by_its_imei(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            activation("esim", module=MODULE, result_devices="all", **ESIM_ACTIVE, **COMMON),
            activation("no eid", module=MODULE, imei=ESIM_ACTIVE["imei"], **COMMON),
            activation("other eid", module=MODULE, imei=ESIM_ACTIVE["imei"], eid=EID, **COMMON),
            activation("a sim", module=MODULE, imei=ACTIVE["imei"], **COMMON),
        ]
    )
    assert run["esim"]["devices"][0]["iccid"] == ESIM_ACTIVE_ICCID
    for name in ("esim", "no eid", "a sim"):
        assert run[name]["summary"] == {"already_active": 1}
    assert run["other eid"]["summary"] == {"conflict": 1}
    sentinel.assert_wrote_nothing()


def test_a_lost_answer_activates_once(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.faults({"kind": "reset", "method": "POST", "path": "/v1.0/activation/esim-transaction$", "commit": True})
    outcome = playbook(activation("apply", ignore=False, module=MODULE, devices=esims(3), **COMMON)).only
    assert outcome["summary"] == {"activated": 3}
    assert all(entry["iccid"] for entry in outcome["devices"])
    sentinel.assert_faults_struck()
    sentinel.assert_each_once(esims(3), "imei")


def test_all_wrong_devices_are_reported_at_once(sentinel: Simulator, playbook: Playbooks) -> None:
    devices = [{"imei": imei(1), "eid": EID[:-1] + "6"}, {"imei": imei(2)[:-1]}, {"eid": EID}]
    outcome = playbook(activation("bad", module=MODULE, devices=devices, **COMMON)).only
    lines = outcome.msg.splitlines()
    assert any("device 1: eid" in line and "check digits are wrong" in line for line in lines)
    assert any("device 2: imei" in line and "14 digits" in line for line in lines)
    assert any("device 3: imei is required" in line for line in lines)
    assert sentinel.requests() == []


def test_a_login_provides_the_corp_id_for_the_stock(sentinel: Simulator, playbook: Playbooks) -> None:
    login = {"api_username": USERNAME, "api_password": PASSWORD, "api_token": "", "corp_id": ""}
    outcome = playbook(activation("apply", ignore=False, module=MODULE, devices=esims(1), **login, **COMMON)).only
    assert outcome["summary"] == {"activated": 1}
    assert sentinel.logins() == 1
