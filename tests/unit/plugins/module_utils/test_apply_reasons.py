# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out a plan: the reasons of devices, the number of requests, and the end of the run."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    AuthenticationError,
    RefusedError,
    ScopeError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    REFUSED,
    Fate,
    World,
    lost,
)

ALREADY = Fate(RefusedError("The service says: line is already active", None, "POST", "/x", 409), accepted=False)


def outcomes(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


def comes_to_light(world, seen, fate):
    """Add a line that only later looks show."""
    world.add(seen, fate._replace(late=0.1))
    submit = world.submit
    world.submit = lambda *call: (world.clock.sleep(1), submit(*call))[1]


# -- What is foreseen --------------------------------------------------------------------------------------------------


def test_a_foreseen_outcome_has_the_reason_and_the_records_of_the_plan():
    seen = [line(0, "Processing"), line(1), line(2, "Failed", reason="bad ZIP"), line(3, imei=imei(9))]
    plan = plan_of(fleet(5), history(*seen))
    devices = fleet(5)
    reasons = [item.reason for item in plan.items]
    assert [item.outcome() for item in plan.items] == [
        DeviceOutcome(devices[0], Outcome.PENDING, "T1", seen[0], reasons[0]),
        DeviceOutcome(devices[1], Outcome.ALREADY_ACTIVE, "T1", seen[1], reasons[1]),
        # A retry has no data of the earlier failure, and a conflict has no transaction of this device.
        DeviceOutcome(devices[2], Outcome.WOULD_ACTIVATE, None, None, reasons[2], is_final=False),
        DeviceOutcome(devices[3], Outcome.CONFLICT, None, None, reasons[3]),
        DeviceOutcome(devices[4], Outcome.WOULD_ACTIVATE, None, None, reasons[4], is_final=False),
    ]
    assert all(reasons)


# -- Words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["the answer was lost", "the answer was lost.", "was it lost?", "lost!"])
def test_a_reason_has_one_full_stop_before_its_next_sentence(words):
    error = AmbiguousError(words, None, "POST", "/x")
    (found,) = World({iccid(0): [Fate(error, accepted=False)]}).run(fleet(1))
    ended = words if words[-1] in ".?!" else f"{words}."
    assert f"POST /x: {ended} It did not show up" in found.reason


def test_a_failure_without_a_reason_shows_its_status():
    (found,) = World({iccid(0): [Fate(ends="Failed")]}).run(fleet(1))
    assert found.reason == "the service reports: Failed"


def test_a_failed_resubmission_is_reported_after_the_first_submission():
    fate = Fate(AuthenticationError("expired"), accepted=False)
    (found,) = World({iccid(0): [lost(late=10_000), fate]}).run(fleet(1), on_unknown="resubmit")
    assert found.outcome == "unknown"
    assert "It did not show up in the history within 30 s." in found.reason
    assert found.reason.endswith("Resubmission failed: not submitted: expired")


def test_an_adopted_submission_has_its_line():
    (found,) = World({iccid(0): [lost()]}).run(fleet(1), wait=False)
    assert (found.outcome, found.reason) == ("pending", "submitted; the answer was lost")
    assert found.line.status == "Processing"


def test_a_missing_transaction_id_is_reported_once():
    world = World({iccid(1): [Fate(ends="Failed", reason="activation already in progress")]})
    world.add(line(0, "Processing", None), Fate(seconds=9999))
    world.add(line(1, "Processing", "other"), Fate(late=3, seconds=300))
    found = world.run(fleet(2))
    assert outcomes(found) == ["pending", "activated"]
    assert found[0].reason.count("shows no transaction") == 1


@pytest.mark.parametrize("error", [AuthenticationError("expired"), ScopeError("no scope")])
def test_a_transaction_that_cannot_be_watched_is_pending_with_its_reason(error):
    world = World()
    world.unwatchable["T1"] = error
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.reason) == ("pending", f"cannot be watched: {error}")


# -- Settling and confirming -------------------------------------------------------------------------------------------


def test_a_resubmission_with_a_lost_answer_is_looked_up():
    world = World({iccid(0): [lost(accepted=False), lost(late=5)]})
    (found,) = world.run(fleet(1), on_unknown="resubmit")
    assert (found.outcome, found.transaction_id) == ("activated", "T2")


def test_a_refusal_as_already_active_is_checked_even_without_waiting():
    world = World({iccid(0): [ALREADY]})
    comes_to_light(world, line(0, "Processing", "old"), Fate(seconds=0))
    (found,) = world.run(fleet(1), wait=False)
    assert (found.outcome, found.reason) == ("already_active", "the service reports it as already active")


def test_if_the_check_of_a_refusal_fails_it_stays_a_failure():
    world = World({iccid(0): [ALREADY]})

    world.fail_lookups()
    (found,) = world.run(fleet(1))
    assert (found.outcome, "already active" in found.reason) == ("failed", True)


def test_other_refusals_need_no_look_at_the_history():
    world = World({iccid(0): [REFUSED], iccid(1): [Fate(ends="Failed", reason="bad ZIP")]})
    assert outcomes(world.run(fleet(2))) == ["failed", "failed"]
    assert world.asked["export"] == 0


def test_a_transaction_under_way_elsewhere_is_waited_for_no_longer_than_the_rest():
    world = World({iccid(0): [Fate(ends="Failed", seconds=50, reason="already in progress")]})
    world.add(line(0, "Processing", "other"), Fate(late=3, seconds=10_000))
    (found,) = world.run(fleet(1), wait_timeout=100)
    assert (found.outcome, found.transaction_id) == ("pending", "other")
    assert world.clock.now <= 1101


# -- Requests and progress ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "exports"), [("full", 1), ("recent", 0), ("none", 0)])
def test_lines_of_many_transactions_are_read_from_the_full_history_if_it_is_chosen(chosen, exports):
    world = World()
    assert outcomes(world.run(fleet(30), history=chosen)) == ["activated"] * 30
    assert world.asked["export"] == exports
    assert world.asked["T1"] == 1 - exports
