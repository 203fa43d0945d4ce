# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out a plan: each device is submitted as planned, watched to its end, and has one outcome."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    ThrottledError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    FAILS,
    REFUSED,
    Fate,
    World,
)


def outcomes(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


def test_each_device_is_submitted_once_and_ends_as_the_service_reports():
    world = World({iccid(1): [FAILS], iccid(2): [REFUSED]})
    found = world.run(fleet(4))
    assert outcomes(found) == ["activated", "failed", "failed", "activated"]
    assert [outcome.device for outcome in found] == fleet(4)
    assert [outcome.transaction_id for outcome in found] == ["T1", "T2", None, "T4"]
    assert found[0].reason is None
    assert found[0].line.status == "Completed"
    assert found[1].reason == "bad ZIP"
    assert found[2].reason == "not submitted: POST /x: bad carrier"
    assert set(world.submissions().values()) == {1}
    assert world.done.changed


def test_threads_change_nothing():
    fates = {iccid(number): [FAILS] for number in range(0, 40, 7)}
    world = World(fates, concurrency=8)
    found = world.run(fleet(40))
    assert outcomes(found) == ["failed" if number % 7 == 0 else "activated" for number in range(40)]
    assert set(world.submissions().values()) == {1}


def test_a_batch_is_one_request_and_each_line_ends_on_its_own():
    world = World({iccid(1): [FAILS], iccid(2): [Fate(seconds=90)]})
    found = world.run(fleet(3), request_format="batch")
    assert outcomes(found) == ["activated", "failed", "activated"]
    assert len(world.bodies) == 1
    assert {outcome.transaction_id for outcome in found} == {"T1"}


def test_active_and_pending_devices_are_not_submitted_and_pending_ones_are_waited_for():
    world = World()
    world.add(line(0, "Processing", "old"), Fate(seconds=0))
    world.add(line(1, "Processing", "running"), Fate(seconds=60))
    found = world.run(fleet(3))
    assert outcomes(found) == ["already_active", "activated", "activated"]
    assert [outcome.transaction_id for outcome in found] == ["old", "running", "T1"]
    assert list(world.submissions()) == [iccid(2)]


def test_a_run_without_submissions_changes_nothing():
    world = World()
    world.add(line(0, "Processing", "running"), Fate(seconds=60))
    assert outcomes(world.run(fleet(1))) == ["activated"]
    assert not world.done.changed
    assert world.bodies == []


def test_a_run_in_which_everything_is_refused_changes_nothing():
    world = World({iccid(0): [REFUSED]})
    world.run(fleet(1))
    assert not world.done.changed


def test_without_waiting_submitted_devices_are_pending():
    world = World()
    assert outcomes(world.run(fleet(2), wait=False)) == ["pending", "pending"]
    assert world.clock.slept == []
    assert world.done.changed


def test_devices_that_have_not_ended_by_the_timeout_are_pending_and_not_submitted_again():
    world = World({iccid(0): [Fate(seconds=10_000)]})
    found = world.run(fleet(2), wait_timeout=100)
    assert outcomes(found) == ["pending", "activated"]
    assert found[0].reason == "the service reports: Processing"
    assert world.clock.now <= 1000 + 100 + 1
    assert outcomes(world.run(fleet(2), wait_timeout=20_000)) == ["activated", "already_active"]
    assert set(world.submissions().values()) == {1}


def test_a_transaction_that_never_shows_its_line_is_unknown_after_the_settle_time():
    world = World({iccid(0): [Fate(late=10_000)]})
    (found,) = world.run(fleet(1), settle_timeout=30)
    assert found.outcome == "unknown"
    assert "not found" in found.reason
    assert "Run again" in found.reason
    assert world.clock.now < 1000 + 120


def test_a_transaction_that_shows_only_other_lines_is_unknown():
    world = World()
    world.add(line(7, "Processing", "T1"), Fate(seconds=0))
    world.submit = lambda *_call: "T1"
    (found,) = world.run(fleet(1))
    assert found.outcome == "unknown"
    assert (
        "accepted as transaction T1, which does not show it yet (the transaction shows none of the submitted lines)."
        in found.reason
    )


def test_a_late_line_is_waited_for():
    world = World({iccid(0): [Fate(late=20)]})
    assert outcomes(world.run(fleet(1), settle_timeout=30)) == ["activated"]


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationError("expired"),
        ScopeError("no scope"),
        UnreachableError("refused"),
        ThrottledError("slow down"),
        RefusedError("HTTP 400. The service says: Activation lines list is empty"),
    ],
    ids=lambda error: error.kind,
)
def test_an_error_that_concerns_every_submission_stops_submitting(error):
    world = World({iccid(1): [Fate(error, accepted=False)]})
    found = world.run(fleet(30))
    assert outcomes(found) == ["activated"] + ["failed"] * 29
    assert len(world.bodies) == 2
    assert found[2].reason == f"not submitted, because an earlier submission failed: {error}"


@pytest.mark.parametrize("error", [RefusedError("bad carrier"), ServiceError("login is out of order")])
def test_an_error_of_one_submission_does_not_stop_the_others(error):
    world = World({iccid(1): [Fate(error, accepted=False)]})
    assert outcomes(world.run(fleet(3))) == ["activated", "failed", "activated"]


