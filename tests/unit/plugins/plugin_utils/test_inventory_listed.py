# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of hosts from the device list, and the devices of the list as hosts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.entries import (
    VARIABLES,
    Filters,
    declared_entries,
    listed_entries,
    merged_entries,
    observed_entries,
    select,
)
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.listed import DeviceList
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    entry,
    iccid,
    imei,
    line,
    mdn,
    plan_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import history as history_of
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import listing as listing_of

STATUSES = DeviceStatuses()
SIM_ID = "8" * 21


def listed(*entries):
    """A device list of these entries, all of them wanted."""
    wanted = {value for item in entries for value in (item.mdn, item.imei, item.iccid, item.sim_id, item.eid) if value}
    return DeviceList(entries, wanted, STATUSES)


def fleet_of(*devices, kind=SIM):
    """A fleet of one kind."""
    return Fleet([Member(kind, item._replace(identity=kind.identity)) for item in devices], [])


def merged(fleet, lines, *entries, **more):
    """A fleet merged with history and list."""
    return merged_entries(fleet, lines, WORDS, SIM, listed=listed(*entries), **more)


def observed(lines, *entries, kind=SIM):
    """The devices of a history, with a list."""
    return observed_entries(lines, WORDS, kind, listed(*entries))


def shown(entries, *names):
    """These variables of each device, by identifier."""
    found = {item.key: tuple(item.values[f"sentinel_{name}"] for name in names) for item in entries}
    assert len(found) == len(entries)
    assert all(tuple(item.values) == VARIABLES for item in entries), "each host has each variable"
    return {key: values[0] if len(names) == 1 else values for key, values in found.items()}


# -- The variables -----------------------------------------------------------------------------------------------------


def test_a_host_has_its_values_in_the_list():
    usage = {
        "last_30_days_used": 512,
        "monthly_amount_used": 100.5,
        "day_amount_used": 0,
        "monthly_limit": 2048,
        "daily_limit": None,
    }
    item = entry(
        1,
        "SUSPENDED",
        carrier="Verizon",
        ip="10.1.1.1",
        online=False,
        labels=("bus", "{{ x }}"),
        nickname="New",
        **usage,
    )
    (host,) = observed([line(1, nickname="Old", service_zip_code="02134", ip="10.0.0.1")], item)
    values = {name: value for name, value in host.values.items() if value is not None}
    assert values == {
        **{f"sentinel_{name}": value for name, value in usage.items() if value is not None},
        "sentinel_imei": imei(1),
        "sentinel_iccid": iccid(1),
        "sentinel_carrier": "Verizon",
        "sentinel_network": "Verizon",
        "sentinel_nickname": "New",
        "sentinel_service_zip_code": "02134",
        "sentinel_mdn": mdn(1),
        "sentinel_ip": "10.1.1.1",
        "sentinel_transaction_id": "T1",
        "sentinel_status": "suspended",
        "sentinel_line_status": "Completed",
        "sentinel_device_status": "SUSPENDED",
        "sentinel_device_state": "suspended",
        "sentinel_online": False,
        "sentinel_labels": ["bus", "{{ x }}"],
        "sentinel_listed": True,
    }


def test_a_host_that_is_not_listed_is_not_the_same_as_a_list_that_was_not_read():
    assert shown(observed([line(1)], entry(2)), "listed", "labels", "status") == {iccid(1): (False, [], "active")}
    assert shown(observed_entries([line(1)], WORDS, SIM), "listed", "labels") == {iccid(1): (None, [])}


def test_declared_values_take_precedence_over_the_list():
    item = device(1, nickname="Bus 1", device_group="Mine")
    (host,) = merged(fleet_of(item), [line(1)], entry(1, carrier="T-Mobile", nickname="Bus", device_group="Theirs"))
    names = ("carrier", "network", "nickname", "device_group", "status")
    assert shown([host], *names)[iccid(1)] == ("VERIZON", "T-Mobile", "Bus 1", "Mine", "active")
    assert host.values["sentinel_device"] == item.declared()


