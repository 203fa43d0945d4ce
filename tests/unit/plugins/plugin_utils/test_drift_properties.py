# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of drift, for any fleet, history and device list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.account import Account
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.comparison import drift
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.states import DRIFTS, State
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
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

SETTINGS = {"device_group": "Transportation", "device_group_name": "Transportation", "filter_group": "Student_K8"}
FEW = st.integers(0, 4)
STATUS = st.sampled_from(["active", "Suspended", "DEACTIVATED", "Stolen"])
LINE = st.builds(
    lambda one, other, status, transaction: line(
        0, status, transaction, imei=None if one is None else imei(one), iccid=None if other is None else iccid(other)
    ),
    st.none() | FEW,
    st.none() | FEW,
    st.sampled_from(["Completed", "Queued", "Failed"]),
    st.sampled_from(["T1", "T2", "T3"]),
)
ENTRY = st.builds(
    lambda number, one, other, status: entry(
        number, status, imei=None if one is None else imei(one), iccid=None if other is None else iccid(other)
    ),
    FEW,
    st.none() | FEW,
    st.none() | FEW,
    STATUS,
)
FLEET = st.lists(st.tuples(FEW, FEW), max_size=5, unique_by=(lambda pair: pair[0], lambda pair: pair[1])).map(
    lambda pairs: [device(0, imei=imei(one), iccid=iccid(other)) for one, other in pairs]
)


def compared(devices, lines, entries, **more):
    """The comparison of SIMs."""
    account = Account(list(lines), WORDS, None if entries is None else list(entries))
    return drift(Fleet([Member(SIM, item) for item in devices], []), account, **more)


def declared(number):
    """A declared device with a nickname."""
    return device(number, nickname=f"Bus {number}")


def applied(number):
    """Line and entry of a device that was activated as declared."""
    return line(number, mdn=mdn(number)), entry(number, **SETTINGS, nickname=f"Bus {number}")


@given(st.sets(st.integers(0, 500), max_size=30), st.randoms(use_true_random=False))
def test_a_fleet_that_was_applied_has_no_drift(numbers, order):
    lines, entries = zip(*map(applied, numbers)) if numbers else ((), ())
    found = compared(list(map(declared, numbers)), order.sample(lines, len(lines)), order.sample(entries, len(entries)))
    assert (found["drift"], found["counts"]["active"]) == (0, len(numbers))


#: State → change of declaration, line and entry that leads to it. None: removed.
CHANGES = {
    "missing": lambda made, seen, there: (made, None, None),
    "failed": lambda made, seen, there: (made, seen._replace(status="Failed"), None),
    "pending": lambda made, seen, there: (made, seen._replace(status="Queued"), there),
    "conflict": lambda made, seen, there: (made, seen, there._replace(imei=imei(999))),
    "suspended": lambda made, seen, there: (made, seen, there._replace(status="Summer suspended")),
    "deactivated": lambda made, seen, there: (made, seen, there._replace(status="retired")),
    "unlisted": lambda made, seen, there: (made, seen, None),
    "unrecorded": lambda made, seen, there: (made, None, there),
    "other_device_group": lambda made, seen, there: (
        made,
        seen,
        there._replace(device_group="Staff", device_group_name="Staff"),
    ),
    "other_filter_group": lambda made, seen, there: (made, seen, there._replace(filter_group="Staff")),
    "other_nickname": lambda made, seen, there: (made, seen, there._replace(nickname="Truck")),
    "undeclared": lambda made, seen, there: (None, seen, there),
    "listed_only": lambda made, seen, there: (None, None, there),
}


def test_every_state_has_a_change():
    assert set(CHANGES) == set(DRIFTS)


@pytest.mark.parametrize("state", CHANGES)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=20, unique=True), st.data())
def test_the_one_device_that_changed_is_the_one_reported(state, numbers, data):
    changed = data.draw(st.sampled_from(numbers))
    devices, lines, entries = [], [], []
    for number in numbers:
        made, (seen, there) = declared(number), applied(number)
        if number == changed:
            made, seen, there = CHANGES[state](made, seen, there)
        devices += [made] if made else []
        lines += [seen] if seen else []
        entries += [there] if there else []
    found = compared(devices, lines, entries)
    first, *others = found["devices"]
    assert (first["iccid"], first["state"], found["drift"]) == (iccid(changed), state, 1)
    assert {other["state"] for other in others} <= {State.ACTIVE.value}
    assert compared(devices, lines, entries, tolerated={state})["drift"] == 0


@given(FLEET, st.lists(LINE, max_size=10), st.none() | st.lists(ENTRY, max_size=10))
def test_a_declared_device_is_active_if_its_plan_leaves_it_alone(devices, lines, entries):
    found = compared(devices, lines, entries, undeclared=False)
    seen = {entry["iccid"]: entry["state"] for entry in found["devices"]}
    items = plan_of(devices, history_of(*lines), listed=None if entries is None else listing_of(*entries)).items
    settled = {State.ACTIVE, State.UNLISTED, State.UNRECORDED}
    assert {iccid_: state in settled for iccid_, state in seen.items()} == {
        item.device.iccid: item.action == "unchanged" for item in items
    }


@given(FLEET, st.lists(LINE, max_size=10), st.none() | st.lists(ENTRY, max_size=10), st.sets(st.sampled_from(DRIFTS)))
def test_counts_are_those_of_the_devices(devices, lines, entries, tolerated):
    found = compared(devices, lines, entries, tolerated=tolerated)
    states = [seen["state"] for seen in found["devices"]]
    assert {state: count for state, count in found["counts"].items() if count} == {
        state: states.count(state) for state in set(states)
    }
    assert found["drift"] == sum(state != "active" and state not in tolerated for state in states)
    assert sum(not seen["where"].startswith("device ") for seen in found["devices"]) == len(states) - len(devices)
    assert [seen["drift"] for seen in found["devices"]] == sorted(seen["drift"] for seen in found["devices"])[::-1]


@given(st.lists(LINE, max_size=10), st.lists(ENTRY, max_size=10))
def test_no_listed_device_is_forgotten_or_reported_twice(lines, entries):
    """Without declared devices, each entry that is not deactivated shares a value with a reported device."""
    devices = compared([], lines, entries)["devices"]
    sims = [seen["iccid"] for seen in devices if seen["state"] == "listed_only" and seen["iccid"]]
    assert len(sims) == len(set(sims))
    shown = {value for seen in devices for value in (seen["iccid"], seen["imei"], seen["mdn"]) if value}
    for there in entries:
        assert there.status == "DEACTIVATED" or shown & {there.iccid, there.imei, there.mdn}
