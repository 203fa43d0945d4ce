# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Columns and keys that are missing, the option `columns`, and documents, whose keys are read as headings are."""

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
    """Writes a file; returns its path."""
    return Files(tmp_path).write


@pytest.fixture
def read(tmp_path):
    """Reads a file of SIMs: read(text) → pairs and warnings."""
    return Files(tmp_path).read


@pytest.fixture
def refused(tmp_path):
    """The error of a file of SIMs."""
    return Files(tmp_path).refused


# -- A column is missing -----------------------------------------------------------------------------------------------


def test_a_missing_column_is_one_error_however_many_rows_lack_it(refused):
    rows = "".join(f"{imei(number)},red\n" for number in range(100))
    assert refused(f"IMEI,Colour\n{rows}").problems == [
        (
            "fleet.csv, line 1: no column for the ICCID: add one, or name it, such as columns: {HEADING: iccid}. "
            "There are: IMEI, Colour"
        )
    ]


def test_a_column_whose_values_look_like_the_missing_one_is_suggested_with_the_others(refused):
    (problem,) = refused(f"IMEI,Chip\n{ROWS}").problems
    assert problem.startswith('fleet.csv, line 1: no column for the ICCID: "Chip" has such values')
    assert "columns: {IMEI: imei, Chip: iccid}" in problem


def test_all_columns_that_are_missing_are_suggested(refused):
    (problem,) = refused(f"Serial,Chip,Handset\nA,{C0},{I0}\nB,{C1},{I1}\n").problems
    assert "Chip: iccid" in problem
    assert "Handset: imei" in problem


def test_the_id_of_a_smartsim_may_be_an_iccid(refused):
    (problem,) = refused(f"IMEI,SIM ID\n{ROWS}").problems
    assert '"SIM ID" has such values' in problem
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
    assert "has such values" not in problem


def test_a_carrier_that_nothing_gives_is_asked_of_the_task(refused):
    (problem,) = refused(f"IMEI,ICCID\n{ROWS}", carrier=None).problems
    assert problem == (
        "fleet.csv, line 1: no column for carrier: add one, or give carrier to the task, for all devices. There are: "
        "IMEI, ICCID"
    )


def test_keys_are_missing_in_a_document_as_columns_in_a_table(refused):
    (problem,) = refused(json.dumps([{"imei": I0, "colour": "red"}]), "fleet.json").problems
    assert problem.startswith("fleet.json: no key for the ICCID: add one, or name it")


def test_a_fleet_whose_rows_name_their_kinds_lacks_no_column(write):
    path = write(f"kind,IMEI,EID,Carrier\nesim,{I0},{EID},Verizon\n")
    declared = load_fleet({"src": path}, {name: kind.identity for name, kind in KINDS.items()})
    assert [device.name for device in declared.devices] == [("esim", I0)]


# -- Columns -----------------------------------------------------------------------------------------------------------


def test_columns_read_what_they_name_and_nothing_else(read):
    text = f"IMEI1,IMEI2,Chip,Nickname,carier\n{I2},{I0},{C0},a,X\n{I2},{I1},{C1},a,X\n"
    assert read(text, columns={"IMEI2": "imei", "Chip": "iccid"}) == (PAIRS, [])


def test_the_header_is_the_row_that_has_the_identifiers_of_columns(read):
    text = f"Name,Device Inventory,\n\nHandset,Chip,Name\n{I0},{C0},a\n{I1},{C1},b\n"
    devices, warnings = read(text, columns={"Handset": "imei", "Chip": "iccid", "Name": "nickname"})
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: line 1 (above the header)"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_find_the_delimiter(read, delimiter):
    text = f"{delimiter.join(('A', 'B, x'))}\n{I0}{delimiter}{C0}\n" if delimiter != "," else f"A,B\n{I0},{C0}\n"
    columns = {"A": "imei", "B" if delimiter == "," else "B, x": "iccid"}
    assert read(text, columns=columns)[0] == [(I0, C0)]


def test_columns_that_the_file_does_not_have_are_one_error(refused):
    assert refused(f"A,B\n{ROWS}", columns={"X": "imei", "Y": "iccid"}).problems == [
        "fleet.csv: none of the columns is in its first 20 rows: X, Y"
    ]


def test_columns_name_the_keys_of_a_document(read):
    content = json.dumps([{"Handset": I0, "Chip": C0, "Colour": "red"}, {"Handset": I1, "Chip": C1}])
    assert read(content, "fleet.json", columns={"Handset": "imei", "Chip": "iccid"}) == (PAIRS, [])


def test_a_sheet_is_for_workbooks(refused):
    (problem,) = refused(f"IMEI,ICCID\n{ROWS}", sheet="Devices").problems
    assert problem == "sheet: fleet.csv is not a workbook (.xlsx): leave sheet out"


# -- Documents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap", [lambda rows: rows, lambda rows: {"devices": rows}, lambda rows: {"n": 2, "list": rows}]
)
def test_a_document_is_a_list_or_has_one(read, wrap):
    rows = [{"Device ID (IMEI)": I0, "SIM Number (ICCID)": C0}, {"Device ID (IMEI)": I1, "SIM Number (ICCID)": C1}]
    assert read(json.dumps(wrap(rows)), "fleet.json") == (PAIRS, [])


def test_keys_may_be_spelt_otherwise_in_each_device(read):
    assert read(json.dumps([{"imei": I0, "iccid": C0}, {"IMEI": I1, "ICCID": C1}]), "fleet.json") == (PAIRS, [])


def test_two_keys_of_one_device_for_one_field_are_an_error(refused):
    (problem,) = refused(json.dumps([{"IMEI1": I0, "IMEI2": I1, "iccid": C0}]), "fleet.json").problems
    assert "IMEI1" in problem
    assert "IMEI2" in problem
    assert "column " not in problem


@pytest.mark.parametrize("empty", [{}, {"colour": "red"}, {"imei": None, "iccid": ""}])
def test_a_device_without_an_identifier_does_not_vanish_without_a_word(write, empty):
    path = write(json.dumps([{"imei": I0, "iccid": C0}, empty, {"imei": I1, "iccid": C1}]), "fleet.json")
    try:
        said = load({"src": path, **TASK}, SIM.identity).warnings
    except InputError as error:
        said = error.problems
    assert any("device 2" in text for text in said)


def test_keys_that_are_not_read_are_one_warning(read):
    rows = [{"imei": I0, "iccid": C0, "colour": "red"}, {"imei": I1, "iccid": C1, "size": 1}]
    assert read(json.dumps(rows), "fleet.json") == (PAIRS, ["fleet.json: ignored: 2 keys (colour, size)"])


def test_a_key_that_is_nearly_a_fields_name_is_an_error(refused):
    (problem,) = refused(json.dumps([{"imei": I0, "iccid": C0, "nicname": "a"}]), "fleet.json").problems
    assert problem.startswith('fleet.json: unknown key "nicname"; did you mean nickname? Valid: nickname, ')
