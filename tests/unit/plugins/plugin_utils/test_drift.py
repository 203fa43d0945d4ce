# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift by the history alone, as a table and as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.tables import plan_table
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.account import Account
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.comparison import drift
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.junit import junit
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.states import State, check_states
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._tables import drift_table
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    WORDS,
    device,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

LINES = [
    line(1),
    line(2, "Failed", reason="blocked"),
    line(3, "In progress"),
    line(4, imei=imei(40)),
    line(6),
    line(7, "In progress"),
    line(8, "Failed"),
]


def compared(*devices, lines=None, **more):
    """A comparison of SIMs with the history."""
    fleet = Fleet([Member(SIM, item) for item in devices], [])
    return drift(fleet, Account(LINES if lines is None else lines, WORDS), **more)


def states(found):
    """The state of each device, by ICCID."""
    return {entry["iccid"]: entry["state"] for entry in found["devices"]}


def test_every_state():
    found = compared(*(device(number) for number in range(1, 6)))
    assert states(found) == {
        iccid(1): "active",
        iccid(2): "failed",
        iccid(3): "pending",
        iccid(4): "conflict",
        iccid(5): "missing",
        iccid(6): "undeclared",
        iccid(7): "undeclared",
    }
    assert found["drift"] == 6
    assert {state: count for state, count in found["counts"].items() if count} == {
        "missing": 1,
        "failed": 1,
        "conflict": 1,
        "pending": 1,
        "undeclared": 2,
        "active": 1,
    }
    assert list(found["counts"]) == list(State)
    assert found["listing"] is False
    reasons = {entry["iccid"]: entry["reason"] for entry in found["devices"]}
    assert reasons[iccid(2)] == "blocked"
    assert reasons[iccid(3)] == "is under way (In progress)"
    assert f"with imei {imei(40)}" in reasons[iccid(4)]
    assert reasons[iccid(6)] == "is active and not declared"
    assert reasons[iccid(7)] == "is under way and not declared"
    assert reasons[iccid(1)] is None
    assert found["devices"][-1]["state"] == "active"


def test_a_tolerated_state_is_not_drift():
    found = compared(device(1), device(3), device(5), tolerated=frozenset({"pending"}), undeclared=False)
    assert states(found) == {iccid(1): "active", iccid(3): "pending", iccid(5): "missing"}
    assert found["drift"] == 1
    assert [entry["drift"] for entry in found["devices"]] == [True, False, False]


def test_an_empty_fleet_and_an_empty_account():
    nothing = {"drift": 0, "listing": False, "counts": dict.fromkeys(State, 0), "devices": [], "warnings": []}
    assert compared(lines=[]) == nothing
    assert ET.fromstring(junit(compared(lines=[])).encode()).get("tests") == "0"


def test_states_to_tolerate():
    assert check_states("tolerate", ["missing"]) == {"missing"}
    with pytest.raises(InputError, match="tolerate: unknown state 'active'"):
        check_states("tolerate", ["active"])


@pytest.mark.parametrize(
    ("given", "states"),
    [
        ("undeclared", {"undeclared"}),
        (" missing, failed,", {"missing", "failed"}),
        ("", set()),
        (("missing",), {"missing"}),
    ],
)
def test_states_can_be_a_string_with_commas(given, states):
    assert check_states("tolerate", given) == states


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("undeclard", "tolerate: unknown state 'undeclard'; did you mean undeclared"),
        (True, "tolerate: True is not a list of states. Valid states: missing, failed"),
        (None, "tolerate: None is not a list"),
        ({"missing": True}, "tolerate: .* is not a list"),
    ],
)
def test_invalid_states_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        check_states("tolerate", given)


def test_junit_is_whole_and_escaped():
    nasty = 'a\x00b\x1b]]> <script> & "quotes" \ud800 ü\U0001f68c\ufffe\u202e'
    found = compared(
        device(1),
        device(2, nickname=nasty, device_group=nasty + ".x"),
        device(3),
        undeclared=False,
        tolerated=frozenset({"pending"}),
    )
    text = junit(found, name=nasty)
    suite = ET.fromstring(text.encode()).find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "0", "1"]
    failed, pending, active = suite.findall("testcase")
    clean = 'a\ufffdb\ufffd]]> <script> & "quotes" \ufffd ü\U0001f68c\ufffd\ufffd'
    assert failed.get("name") == f"{clean} (iccid {iccid(2)}, imei {imei(2)})"
    assert (failed.get("classname") or "").endswith(clean + "_x")
    failure = failed.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("failed", "failed: blocked")
    assert [child.tag for child in pending] == ["skipped"]
    assert list(active) == []


def test_a_device_with_only_an_eid_has_a_name():
    eid = "89049032000010000000051200447166"
    suite = ET.fromstring(junit(compared(lines=[Line(eid=eid, status="Completed")])).encode()).find("testsuite")
    assert suite is not None
    assert [case.get("name") for case in suite] == [f"eid {eid}"]


def test_a_table_for_people():
    found = compared(*(device(number, nickname=f"Bus {number}") for number in range(1, 8)))
    found["devices"][0]["nickname"] = "two\nlines"
    lines = drift_table(found, named=1)
    heads = ("missing", "failed", "conflict", "pending")
    assert all("\n" not in text for text in lines)
    assert lines[0].split() == ["carrier", "device", "group", *heads, "active"]
    assert len({len(text) for text in lines[:3]}) == 1, "the columns are aligned"
    assert "missing:" in lines
    assert "  and 1 more" in lines
    assert len(drift_table(found, named=0)) == 3


def test_a_plan_for_people():
    plan = plan_of([device(1), device(2), device(4)], history(*LINES)).as_file()
    lines = plan_table(plan)
    assert lines[-1] == f"Digest: {plan['digest']}"
    assert lines[2].split() == ["all", "1", "0", "1", "1"]
    assert lines[3:5] == ["to activate:", f"  iccid {iccid(2)}, imei {imei(2)}: retry: {plan['devices'][1]['reason']}"]
    assert lines[5] == "in conflict:"
