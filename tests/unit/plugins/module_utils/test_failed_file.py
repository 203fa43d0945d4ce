# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of failed devices: rows of the source that can be corrected and declared again."""

from __future__ import annotations

import csv
import json
import stat

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import KINDS, SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.outputs import check_failed_file
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.result import Run, make_result
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, iccid, imei, plan_of

HEADER = "ICCID;Nickname;IMEI;Device Group"
PARAMS = {"carrier": "VERIZON"}


@pytest.fixture
def source(tmp_path):
    """A fleet of three SIMs in a CSV."""
    path = tmp_path / "fleet.csv"
    rows = [f"{iccid(number)};Bus {number};{imei(number)};Buses" for number in range(3)]
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


@pytest.fixture
def target(tmp_path):
    """The path of the file of failed devices."""
    return tmp_path / "failed.csv"


def run(declared, path, *words, reasons=(), **options):
    """Return the result of a run with these outcomes of the declared devices."""
    outcomes = [
        DeviceOutcome(device, Outcome(word), reason=(reasons or [None] * len(words))[number])
        for number, (device, word) in enumerate(zip(declared.devices, words))
    ]
    how = Run(plan_of(declared.devices), outcomes, True, False, 1.0, declared.headings)
    return make_result(how, ActivationOptions(failed_file=str(path), **options))


def sims(source):
    """The SIMs of a file."""
    return load({"src": str(source), **PARAMS}, SIM.identity)


def rows_of(path):
    """The rows of a CSV."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_failed_devices_have_the_columns_of_their_source_with_outcome_and_reason(source, target):
    run(sims(source), target, "activated", "failed", "pending", reasons=["", "bad ZIP", ""])
    assert target.read_text(encoding="utf-8").splitlines() == [
        "ICCID,Nickname,IMEI,Device Group,outcome,reason",
        f"{iccid(1)},Bus 1,{imei(1)},Buses,failed,bad ZIP",
    ]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_file_declares_the_same_devices_again(source, target):
    declared = sims(source)
    run(declared, target, "failed", "activated", "conflict")
    again = sims(target)
    assert [device._replace(where="") for device in again.devices] == [
        declared.devices[number]._replace(where="") for number in (0, 2)
    ]
    assert again.headings == declared.headings
    assert len(again.warnings) == len(declared.warnings)


@pytest.mark.parametrize("word", [outcome for outcome in Outcome if outcome.needs_attention])
def test_every_device_that_needs_attention_is_failed_unless_it_is_pending(source, target, word):
    run(sims(source), target, word, "activated", "activated")
    assert target.exists() == (word != "pending")


def test_without_failures_an_earlier_file_keeps_only_its_header(source, target):
    run(sims(source), target, "failed", "failed", "failed")
    run(sims(source), target, "activated", "activated", "activated")
    assert target.read_text(encoding="utf-8") == "ICCID,Nickname,IMEI,Device Group,outcome,reason\n"
    with pytest.raises(InputError, match="no device"):
        sims(target)


def test_without_failures_no_file_is_created(source, target):
    run(sims(source), target, "activated", "activated", "activated")
    assert not target.exists()


def test_a_list_of_devices_is_written_by_its_fields_as_json_lines(tmp_path):
    devices = [{"imei": imei(number), "iccid": iccid(number), "nickname": f"Bus {number}"} for number in range(2)]
    path = tmp_path / "failed.jsonl"
    declared = load({"devices": devices, **PARAMS}, SIM.identity)
    run(declared, path, "activated", "failed", reasons=["", "schön"])
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert row == {**devices[1], **PARAMS, "outcome": "failed", "reason": "schön"}
    (again,) = load({"src": str(path)}, SIM.identity).devices
    assert again == declared.devices[1]._replace(where="failed.jsonl, line 1")


def test_a_fleet_keeps_the_kinds_of_its_devices(target):
    kinds = {name: kind.identity for name, kind in KINDS.items()}
    devices = [{"imei": imei(0), "iccid": iccid(0)}, {"kind": "esim", "imei": imei(1), "eid": EID}]
    declared = load_fleet({"devices": devices, **PARAMS}, kinds)
    run(declared, target, "failed", "failed")
    assert [row["kind"] for row in rows_of(target)] == ["sim", "esim"]
    again = load_fleet({"src": str(target)}, kinds)
    assert [device._replace(where="") for device in again.devices] == [
        device._replace(where="") for device in declared.devices
    ]


def test_no_cell_is_a_formula(source, target):
    run(sims(source), target, "failed", "activated", "activated", reasons=["=HYPERLINK(1)", "", ""])
    assert rows_of(target)[0]["reason"] == "'=HYPERLINK(1)"


def test_a_file_that_cannot_be_written_is_a_warning(source, tmp_path):
    found = run(sims(source), tmp_path / "gone" / "failed.csv", "failed", "activated", "activated")
    (warning,) = found["warnings"]
    assert warning.startswith("failed_file: ")
    assert "could not be written" in warning


def test_its_extension_must_be_one_that_src_reads_as_rows(tmp_path):
    assert check_failed_file(None) == []
    for name in ("a.csv", "a.jsonl", "a.xlsx"):
        assert check_failed_file(str(tmp_path / name)) == []
    for name in ("a.json", "a.yml", "a.txt"):
        (problem,) = check_failed_file(str(tmp_path / name))
        assert "use .jsonl (JSON lines), .csv or .xlsx" in problem
