# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner's decisions: every state of a device and of its partner, under every policy."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.approval import check_size
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Action, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import GuardError
from ansible_collections.kajeet.sentinel.plugins.module_utils._identity import Identity
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.history import History
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

SMART = "8" * 21
DONE, RUNNING, BROKEN = "Completed", "Processing", "Failed"


def decide(*lines, **policy):
    """Return the item of device 0 for a history with these lines."""
    (item,) = plan_of([device(0)], history(*lines), **policy).items
    return item


@pytest.mark.parametrize(
    ("lines", "action", "reason"),
    [
        ([], Action.ACTIVATE, "not in the history"),
        ([line(1, DONE)], Action.ACTIVATE, "not in the history"),
        # The pair itself.
        ([line(0, DONE)], Action.UNCHANGED, "is active (transaction T1)"),
        ([line(0, RUNNING)], Action.WAIT, "is under way (transaction T1) (Processing)"),
        ([line(0, RUNNING, None)], Action.WAIT, "is under way (Processing)"),
        ([line(0, BROKEN, reason="bad ZIP")], Action.RETRY, "failed before (transaction T1): bad ZIP"),
        ([line(0, BROKEN)], Action.RETRY, "failed before (transaction T1): status Failed"),
        # A line with only the ICCID.
        ([line(0, DONE, imei=None)], Action.UNCHANGED, "is active"),
        ([line(0, RUNNING, imei=None)], Action.WAIT, "is under way"),
        ([line(0, BROKEN, imei=None)], Action.RETRY, "failed before"),
        # A line with only the IMEI.
        ([line(0, DONE, iccid=None)], Action.UNCHANGED, "is active"),
        ([line(0, RUNNING, iccid=None)], Action.WAIT, "is under way"),
        ([line(0, BROKEN, iccid=None)], Action.ACTIVATE, "not in the history"),
        # … and another kind of SIM is in the device; a SIM id that repeats the ICCID adds nothing.
        ([line(0, DONE, iccid=None, sim_id=SMART)], Action.CONFLICT, f"imei {imei(0)} is active with sim_id {SMART}"),
        (
            [line(0, RUNNING, iccid=None, sim_id=SMART)],
            Action.CONFLICT,
            f"imei {imei(0)} is pending with sim_id {SMART}",
        ),
        ([line(0, RUNNING, iccid=None, eid=EID)], Action.CONFLICT, f"imei {imei(0)} is pending with eid {EID}"),
        ([line(0, BROKEN, iccid=None, sim_id=SMART)], Action.ACTIVATE, "not in the history"),
        ([line(0, DONE, iccid=None, sim_id=iccid(0))], Action.UNCHANGED, "is active"),
        ([line(0, DONE, sim_id=SMART)], Action.UNCHANGED, "is active"),
        # The ICCID with another IMEI.
        (
            [line(0, DONE, imei=imei(5))],
            Action.CONFLICT,
            f"iccid {iccid(0)} is active with imei {imei(5)} (transaction T1)",
        ),
        ([line(0, RUNNING, imei=imei(5))], Action.CONFLICT, f"iccid {iccid(0)} is pending with imei {imei(5)}"),
        ([line(0, BROKEN, imei=imei(5))], Action.ACTIVATE, "not in the history with this imei"),
        # The IMEI with another ICCID.
        ([line(0, DONE, iccid=iccid(5))], Action.CONFLICT, f"imei {imei(0)} is active with iccid {iccid(5)}"),
        ([line(0, RUNNING, iccid=iccid(5))], Action.CONFLICT, f"imei {imei(0)} is pending with iccid {iccid(5)}"),
        ([line(0, BROKEN, iccid=iccid(5))], Action.ACTIVATE, "not in the history"),
        # Both.
        ([line(0, BROKEN), line(0, DONE, "T2", iccid=iccid(5))], Action.CONFLICT, f"imei {imei(0)} is active"),
        ([line(0, BROKEN), line(0, DONE, "T2", imei=imei(5))], Action.CONFLICT, f"iccid {iccid(0)} is active"),
        ([line(0, DONE), line(0, BROKEN, "T2", imei=imei(5))], Action.UNCHANGED, "is active (transaction T1)"),
        ([line(0, DONE), line(0, DONE, "T2", iccid=iccid(5))], Action.UNCHANGED, "is active (transaction T1)"),
        ([line(0, DONE), line(0, RUNNING, "T2")], Action.UNCHANGED, "is active (transaction T1)"),
        ([line(0, BROKEN), line(0, DONE, "T2", iccid=None)], Action.UNCHANGED, "is active (transaction T2)"),
        ([line(0, BROKEN), line(0, BROKEN, "T2", imei=imei(5))], Action.ACTIVATE, "not in the history with this imei"),
    ],
)
def test_each_state_of_a_device_and_its_partner_has_its_action(lines, action, reason):
    item = decide(*lines)
    assert item.action == action
    assert item.reason.startswith(reason)
    assert item.action.submits is (action in (Action.ACTIVATE, Action.RETRY))
    assert item.foreseen != Outcome.SKIPPED


def test_without_retry_failed_a_failed_device_is_not_submitted():
    item = decide(line(0, BROKEN, reason="bad ZIP"), retry_failed=False)
    assert (item.action, item.action.submits, (item.foreseen == Outcome.FAILED)) == (Action.UNCHANGED, False, True)
    assert item.reason == "failed before (transaction T1): bad ZIP"
    assert decide(line(0, DONE), retry_failed=False).foreseen == Outcome.ALREADY_ACTIVE
    assert decide(line(0, BROKEN, imei=imei(5)), retry_failed=False).action == Action.ACTIVATE


