# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices whose status is declared: their identifiers, and all slips at once."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.sources import vocabulary
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.targets import Target, load_targets
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    ICCID,
    IMEI,
    declared,
    mdn,
)


def problems(**params):
    """Returns the problems of a task's devices."""
    with pytest.raises(InputError) as caught:
        load_targets(params)
    return caught.value.problems


def test_listed_devices_may_have_any_identifier():
    given = [
        {"mdn": "(521) 267 0001"},
        {"imei": int(IMEI), "nickname": " Bus 1 "},
        {"iccid": ICCID + "F"},
        {"eid": EID},
    ]
    found = load_targets({"devices": given, "except_devices": given[:1]})
    assert found.devices == [
        Target("device 1", mdn=mdn(1)),
        Target("device 2", imei=IMEI, nickname="Bus 1"),
        Target("device 3", iccid=ICCID),
        Target("device 4", eid=EID),
    ]
    assert found.exceptions == [Target("exception 1", mdn=mdn(1))]
    assert found.warnings == []


def test_other_fields_of_a_device_are_ignored():
    listed = {"mdn": mdn(1), "status": "active", "state": "active", "labels": ["spare"], "online": None, "sim_id": "1"}
    found = load_targets({"devices": [listed, {**declared(1), "kind": "sim"}]})
    assert [target.mdn for target in found.devices] == [mdn(1), None]


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        ("MDN;Nickname", "521-267-0001;Bus", {"mdn": mdn(1), "nickname": "Bus"}),
        ("Phone Number,Zip Code,Carrier", "5212670001,02134,Verizon", {"mdn": mdn(1)}),
        ("MSISDN", "15212670001", {"mdn": mdn(1)}),
        (
            "MDN,UICC,IMEI,STATUS,NETWORK,CORP_ID,DEVICE_NAME",
            f"521-267-0001,{ICCID},{IMEI},active,Verizon,N,x",
            {"mdn": mdn(1), "iccid": ICCID, "imei": IMEI},
        ),
        ("eid", EID, {"eid": EID}),
    ],
)
def test_a_file_may_have_any_known_headings(tmp_path, header, row, wanted):
    path = tmp_path / "fleet.csv"
    path.write_text(f"{header}\n{row}\n")
    found = load_targets({"src": str(path), "except_src": str(path)})
    assert found.devices == found.exceptions == [Target("fleet.csv, line 2", **wanted)]


@pytest.mark.parametrize(("name", "write"), [("fleet.json", json.dumps), ("fleet.yml", json.dumps)])
def test_a_file_may_contain_a_list(tmp_path, name, write):
    (tmp_path / name).write_text(write([{"mdn": mdn(1), "carrier": "Verizon"}]))
    assert load_targets({"src": str(tmp_path / name)}).devices == [Target(f"{name}, device 1", mdn=mdn(1))]


def test_ignored_columns_are_one_warning_per_file(tmp_path):
    (tmp_path / "fleet.csv").write_text(f"Report,\nMDN,Line Colour,Carrier\n{mdn(1)},red,Verizon\nTotal,1,\n")
    found = load_targets({"src": str(tmp_path / "fleet.csv"), "except_src": str(tmp_path / "fleet.csv")})
    assert found.devices == [Target("fleet.csv, line 3", mdn=mdn(1))]
    assert (
        found.warnings
        == ["fleet.csv: ignored: line 1 (above the header); line 4 (no device); 1 column (Line Colour)"] * 2
    )


def test_columns_selects_the_identifiers(tmp_path):
    (tmp_path / "fleet.csv").write_text(f"Wireless Number,IMEI1,IMEI2\n{mdn(1)},{IMEI},{IMEI}\n")
    given = {"src": str(tmp_path / "fleet.csv"), "columns": {"Wireless Number": "mdn"}}
    assert load_targets(given) == ([Target("fleet.csv, line 2", mdn=mdn(1))], [], [])
    assert problems(**{**given, "columns": {"Wireless Number": "carrier"}})[0].startswith(
        "columns: Wireless Number: carrier is not a field of a device; valid: "
    )


def test_a_file_without_identifiers_is_one_error(tmp_path):
    (tmp_path / "fleet.csv").write_text("Model,Colour\nx,red\ny,blue\n")
    (problem,) = problems(src=str(tmp_path / "fleet.csv"))
    assert problem.startswith("fleet.csv, line 1: no column for an identifier; add one, or set columns")


def test_a_misspelt_heading_is_one_error_for_all_rows(tmp_path):
    (tmp_path / "fleet.csv").write_text(f"IMEI,Nicname\n{IMEI},a\n{IMEI},b\n")
    (problem,) = problems(src=str(tmp_path / "fleet.csv"))
    assert problem.startswith('fleet.csv, line 1: unknown column "Nicname"; did you mean nickname? Valid: ')


def test_activation_modules_do_not_accept_an_mdn():
    assert "mdn" not in vocabulary().fields
    assert "phonenumber" not in vocabulary().names


def test_all_slips_are_reported_at_once(tmp_path):
    (tmp_path / "except.csv").write_text(f"imei\n{IMEI[:-1]}\n")
    given = [{"mdn": "1"}, {"imei": ICCID}, {"nickname": "Bus"}, {"mdm": mdn(1)}, {"mdn": mdn(1)}]
    found = problems(devices=given, except_devices=[{"eid": "1"}], except_src=str(tmp_path / "except.csv"))
    beginnings = [
        "device 1: mdn 1: has 1 digit;",
        f"device 2: imei {ICCID}: looks like an ICCID",
        "device 3: identifies no device; give mdn, imei, iccid or eid",
        'device 4: unknown field "mdm"; did you mean mdn?',
        "exception 1: eid 1: has 1 digit;",
        "except.csv, line 2: imei 35573736007346: has 14 digits",
    ]
    assert len(found) == len(beginnings)
    assert all(text.startswith(begin) for text, begin in zip(found, beginnings))


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "No devices are declared; set exactly one of devices and src"),
        (
            {"devices": [], "src": "x.csv"},
            "devices and src cannot be used together; set exactly one of devices and src",
        ),
        ({"src": " "}, "src: is blank"),
        ({"devices": [], "except_src": ""}, "except_src: is blank; give the path of a file, or leave except_src out"),
        ({"devices": [], "except_src": "x.xlsm"}, 'x.xlsm: unsupported file type ".xlsm"'),
    ],
)
def test_invalid_options_are_refused(params, text):
    assert any(problem.startswith(text) for problem in problems(**params))


def test_a_doubtful_check_digit_is_a_warning():
    (warning,) = load_targets({"devices": [{"iccid": ICCID[:-1] + "1"}]}).warnings
    assert warning.startswith("device 1 (8901")


def test_an_empty_list_gives_no_targets():
    assert load_targets({"devices": []}).devices == []
