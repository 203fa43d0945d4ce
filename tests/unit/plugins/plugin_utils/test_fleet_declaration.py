# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet of any kinds: its rows, its defaults, what each module is given."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.declaration import Declaration, Defaults
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import declared, iccid, imei

ESIM = {"kind": "esim", "imei": imei(7), "carrier": "AT&T"}


def arguments(content, **more):
    """What each module is given."""
    return Declaration.read(content, **more).arguments()[0]


def test_a_list_is_split_by_kind_in_its_order():
    found = arguments([declared(1), ESIM, {**declared(2), "kind": " SIM "}])
    assert [device["iccid"] for device in found["sim"]["devices"]] == [iccid(1), iccid(2)]
    assert found["esim"] == {"devices": [{"imei": imei(7), "carrier": "AT&T"}]}


def test_no_devices_are_no_kinds():
    assert arguments([]) == {}


def test_a_file_of_one_kind_stays_a_file(tmp_path):
    src = tmp_path / "fleet.json"
    src.write_text(json.dumps([{"imei": imei(1), "iccid": iccid(1)}]), encoding="utf-8")
    given = {"defaults": {"carrier": "Verizon"}}
    assert arguments(str(src), **given) == {"sim": {"src": str(src), "carrier": "Verizon"}}
    assert list(arguments(str(src), group_defaults={"x": {"nickname": "y"}}, **given)["sim"]) == ["devices"]
    src.write_text(json.dumps([{"imei": imei(1), "kind": "esim"}]), encoding="utf-8")
    assert arguments(str(src), **given) == {"esim": {"devices": [{"imei": imei(1), "carrier": "Verizon"}]}}


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
def test_the_nearest_default_holds(device, expected):
    defaults = Defaults.read(
        {"nickname": "all"}, {"Verizon": {"nickname": "carrier"}}, {"Library": {"nickname": "group"}}
    )
    assert defaults.complete(device)["nickname"] == expected


def test_a_group_may_choose_the_carrier_and_its_defaults():
    defaults = Defaults.read(
        {"carrier": "AT&T"}, {"verizon": {"plan_id": "P"}}, {"Library": {"carrier": "Verizon"}, "Empty": None}
    )
    assert defaults.complete({"device_group": "Library"})["plan_id"] == "P"
    assert "plan_id" not in defaults.complete({"device_group": "Empty"})
    assert "plan_id" not in defaults.complete({"device_group": "Library", "carrier": "AT&T"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"defaults": {"zip": 1}}, 'defaults: unknown field "zip"'),
        ({"defaults": "Verizon"}, "defaults: is no mapping"),
        ({"carrier_defaults": {"Verizon": {"carrier": "x"}}}, 'carrier_defaults: Verizon: unknown field "carrier"'),
        ({"group_defaults": {"x": {"device_group": "y"}}}, 'group_defaults: x: unknown field "device_group"'),
        ({"group_defaults": {"x": "y"}}, "group_defaults: x: is no mapping"),
        ({"group_defaults": ["x"]}, "group_defaults: is no mapping of names to fields"),
        ({"kind": "radio"}, "'radio' is no kind of device"),
    ],
)
def test_wrong_settings(given, told):
    with pytest.raises(InputError) as error:
        arguments([declared(1)], **given)
    assert told in str(error.value)


def test_defaults_of_nobody_are_probably_misspelt():
    names = {"carrier_defaults": {"VERIZON": {}, "Verizn": {}}, "group_defaults": {"Libary": {}}}
    dummy, warnings = Declaration.read([{**declared(1), "carrier": "Verizon"}], **names).arguments()
    assert [warning.partition(" '")[0] for warning in warnings] == [
        "carrier_defaults: no device has the carrier",
        "group_defaults: no device has the device_group",
    ]


def test_every_problem_of_every_kind_at_once():
    rows = [{**declared(1), "imei": "1"}, {**ESIM, "imei": "2"}, {"kind": "smartsim"}]
    with pytest.raises(InputError) as error:
        arguments(rows)
    assert [problem.partition(":")[0] for problem in error.value.problems] == ["device 1", "device 3", "device 2"]
    with pytest.raises(InputError, match="device 2: is no mapping"):
        arguments([declared(1), "x"])


def hostvars(**hosts):
    """Variables of hosts, with the prefix."""
    return {name: {f"sentinel_{field}": value for field, value in fields.items()} for name, fields in hosts.items()}


def test_hosts_are_devices():
    variables = hostvars(
        bus={**declared(1), "mdn": "201", "eid": "not for a SIM"},
        tablet={**ESIM, "iccid": "of the line"},
        said={"iccid": "of the line", "device": declared(2)},
        stranger={**declared(3), "declared": False},
        text={**declared(4), "declared": "false"},
        blank={"iccid": "of the line", "device": declared(5), "declared": ""},
    )
    found = arguments(list(variables), hostvars=variables)
    assert [device["iccid"] for device in found["sim"]["devices"]] == [iccid(1), iccid(2), iccid(5)]
    assert found["esim"]["devices"] == [{"imei": imei(7), "carrier": "AT&T"}]


def test_whether_a_host_is_declared_must_be_clear():
    variables = hostvars(one={**declared(1), "declared": "nope"}, two=declared(2), three={"declared": 7})
    with pytest.raises(InputError) as error:
        arguments(list(variables), hostvars=variables)
    assert error.value.problems == [
        "host one: sentinel_declared: 'nope' is neither true nor false",
        "host three: sentinel_declared: 7 is neither true nor false",
    ]


@pytest.mark.parametrize(
    ("present", "count"), [(["a", "b", "c"], 3), (["a"], 3), ([], None), (["b"], None), (["a", "c"], None)]
)
def test_hosts_that_a_condition_chose_are_not_all(present, count):
    """The first one may stand for all: that is run_once. Others are a choice that the role cannot see."""
    variables = hostvars(a=declared(1), b=declared(2), c=declared(3))
    for name, host in variables.items():
        host["fleet__present"] = "7" if name in present else "6"
    if count is None:
        with pytest.raises(InputError, match=f"here it is used for {len(present)} of 3 "):
            arguments(list(variables), hostvars=variables, turn="7")
    else:
        assert len(arguments(list(variables), hostvars=variables, turn="7")["sim"]["devices"]) == count
    assert len(arguments(list(variables), hostvars=variables)["sim"]["devices"]) == 3


def test_a_device_is_of_one_kind():
    rows = [declared(1), {"kind": "esim", "imei": imei(1), "carrier": "AT&T"}, {"kind": "smartsim", "sim_id": iccid(1)}]
    with pytest.raises(InputError) as error:
        arguments(rows)
    assert error.value.problems == [
        (
            f"device 3: sim_id {iccid(1)} stands in device 1, too, there as iccid with kind sim, here with kind "
            "smartsim: remove the wrong row"
        ),
        (
            f"device 2: imei {imei(1)} stands in device 1, too, there as imei with kind sim, here with kind esim: "
            "remove the wrong row"
        ),
    ]


def test_hosts_that_say_nothing_declare_no_fleet():
    variables = {"localhost": {"ansible_connection": "local"}}
    with pytest.raises(InputError, match="No fleet is declared: give fleet_src or fleet_devices"):
        arguments(["localhost"], hostvars=variables)
    with pytest.raises(InputError, match="No fleet is declared"):
        arguments(None)
    with pytest.raises(InputError, match="host other: iccid is missing"):
        arguments(["bus", "other"], hostvars={**hostvars(bus=declared(1)), "other": {}})
