# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: one schema for a list, a file and a single device. All problems are reported at once, in row order."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare import devices as _devices
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device, load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, MissingLibraryError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    ICCID,
    IMEI,
    declared,
    device,
    fleet,
    iccid,
    imei,
    params,
)


def loaded(strict=False, **given):
    """Returns the devices that parameters declare."""
    return load(params(**given), SIM.identity, strict)


def problems(strict=False, **given):
    """Returns the problems of refused parameters."""
    with pytest.raises(InputError) as caught:
        loaded(strict, **given)
    return caught.value.problems


def test_list_file_and_single_device_give_the_same_device(tmp_path):
    fields = {"carrier": "VERIZON", "device_group": "A", "filter_group": "B", "service_zip_code": "02134"}
    source = tmp_path / "fleet.json"
    source.write_text(json.dumps([{"imei": IMEI, "iccid": ICCID, **fields}]))
    expected = Device("", SIM.identity, IMEI, ICCID, **fields)
    for given, where in (
        ({"devices": [{"imei": IMEI, "iccid": ICCID, **fields}]}, "device 1"),
        ({"devices": [{"imei": IMEI, "iccid": ICCID}], **fields}, "device 1"),
        ({"src": str(source)}, "fleet.json, device 1"),
        ({"imei": IMEI, "iccid": ICCID, **fields}, "the device"),
    ):
        found = loaded(**given)
        assert (found.devices, found.warnings) == ([expected._replace(where=where)], [])


def test_a_device_overrides_the_tasks_defaults():
    devices = [declared(0), declared(1, carrier="AT&T"), {"imei": imei(2), "iccid": iccid(2)}]
    found = loaded(devices=devices, carrier="T-Mobile", nickname="spare", device_group="D", filter_group="F")
    assert [item.carrier for item in found.devices] == ["VERIZON", "AT&T", "T-Mobile"]
    assert [item.nickname for item in found.devices] == ["spare"] * 3


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_field_is_not_given(blank):
    found = loaded(devices=[declared(0, carrier=blank, nickname=blank)], carrier="AT&T", sub_type=blank)
    assert found.devices == [device(0, carrier="AT&T")]


def test_values_are_normalised():
    given = declared(
        0, imei=" 35-573736-007346-2 ", iccid=ICCID + "F", service_zip_code="021341234", nickname=" Bus 7 "
    )
    (found,) = loaded(devices=[given]).devices
    assert (found.imei, found.iccid, found.service_zip_code, found.nickname) == (IMEI, ICCID, "02134-1234", "Bus 7")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "No devices are declared; set exactly one of devices, src, or one device at the top level (imei, iccid)"),
        ({"devices": [], "src": "x.csv"}, "devices and src cannot be used together; set exactly one of"),
        ({"devices": [], "imei": IMEI}, "devices and a device at the top level (imei) cannot be used together"),
        ({"src": "x.csv", "iccid": ICCID}, "src and a device at the top level (iccid) cannot be used together"),
        (
            {"devices": [], "src": "x", "imei": IMEI},
            "devices and src and a device at the top level (imei) cannot be used together",
        ),
    ],
)
def test_devices_must_be_declared_in_exactly_one_way(given, expected):
    (problem,) = problems(**given)
    assert problem.startswith(expected)


def test_an_empty_list_declares_no_device():
    assert loaded(devices=[]) == ([], [], {})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"imei": None}, "imei is required"),
        ({"iccid": None}, "iccid is required"),
        ({"carrier": None}, "carrier is required"),
        ({"imei": ICCID}, f"imei {ICCID}: looks like an ICCID; imei and iccid are probably swapped"),
        ({"iccid": "8.90141E+19"}, "iccid 8.90141E+19: is a number with an exponent"),
        ({"service_zip_code": "2134"}, "service_zip_code 2134: has 4 digits, so a leading zero was probably lost"),
        ({"carrier": ["VERIZON"]}, "carrier …: must be text, not a list or a mapping"),
        ({"colour": "red"}, 'unknown field "colour"; valid:'),
        ({"nick_name": "red"}, 'unknown field "nick_name"; did you mean nickname? Valid: nickname'),
        ({"eid": "1"}, "eid is not a field of kind sim; for eSIMs, use sentinel_esim_activation, or"),
    ],
)
def test_a_wrong_field_is_reported_with_its_row_and_value(row, expected):
    (problem,) = problems(devices=[declared(0), declared(1, **row)])
    assert problem.startswith(f"device 2: {expected}")


def test_a_swapped_pair_gives_exactly_two_problems():
    messages = problems(devices=[declared(0, imei=ICCID, iccid=IMEI)])
    assert len(messages) == 2
    assert all("are probably swapped" in text for text in messages)


def test_thirty_wrong_rows_give_thirty_messages_in_row_order():
    rows = [declared(number, imei=f"{imei(number)[:-1]}x") for number in range(30)]
    messages = problems(devices=rows)
    assert [text.split(":")[0] for text in messages] == [f"device {number}" for number in range(1, 31)]