# -- Status ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "entries", "status"),
    [
        ([], [entry(1)], "active"),
        ([line(1, "Failed")], [entry(1)], "active"),
        ([line(1, "Queued")], [entry(1, "deactivated")], "pending"),
        ([line(1)], [entry(1, "Paused")], "suspended"),
        ([], [entry(1, "Paused")], "suspended"),
        ([line(1)], [entry(1, "Retired")], "deactivated"),
        ([], [entry(1, "Retired")], "missing"),
        ([line(1, "Failed")], [entry(1, "Retired")], "failed"),
        ([line(1)], [entry(1, "Port pending")], "active"),
        ([], [entry(1, "Port pending")], "missing"),
        ([line(1)], [], "active"),
        ([], [], "missing"),
        ([line(1)], [entry(1, imei=imei(9))], "conflict"),
        ([], [entry(1, iccid=iccid(9))], "conflict"),
        ([line(1)], [entry(1, "Retired"), entry(1)], "active"),
        ([line(1)], [entry(1, "Retired"), entry(1, "Paused")], "suspended"),
    ],
)
def test_history_and_list_decide_the_status_of_a_declared_device(lines, entries, status):
    found = merged(fleet_of(device(1)), lines, *entries, undeclared=False)
    assert shown(found, "status") == {iccid(1): status}


def test_a_conflict_with_the_list_has_a_reason_and_no_value_of_the_other_device():
    (host,) = merged(fleet_of(device(1)), [], entry(1, imei=imei(9), nickname="Other"))
    assert (
        host.values["sentinel_reason"]
        == f"iccid {iccid(1)} is active with imei {imei(9)} (Other) in the account (MDN {mdn(1)})"
    )
    assert [host.values[f"sentinel_{name}"] for name in ("mdn", "device_status", "nickname", "listed")] == [
        *(None, None, None),
        False,
    ]


@pytest.mark.parametrize(
    ("lines", "status", "expected"),
    [
        ([line(1)], "Paused", "suspended"),
        ([line(1)], "Retired", "deactivated"),
        ([line(1, "Failed", reason="no")], "Retired", "failed"),
        ([line(1, "Failed", reason="no")], "active", "active"),
        ([line(1, "Queued")], "Paused", "pending"),
        ([line(1)], "Port pending", "active"),
    ],
)
def test_history_and_list_decide_the_status_of_an_undeclared_device(lines, status, expected):
    (host,) = observed(lines, entry(1, status))
    assert shown([host], "status", "device_status", "reason") == {
        iccid(1): (expected, status, "no" if expected == "failed" else None)
    }


def test_without_the_history_the_status_comes_from_the_list():
    devices = fleet_of(*(device(number) for number in range(1, 6)))
    items = [entry(1), entry(2, "Paused"), entry(3, "Retired"), entry(4, imei=imei(9))]
    assert shown(declared_entries(devices, listed(*items)), "status", "listed") == {
        iccid(1): ("active", True),
        iccid(2): ("suspended", True),
        iccid(3): ("deactivated", True),
        iccid(4): ("conflict", False),
        iccid(5): (None, False),
    }


# -- Matching of entries -----------------------------------------------------------------------------------------------


def test_the_list_is_newer_than_the_history_if_a_sim_has_moved():
    (host,) = observed([line(1)], entry(1, imei=imei(9)))
    assert shown([host], "imei", "status", "listed") == {iccid(1): (imei(9), "active", True)}


def test_an_entry_with_another_sim_belongs_to_another_device():
    (host,) = observed([line(1)], entry(1, "Paused", mdn=None, iccid=iccid(9)))
    assert shown([host], "status", "listed") == {iccid(1): ("active", False)}


def test_entries_of_pages_are_matched_by_imei_or_mdn():
    lines = [line(1, mdn=mdn(1).replace("-", "")), line(2, mdn=mdn(2), iccid=None), line(3, mdn=mdn(3), imei=None)]
    items = [entry(number, "Paused", iccid=None) for number in (1, 2, 3)]
    assert set(shown(observed(lines, *items), "status").values()) == {"suspended"}


@pytest.mark.parametrize(
    ("kind", "item", "own"),
    [
        (ESIM, device(1, iccid=None, eid=EID), entry(1, "Paused", iccid=iccid(5))),
        (SMARTSIM, device(1, iccid=None, sim_id=SIM_ID), entry(1, "Paused", sim_id=SIM_ID)),
    ],
    ids=["esim", "smartsim"],
)
def test_other_kinds_are_matched_by_their_identifiers(kind, item, own):
    (host,) = merged_entries(fleet_of(item, kind=kind), [], WORDS, SIM, listed=listed(own))
    assert host.values["sentinel_status"] == "suspended"
    assert host.values["sentinel_iccid"] == own.iccid


