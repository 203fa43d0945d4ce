# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift by history and device list: states, settings, and undeclared devices."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.entries import title
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Line
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.account import Account
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.comparison import drift
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.junit import junit
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    entry,
    iccid,
    imei,
    line,
    mdn,
)

GROUP, FILTER = "Transportation", "Student_K8"


def compared(*devices, lines=(), entries=(), kind=SIM, **more):
    """The comparison of devices of a kind."""
    fleet = Fleet([Member(kind, item._replace(identity=kind.identity)) for item in devices], [])
    return drift(fleet, Account(list(lines), WORDS, None if entries is None else list(entries)), kind=kind, **more)


def listed(number=0, status="active", **fields):
    """An entry whose settings are those of the declared device of that number."""
    given = {"device_group": GROUP, "device_group_name": GROUP, "filter_group": FILTER, **fields}
    return entry(number, status, **given)


ACTIVE, RUNNING, BROKEN = line(), line(status="In progress"), line(status="Failed", reason="blocked")
ELSEWHERE = line(imei=imei(9))
MOVED = listed(imei=imei(9))
PLACE = f"in the account (MDN {mdn(0)})"


@pytest.mark.parametrize(
    ("lines", "entries", "state", "reason"),
    [
        # No history.
        ([], [], "missing", "is declared, but has no activation in the history"),
        ([], [listed()], "unrecorded", f"active {PLACE}, but without an activation in the history"),
        ([], [listed(status="suspended")], "suspended", f"suspended {PLACE}"),
        ([], [listed(status="deactivated")], "missing", f"not in the history; deactivated {PLACE}"),
        ([], [listed(status="Stolen")], "missing", "not in the history; listed as Stolen"),
        ([], [MOVED], "conflict", f"iccid {iccid(0)} is active with imei {imei(9)} {PLACE}"),
        # Active by the history.
        ([ACTIVE], None, "active", None),
        ([ACTIVE], [listed()], "active", None),
        ([ACTIVE], [], "unlisted", "active in the history (transaction T1), but not in the device list"),
        ([ACTIVE], [listed(1)], "unlisted", "active in the history (transaction T1), but not in the device list"),
        ([ACTIVE], [listed(status="Paused")], "suspended", f"suspended {PLACE}, activated in transaction T1"),
        ([ACTIVE], [listed(status="retired")], "deactivated", f"deactivated {PLACE}, activated in transaction T1"),
        ([ACTIVE], [listed(status="Stolen")], "active", None),
        ([ACTIVE], [MOVED], "conflict", f"with imei {imei(9)} {PLACE}, activated in transaction T1"),
        # Listed twice.
        ([ACTIVE], [listed(status="deactivated"), listed()], "active", None),
        ([ACTIVE], [listed(status="suspended"), listed(mdn=mdn(5), status="retired")], "suspended", "suspended"),
        # Found by the MDN of the history alone.
        ([ACTIVE._replace(mdn="5212670000")], [listed(imei=None, iccid=None)], "active", None),
        # Under way.
        ([RUNNING], None, "pending", "is under way (In progress)"),
        ([RUNNING], [], "pending", "is under way (In progress)"),
        ([RUNNING], [listed()], "pending", "is under way (In progress)"),
        ([RUNNING], [listed(status="suspended")], "pending", "is under way (In progress)"),
        # Failed.
        ([BROKEN], None, "failed", "blocked"),
        ([BROKEN], [], "failed", "blocked"),
        ([BROKEN], [listed()], "unrecorded", f"active {PLACE}, but without an activation in the history"),
        ([BROKEN], [listed(status="suspended")], "suspended", f"suspended {PLACE}"),
        ([BROKEN], [listed(status="cancelled")], "failed", f"blocked; deactivated {PLACE}"),
        # Active with another partner by the history.
        ([ELSEWHERE], None, "conflict", f"iccid {iccid(0)} is active with imei {imei(9)} (transaction T1)"),
        ([ELSEWHERE], [], "conflict", f"iccid {iccid(0)} is active with imei {imei(9)} (transaction T1)"),
        ([ELSEWHERE], [listed()], "unrecorded", "but without an activation in the history"),
        ([ELSEWHERE], [MOVED], "conflict", f"with imei {imei(9)} {PLACE}"),
    ],
)
def test_history_and_list_together_decide_the_state(lines, entries, state, reason):
    found = compared(device(), lines=lines, entries=entries, undeclared=False)
    (seen,) = found["devices"]
    assert seen["state"] == state
    assert found["listing"] is (entries is not None)
    assert seen["drift"] is (state != "active")
    if reason is None:
        assert seen["reason"] is None
    else:
        assert reason in seen["reason"]


