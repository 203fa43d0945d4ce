# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices from the text of a CSV, from rows, and from a file of several kinds."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import devices_from, read_fleet
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, iccid, imei

ROW = {"ICCID": ICCID, "Imei": IMEI, "Carrier": "AT&T", "Device Group": "Lab", "filter-group": "Staff"}
DEVICE = {"iccid": ICCID, "imei": IMEI, "carrier": "AT&T", "device_group": "Lab", "filter_group": "Staff"}


def listed(declared):
    """The devices, as a task takes them."""
    return [device.declared() for device in declared.devices]


def problems_of(function, *args, **kwargs):
    """The problems that a call raises."""
    with pytest.raises(InputError) as caught:
        function(*args, **kwargs)
    return caught.value.problems


def test_rows_are_read_by_their_headers():
    declared = devices_from([ROW, {**ROW, "ICCID": iccid(1), "Imei": imei(1), "ZIP": "02134", "Nickname": ""}])
    assert listed(declared) == [DEVICE, {**DEVICE, "iccid": iccid(1), "imei": imei(1), "service_zip_code": "02134"}]
    assert [device.where for device in declared.devices] == ["row 1", "row 2"]


def test_cells_of_rows_are_unwrapped_like_those_of_a_file():
    assert listed(devices_from([{**ROW, "ICCID": f'="{ICCID}"', "Imei": int(IMEI), "Nickname": None}])) == [DEVICE]


def test_empty_rows_are_ignored():
    assert listed(devices_from([{"ICCID": "", "Imei": None}, ROW])) == [DEVICE]
    assert listed(devices_from([])) == []


def test_a_byte_order_mark_is_not_part_of_a_header():
    assert listed(devices_from(f"\ufeffimei,carrier\n{IMEI},AT&T\n", "esim")) == [{"imei": IMEI, "carrier": "AT&T"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "CSV: is empty; it must declare at least one device"),
        (" \n", "CSV: is empty; it must declare at least one device"),
        ("imei,iccid,carrier\n", "CSV: has a header but no devices"),
        ("imei,iccid\n1,2\n", "CSV, line 1: no column for carrier; add one, or set carrier for all devices"),
        ("imei,iccid,carier\n1,2,3\n", 'CSV, line 1: unknown column "carier"; did you mean carrier?'),
        ("imei,iccid,carrier\n1,2,3,4\n", "CSV, line 2: has 4 cells, but the header has 3; is a delimiter unquoted?"),
        (7, "the input must be the text of a CSV or a list of mappings, not int"),
        ({"imei": IMEI}, "the input must be the text of a CSV or a list of mappings, not dict"),
        (["imei"], "row 1: is not a mapping such as {ICCID: …, IMEI: …}"),
        ([ROW, [ICCID]], "row 2: is not a mapping"),
        ([{**ROW, "Nicname": "Bus"}], 'the list of rows: unknown key "Nicname"; did you mean nickname?'),
        ([{**ROW, "imei": IMEI}], "row 1: Imei and imei are the same key; remove one of them"),
        ([{**ROW, None: ["more"]}], "row 1: has more cells than the header; is a delimiter unquoted?"),
        (
            [{**ROW, "Nickname": "Bus 1\n1,2,Bus 2"}],
            "row 1: Nickname contains a line break; check the CSV for an unclosed",
        ),
        ([{**ROW, "Nickname": ["a"]}], "row 1: nickname …: must be text, not a list or a mapping"),
    ],
)
def test_invalid_input_is_refused(content, message):
    problems = problems_of(devices_from, content)
    assert len(problems) == 1
    assert problems[0].startswith(message)


def test_a_misspelt_header_is_reported_once():
    assert len(problems_of(devices_from, [{**ROW, "Nicname": "Bus"}] * 3)) == 1


def test_unknown_headers_are_one_warning_for_all_rows():
    rows = [{**ROW, "ICCID": iccid(row), "Imei": imei(row), "Colour": "red"} for row in range(3)]
    declared = devices_from(rows)
    assert len(declared.devices) == 3
    assert [text for text in declared.warnings if "Colour" in text] == ["the list of rows: ignored: 1 key (Colour)"]


