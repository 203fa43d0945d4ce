# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of this collection can be read as declarations, without warnings."""

from __future__ import annotations

import json
import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, KINDS, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.arguments import REPORT_SPEC
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.outputs import (
    write_failed_file,
    write_result_file,
)
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.account import Account
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.comparison import drift
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.files import json_parts
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.writing import write_reports
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    iccid,
    imei,
    line,
)

pytest.importorskip("openpyxl")

KINDS_BY_NAME = {name: kind.identity for name, kind in KINDS.items()}
#: Fields that the result file does not have. The task that reads it sets them.
TASK = {"filter_group": "Staff", "service_zip_code": "02134"}
COMMON = {"carrier": "Verizon", "device_group": "Buses", **TASK}
FLEET = [
    {"imei": imei(0), "iccid": iccid(0), "nickname": "=Bus 7", **COMMON},
    {"imei": imei(1), "iccid": iccid(1), "nickname": "Total", **COMMON, "carrier": "AT&T"},
    {"kind": "esim", "imei": imei(2), "eid": EID, "nickname": "O'Brien, Jr.", **COMMON},
    {"kind": "esim", "imei": imei(3), "nickname": "0107", **COMMON},
    {"kind": "smartsim", "sim_id": "891039000000142007", **COMMON},
    {"kind": "smartsim", "sim_id": "A1B2C3", "imei": imei(4), "nickname": '"7"', **COMMON},
]
ROW_FORMATS = ["csv", "jsonl", "xlsx"]


def fleet(*devices, **given):
    """The declared devices of a task, from a list or from a file."""
    return load_fleet({**({"devices": list(devices)} if devices else {}), **given}, KINDS_BY_NAME)


def outcomes_of(declared, outcome=Outcome.FAILED):
    """The outcomes of a run with the same outcome for all devices."""
    return [
        DeviceOutcome(device, outcome, "T1", reason="a reason, in words", seconds=1.5) for device in declared.devices
    ]


def same(found, declared):
    """Whether the devices are the same as before."""
    return [device._replace(where="") for device in found.devices] == [
        device._replace(where="") for device in declared.devices
    ]


# -- The file of failed devices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ROW_FORMATS)
def test_a_failed_file_of_all_kinds_declares_the_same_devices(tmp_path, ending):
    declared = fleet(*FLEET, {"imei": imei(9), "iccid": iccid(9), "plan_id": "P", "sub_type": "x", **COMMON})
    path = str(tmp_path / f"failed.{ending}")
    assert write_failed_file(path, outcomes_of(declared), declared.headings) == []
    again = fleet(src=path)
    assert same(again, declared)
    assert again.warnings == declared.warnings == []


@pytest.mark.parametrize("ending", ROW_FORMATS)
@pytest.mark.parametrize("source", ["csv", "json", "xlsx"])
def test_a_failed_file_of_a_csv_keeps_its_headers(tmp_path, ending, source):
    origin = tmp_path / f"origin.{source}"
    spelt = [{"SIM Number (ICCID)": iccid(row), "Device ID (IMEI)": imei(row), "Colour": "red"} for row in range(2)]
    if source == "json":
        origin.write_text(json.dumps(spelt), encoding="utf-8")
    else:
        write_failed_file(
            str(origin),
            outcomes_of(fleet(*({"imei": imei(row), "iccid": iccid(row), **COMMON} for row in range(2)))),
            {"SIM Number (ICCID)": "iccid", "Device ID (IMEI)": "imei"},
        )
    declared = load({"src": str(origin), **COMMON}, SIM.identity)
    assert len(declared.devices) == 2
    path = str(tmp_path / f"failed.{ending}")
    write_failed_file(path, outcomes_of(declared), declared.headings)
    again = load({"src": path, **COMMON}, SIM.identity)
    assert same(again, declared)
    assert again.warnings == []


@pytest.mark.parametrize("ending", ROW_FORMATS)
def test_a_failed_file_of_a_history_export_keeps_the_kinds(tmp_path, ending):
    header = (
        "Transaction ID,Line Status,IMEI,ICCID,SIM ID,EID,Carrier,Device Group,Filter Group,Zip Code,Transaction Start"
    )
    common = "Verizon,Buses,Staff,02134,11/23/2026 07:09:08 PM"
    export = tmp_path / "history.csv"
    export.write_text(
        f"{header}\nT,FAILED,{imei(0)},{iccid(0)},N/A,N/A,{common}\nT,FAILED,{imei(1)},N/A,N/A,{EID},{common}\n"
        f"T,FAILED,N/A,N/A,A1B2,N/A,{common}\n",
        encoding="utf-8",
    )
    declared = fleet(src=str(export))
    assert [device.identity.kind for device in declared.devices] == ["sim", "esim", "smartsim"]
    path = str(tmp_path / f"failed.{ending}")
    write_failed_file(path, outcomes_of(declared), declared.headings)
    again = fleet(src=path)
    assert same(again, declared)
    assert again.warnings == []


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4), st.sampled_from(ROW_FORMATS))
def test_a_failed_file_keeps_any_nickname(nicknames, ending):
    devices = [
        {"imei": imei(row), "iccid": iccid(row), "nickname": name, **COMMON} for row, name in enumerate(nicknames)
    ]
    declared = fleet(*devices)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"failed.{ending}")
        write_failed_file(path, outcomes_of(declared), declared.headings)
        again = fleet(src=path)
    assert [(device.imei, device.iccid) for device in again.devices] == [
        (device.imei, device.iccid) for device in declared.devices
    ]


