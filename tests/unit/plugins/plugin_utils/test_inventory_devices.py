# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of an inventory: what is declared, what the history shows, and both."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, StatusWords
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import Fleet, Member
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.entries import (
    VARIABLES,
    Filters,
    declared_entries,
    merged_entries,
    observed_entries,
    select,
    unmatched_filters,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    iccid,
    imei,
    line,
)

SIM_ID = "8" * 21


def fleet_of(*devices, kind=SIM):
    """A fleet of one kind."""
    return Fleet([Member(kind, item._replace(identity=kind.identity)) for item in devices], [])


def shown(entries, *names):
    """These variables of each device, by identifier."""
    found = {entry.key: tuple(entry.values[f"sentinel_{name}"] for name in names) for entry in entries}
    assert len(found) == len(entries)
    assert all(tuple(entry.values) == VARIABLES for entry in entries), "each host has each variable"
    return {key: values[0] if len(names) == 1 else values for key, values in found.items()}


def merged(fleet, *lines, **more):
    """A declared fleet merged with a history."""
    return merged_entries(fleet, lines, WORDS, SIM, **more)


# -- Declared ----------------------------------------------------------------------------------------------------------


def test_a_declared_device_has_the_values_of_its_row_and_no_status():
    item = device(1, nickname="Bus 01", plan_id="P-1")
    entry = declared_entries(fleet_of(item))[0]
    assert entry.where == f"device 2 (iccid {iccid(1)})"
    assert entry.values == {
        **dict.fromkeys(VARIABLES),
        "sentinel_labels": [],
        "sentinel_imei": imei(1),
        "sentinel_iccid": iccid(1),
        "sentinel_carrier": "VERIZON",
        "sentinel_device_group": "Transportation",
        "sentinel_filter_group": "Student_K8",
        "sentinel_service_zip_code": "02134",
        "sentinel_nickname": "Bus 01",
        "sentinel_kind": "sim",
        "sentinel_declared": True,
        "sentinel_device": item.declared(),
    }


def test_devices_are_keyed_by_the_identifier_of_their_kind():
    members = [
        Member(ESIM, device(1, identity=ESIM.identity, iccid=None, eid=EID)),
        Member(SMARTSIM, device(2, identity=SMARTSIM.identity, iccid=None, sim_id="S2")),
        Member(SIM, device(3)),
    ]
    assert shown(declared_entries(Fleet(members, [])), "kind") == {imei(1): "esim", "S2": "smartsim", iccid(3): "sim"}


# -- History -----------------------------------------------------------------------------------------------------------


def observed(*lines, kind=SIM, words=WORDS):
    """The devices of a history."""
    return observed_entries(lines, words, kind)


def test_a_line_becomes_a_host_with_all_its_fields():
    seen = line(
        1,
        carrier="AT&T",
        device_group="Lab",
        filter_group="Staff",
        service_zip_code="02134",
        mdn="2015550001",
        ip="10.0.0.1",
        nickname="{{ x }}",
        started="03/14/2026 08:00:00 AM",
    )
    entry = observed(seen)[0]
    assert entry.where == f"iccid {iccid(1)} of the transaction T1"
    assert entry.values == {
        **dict.fromkeys(VARIABLES),
        "sentinel_labels": [],
        "sentinel_imei": imei(1),
        "sentinel_iccid": iccid(1),
        "sentinel_carrier": "AT&T",
        "sentinel_device_group": "Lab",
        "sentinel_filter_group": "Staff",
        "sentinel_service_zip_code": "02134",
        "sentinel_nickname": "{{ x }}",
        "sentinel_mdn": "201-555-0001",
        "sentinel_ip": "10.0.0.1",
        "sentinel_transaction_id": "T1",
        "sentinel_started": "03/14/2026 08:00:00 AM",
        "sentinel_status": "active",
        "sentinel_line_status": "Completed",
    }


def test_the_newest_line_that_has_not_failed_counts():
    lines = [
        line(1, "Failed", "T1", reason="no"),
        line(1, "Completed", "T2"),
        line(1, "Failed", "T3", reason="already active"),
        line(2, "Failed", "T4", reason="no"),
        line(2, "Failed", "T5", reason="still no"),
        line(3, "Completed", "T6"),
        line(3, "Queued", "T7"),
    ]
    assert shown(observed(*lines), "status", "transaction_id", "reason") == {
        iccid(1): ("active", "T2", None),
        iccid(2): ("failed", "T5", "still no"),
        iccid(3): ("active", "T6", None),
    }


def test_a_device_whose_sim_was_replaced_is_one_host_with_the_newer_sim():
    lines = [line(1, transaction_id="T1"), line(1, "Queued", "T2", iccid=iccid(9))]
    assert shown(observed(*lines), "imei", "status") == {iccid(9): (imei(1), "pending")}