@pytest.mark.parametrize("lines", [[line(0, DONE, imei=imei(5))], [line(0, RUNNING, iccid=iccid(5))]])
@pytest.mark.parametrize(
    ("on_conflict", "action", "skipped"),
    [("fail", Action.CONFLICT, False), ("skip", Action.CONFLICT, True), ("activate", Action.ACTIVATE, False)],
)
def test_a_conflict_is_handled_by_on_conflict(lines, on_conflict, action, skipped):
    item = decide(*lines, on_conflict=on_conflict)
    assert (item.action, (item.foreseen == Outcome.SKIPPED)) == (action, skipped)
    assert " with " in item.reason
    # In a conflict, the line is another device's, so its data is not shown for this one.
    assert item.line == (lines[0] if item.action.submits else None)


FIRST, LAST = {"started": "01/02/2026 10:00:00 AM"}, {"started": "01/03/2026 10:00:00 AM"}


@pytest.mark.parametrize(
    ("lines", "failed_before"),
    [
        # The SIM is active in another device, and the declared pair has failed since.
        ([line(0, DONE, imei=imei(5)), line(0, BROKEN, "T2", reason="bad ZIP")], True),
        ([line(0, BROKEN, "T2", reason="bad ZIP", **LAST), line(0, DONE, imei=imei(5), **FIRST)], True),
        # The other device has another SIM, and the declared pair has failed.
        ([line(0, BROKEN, "T2", reason="bad ZIP"), line(0, DONE, iccid=iccid(5))], True),
        # What failed last was another pair, or nothing.
        ([line(0, DONE, imei=imei(5)), line(0, BROKEN, "T2", imei=imei(6))], False),
        ([line(0, BROKEN, "T2"), line(0, DONE, imei=imei(5))], False),
        ([line(0, DONE, iccid=iccid(5)), line(5, BROKEN, "T2", imei=imei(0))], False),
    ],
)
def test_without_retry_failed_a_failed_pair_in_a_conflict_is_not_submitted(lines, failed_before):
    item = decide(*lines, on_conflict="activate", retry_failed=False)
    assert ((item.foreseen == Outcome.FAILED), item.action.submits) == (failed_before, not failed_before)
    if failed_before:
        assert item.reason == "failed before (transaction T2): bad ZIP"
    assert decide(*lines, on_conflict="activate").action == Action.ACTIVATE
    assert decide(*lines, retry_failed=False).action == Action.CONFLICT


def test_an_item_carries_the_line_that_decided():
    assert decide(line(0, DONE)).line == line(0, DONE)
    assert decide(line(0, BROKEN)).line == line(0, BROKEN)
    assert decide().line is None
    assert decide(line(0, DONE, iccid=None)).line.iccid is None


@pytest.mark.parametrize(
    ("status", "action"),
    [(DONE, Action.UNCHANGED), (RUNNING, Action.WAIT), (BROKEN, Action.RETRY), ("lunar eclipse", Action.WAIT)],
)
def test_a_kind_without_a_partner_is_decided_by_its_key_alone(status, action):
    identity = Identity("other", "sim_id", None, ("sim_id",), ("sim_id",))
    seen = History([line(0, status, sim_id="S1")], {"S1"}, WORDS)
    plan = plan_of([device(0, sim_id="S1"), device(1, sim_id="S2")], seen, identity=identity)
    assert [item.action for item in plan.items] == [action, Action.ACTIVATE]


def test_an_esim_whose_partner_is_not_declared_is_decided_by_its_imei():
    identity = Identity("other", "imei", "eid", ("imei",), ("imei", "eid"))
    seen = history(line(0, DONE, eid="9" * 32))
    plan = plan_of([device(0)], seen, identity=identity)
    assert [item.action for item in plan.items] == [Action.UNCHANGED]
    plan = plan_of([device(0, eid="8" * 32)], seen, identity=identity)
    assert [item.action for item in plan.items] == [Action.CONFLICT]


def test_counts_have_every_action_and_retries_count_as_activations():
    seen = history(line(1, BROKEN), line(2, RUNNING), line(3, DONE), line(4, DONE, imei=imei(9)))
    plan = plan_of(fleet(5), seen)
    assert plan.counts() == {"activate": 2, "restore": 0, "wait": 1, "unchanged": 1, "conflict": 1, "inactive": 0}
    assert [item.device for item in plan.submitted] == fleet(5)[:2]


def test_a_plan_may_be_as_large_as_allowed_and_no_larger():
    plan = plan_of(fleet(3), history(line(0, DONE)))
    check_size(plan, None)
    check_size(plan, 2)
    with pytest.raises(GuardError, match="activates 2 devices, but max_new_activations allows 1; nothing was written"):
        check_size(plan, 1)
    with pytest.raises(GuardError, match="allows 0"):
        check_size(plan, 0)


@pytest.mark.parametrize("status", ["Failed", "Processing"])
def test_a_reason_has_no_control_characters(status):
    item = decide(line(0, f"{status} \u202ex", transaction_id="T\x1b1", reason="bad \u202eZIP"))
    assert item.reason.isprintable()
    assert "T\ufffd1" in item.reason
