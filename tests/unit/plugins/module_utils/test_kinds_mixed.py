# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices of several kinds in one run: which lines, approvals and journal entries belong to which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.ledger import Ledger
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.approval import check_digest, check_file
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import GuardError
from ansible_collections.kajeet.sentinel.plugins.module_utils._identity import Seen, finder, picker
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Journal
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import ACTIVE, Line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    Clock,
    device,
    history,
    iccid,
    imei,
    plan_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import SERVICE

SMART = "8" * 21
CARD = device(0)
TABLET = device(1, identity=ESIM.identity, iccid=None, carrier="AT&T")
CAMERA = device(2, identity=SMARTSIM.identity, iccid=None, imei=None, sim_id=SMART)
FLEET = [CARD, TABLET, CAMERA]
LINES = {
    CARD: Line("T1", imei(0), iccid(0), status="Completed"),
    TABLET: Line("T2", imei(1), iccid(9), status="Completed"),
    CAMERA: Line("T3", imei(7), sim_id=SMART, status="Completed"),
}


def test_each_device_finds_its_own_lines_in_one_transaction():
    find = finder([Seen(line, ACTIVE) for line in LINES.values()])
    assert [[seen.line for seen in find(each)] for each in FLEET] == [[line] for line in LINES.values()]


@given(st.permutations([*LINES.values(), Line("T4", imei(5), iccid(5), status="Completed")]))
def test_the_lines_of_several_kinds_are_picked_in_their_order(lines):
    assert picker(FLEET)(iter(lines)) == [line for line in lines if line.transaction_id != "T4"]


def test_one_history_decides_for_all_kinds():
    plan = plan_of(FLEET, history(LINES[CARD], LINES[CAMERA]))
    assert [item.action for item in plan.items] == ["unchanged", "activate", "unchanged"]
    assert plan.counts()["activate"] == 1


def test_the_ledger_has_the_device_whose_key_a_line_has():
    ledger = Ledger(plan_of(FLEET).items, Clock())
    assert [ledger.find(line).device for line in LINES.values()] == FLEET
    assert [entry.device for entry in ledger] == FLEET
    # The IMEI of a SIM's line is a partner, and that of an eSIM's is its key.
    assert ledger.find(Line("T5", imei(0), iccid(3), status="Completed")) is None


def test_an_approval_of_one_kind_does_not_approve_another():
    """The same IMEI as an eSIM and as a SIM is two different submissions."""
    approved = plan_of([TABLET])
    other = plan_of([device(1)])
    with pytest.raises(GuardError):
        check_digest(other, approved.digest())
    with pytest.raises(GuardError, match="is not in the approved plan"):
        check_file(other, approved.as_file(), "plan.json")
    check_file(plan_of([TABLET]), plan_of(FLEET).as_file(), "plan.json")


def test_the_digest_of_a_fleet_does_not_depend_on_the_order_of_its_kinds():
    assert plan_of(FLEET).digest() == plan_of(FLEET[::-1]).digest()
    assert plan_of(FLEET[:2]).digest() != plan_of(FLEET).digest()


def test_a_journal_keeps_the_kinds_apart(tmp_path):
    path = str(tmp_path / "journal")
    with Journal(path, SERVICE).opened(True) as journal:
        for kind in (SIM, ESIM):
            journal.accepted(journal.intend(kind.name, [("1", None, ())]), f"T-{kind.name}")
        journal.over([("sim", "1"), ("smartsim", "1")])
    with Journal(path, SERVICE).opened(True) as journal:
        assert journal.entry(("sim", "1")) is None
        assert journal.entry(("esim", "1")).transaction_id == "T-esim"
        assert journal.elsewhere([("esim", "1")]) is None
