# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly once: submissions with a lost answer."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    fleet,
    iccid,
    imei,
    line,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    DAY,
    FAILS,
    REFUSED,
    Fate,
    World,
    lost,
)


def outcomes(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


@pytest.mark.parametrize("late", [0, 1, 10, 29, 30])
def test_an_accepted_submission_is_found_in_the_history_and_adopted(late):
    world = World({iccid(0): [lost(late=late)]})
    (found,) = world.run(fleet(1), settle_timeout=30)
    assert (found.outcome, found.transaction_id) == ("activated", "T1")
    assert world.submissions() == {iccid(0): 1}
    assert world.done.changed


def test_an_accepted_submission_that_failed_is_adopted_as_failed():
    world = World({iccid(0): [lost(ends="Failed", reason="bad ZIP", seconds=0)]})
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.reason, found.transaction_id) == ("failed", "bad ZIP", "T1")


@pytest.mark.parametrize("fate", [lost(accepted=False), lost(late=31), lost(late=10_000)])
def test_a_submission_not_found_in_the_settle_time_is_unknown_and_not_submitted_again(fate):
    world = World({iccid(0): [fate]})
    (found,) = world.run(fleet(1), settle_timeout=30)
    assert found.outcome == "unknown"
    assert "the service may have accepted it" in found.reason
    assert "did not show up in the history within 30 s" in found.reason
    assert "Run again" in found.reason
    assert world.submissions() == {iccid(0): 1}
    assert world.done.changed


def test_the_next_run_adopts_late_submissions_and_submits_missing_ones():
    world = World({iccid(0): [lost(late=100)], iccid(1): [lost(accepted=False), Fate()]})
    assert outcomes(world.run(fleet(2))) == ["unknown", "unknown"]
    world.clock.sleep(100)
    assert outcomes(world.run(fleet(2))) == ["already_active", "activated"]
    assert world.accepted() == {iccid(0): 1, iccid(1): 1}
    assert world.submissions() == {iccid(0): 1, iccid(1): 2}


def test_only_unknown_devices_are_resubmitted_and_only_once():
    world = World(
        {iccid(0): [lost(accepted=False), Fate()], iccid(1): [lost(late=5)], iccid(2): [lost(accepted=False)]}
    )
    found = world.run(fleet(4), on_unknown="resubmit")
    assert outcomes(found) == ["activated", "activated", "unknown", "activated"]
    assert world.submissions() == {iccid(0): 2, iccid(1): 1, iccid(2): 2, iccid(3): 1}


def test_a_batch_with_a_line_in_the_history_is_not_resubmitted():
    world = World({iccid(0): [lost(late=1)], iccid(1): [lost(late=10_000)]})
    found = world.run(fleet(2), request_format="batch", on_unknown="resubmit")
    assert outcomes(found) == ["activated", "unknown"]
    assert len(world.bodies) == 1


def test_a_batch_with_a_lost_answer_is_adopted_line_by_line():
    world = World({iccid(number): [lost(late=number * 5)] for number in range(4)})
    assert outcomes(world.run(fleet(4), request_format="batch")) == ["activated"] * 4
    assert len(world.bodies) == 1


@pytest.mark.parametrize(
    "fate",
    [
        Fate(AuthenticationError("expired"), accepted=False),
        Fate(AuthenticationError("expired", None, "POST", "/x", 401), accepted=False),
    ],
)
def test_a_resubmission_that_fails_leaves_the_device_unknown(fate):
    world = World({iccid(0): [lost(late=10_000), fate]})
    (found,) = world.run(fleet(1), on_unknown="resubmit")
    assert found.outcome == "unknown"


def test_after_a_fatal_error_nothing_is_resubmitted_and_lost_answers_stay_unknown():
    world = World({iccid(0): [lost(late=10_000)], iccid(1): [Fate(AuthenticationError("expired"), accepted=False)]})
    assert outcomes(world.run(fleet(3), on_unknown="resubmit")) == ["unknown", "failed", "failed"]
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