# -- The result file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [*ROW_FORMATS, "ndjson", "json"])
@pytest.mark.parametrize("outcome", [Outcome.ACTIVATED, Outcome.CONFLICT, Outcome.WOULD_ACTIVATE])
def test_a_result_file_declares_its_fleet(tmp_path, ending, outcome):
    declared = fleet(*FLEET)
    path = str(tmp_path / f"result.{ending}")
    assert write_result_file(path, outcomes_of(declared, outcome)) == []
    again = fleet(src=path, **TASK)
    assert same(again, declared)
    assert again.warnings == []


@pytest.mark.parametrize("ending", ROW_FORMATS)
@pytest.mark.parametrize("kind", [SIM, ESIM, SMARTSIM])
def test_a_result_file_of_one_kind_declares_devices_of_that_kind(tmp_path, ending, kind):
    devices = [device for device in FLEET if device.get("kind", "sim") == kind.name]
    declared = fleet(*devices)
    path = str(tmp_path / f"result.{ending}")
    write_result_file(path, outcomes_of(declared))
    again = load({"src": path, **TASK}, kind.identity)
    assert same(again, declared)
    assert again.warnings == []


@pytest.mark.parametrize("ending", ROW_FORMATS)
@pytest.mark.parametrize("kind", [ESIM, SMARTSIM])
def test_an_assigned_iccid_does_not_change_the_kind(tmp_path, ending, kind):
    device = {"kind": kind.name, "imei": imei(4), **COMMON, **({"sim_id": "A1B2"} if kind is SMARTSIM else {})}
    declared = fleet(device)
    outcome = DeviceOutcome(declared.devices[0], Outcome.ACTIVATED, "T1", line(0, imei=imei(4), iccid=iccid(4)))
    path = str(tmp_path / f"result.{ending}")
    write_result_file(path, [outcome])
    for again in (load({"src": path, **TASK}, kind.identity), fleet(src=path, **TASK)):
        assert same(again, declared)
        assert again.warnings == []


# -- Reports and drift -------------------------------------------------------------------------------------------------


@pytest.fixture
def report(tmp_path):
    """Writes reports: report(name, …) → the path."""

    def write(name, **given):
        options = {option: about.get("default") for option, about in REPORT_SPEC.items()}
        write_reports({**options, **given, name.rpartition(".")[2]: name}, str(tmp_path))
        return str(tmp_path / name)

    return write


def by_key(declared):
    """The devices sorted by name, because reports sort by outcome."""
    return declared._replace(devices=sorted(declared.devices, key=lambda device: device.name))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_a_report_declares_its_fleet(tmp_path, report, ending):
    declared = fleet(*FLEET)
    write_result_file(str(tmp_path / "result.jsonl"), outcomes_of(declared))
    again = fleet(src=report(f"report.{ending}", result_file="result.jsonl"), **TASK)
    assert same(by_key(again), by_key(declared))
    assert again.warnings == []


@pytest.fixture
def drifted():
    """A fleet and its drift."""
    declared = fleet(*FLEET)
    return declared, drift(
        Fleet.of(declared), Account([line(1), line(2, "Failed", reason="blocked")], WORDS), undeclared=False
    )


def test_the_json_of_a_drift_declares_its_devices(tmp_path, drifted):
    declared, found = drifted
    path = tmp_path / "drift.json"
    path.write_text("".join(json_parts(found)), encoding="utf-8")
    again = fleet(src=str(path), **TASK)
    assert same(by_key(again), by_key(declared))
    assert again.warnings == []


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_a_report_of_a_drift_declares_its_devices(report, drifted, ending):
    declared, found = drifted
    again = fleet(src=report(f"report.{ending}", drift=found), **TASK)
    assert same(by_key(again), by_key(declared))
    assert again.warnings == []


def test_a_minimal_drift_declares_its_devices(tmp_path):
    path = tmp_path / "drift.json"
    path.write_text(
        json.dumps({"drift": 1, "devices": [{"state": "missing", "drift": True, **FLEET[0]}]}), encoding="utf-8"
    )
    declared = fleet(src=str(path))
    assert [device.name for device in declared.devices] == [("sim", iccid(0))]
    assert declared.warnings == []


# -- Other files -------------------------------------------------------------------------------------------------------


def test_other_columns_in_our_files_are_a_warning(tmp_path):
    path = tmp_path / "result.csv"
    path.write_text(
        f"kind,imei,iccid,carrier,outcome,reason,Colour\nsim,{imei(0)},{iccid(0)},AT&T,failed,x,red\n", encoding="utf-8"
    )
    (warning,) = [text for text in fleet(src=str(path)).warnings if "ignored" in text]
    assert warning == "result.csv: ignored: 1 column (Colour)"


def test_columns_with_our_names_in_other_files_are_a_warning(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text(f"imei,iccid,Reason,Status,MDN\n{imei(0)},{iccid(0)},x,y,z\n", encoding="utf-8")
    warnings = load({"src": str(path), **COMMON}, SIM.identity).warnings
    assert warnings == ["fleet.csv: ignored: 3 columns (Reason, Status, MDN)"]