@pytest.mark.parametrize(("form", "advised"), [("single", True), ("batch", False)])
def test_for_an_account_that_expects_lines_the_error_says_what_to_set(form, advised):
    error = RefusedError("the service refused the request. The service says: Activation Lines List is EMPTY")
    (found,) = World({iccid(0): [Fate(error, accepted=False)]}).run(fleet(1), request_format=form)
    assert found.outcome == "failed"
    assert ("set request_format to batch" in found.reason) is advised


def test_without_permission_to_watch_devices_stay_pending_with_the_error():
    world = World()
    world.unwatchable["T1"] = ScopeError("no scope")
    found = world.run(fleet(1))
    assert outcomes(found) == ["pending"]
    assert found[0].reason == "cannot be watched: no scope"


def test_a_failed_poll_is_repeated_and_reported_if_none_succeeds():
    world = World()
    world.unwatchable["T1"] = ServiceError("out of order")
    (found,) = world.run(fleet(1), wait_timeout=50)
    assert (found.outcome, found.reason) == ("pending", "out of order")
    assert world.asked["T1"] > 5


def test_a_line_without_a_transaction_id_cannot_be_waited_for():
    world = World()
    world.add(line(0, "Processing", None), Fate(seconds=9999))
    (found,) = world.run(fleet(1))
    assert found.outcome == "pending"
    assert "the history shows no transaction to wait for" in found.reason


def test_conflicts_are_left_alone():
    world = World()
    world.add(line(0, "Processing", "old", imei=imei(7)), Fate(seconds=0))
    assert outcomes(world.run(fleet(2))) == ["conflict", "activated"]
    assert outcomes(world.run(fleet(1), on_conflict="skip")) == ["skipped"]
    assert outcomes(world.run(fleet(1), on_conflict="activate")) == ["activated"]
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


ALREADY = Fate(RefusedError("The service says: line is already active", None, "POST", "/x", 409), accepted=False)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (line(0, "Completed", "old"), "already_active"),
        (line(0, "Completed", "old", imei=None), "already_active"),
        (line(0, "Completed", "old", imei=imei(7)), "failed"),
        (line(0, "Failed", "old"), "failed"),
        (None, "failed"),
    ],
)
def test_a_refusal_as_already_active_is_believed_only_if_the_history_confirms_it(seen, expected):
    world = World({iccid(0): [ALREADY]})
    if seen:
        # The line becomes visible only after the plan was made.
        world.add(seen, Fate(late=0.1, seconds=0, ends=seen.status))
        submit = world.submit
        world.submit = lambda *call: (world.clock.sleep(1), submit(*call))[1]
    (found,) = world.run(fleet(1))
    assert found.outcome == expected
    assert found.transaction_id == ("old" if expected == "already_active" else None)
    assert len(world.bodies) == 1


def test_a_refusal_as_already_under_way_is_waited_for():
    world = World({iccid(0): [ALREADY]})
    world.add(line(0, "Processing", "other"), Fate(late=0.1, seconds=60))
    submit = world.submit
    world.submit = lambda *call: (world.clock.sleep(1), submit(*call))[1]
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.transaction_id) == ("activated", "other")


def test_a_line_that_fails_as_already_active_is_confirmed():
    world = World({iccid(0): [Fate(ends="Failed", reason="Line already active")]})
    world.add(line(0, "Processing", "other"), Fate(late=3, seconds=4))
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.transaction_id) == ("already_active", "other")


def test_a_line_that_fails_as_under_way_elsewhere_is_waited_for_there():
    world = World({iccid(0): [Fate(ends="Failed", reason="activation already in progress")]})
    world.add(line(0, "Processing", "other"), Fate(late=3, seconds=300))
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.transaction_id) == ("activated", "other")


def test_with_an_unreadable_history_a_refusal_stays_a_failure():
    world = World({iccid(0): [ALREADY]})
    submit = world.submit

    def submit_and_fail(*call):
        world.fail_lookups(5)
        return submit(*call)

    world.submit = submit_and_fail
    assert outcomes(world.run(fleet(1))) == ["failed"]


def test_check_mode_foresees_an_outcome_for_every_action():
    seen = history(line(0), line(1, "Processing"), line(2, "Failed", reason="bad ZIP"), line(3, imei=imei(9)))

    def words(**policy):
        return [item.foreseen for item in plan_of(fleet(5), seen, **policy).items]

    assert words() == ["already_active", "pending", "would_activate", "conflict", "would_activate"]
    assert words(retry_failed=False)[2] == "failed"
    assert words(on_conflict="skip")[3] == "skipped"
    assert words(on_conflict="activate")[3] == "would_activate"


def test_a_device_that_failed_before_is_submitted_and_judged_by_the_new_line():
    world = World()
    world.add(line(0, "Failed", "old"), Fate(seconds=0, ends="Failed"))
    (found,) = world.run([device(0)])
    assert (found.outcome, found.transaction_id) == ("activated", "T1")
