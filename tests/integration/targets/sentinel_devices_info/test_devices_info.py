# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sentinel_devices_info, from playbooks."""

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
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_devices_info")


def test_the_whole_list_is_one_request_and_a_filter_takes_of_it(sentinel: Simulator, info: Infos) -> None:
    found = info.both(
        {
            "all": {"corp_id": CORP_ID},
            "suspended": {"corp_id": CORP_ID, "statuses": ["Suspended"]},
            "carrier and group": {"corp_id": CORP_ID, "carriers": ["at&t"], "device_groups": ["field-staff"]},
            "limited": {"corp_id": CORP_ID, "limit": 3},
        }
    )
    everyone = found["all"]["devices"]
    fields = documented(PLUGIN, "RETURN")["devices"]["contains"]
    assert everyone
    assert all(list(device) == list(fields) for device in everyone)
    assert {device["state"] for device in everyone} == STATES
    assert (found["all"]["total"], found["all"]["devices_omitted"]) == (len(everyone), 0)
    for device in everyone:
        assert device["mdn"].count("-") == 2
        assert isinstance(device["last_30_days_used"], int)
        assert device["labels"] == []
    assert found["suspended"]["devices"] == [device for device in everyone if device["state"] == "suspended"]
    both = [device for device in everyone if (device["carrier"], device["device_group"]) == ("AT&T", "Field Staff")]
    assert found["carrier and group"]["devices"] == both
    assert found["limited"]["devices"] == everyone[:3]
    assert (found["limited"]["total"], found["limited"]["devices_omitted"]) == (len(everyone), len(everyone) - 3)
    (call,) = sentinel.calls(found["all"])
    assert call.startswith(CSV)
    for column in ("MDN", "IMEI", "UICC", "STATUS", "LAST_30_DAYS_USED", "LABELS"):
        assert column in call.partition(CSV)[2].split("%2C")


def test_a_search_and_further_columns(sentinel: Simulator, info: Infos) -> None:
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    found = info.both(
        {
            "by imei": {"search": ACTIVE["imei"], **login},
            "online": {
                "search": ACTIVE["imei"],
                "columns": ["Online", "oem_serial_number", "Sim Type"],
                "corp_id": CORP_ID,
            },
            "nobody": {"search": "nobody at all", "corp_id": CORP_ID},
        }
    )
    (device,) = found["by imei"]["devices"]
    assert {name: device[name] for name in ACTIVE} == ACTIVE
    assert (device["state"], device["online"]) == ("active", None)
    samples = {name: field["sample"] for name, field in documented(PLUGIN, "RETURN")["devices"]["contains"].items()}
    assert device == samples
    token, call = sentinel.calls(found["by imei"])
    assert token == f"POST {TOKEN_PATH}"
    assert call.endswith(f"&searchValue={ACTIVE['imei']}")
    (device,) = found["online"]["devices"]
    assert device["online"] is True
    assert [device[name] for name in ("oem_serial_number", "sim_type")] == [None, None]
    csv, *pages = sentinel.calls(found["online"])
    assert "%2COEM_SERIAL_NUMBER%2CSIM_TYPE&" in csv
    assert pages[0] == f"GET {LIST}?offset=0&limit=100&sort=MDN&sortDir=ASC&searchValue={ACTIVE['imei']}"
    assert (found["nobody"]["devices"], found["nobody"]["total"]) == ([], 0)
    assert "warnings" not in found["nobody"].data


def statuses(info: Infos) -> dict[str, str]:
    """The status of each device, by its MDN."""
    return {device["mdn"]: device["status"] for device in info({"all": {"corp_id": CORP_ID}})["all"]["devices"]}


def test_where_the_export_is_refused_the_pages_are_read(sentinel: Simulator, info: Infos) -> None:
    before = statuses(info)
    sentinel.faults({"kind": "status", "status": 400, "query": "export=CSV", "body": {"message": "no export"}})
    outcome = info({"pages": {"corp_id": CORP_ID}})["pages"]
    assert not outcome.failed, outcome.msg
    (warning,) = outcome["warnings"]
    assert "The list was read from its pages instead" in warning
    assert "no export" in warning
    found = outcome["devices"]
    # Devices that are still being activated may be listed at any moment.
    assert before.items() <= {device["mdn"]: device["status"] for device in found}.items() <= statuses(info).items()
    assert all(isinstance(device["online"], bool) for device in found)
    assert {device["iccid"] for device in found} == {None}


def test_errors_in_words(sentinel: Simulator, info: Infos) -> None:
    found = info.assert_fail(
        {
            "no account": ({}, "The device list is that of an account: set corp_id (SENTINEL_CORP_ID"),
            "unknown column": ({"corp_id": CORP_ID, "columns": ["SUMER_STATUS"]}, "did you mean summer_status?"),
            "no number": ({"corp_id": CORP_ID, "limit": 0}, "limit: must be at least 1, not 0"),
            "no word": ({"corp_id": CORP_ID, "statuses": ["--"]}, "statuses: '--' has no letter or digit"),
            "another account": ({"corp_id": "SOUTHSTAR-ISD"}, "corpId 'SOUTHSTAR-ISD' is neither this account's own"),
            "wrong token": (
                {"corp_id": CORP_ID, "api_token": "wrong-secret-0815"},
                "api_token is not accepted (HTTP 401)",
            ),
        }
    )
    for name in ("no account", "unknown column", "no number", "no word"):
        assert sentinel.calls(found[name]) == []
    assert found["another account"]["error"] == documented(PLUGIN, "RETURN")["error"]["sample"]


def test_a_result_file_has_the_whole_list(sentinel: Simulator, info: Infos, tmp_path: Path) -> None:
    sentinel.reset(settings={"pending_fixture": 3600})
    path = tmp_path / "devices.jsonl"
    found = info.both(
        {
            "all": {"corp_id": CORP_ID},
            "file": {"corp_id": CORP_ID, "limit": 1, "result_file": str(path)},
        }
    )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows == found["all"]["devices"]
    assert found["file"]["devices"] == rows[:1]
    assert found["file"]["devices_omitted"] == len(rows) - 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    wrong = {"corp_id": CORP_ID, "result_file": str(tmp_path / "devices.xml")}
    failed = info.assert_fail(
        {"another format": (wrong, "unsupported file type; use .jsonl (JSON lines), .csv or .xlsx")}
    )
    assert sentinel.calls(failed["another format"]) == []


def test_a_list_that_cannot_be_read(sentinel: Simulator, info: Infos, tmp_path: Path) -> None:
    sentinel.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    path = tmp_path / "devices.jsonl"
    given = {"corp_id": CORP_ID, "result_file": str(path)}
    found = info({"auto": {**given, "listing": "auto"}, "none": {**given, "listing": "none"}, "required": given})
    assert (found["auto"]["available"], found["auto"]["devices"]) == (False, [])
    (warning,) = found["auto"]["warnings"]
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert found["none"]["available"] is False
    assert "warnings" not in found["none"].data
    assert sentinel.calls(found["none"]) == []
    assert found["required"]["error"]["kind"] == "scope"
    assert not path.exists()