@pytest.mark.parametrize(
    ("fields", "state", "difference"),
    [
        (
            {"device_group": "Field Staff", "device_group_name": None},
            "other_device_group",
            ("device_group", "Field Staff"),
        ),
        ({"device_group": "7", "device_group_name": "Staff"}, "other_device_group", ("device_group", "Staff")),
        ({"device_group": "7", "device_group_name": "TRANS-PORTATION"}, "active", None),
        ({"device_group": "transportation", "device_group_name": "Buses"}, "active", None),
        ({"device_group": None, "device_group_name": None}, "active", None),
        ({"filter_group": "Staff"}, "other_filter_group", ("filter_group", "Staff")),
        ({"filter_group": "student k8"}, "active", None),
        ({"filter_group": None}, "active", None),
        ({"nickname": "bus 7"}, "other_nickname", ("nickname", "bus 7")),
        ({"nickname": " Bus 7 "}, "active", None),
        ({"nickname": None}, "active", None),
    ],
)
def test_settings_with_another_value_in_the_list(fields, state, difference):
    found = compared(device(nickname="Bus 7"), lines=[ACTIVE], entries=[listed(**fields)])
    (seen,) = found["devices"]
    assert seen["state"] == state
    assert [(item["field"], item["listed"]) for item in seen["differences"]] == ([difference] if difference else [])
    if difference:
        assert difference[1] in seen["reason"]


def test_settings_that_are_not_declared_are_not_compared():
    bare = device(device_group=None, filter_group=None)
    found = compared(bare, lines=[ACTIVE], entries=[listed(nickname="Bus 7")])
    assert found["counts"]["active"] == 1


@pytest.mark.parametrize(
    ("tolerated", "state", "differs"),
    [
        ((), "suspended", True),
        (("suspended",), "other_device_group", True),
        (("suspended", "other_device_group"), "other_nickname", True),
        (("suspended", "other_device_group", "other_nickname"), "suspended", False),
        (("other_nickname", "other_device_group"), "suspended", True),
    ],
)
def test_each_state_is_tolerated_separately(tolerated, state, differs):
    there = listed(status="suspended", device_group="A", device_group_name="A", nickname="B")
    found = compared(device(nickname="Bus 7"), lines=[ACTIVE], entries=[there], tolerated=tolerated)
    (seen,) = found["devices"]
    assert (seen["state"], seen["drift"], found["drift"]) == (state, differs, int(differs))
    assert found["counts"][state] == 1
    assert seen["reason"].count("; ") == 2, "every difference is named"
    assert [item["field"] for item in seen["differences"]] == ["device_group", "nickname"]


@pytest.mark.parametrize(
    ("lines", "entries", "state", "reason"),
    [
        # Active by the history.
        ([line(1)], None, "undeclared", "is active and not declared"),
        ([line(1)], [listed(1)], "undeclared", "is active and not declared"),
        ([line(1)], [], "undeclared", "is active in the history, but neither in the device list nor declared"),
        (
            [line(1)],
            [listed(1, "suspended")],
            "undeclared",
            f"is suspended in the account (MDN {mdn(1)}) and not declared",
        ),
        ([line(1)], [listed(1, "deactivated")], None, None),
        ([line(1)], [listed(1, "deactivated"), listed(1)], "undeclared", "is active and not declared"),
        # Moved to another device since: the same SIM.
        ([line(1)], [listed(1, imei=imei(8))], "undeclared", "is active and not declared"),
        ([line(1, mdn=mdn(1))], [listed(1, iccid=None, imei=None)], "undeclared", "is active and not declared"),
        # Under way, and failed.
        ([line(1, "Queued")], [], "undeclared", "is under way and not declared"),
        ([line(1, "Queued")], [listed(1, "deactivated")], "undeclared", "is under way and not declared"),
        ([line(1, "Failed")], [], None, None),
        ([line(1, "Failed")], [listed(1)], "listed_only", "neither declared nor active in the history"),
        # Not in the history.
        ([], [listed(1)], "listed_only", f"is active in the account (MDN {mdn(1)}), but neither declared nor"),
        ([], [listed(1, "Paused")], "listed_only", f"is suspended in the account (MDN {mdn(1)})"),
        ([], [listed(1, "Stolen")], "listed_only", "is listed as 'Stolen' in the account"),
        ([], [listed(1, "deactivated")], None, None),
        ([], [listed(1, "deactivated"), listed(1, "Stolen"), listed(1)], "listed_only", "is active in the account"),
        ([], [Entry(mdn(1), status="active")], "listed_only", "is active in the account"),
    ],
)
def test_devices_that_are_not_declared(lines, entries, state, reason):
    found = compared(lines=lines, entries=entries)
    assert [seen["state"] for seen in found["devices"]] == ([state] if state else [])
    if reason:
        assert reason in found["devices"][0]["reason"]
        assert str(1) in title(found["devices"][0])
    assert compared(lines=lines, entries=entries, undeclared=False)["devices"] == []


