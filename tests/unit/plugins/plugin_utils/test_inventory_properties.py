# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of an inventory: what holds for every fleet and every history."""

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
#: Pairs of which no SIM and no device stands in two.
FLEET = st.lists(st.tuples(FEW, FEW), max_size=5, unique_by=(lambda pair: pair[0], lambda pair: pair[1])).map(
    lambda pairs: [device(0, imei=imei(one), iccid=iccid(other)) for one, other in pairs]
)
STATUS = {"unchanged": "active", "wait": "pending", "retry": "failed", "activate": "missing", "conflict": "conflict"}


@given(lines=HISTORY, kind=st.sampled_from([SIM, ESIM]))
def test_each_identifier_is_that_of_one_host(lines, kind):
    entries = observed_entries(lines, WORDS, kind)
    for name in ("sentinel_imei", "sentinel_iccid"):
        told = [entry.values[name] for entry in entries if entry.values[name]]
        assert len(told) == len(set(told)), name
    assert len({entry.key for entry in entries}) == len(entries)


@given(lines=HISTORY, declared=FLEET)
def test_no_two_hosts_have_one_sim(lines, declared):
    """They may have one IMEI: a declared device with an older SIM stays beside the newer one."""
    fleet = Fleet([Member(SIM, item) for item in declared], [])
    entries = merged_entries(fleet, lines, WORDS, SIM)
    told = [entry.values["sentinel_iccid"] for entry in entries if entry.values["sentinel_iccid"]]
    assert len(told) == len(set(told))


@given(lines=HISTORY)
def test_whatever_is_active_or_under_way_has_a_host(lines):
    """Each SIM of which the newest word is no failure, unless its device goes by another since."""
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
def test_a_status_is_what_the_plan_says(lines, declared):
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
def test_nothing_is_lost_for_being_declared(lines, declared):
    """What the history alone shows is shown beside a fleet, too, but for what belongs to the fleet."""
    fleet = Fleet([Member(SIM, item) for item in declared], [])
    shown = {entry.key for entry in merged_entries(fleet, lines, WORDS, SIM)}
    own = {item.imei for item in declared}
    for entry in observed_entries(lines, WORDS, SIM):
        assert entry.key in shown or entry.values["sentinel_imei"] in own