def test_all_problems_of_a_row_are_reported_in_the_order_of_the_fields():
    (row,) = ({"service_zip_code": "1", "colour": "red", "iccid": "2", "carrier": "V"},)
    messages = problems(devices=[row])
    assert [text.split(" ")[2] for text in messages] == ["imei", "iccid", "service_zip_code", "unknown"]


def test_valid_names_are_listed_once_for_all_rows():
    problem, other = problems(devices=[declared(0, nicname="a"), declared(1, colour="red")])
    assert problem.startswith('device 1: unknown field "nicname"; did you mean nickname? Valid: nickname, ')
    assert other == 'device 2: unknown field "colour"'


def test_a_long_value_is_shortened_in_the_message():
    (problem,) = problems(devices=[declared(0, imei="1" * 5000)])
    assert len(problem) < 200


def test_problems_in_a_file_have_line_numbers(tmp_path):
    source = tmp_path / "fleet.csv"
    source.write_text(f"IMEI,ICCID,Carrier,ZIP,Plan\n{IMEI},{ICCID},AT&T,02134,P1\n\n{ICCID},{IMEI},AT&T,,\n")
    assert [text.split(": ")[0] for text in problems(src=str(source))] == ["fleet.csv, line 4"] * 2


def test_common_other_headings_are_accepted(tmp_path):
    source = tmp_path / "fleet.csv"
    source.write_text(f"imei;iccid;carrier;Zip Code;plan\n{IMEI};{ICCID};AT&T;02134;P1\n")
    (found,) = loaded(src=str(source)).devices
    assert (found.service_zip_code, found.plan_id) == ("02134", "P1")


def test_a_doubtful_identifier_is_a_warning_with_row_and_value():
    odd = iccid(0)[:-1] + str((int(iccid(0)[-1]) + 1) % 10)
    found = loaded(devices=[declared(0, iccid=odd)])
    assert found.devices == [device(0, iccid=odd)]
    (warning,) = found.warnings
    assert warning.startswith(f"device 1 ({odd}): iccid does not end in its check digit")


def test_the_carriers_rules_are_warnings():
    found = loaded(devices=[declared(0, service_zip_code=None)])
    assert found.warnings == ["device 1: service_zip_code is required for VERIZON"]


def test_the_same_warning_for_many_rows_is_given_once():
    found = loaded(devices=[declared(number, service_zip_code=None) for number in range(1000)])
    (warning,) = found.warnings
    assert warning == "device 1; device 2; device 3 and 997 more: service_zip_code is required for VERIZON"


def test_strict_turns_warnings_into_errors_in_row_order():
    rows = [declared(0), declared(1, service_zip_code=None), declared(2, imei="1"), declared(3, service_zip_code=None)]
    messages = problems(strict=True, devices=rows)
    assert [text.split(":")[0] for text in messages] == ["device 2", "device 3", "device 4"]
    assert messages[0].endswith("service_zip_code is required for VERIZON (an error because strict is set)")
    assert loaded(strict=True, devices=[declared(0)]).devices == [device(0)]


def test_an_imei_with_two_iccids_is_reported_with_both_rows():
    (problem,) = problems(devices=[declared(0), declared(1), declared(2, imei=imei(0))])
    assert problem.startswith(f"device 3: imei {imei(0)} is also on device 1 with")
    assert f"with iccid {iccid(0)}, here with iccid {iccid(2)}" in problem


def test_an_iccid_with_two_imeis_is_reported_with_both_rows():
    (problem,) = problems(devices=[declared(0), declared(1), declared(2, iccid=iccid(1))])
    assert problem.startswith(f"device 3: iccid {iccid(1)} is also on device 2 with other fields")
    assert f"imei {imei(1)} there, {imei(2)} here" in problem


def test_a_pair_declared_twice_is_reported_with_the_differences():
    (problem,) = problems(devices=[declared(0), declared(0, carrier="AT&T")])
    assert "carrier VERIZON there, AT&T here" in problem


def test_an_exact_duplicate_is_ignored_with_a_warning():
    found = loaded(devices=[declared(0), declared(1), declared(0, iccid=iccid(0) + "F")])
    assert found.devices == fleet(2)
    (warning,) = found.warnings
    assert warning == (f"device 3 ({iccid(0)}, as in device 1): same iccid as an earlier row; duplicate ignored")


def test_a_fleet_listed_twice_is_one_warning():
    rows = [declared(number) for number in range(2000)]
    found = loaded(devices=rows + rows)
    assert found.devices == fleet(2000)
    assert len(found.warnings) == 1
    assert "1997 more" in found.warnings[0]


def test_a_missing_schema_library_is_reported(monkeypatch):
    monkeypatch.setattr(_devices, "VOLUPTUOUS_IMPORT_ERROR", "Traceback …")
    with pytest.raises(MissingLibraryError, match="pip install voluptuous"):
        loaded(devices=[declared(0)])


def test_declared_fields_exclude_the_row_and_empty_fields():
    assert Device("device 1", SIM.identity, imei=IMEI, carrier="AT&T").declared() == {"imei": IMEI, "carrier": "AT&T"}