@pytest.mark.parametrize("missing", [{None: []}, {None: ""}])
def test_cells_beyond_the_header_may_be_empty(missing):
    assert listed(devices_from([{**ROW, **missing}])) == [DEVICE]


def test_defaults_fill_missing_fields():
    rows = [{"iccid": ICCID, "imei": IMEI}, {"iccid": iccid(1), "imei": imei(1), "carrier": "Verizon"}]
    found = listed(devices_from(rows, defaults={"carrier": "AT&T", "device_group": "Lab"}))
    assert [(device["carrier"], device["device_group"]) for device in found] == [("AT&T", "Lab"), ("Verizon", "Lab")]


@pytest.mark.parametrize(
    ("defaults", "message"),
    [
        ("AT&T", "defaults: is not a mapping"),
        ({"carier": "AT&T"}, 'defaults: unknown field "carier"; did you mean carrier?'),
        ({"imei": IMEI}, 'defaults: unknown field "imei"'),
    ],
)
def test_defaults_are_checked(defaults, message):
    assert problems_of(devices_from, [ROW], defaults=defaults)[0].startswith(message)


def test_each_kind_has_its_own_identifiers():
    assert listed(devices_from([{"IMEI": IMEI, "EID": EID, "Carrier": "AT&T"}], "eSIM"))[0]["eid"] == EID
    assert listed(devices_from([{"SIM ID": "A-1"}], "smartsim")) == [{"sim_id": "A1"}]
    (problem,) = problems_of(devices_from, [{**ROW, "EID": EID}], "sim")
    assert problem.startswith("row 1: eid is not a field of kind sim; for eSIMs, use")
    assert problems_of(devices_from, [], "sims") == [
        "kind: 'sims' is not a kind of device; did you mean sim? Valid: sim, esim, smartsim"
    ]


# -- A file of several kinds ------------------------------------------------------------------------------------------


def test_a_file_can_have_a_kind_per_device(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text(
        "Kind,IMEI,ICCID,EID,SIM ID,Carrier\n"
        f"eSIM,{imei(1)},,{EID},,AT&T\n"
        f",{imei(2)},{iccid(2)},,,AT&T\n"
        f"smart-sim,,,,{'7' * 21},\n"
        f"sim,{imei(3)},{iccid(3)},,,\n",
        encoding="utf-8",
    )
    fleet = read_fleet(str(path), SIM, {"carrier": "Verizon"})
    assert [(member.kind.name, member.device.where) for member in fleet.members] == [
        ("esim", "fleet.csv, line 2"),
        ("sim", "fleet.csv, line 3"),
        ("smartsim", "fleet.csv, line 4"),
        ("sim", "fleet.csv, line 5"),
    ]
    assert [member.device.carrier for member in fleet.members] == ["AT&T", "AT&T", "Verizon", "Verizon"]
    assert any("device_group is required" in warning for warning in fleet.warnings)


def test_a_file_without_kinds_has_the_given_kind(tmp_path):
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps([{"imei": IMEI, "carrier": "AT&T"}]), encoding="utf-8")
    assert [member.kind for member in read_fleet(str(path), ESIM, {}).members] == [ESIM]


def test_every_problem_of_every_kind_is_reported(tmp_path):
    path = tmp_path / "fleet.csv"
    text = f"kind,imei,iccid,sim_id,carrier\nesim,,,,AT&T\nradio,{IMEI},,,\nsim,{IMEI},{ICCID},9,AT&T\n,,,,\n"
    path.write_text(text, encoding="utf-8")
    problems = problems_of(read_fleet, str(path), SIM, {})
    assert [problem.partition(": ")[0] for problem in problems] == [f"fleet.csv, line {line}" for line in (2, 3, 4)]
    assert "'radio' is not a kind of device" in problems[1]
    assert "sim_id is not a field of kind sim" in problems[2]
    assert "imei is required" in problems[0]