def test_a_replacement_that_failed_replaces_nothing():
    lines = [line(1, transaction_id="T1"), line(1, "Failed", "T2", iccid=iccid(9))]
    assert shown(observed(*lines), "imei", "status") == {iccid(1): (imei(1), "active")}


def test_a_sim_that_moved_is_one_host_with_the_newer_device():
    lines = [line(1, transaction_id="T1"), line(1, "Completed", "T2", imei=imei(9))]
    assert shown(observed(*lines), "imei") == {iccid(1): imei(9)}


def test_two_devices_that_swapped_their_sims_stay_two():
    lines = [line(1), line(2), line(1, iccid=iccid(2)), line(2, iccid=iccid(1))]
    assert shown(observed(*lines), "imei") == {iccid(1): imei(2), iccid(2): imei(1)}


@pytest.mark.parametrize(
    ("kind", "name"), [(SIM, iccid(1)), (SMARTSIM, iccid(1)), (ESIM, imei(1))], ids=["sim", "smartsim", "esim"]
)
def test_an_esim_with_a_later_iccid_is_one_host(kind, name):
    lines = [line(1, "Failed", "T1", iccid=None, eid=EID), line(1, "Completed", "T2", eid=EID)]
    assert shown(observed(*lines, kind=kind), "transaction_id") == {name: "T2"}


def test_a_line_without_the_identifier_of_its_kind_is_keyed_by_another():
    lines = [
        Line(status="Queued", imei=imei(1)),
        Line(status="Queued", sim_id="S2", imei=imei(2)),
        Line(status="Queued", eid=EID),
        Line(status="Completed"),
    ]
    assert list(shown(observed(*lines), "status")) == [imei(1), "S2", EID]
    assert list(shown(observed(*lines, kind=ESIM), "status")) == [imei(1), imei(2), EID]
    assert observed(*lines)[0].where == f"imei {imei(1)}"


def test_custom_status_words_count():
    assert shown(observed(line(1, "Live"), words=StatusWords({"success": ["live"]})), "status", "line_status") == {
        iccid(1): ("active", "Live")
    }


# -- Both --------------------------------------------------------------------------------------------------------------


def test_a_declared_device_has_the_status_of_its_plan():
    fleet = fleet_of(*(device(number) for number in range(6)))
    lines = [
        line(0, "Completed", "T0"),
        line(1, "Queued", "T1"),
        line(2, "Failed", "T2", reason="IMEI unknown"),
        line(3, "Completed", "T3", imei=imei(99)),
        line(4, "Completed", "T4", iccid=iccid(44)),
        line(2, "Failed", "T5", reason="wrong", iccid=iccid(22)),
    ]
    entries = merged(fleet, *lines, undeclared=False)
    assert shown(entries, "status", "transaction_id", "line_status", "reason") == {
        iccid(0): ("active", "T0", "Completed", None),
        iccid(1): ("pending", "T1", "Queued", None),
        iccid(2): ("failed", "T2", "Failed", "IMEI unknown"),
        iccid(3): ("conflict", None, None, f"iccid {iccid(3)} is active with imei {imei(99)} (transaction T3)"),
        iccid(4): ("conflict", None, None, f"imei {imei(4)} is active with iccid {iccid(44)} (transaction T4)"),
        iccid(5): ("missing", None, None, None),
    }
    assert set(shown(entries, "declared").values()) == {True}


def test_a_failure_without_a_reason_shows_its_status_word():
    entry = merged(fleet_of(device(1)), line(1, "Rejected"))[0]
    assert entry.values["sentinel_reason"] == "failed before (transaction T1): status Rejected"


def test_declared_values_take_precedence_over_the_line():
    seen = line(1, carrier="T-Mobile", nickname="Old name", device_group="Old group", mdn="2015550001", ip="10.0.0.1")
    values = merged(fleet_of(device(1, nickname=None, device_group="New group")), seen)[0].values
    assert values["sentinel_carrier"] == "VERIZON"
    assert values["sentinel_device_group"] == "New group"
    assert values["sentinel_nickname"] == "Old name"
    assert (values["sentinel_mdn"], values["sentinel_ip"]) == ("201-555-0001", "10.0.0.1")
    assert "nickname" not in values["sentinel_device"]


def test_an_esim_has_the_iccid_that_the_service_chose():
    item = device(1, iccid=None, eid=EID)
    entries = merged_entries(fleet_of(item, kind=ESIM), [line(1, eid=EID)], WORDS, SIM)
    assert shown(entries, "iccid", "status") == {imei(1): (iccid(1), "active")}


