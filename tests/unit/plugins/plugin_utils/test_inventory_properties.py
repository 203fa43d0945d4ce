# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the devices of an inventory, for any fleet and history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.entries import merged_entries, observed_entries
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    WORDS,
    device,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

FEW = st.integers(0, 4)
LINE = st.builds(
    lambda one, other, status, transaction: line(
        0, status, transaction, imei=None if one is None else imei(one), iccid=None if other is None else iccid(other)
    ),
    st.none() | FEW,
    st.none() | FEW,
    st.sampled_from(["Completed", "Queued", "Failed"]),
    st.sampled_from(["T1", "T2", "T3"]),
)
HISTORY = st.lists(LINE, max_size=12)
#: Pairs without a SIM or a device in two of them.
FLEET = st.lists(st.tuples(FEW, FEW), max_size=5, unique_by=(lambda pair: pair[0], lambda pair: pair[1])).map(
    lambda pairs: [device(0, imei=imei(one), iccid=iccid(other)) for one, other in pairs]
)
STATUS = {"unchanged": "active", "wait": "pending", "retry": "failed", "activate": "missing", "conflict": "conflict"}


@given(lines=HISTORY, kind=st.sampled_from([SIM, ESIM]))
def test_each_identifier_belongs_to_one_host(lines, kind):
    entries = observed_entries(lines, WORDS, kind)
    for name in ("sentinel_imei", "sentinel_iccid"):
        values = [entry.values[name] for entry in entries if entry.values[name]]
        assert len(values) == len(set(values)), name
    assert len({entry.key for entry in entries}) == len(entries)


@given(lines=HISTORY, declared=FLEET)
def test_no_two_hosts_have_one_sim(lines, declared):
    """Two hosts may have the same IMEI, if a declared device has an older SIM."""
    fleet = Fleet([Member(SIM, item) for item in declared], [])
    entries = merged_entries(fleet, lines, WORDS, SIM)
    values = [entry.values["sentinel_iccid"] for entry in entries if entry.values["sentinel_iccid"]]
    assert len(values) == len(set(values))


@given(lines=HISTORY)
def test_every_active_or_pending_device_has_a_host(lines):
    """Each SIM without a failure in its newest line, unless its device has another SIM since."""
    entries = observed_entries(lines, WORDS, SIM)
    sims = {entry.values["sentinel_iccid"] for entry in entries}
    devices = {entry.values["sentinel_imei"] for entry in entries}
    seen = history(*lines)
    for number in range(5):
        now = seen.current("iccid", iccid(number))
        if now is None or now.state == "failed" or iccid(number) in sims:
            continue
        newest = seen.current("imei", now.line.imei)
        assert newest.line.iccid not in (None, iccid(number)) or now.line.imei in devices


@given(lines=HISTORY, declared=FLEET)
def test_a_status_is_that_of_the_plan(lines, declared):
    fleet = Fleet([Member(SIM, item) for item in declared], [])
    entries = merged_entries(fleet, lines, WORDS, SIM)
    plan = plan_of(declared, history(*lines))
    assert {entry.key: entry.values["sentinel_status"] for entry in entries[: len(declared)]} == {
        item.device.iccid: STATUS[item.action] for item in plan.items
    }
    assert len({entry.key for entry in entries}) == len(entries)
    assert all(entry.values["sentinel_declared"] is False for entry in entries[len(declared) :])
    assert {entry.values["sentinel_status"] for entry in entries[len(declared) :]} <= {"active", "pending", "failed"}


@given(lines=HISTORY, declared=FLEET)
def test_devices_of_the_history_are_kept_when_a_fleet_is_declared(lines, declared):
    """Devices of the history are hosts unless they belong to the fleet."""
    fleet = Fleet([Member(SIM, item) for item in declared], [])
    shown = {entry.key for entry in merged_entries(fleet, lines, WORDS, SIM)}
    own = {item.imei for item in declared}
    for entry in observed_entries(lines, WORDS, SIM):
        assert entry.key in shown or entry.values["sentinel_imei"] in own
