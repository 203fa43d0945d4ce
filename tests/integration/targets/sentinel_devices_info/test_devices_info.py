# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sentinel_devices_info in playbooks."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from harness.infos import Infos, documented
from harness.playbooks import Playbooks
from harness.simulators import ACTIVE, CORP_ID, PASSWORD, TOKEN_PATH, USERNAME, Simulator

LIST = f"/v1.0/devices/{CORP_ID}"
CSV = f"GET {LIST}?export=CSV&columns="
PLUGIN = "modules/sentinel_devices_info"
STATES = {"active", "suspended", "deactivated"}


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module."""
    sentinel.reset_unchanging()
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_devices_info")


def test_the_whole_list_takes_one_request_and_can_be_filtered(sentinel: Simulator, info: Infos) -> None:
    outcomes = info.both(
        {
            "all": {"corp_id": CORP_ID},
            "suspended": {"corp_id": CORP_ID, "statuses": ["Suspended"]},
            "carrier and group": {"corp_id": CORP_ID, "carriers": ["at&t"], "device_groups": ["field-staff"]},
            "limited": {"corp_id": CORP_ID, "limit": 3},
        }
    )
    everyone = outcomes["all"]["devices"]
    fields = documented(PLUGIN, "RETURN")["devices"]["contains"]
    assert everyone
    assert all(list(device) == list(fields) for device in everyone)
    assert {device["state"] for device in everyone} == STATES
    assert (outcomes["all"]["total"], outcomes["all"]["devices_omitted"]) == (len(everyone), 0)
    for device in everyone:
        assert device["mdn"].count("-") == 2
        assert isinstance(device["last_30_days_used"], int)
        assert device["labels"] == []
    assert outcomes["suspended"]["devices"] == [device for device in everyone if device["state"] == "suspended"]
    both = [device for device in everyone if (device["carrier"], device["device_group"]) == ("AT&T", "Field Staff")]
    assert outcomes["carrier and group"]["devices"] == both
    assert outcomes["limited"]["devices"] == everyone[:3]
    assert (outcomes["limited"]["total"], outcomes["limited"]["devices_omitted"]) == (len(everyone), len(everyone) - 3)
    (call,) = sentinel.calls(outcomes["all"])
    assert call.startswith(CSV)
    for column in ("MDN", "IMEI", "UICC", "STATUS", "LAST_30_DAYS_USED", "LABELS"):
        assert column in call.partition(CSV)[2].split("%2C")


def test_a_search_and_additional_columns_are_passed_to_the_service(sentinel: Simulator, info: Infos) -> None:
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    outcomes = info.both(
        {
            "by imei": {"search": ACTIVE["imei"], **login},
            "online": {
                "search": ACTIVE["imei"],
                "columns": ["Online", "oem_serial_number", "Sim Type"],
                "corp_id": CORP_ID,
            },
            "nothing": {"search": "no such device", "corp_id": CORP_ID},
        }
    )
    (device,) = outcomes["by imei"]["devices"]
    assert {name: device[name] for name in ACTIVE} == ACTIVE
    assert (device["state"], device["online"]) == ("active", None)
    samples = {name: field["sample"] for name, field in documented(PLUGIN, "RETURN")["devices"]["contains"].items()}
    assert device == samples
    token, call = sentinel.calls(outcomes["by imei"])
    assert token == f"POST {TOKEN_PATH}"
    assert call.endswith(f"&searchValue={ACTIVE['imei']}")
    (device,) = outcomes["online"]["devices"]
    assert device["online"] is True
    assert [device[name] for name in ("oem_serial_number", "sim_type")] == [None, None]
    csv, *pages = sentinel.calls(outcomes["online"])
    assert "%2COEM_SERIAL_NUMBER%2CSIM_TYPE&" in csv
    assert pages[0] == f"GET {LIST}?offset=0&limit=100&sort=MDN&sortDir=ASC&searchValue={ACTIVE['imei']}"
    assert (outcomes["nothing"]["devices"], outcomes["nothing"]["total"]) == ([], 0)
    assert "warnings" not in outcomes["nothing"].data


def statuses(info: Infos) -> dict[str, str]:
    """MDN of each device → status."""
    return {device["mdn"]: device["status"] for device in info({"all": {"corp_id": CORP_ID}})["all"]["devices"]}


def test_the_pages_are_read_if_the_export_is_refused(sentinel: Simulator, info: Infos) -> None:
    before = statuses(info)
    sentinel.faults({"kind": "status", "status": 400, "query": "export=CSV", "body": {"message": "no export"}})
    outcome = info({"pages": {"corp_id": CORP_ID}})["pages"]
    assert not outcome.failed, outcome.msg
    (warning,) = outcome["warnings"]
    assert "The list was read from its pages instead" in warning
    assert "no export" in warning
    devices = outcome["devices"]
    # Devices whose activation is pending may appear in the list at any moment.
    assert before.items() <= {device["mdn"]: device["status"] for device in devices}.items() <= statuses(info).items()
    assert all(isinstance(device["online"], bool) for device in devices)
    assert {device["iccid"] for device in devices} == {None}


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, info: Infos) -> None:
    outcomes = info.assert_fail(
        {
            "no account": ({}, "The device list needs the account: set corp_id (SENTINEL_CORP_ID"),
            "unknown column": ({"corp_id": CORP_ID, "columns": ["SUMER_STATUS"]}, "did you mean summer_status?"),
            "no number": ({"corp_id": CORP_ID, "limit": 0}, "limit: must be at least 1, not 0"),
            "no word": ({"corp_id": CORP_ID, "statuses": ["--"]}, "statuses: '--' has no letter or digit"),
            "another account": ({"corp_id": "SOUTHSTAR-ISD"}, "corpId 'SOUTHSTAR-ISD' is neither this account's"),
            "wrong token": (
                {"corp_id": CORP_ID, "api_token": "wrong-secret-0815"},
                "api_token is not accepted (HTTP 401)",
            ),
        }
    )
    for name in ("no account", "unknown column", "no number", "no word"):
        assert sentinel.calls(outcomes[name]) == []
    assert outcomes["another account"]["error"] == documented(PLUGIN, "RETURN")["error"]["sample"]


def test_a_result_file_has_the_whole_list(sentinel: Simulator, info: Infos, tmp_path: Path) -> None:
    sentinel.reset(settings={"pending_fixture": 3600})
    path = tmp_path / "devices.jsonl"
    outcomes = info.both(
        {
            "all": {"corp_id": CORP_ID},
            "file": {"corp_id": CORP_ID, "limit": 1, "result_file": str(path)},
        }
    )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows == outcomes["all"]["devices"]
    assert outcomes["file"]["devices"] == rows[:1]
    assert outcomes["file"]["devices_omitted"] == len(rows) - 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    wrong = {"corp_id": CORP_ID, "result_file": str(tmp_path / "devices.xml")}
    failed = info.assert_fail(
        {"another format": (wrong, "unsupported file type; use .jsonl (JSON lines), .csv or .xlsx")}
    )
    assert sentinel.calls(failed["another format"]) == []


def test_an_unreadable_list_is_a_warning_or_an_error_if_it_is_required(
    sentinel: Simulator, info: Infos, tmp_path: Path
) -> None:
    sentinel.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    path = tmp_path / "devices.jsonl"
    given = {"corp_id": CORP_ID, "result_file": str(path)}
    outcomes = info({"auto": {**given, "listing": "auto"}, "none": {**given, "listing": "none"}, "required": given})
    assert (outcomes["auto"]["available"], outcomes["auto"]["devices"]) == (False, [])
    (warning,) = outcomes["auto"]["warnings"]
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert outcomes["none"]["available"] is False
    assert "warnings" not in outcomes["none"].data
    assert sentinel.calls(outcomes["none"]) == []
    assert outcomes["required"]["error"]["kind"] == "scope"
    assert not path.exists()