@pytest.mark.parametrize(
    ("lines", "theirs"),
    [
        ([], listed(imei=imei(8))),
        ([], listed(iccid=iccid(8))),
        ([ACTIVE._replace(mdn=mdn(0))], listed(iccid=None, imei=None)),
    ],
    ids=["key", "partner", "mdn"],
)
def test_an_entry_of_a_declared_device_is_not_undeclared(lines, theirs):
    found = compared(device(), lines=lines, entries=[theirs])
    assert len(found["devices"]) == 1
    assert found["devices"][0]["where"].startswith("device 1")


@pytest.mark.parametrize("status", ["active", "deactivated"])
def test_an_mdn_that_another_sim_has_now_is_not_claimed(status):
    theirs = listed(7, mdn=mdn(0))
    found = compared(device(), lines=[ACTIVE._replace(mdn=mdn(0))], entries=[listed(status=status), theirs])
    assert [seen["iccid"] for seen in found["devices"] if seen["state"] == "listed_only"] == [iccid(7)]


def test_assigned_identifiers_of_a_declared_device_are_claimed():
    smart = Device("device 1", SMARTSIM.identity, sim_id="8" * 21)
    seen = Line("T1", sim_id="8" * 21, iccid=iccid(3), status="Completed", mdn=mdn(3))
    there = Entry(mdn(3), iccid=iccid(3), status="active")
    found = compared(smart, lines=[seen], entries=[there], kind=SMARTSIM)
    assert [item["state"] for item in found["devices"]] == ["active"]
    other = Entry(mdn(4), iccid=iccid(3), status="suspended")
    esim = Device("device 1", ESIM.identity, imei=imei(3), eid=EID, carrier="AT&T")
    seen = Line("T1", imei=imei(3), eid=EID, iccid=iccid(3), status="Completed")
    found = compared(esim, lines=[seen], entries=[other], kind=ESIM)
    assert [item["state"] for item in found["devices"]] == ["suspended"]


def test_missing_fields_come_from_list_and_history():
    bare = Device("device 1", SIM.identity, iccid=iccid(0))
    there = listed(nickname="Bus 7", ip=None)
    (seen,) = compared(bare, lines=[ACTIVE._replace(ip="10.0.0.1")], entries=[there])["devices"]
    known = ("imei", "nickname", "carrier", "mdn", "ip", "transaction_id", "line_status", "device_status")
    assert [seen[field] for field in known] == [
        *(imei(0), "Bus 7", "Verizon", mdn(0), "10.0.0.1", "T1", "Completed", "active")
    ]
    (other,) = compared(device(), entries=[MOVED], undeclared=False)["devices"]
    assert [other[field] for field in ("imei", "mdn", "device_status")] == [imei(0), None, None]


def test_unknown_status_words_are_one_warning():
    found = compared(device(0), device(1), lines=[ACTIVE], entries=[listed(0, "Stolen"), listed(1, "Stolen")])
    (warning,) = found["warnings"]
    assert "unknown device status: 'Stolen'" in warning
    account = Account([ACTIVE], WORDS, [listed(0, "Stolen")], DeviceStatuses({"deactivated": ["stolen"]}))
    found = drift(Fleet([Member(SIM, device(0))], []), account)
    assert (found["devices"][0]["state"], found["warnings"]) == ("deactivated", [])


def test_junit_has_the_first_state_and_all_reasons():
    there = listed(status="suspended", nickname="B\x1b]]>")
    found = compared(device(nickname="A"), lines=[ACTIVE], entries=[there], tolerated={"suspended"})
    (case,) = ET.fromstring(junit(found).encode()).findall("testsuite/testcase")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "other_nickname"
    assert "suspended in the account" in (failure.get("message") or "")