def test_a_resubmission_that_is_refused_as_already_active_is_confirmed():
    already = Fate(RefusedError("already active", None, "POST", "/x", 409), accepted=False)
    world = World({iccid(0): [lost(late=30.5, seconds=0), already]})
    submit = world.submit
    world.submit = lambda *call: (world.clock.sleep(1), submit(*call))[1]
    (found,) = world.run(fleet(1), on_unknown="resubmit")
    assert found.outcome in ("already_active", "activated")
    assert world.accepted() == {iccid(0): 1}


@pytest.mark.parametrize("ends", ["Failed", "Completed"])
def test_an_older_line_is_not_mistaken_for_the_lost_submission(ends):
    world = World({iccid(0): [lost(accepted=False)]})
    partner = {} if ends == "Failed" else {"imei": imei(9)}
    world.add(line(0, "Processing", "old", **partner), Fate(seconds=0, ends=ends, reason="old"))
    (found,) = world.run(fleet(1), on_conflict="activate")
    assert found.outcome == "unknown"
    assert found.transaction_id is None


@pytest.mark.parametrize("history", ["none", "recent"])
def test_a_failure_is_not_adopted_without_a_history_that_shows_it_is_new(history):
    world = World({iccid(0): [lost(accepted=False)]})
    world.add(line(0, "Processing", "old"), Fate(seconds=0, ends="Failed"))
    world.clock.sleep(200 * DAY)
    (found,) = world.run(fleet(1), history=history)
    assert found.outcome == "unknown"


def test_a_lost_answer_is_looked_up_in_the_chosen_history():
    for chosen, other in (("recent", "export"), ("full", "pages")):
        world = World({iccid(0): [lost(late=5)]})
        assert outcomes(world.run(fleet(1), history=chosen)) == ["activated"]
        assert not world.asked[other]


def test_an_active_line_is_adopted_even_without_a_history():
    world = World({iccid(0): [lost(late=5)]})
    assert outcomes(world.run(fleet(1), history="none")) == ["activated"]


def test_another_devices_line_is_not_adopted():
    world = World({iccid(0): [lost(accepted=False)]})
    world.add(line(0, "Processing", "other", iccid=iccid(9)), Fate(late=1, seconds=2))
    world.add(line(1, "Processing", "other", iccid=iccid(8), imei=imei(8)), Fate(late=1, seconds=2))
    assert outcomes(world.run([device(0)])) == ["unknown"]


def test_the_same_iccid_in_another_device_is_not_adopted():
    world = World({iccid(0): [lost(accepted=False)]})
    world.add(line(0, "Processing", "other", imei=imei(9)), Fate(late=1, seconds=2))
    assert outcomes(world.run([device(0)])) == ["unknown"]


def test_an_old_failure_without_a_transaction_is_not_adopted():
    world = World({iccid(0): [lost(accepted=False)]})
    world.add(line(0, "Processing", None), Fate(seconds=0, ends="Failed"))
    assert outcomes(world.run([device(0)])) == ["unknown"]


def test_a_failed_lookup_is_repeated_until_the_settle_time_has_passed():
    world = World({iccid(0): [lost(late=2)]})
    submit = world.submit

    def submit_and_fail(*call):
        world.fail_lookups(3)
        return submit(*call)

    world.submit = submit_and_fail
    assert outcomes(world.run(fleet(1))) == ["activated"]


def test_lookups_have_growing_intervals():
    world = World({iccid(0): [lost(accepted=False)]})
    world.run(fleet(1), settle_timeout=30)
    assert 5 <= world.asked["export"] <= 15
    assert sum(world.clock.slept) == pytest.approx(30)


def test_with_a_settle_time_of_0_there_is_one_lookup():
    world = World({iccid(0): [lost()], iccid(1): [lost(accepted=False)]})
    assert outcomes(world.run(fleet(2), settle_timeout=0)) == ["activated", "unknown"]


def test_a_failure_and_a_refusal_are_unaffected_by_a_lost_answer():
    world = World({iccid(0): [lost(accepted=False)], iccid(1): [FAILS], iccid(2): [REFUSED]})
    assert outcomes(world.run(fleet(3))) == ["unknown", "failed", "failed"]