def test_undeclared_devices_follow_if_enabled():
    fleet = fleet_of(device(1))
    lines = [line(2), line(1)]
    assert shown(merged(fleet, *lines), "declared", "kind", "device") == {
        iccid(1): (True, "sim", device(1).declared()),
        iccid(2): (False, None, None),
    }
    assert list(shown(merged(fleet, *lines, undeclared=False), "status")) == [iccid(1)]


def test_the_device_in_conflict_with_a_declared_one_is_also_a_host():
    entries = merged(fleet_of(device(1)), line(1, "Completed", "T2", iccid=iccid(9)))
    assert shown(entries, "status", "declared") == {iccid(1): ("conflict", True), iccid(9): ("active", False)}


def test_a_card_in_the_device_of_a_declared_smartsim_is_a_host_of_its_own():
    smart = device(1, iccid=None, sim_id=SIM_ID)
    another = line(2, iccid=None, sim_id="7" * 21)
    entries = merged(fleet_of(smart, kind=SMARTSIM), line(1), another, undeclared=False)
    assert shown(entries, "status", "iccid") == {SIM_ID: ("conflict", None)}
    entries = merged(fleet_of(smart, kind=SMARTSIM), line(1), another)
    assert shown(entries, "status", "iccid")[iccid(1)] == ("active", iccid(1))
    # Nothing shows that it is a card.
    entries = merged(fleet_of(smart, kind=SMARTSIM), line(1))
    assert shown(entries, "status", "iccid") == {SIM_ID: ("active", iccid(1))}
    entries = merged(fleet_of(smart, kind=SMARTSIM), line(1, sim_id=SIM_ID))
    assert shown(entries, "status", "iccid") == {SIM_ID: ("active", iccid(1))}


def test_a_smartsim_in_the_device_of_a_declared_card_is_a_host_of_its_own():
    entries = merged(fleet_of(device(1)), line(1, iccid=None, sim_id=SIM_ID))
    assert shown(entries, "status", "sim_id") == {iccid(1): ("conflict", None), SIM_ID: ("active", SIM_ID)}


def test_a_sim_in_another_device_is_one_host():
    entries = merged(fleet_of(device(1)), line(1, "Completed", "T2", imei=imei(9)))
    assert shown(entries, "status", "imei") == {iccid(1): ("conflict", imei(1))}


def test_a_line_without_an_iccid_belongs_to_the_declared_device_that_waits_for_it():
    entries = merged(fleet_of(device(1)), line(1, "Queued", iccid=None))
    assert shown(entries, "status") == {iccid(1): "pending"}


def test_a_failed_attempt_with_another_sim_is_not_a_host():
    entries = merged(fleet_of(device(1)), line(1, "Failed", iccid=iccid(9)), line(2, "Failed"))
    assert shown(entries, "status") == {iccid(1): "missing", iccid(2): "failed"}


def test_a_declared_device_with_an_older_sim_is_kept_with_the_newer_one():
    fleet = fleet_of(device(1))
    lines = [line(1, transaction_id="T1"), line(1, "Completed", "T2", iccid=iccid(9))]
    assert shown(merged(fleet, *lines), "status", "declared") == {
        iccid(1): ("active", True),
        iccid(9): ("active", False),
    }


# -- Filters -----------------------------------------------------------------------------------------------------------

LINES = [
    line(1, carrier="AT&T", device_group="Lab", filter_group="Staff"),
    line(2, "Queued", carrier="ATT", device_group="lab", filter_group="Staff"),
    line(3, "Failed", carrier="Verizon", device_group="Lab", filter_group=None),
    line(4, carrier=None, device_group=None),
]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [1, 2, 3, 4]),
        (Filters(statuses=["active", "failed"]), [1, 3, 4]),
        (Filters(carriers=["at&t"]), [1, 2]),
        (Filters(device_groups=["Lab"]), [1, 3]),
        (Filters(filter_groups=["Staff", "None"]), [1, 2]),
        (Filters(["active"], ["AT&T", "Verizon"], ["Lab"]), [1]),
        (Filters(device_groups=["Bus"]), []),
    ],
)
def test_only_devices_that_pass_every_filter_are_selected(filters, numbers):
    assert [entry.key for entry in select(observed(*LINES), filters)] == [iccid(number) for number in numbers]


def test_values_of_filters_without_a_match_are_warnings():
    found = unmatched_filters(observed(*LINES), Filters(["missing"], ["at-t", "Verzon"], ["Labs"], ["Staff"]))
    assert [text.partition(" Valid: ")[0] for text in found] == [
        "carriers: no device has the carrier 'Verzon'; did you mean Verizon?",
        "device_groups: no device has the device_group 'Labs'; did you mean Lab?",
    ]
    assert unmatched_filters(observed(*LINES), Filters()) == []
