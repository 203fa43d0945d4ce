# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of a play as devices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.declaration import Declaration
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.hosts import rows_of_hosts
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.play import (
    check_conditions,
    conditions_of,
    hosts_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import declared, iccid, imei

ESIM = {"kind": "esim", "imei": imei(7), "carrier": "AT&T"}


def hostvars(**hosts):
    """Variables of hosts with the prefix."""
    return {name: {f"sentinel_{field}": value for field, value in fields.items()} for name, fields in hosts.items()}


def test_hosts_are_devices():
    variables = hostvars(
        bus={**declared(1), "mdn": "201", "eid": "not for a SIM"},
        tablet={**ESIM, "iccid": "of the line"},
        device={"iccid": "of the line", "device": declared(2)},
        stranger={**declared(3), "declared": False},
        text={**declared(4), "declared": "false"},
        blank={"iccid": "of the line", "device": declared(5), "declared": ""},
    )
    found = Declaration.read(list(variables), hostvars=variables).fleet()
    assert [member.device.name for member in found.members] == [
        ("sim", iccid(1)),
        ("esim", imei(7)),
        ("sim", iccid(2)),
        ("sim", iccid(5)),
    ]
    assert found.members[0].device.where == "host bus"


def test_an_invalid_sentinel_declared_is_refused():
    variables = hostvars(one={**declared(1), "declared": "nope"}, two=declared(2), three={"declared": 7})
    with pytest.raises(InputError) as error:
        rows_of_hosts(list(variables), variables, SIM)
    assert error.value.problems == [
        "host one: sentinel_declared: 'nope' is neither true nor false",
        "host three: sentinel_declared: 7 is neither true nor false",
    ]


def test_without_a_file_a_list_or_hosts_no_fleet_is_declared():
    with pytest.raises(InputError, match="no fleet is declared"):
        Declaration.read(None)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (None, None),
        (False, None),
        ("no", None),
        (True, ["a", "b"]),
        ("true", ["a", "b"]),
        ("c, a", ["c", "a"]),
        (["b", "b"], ["b"]),
    ],
)
def test_the_hosts_of_a_play_or_hosts_by_name(wanted, names):
    assert hosts_of(wanted, ["a", "b"], {"a": {}, "b": {}, "c": {}}) == names


@pytest.mark.parametrize(("wanted", "problem"), [({}, "is not a list"), (" , ", "is blank"), (["x"], "not in the inv")])
def test_invalid_names_of_hosts_are_refused(wanted, problem):
    with pytest.raises(InputError, match=problem):
        hosts_of(wanted, ["a"], {"a": {}})


@pytest.mark.parametrize(
    ("kept", "passes"), [("abc", True), ("a", True), ("", False), ("b", False), ("ac", False), ("bc", False)]
)
def test_a_condition_is_for_all_hosts_or_for_the_first(kept, passes):
    if passes:
        check_conditions("abc", kept.__contains__)
    else:
        with pytest.raises(InputError, match=f"selects only {len(kept)} of the play's 3 hosts"):
            check_conditions("abc", kept.__contains__)


def level(when=(), run_once=False, include=None):
    """A task, or an include."""
    return SimpleNamespace(when=list(when), run_once=run_once, get_first_parent_include=lambda: include)


@pytest.mark.parametrize(
    ("task", "conditions"),
    [
        (level(), []),
        (level([True]), []),
        (level(["x"]), ["x"]),
        (level(["x"], run_once=True), []),
        (level(["x"], include=level(["y"])), ["x", "y"]),
        (level(["x"], include=level(["y"], run_once=True)), []),
        (level(["x"], run_once=True, include=level(["y"])), ["y"]),
    ],
)
def test_conditions_of_a_task_that_runs_once_select_no_hosts(task, conditions):
    assert conditions_of(task) == conditions
