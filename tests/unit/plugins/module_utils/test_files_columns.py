# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Missing columns and keys, the option `columns`, and documents, whose keys are read like headings."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import KINDS, SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.sim_files import (
    C0,
    C1,
    I0,
    I1,
    I2,
    PAIRS,
    ROWS,
    TASK,
    Files,
)

NAMED = ("imei", "iccid")


@pytest.fixture
def write(tmp_path):
    """Writes a file and returns its path."""
    return Files(tmp_path).write


@pytest.fixture
def read(tmp_path):
    """Reads a file of SIMs: read(text) → pairs and warnings."""
    return Files(tmp_path).read


@pytest.fixture
def refused(tmp_path):
    """Returns the error of a file of SIMs."""
    return Files(tmp_path).refused


# -- Missing columns ---------------------------------------------------------------------------------------------------


def test_a_missing_column_is_one_error_for_all_rows(refused):
    rows = "".join(f"{imei(number)},red\n" for number in range(100))
    assert refused(f"IMEI,Colour\n{rows}").problems == [
        (
            "fleet.csv, line 1: no column for the ICCID; add one, or set columns, such as columns: {HEADING: iccid}. "
            "Columns: IMEI, Colour"
        )
    ]


def test_a_column_with_matching_values_is_suggested_with_the_known_columns(refused):
    (problem,) = refused(f"IMEI,Chip\n{ROWS}").problems
    assert problem.startswith('fleet.csv, line 1: no column for the ICCID; "Chip" has ICCIDs')
    assert "columns: {IMEI: imei, Chip: iccid}" in problem


def test_all_missing_columns_are_suggested(refused):
    (problem,) = refused(f"Serial,Chip,Handset\nA,{C0},{I0}\nB,{C1},{I1}\n").problems
    assert "Chip: iccid" in problem
    assert "Handset: imei" in problem


def test_the_id_of_a_smartsim_may_be_an_iccid(refused):
    (problem,) = refused(f"IMEI,SIM ID\n{ROWS}").problems
    assert '"SIM ID" has ICCIDs' in problem
    assert "SIM ID: iccid" in problem


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Account", ["287000000000", "287000000001"]),
        ("Mixed", [C0, "none of them"]),
        ("Chip", [C0, I1]),
        ("", [C0, C1]),
    ],
)
def test_a_column_of_something_else_is_not_suggested(refused, heading, values):
    (problem,) = refused(f"IMEI,{heading}\n{I0},{values[0]}\n{I1},{values[1]}\n").problems
    assert ", so set columns" not in problem


def test_a_missing_carrier_can_be_set_in_the_task(refused):
    (problem,) = refused(f"IMEI,ICCID\n{ROWS}", carrier=None).problems
    assert problem == (
        "fleet.csv, line 1: no column for carrier; add one, or set carrier for all devices in the task. Columns: "
        "IMEI, ICCID"
    )


def test_a_missing_key_of_a_document_is_reported_like_a_column(refused):
    (problem,) = refused(json.dumps([{"imei": I0, "colour": "red"}]), "fleet.json").problems
    assert problem.startswith("fleet.json: no key for the ICCID; add one, or set columns")


def test_a_fleet_with_kinds_in_its_rows_needs_no_fixed_columns(write):
    path = write(f"kind,IMEI,EID,Carrier\nesim,{I0},{EID},Verizon\n")
    declared = load_fleet({"src": path}, {name: kind.identity for name, kind in KINDS.items()})
    assert [device.name for device in declared.devices] == [("esim", I0)]


# -- Columns -----------------------------------------------------------------------------------------------------------


def test_columns_limits_what_is_read(read):
    text = f"IMEI1,IMEI2,Chip,Nickname,carier\n{I2},{I0},{C0},a,X\n{I2},{I1},{C1},a,X\n"
    assert read(text, columns={"IMEI2": "imei", "Chip": "iccid"}) == (PAIRS, [])


def test_the_header_is_the_row_with_the_identifiers_of_columns(read):
    text = f"Name,Device Inventory,\n\nHandset,Chip,Name\n{I0},{C0},a\n{I1},{C1},b\n"
    devices, warnings = read(text, columns={"Handset": "imei", "Chip": "iccid", "Name": "nickname"})
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: line 1 (above the header)"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_determines_the_delimiter(read, delimiter):
    text = f"{delimiter.join(('A', 'B, x'))}\n{I0}{delimiter}{C0}\n" if delimiter != "," else f"A,B\n{I0},{C0}\n"
    columns = {"A": "imei", "B" if delimiter == "," else "B, x": "iccid"}
    assert read(text, columns=columns)[0] == [(I0, C0)]


def test_columns_without_a_match_are_one_error(refused):
    assert refused(f"A,B\n{ROWS}", columns={"X": "imei", "Y": "iccid"}).problems == [
        "columns: none of its headings is in the first 20 rows of fleet.csv: X, Y; correct them, or move the header up"
    ]


def test_columns_can_name_the_keys_of_a_document(read):
    content = json.dumps([{"Handset": I0, "Chip": C0, "Colour": "red"}, {"Handset": I1, "Chip": C1}])
    assert read(content, "fleet.json", columns={"Handset": "imei", "Chip": "iccid"}) == (PAIRS, [])


def test_sheet_is_refused_for_other_files_than_workbooks(refused):
    (problem,) = refused(f"IMEI,ICCID\n{ROWS}", sheet="Devices").problems
    assert problem == "sheet: fleet.csv is not a workbook (.xlsx); leave sheet out"


# -- Documents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap", [lambda rows: rows, lambda rows: {"devices": rows}, lambda rows: {"n": 2, "list": rows}]
)
def test_a_document_is_a_list_or_has_one(read, wrap):
    rows = [{"Device ID (IMEI)": I0, "SIM Number (ICCID)": C0}, {"Device ID (IMEI)": I1, "SIM Number (ICCID)": C1}]
    assert read(json.dumps(wrap(rows)), "fleet.json") == (PAIRS, [])


def test_each_device_may_spell_its_keys_differently(read):
    assert read(json.dumps([{"imei": I0, "iccid": C0}, {"IMEI": I1, "ICCID": C1}]), "fleet.json") == (PAIRS, [])


def test_two_keys_of_one_device_for_one_field_are_an_error(refused):
    (problem,) = refused(json.dumps([{"IMEI1": I0, "IMEI2": I1, "iccid": C0}]), "fleet.json").problems
    assert "IMEI1" in problem
    assert "IMEI2" in problem
    assert "column " not in problem


@pytest.mark.parametrize("empty", [{}, {"colour": "red"}, {"imei": None, "iccid": ""}])
def test_a_device_without_an_identifier_is_always_reported(write, empty):
    path = write(json.dumps([{"imei": I0, "iccid": C0}, empty, {"imei": I1, "iccid": C1}]), "fleet.json")
    try:
        messages = load({"src": path, **TASK}, SIM.identity).warnings
    except InputError as error:
        messages = error.problems
    assert any("device 2" in text for text in messages)


def test_ignored_keys_are_one_warning(read):
    rows = [{"imei": I0, "iccid": C0, "colour": "red"}, {"imei": I1, "iccid": C1, "size": 1}]
    assert read(json.dumps(rows), "fleet.json") == (PAIRS, ["fleet.json: ignored: 2 keys (colour, size)"])


def test_a_misspelt_key_is_an_error(refused):
    (problem,) = refused(json.dumps([{"imei": I0, "iccid": C0, "nicname": "a"}]), "fleet.json").problems
    assert problem.startswith('fleet.json: unknown key "nicname"; did you mean nickname? Valid: nickname, ')