# -- The list as hosts -------------------------------------------------------------------------------------------------


def hosts_of(*entries, kind=SIM):
    """The hosts of a list."""
    return listed_entries(entries, STATUSES, kind)


def test_each_device_of_the_list_is_a_host_with_its_status():
    found = hosts_of(entry(1), entry(2, "Paused"), entry(3, "RETIRED"), entry(4, "stock"))
    assert shown(found, "status", "device_status", "declared") == {
        iccid(1): ("active", "active", None),
        iccid(2): ("suspended", "Paused", None),
        iccid(3): ("deactivated", "RETIRED", None),
        iccid(4): (None, "stock", None),
    }
    assert found[0].where == f"iccid {iccid(1)} of the device list"


def test_a_device_that_is_listed_several_times_is_one_host_by_its_best_status():
    twice = [
        entry(1, status, mdn=mdn(number)) for number, status in enumerate(["stock", "retired", "active", "paused"])
    ]
    assert shown(hosts_of(*twice), "status", "mdn") == {iccid(1): ("active", mdn(2))}


def test_an_entry_is_keyed_by_its_first_identifier():
    items = [entry(1, iccid=None), entry(2, iccid=None, imei=None), entry(3, iccid=None, imei=None, mdn=None)]
    assert list(shown(hosts_of(*items), "status")) == [imei(1), mdn(2)]
    assert list(shown(hosts_of(entry(1), kind=ESIM), "status")) == [imei(1)]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [([], [1, 2, 3, 4]), (["suspended"], [2]), (["SUSPENDED", "Port-Pending"], [2, 3]), (["paused"], [2]), (["x"], [])],
)
def test_only_some_statuses_of_the_list(wanted, numbers):
    found = observed([line(number) for number in (1, 2, 3, 4)], entry(1), entry(2, "Paused"), entry(3, "Port pending"))
    kept = select(found, Filters(device_statuses=wanted))
    assert [item.key for item in kept] == [iccid(number) for number in numbers]


# -- Properties --------------------------------------------------------------------------------------------------------

FEW = st.integers(0, 3)
NONE_OR_FEW = st.none() | FEW
ENTRIES = st.lists(
    st.builds(
        lambda one, other, number, status: entry(
            0,
            status,
            imei=None if one is None else imei(one),
            iccid=None if other is None else iccid(other),
            mdn=None if number is None else mdn(number),
        ),
        *(NONE_OR_FEW, NONE_OR_FEW, NONE_OR_FEW),
        st.sampled_from(["active", "Paused", "Retired", "stock", None]),
    ),
    max_size=8,
)
LINES = st.lists(
    st.builds(
        lambda one, other, status: line(0, status, imei=imei(one), iccid=iccid(other), mdn=mdn(one)),
        *(FEW, FEW),
        st.sampled_from(["Completed", "Queued", "Failed"]),
    ),
    max_size=6,
)
STATUS_OF = {"unchanged": "active", "wait": "pending", "retry": "failed", "activate": "missing", "conflict": "conflict"}


@given(lines=LINES, entries=ENTRIES)
def test_the_status_of_a_declared_device_is_that_of_its_plan(lines, entries):
    devices = [device(number) for number in range(4)]
    found = shown(merged(fleet_of(*devices), lines, *entries, undeclared=False), "status")
    plan = plan_of(devices, history_of(*lines), listed=listing_of(*entries))
    assert found == {
        item.device.iccid: item.foreseen.value if item.action == "inactive" else STATUS_OF[item.action]
        for item in plan.items
    }


@given(lines=LINES, entries=ENTRIES)
def test_the_list_neither_adds_nor_removes_hosts(lines, entries):
    alone = [item.key for item in observed_entries(lines, WORDS, SIM)]
    assert [item.key for item in observed(lines, *entries)] == alone


@given(entries=ENTRIES)
def test_each_entry_with_an_identifier_is_a_host_with_its_best_status(entries):
    found = hosts_of(*entries)
    assert len(shown(found, "status")) == len(found)
    order = ["active", "suspended", "deactivated", None]
    states = {item.key: item.values["sentinel_device_state"] for item in found}
    for item in entries:
        name = item.iccid or item.imei or item.mdn
        assert name is None or order.index(states[name]) <= order.index(STATUSES.read(item.status))
