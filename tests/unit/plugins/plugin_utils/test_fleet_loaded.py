# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet of any kinds: its rows, its defaults, and what is wrong with either."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.defaults import Defaults
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import identities
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    declared,
    iccid,
    imei,
)

ESIM = {"kind": "esim", "imei": imei(7), "carrier": "AT&T"}


def load(devices=None, **given):
    """The declared devices of a task, with warnings."""
    return load_fleet({"devices": devices, **given}, identities())


def named(found):
    """Kind and key of each device."""
    return [device.name for device in found.devices]


def problems_of(devices=None, **given):
    """The problems of a task."""
    with pytest.raises(InputError) as error:
        load(devices, **given)
    return error.value.problems


def test_a_list_keeps_its_order_with_any_kinds():
    found = load([declared(1), ESIM, {**declared(2), "kind": " SIM "}])
    assert named(found) == [("sim", iccid(1)), ("esim", imei(7)), ("sim", iccid(2))]
    assert [device.where for device in found.devices] == ["device 1", "device 2", "device 3"]


def test_a_file_can_have_a_column_for_the_kind(tmp_path):
    src = tmp_path / "fleet.json"
    src.write_text(json.dumps([{"imei": imei(1), "iccid": iccid(1)}, ESIM]), encoding="utf-8")
    assert named(load(src=str(src), carrier="Verizon")) == [("sim", iccid(1)), ("esim", imei(7))]


def test_a_default_kind():
    assert named(load([{"imei": imei(1), "carrier": "AT&T"}], kind="esim")) == [("esim", imei(1))]


def test_one_device_at_the_top_level():
    found = load(kind="esim", imei=imei(1), eid=EID, carrier="AT&T")
    assert found.devices[0].declared() == {"imei": imei(1), "eid": EID, "carrier": "AT&T"}
    assert "No devices are declared" in problems_of()[0]
    assert "devices and a device at the top level (imei) cannot be used together" in problems_of([], imei=imei(1))[0]


def test_hosts_sent_by_the_action_are_reported_as_hosts():
    rows = {"host bus-1": declared(1), "host tablet": ESIM}
    assert [device.where for device in load(hosts=rows).devices] == list(rows)
    assert problems_of(hosts={**rows, "host bus-2": {**declared(2), "imei": "12"}})[0].startswith("host bus-2: imei 12")
    # The hosts may be a slice of the fleet, so unused defaults are not a mistake.
    defaults = {"carrier_defaults": {"T-Mobile": {"nickname": "bus"}}}
    assert load(hosts=rows, **defaults).warnings == load(hosts=rows).warnings


def test_a_fleet_can_be_empty():
    assert load([])[:2] == ([], [])


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ({}, "all"),
        ({"carrier": "VERIZON "}, "carrier"),
        ({"device_group": " Library"}, "group"),
        ({"carrier": "Verizon", "device_group": "Library"}, "group"),
        ({"carrier": "Verizon", "nickname": "own"}, "own"),
        ({"carrier": "Verizon", "nickname": " "}, "carrier"),
    ],
)
def test_the_nearest_default_applies(device, expected):
    found = load(
        [{"imei": imei(1), "iccid": iccid(1), "carrier": "AT&T", **device}],
        defaults={"nickname": "all"},
        carrier_defaults={"Verizon": {"nickname": "carrier"}},
        group_defaults={"Library": {"nickname": "group"}},
    )
    assert found.devices[0].nickname == expected


def test_fields_at_the_top_level_take_precedence_over_defaults():
    found = load([declared(1, nickname=None)], defaults={"nickname": "default", "plan_id": "P"}, nickname="top")
    assert (found.devices[0].nickname, found.devices[0].plan_id) == ("top", "P")


def test_a_group_can_set_the_carrier_and_its_defaults():
    defaults = Defaults.read(
        {"carrier": "AT&T"}, {"verizon": {"plan_id": "P"}}, {"Library": {"carrier": "Verizon"}, "Empty": None}
    )
    assert defaults.complete({"device_group": "Library"})["plan_id"] == "P"
    assert "plan_id" not in defaults.complete({"device_group": "Empty"})
    assert "plan_id" not in defaults.complete({"device_group": "Library", "carrier": "AT&T"})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"defaults": {"zip": 1}}, 'defaults: unknown field "zip"'),
        ({"defaults": "Verizon"}, "defaults: must be a mapping"),
        ({"carrier_defaults": {"Verizon": {"carrier": "x"}}}, 'carrier_defaults: Verizon: unknown field "carrier"'),
        ({"group_defaults": {"x": {"device_group": "y"}}}, 'group_defaults: x: unknown field "device_group"'),
        ({"group_defaults": {"x": "y"}}, "group_defaults: x: must be a mapping"),
        ({"group_defaults": ["x"]}, "group_defaults: must map names to fields"),
        ({"kind": "radio"}, "'radio' is not a kind of device"),
    ],
)
def test_wrong_settings(given, problem):
    assert problem in problems_of([declared(1)], **given)[0]


def test_defaults_that_nothing_uses_are_probably_misspelt():
    names = {"carrier_defaults": {"VERIZON": {}, "Verizn": {}}, "group_defaults": {"Libary": {}}}
    found = load([declared(1, carrier="Verizon")], **names)
    assert [warning.partition(" '")[0] for warning in found.warnings] == [
        "carrier_defaults: no device has the carrier",
        "group_defaults: no device has the device_group",
    ]


def test_every_problem_of_every_kind_in_the_order_of_the_rows():
    problems = problems_of([{**declared(1), "imei": "1"}, {**ESIM, "imei": "2"}, {"kind": "smartsim"}, {"kind": "x"}])
    assert [problem.partition(":")[0] for problem in problems] == [f"device {number}" for number in (1, 2, 3, 4)]
    assert problems_of([declared(1), "x"])[0].startswith("device 2: must be a mapping")


def test_problems_of_settings_and_devices_are_reported_together():
    assert len(problems_of("x.csv", kind="radio", defaults="x", src="/nowhere.csv")) == 3


def test_a_device_is_of_one_kind():
    rows = [declared(1), {"kind": "esim", "imei": imei(1), "carrier": "AT&T"}, {"kind": "smartsim", "sim_id": iccid(1)}]
    also = "also on device 1 as"
    assert problems_of(rows) == [
        f"device 2: imei {imei(1)} is {also} imei of kind sim, here of kind esim; remove the wrong row",
        f"device 3: sim_id {iccid(1)} is {also} iccid of kind sim, here of kind smartsim; remove the wrong row",
    ]


def test_two_kinds_do_not_share_a_key():
    """Outcomes are found by key."""
    twice = [{"kind": "smartsim", "sim_id": imei(7), "carrier": "Verizon"}, ESIM]
    assert "two kinds cannot share an identifier" in problems_of(twice)[0]
