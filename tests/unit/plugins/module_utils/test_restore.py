# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restoring suspended devices, confirmed by the device list. Activations with a list that may be late."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    PreflightError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    entry,
    fleet,
    iccid,
    line,
    mdn,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import FAILS, Fate, World, snapshots

REFUSAL = RefusedError("the line cannot be restored", None, "PUT", "/x", 400)


def suspended(count, **fields):
    """Return an account in which a number of devices were activated and suspended."""
    world = World()
    for number in range(count):
        world.add(line(number, transaction_id=f"A{number}"), Fate(seconds=0))
    world.list_devices(*(entry(number, "SUSPENDED", **fields) for number in range(count)))
    return world


def restore(world, count, **given):
    """Run with these devices."""
    return world.run(fleet(count), on_suspended="restore", **given)


def outcomes(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


def test_250_devices_take_three_requests_and_the_next_run_none():
    world = suspended(250)
    found = restore(world, 250)
    assert set(outcomes(found)) == {"restored"}
    assert [len(mdns) for _corp, mdns, _status, _reason in world.puts] == [100, 100, 50]
    assert {status for _corp, _mdns, status, _reason in world.puts} == {"active"}
    assert world.done.changed
    again = restore(world, 250)
    assert set(outcomes(again)) == {"already_active"}
    assert len(world.puts) == 3
    assert not world.done.changed
    assert world.bodies == []


def test_a_restored_device_shows_its_status_and_reason():
    (found,) = restore(suspended(1), 1)
    assert found.entry.status == "active"
    assert found.reason == "was suspended in the account (MDN 521-267-0000), activated in transaction A0"


def test_check_mode_reports_the_same_and_sets_nothing():
    world = suspended(2)
    assert outcomes(restore(world, 2, check=True)) == ["would_restore", "would_restore"]
    assert world.puts == []
    assert world.done.changed
    assert outcomes(restore(world, 2)) == ["restored", "restored"]


@pytest.mark.parametrize("policy", [{}, {"on_suspended": "skip"}])
def test_without_on_suspended_restore_nothing_is_set(policy):
    world = suspended(2)
    found = world.run(fleet(2), **policy)
    assert outcomes(found) == ["skipped" if policy else "suspended"] * 2
    assert (world.puts, world.bodies, world.asked["statuses"]) == ([], [], 0)


def test_the_word_for_active_comes_from_the_account():
    world = suspended(1)
    world.statuses = ["Disconnected", "SUSPENDED", "Activated"]
    assert outcomes(restore(world, 1)) == ["restored"]
    assert world.puts[0][2] == "Activated"


@pytest.mark.parametrize("check", [False, True])
def test_an_account_without_such_a_word_is_an_error_before_anything_is_written(check):
    world = suspended(1)
    world.statuses = ["Green", "Red"]
    with pytest.raises(
        PreflightError, match=r"no device status active; nothing was written\. Valid statuses: Green, Red"
    ):
        world.run(fleet(3), on_suspended="restore", check=check)
    assert (world.puts, world.bodies) == ([], [])


def test_each_device_group_has_its_own_requests():
    world = suspended(4)
    for number, group in enumerate(["north", "south", None, "north"]):
        world.list_devices(entry(number, "SUSPENDED", device_group=group))
    restore(world, 4)
    assert {corp: mdns for corp, mdns, _status, _reason in world.puts} == {
        "north": [mdn(0), mdn(3)],
        "south": [mdn(1)],
        "NORTHSTAR-ISD": [mdn(2)],
    }


def test_a_description_is_not_mistaken_for_a_device_group():
    world = suspended(1, device_group="Bus depot", device_group_name="Bus depot")
    restore(world, 1)
    assert world.puts[0][0] == "NORTHSTAR-ISD"


@given(count=st.integers(1, 120), refused=st.sets(st.integers(0, 119), max_size=6), concurrency=st.sampled_from([1, 8]))
def test_a_refused_device_does_not_prevent_restoring_the_others(count, refused, concurrency):
    refused = {number for number in refused if number < count}
    world = suspended(count)
    world.concurrency = concurrency
    world.refuses_status = {mdn(number): REFUSAL for number in refused}
    found = restore(world, count)
    assert [number for number, outcome in enumerate(found) if outcome.outcome == "failed"] == sorted(refused)
    for number in refused:
        assert "not restored: PUT /x: the line cannot be restored" in found[number].reason
    assert outcomes(found).count("restored") == count - len(refused)


def test_a_refusal_of_every_device_is_not_tried_hundreds_of_times():
    world = suspended(1000)
    world.refuses_status = {mdn(number): REFUSAL for number in range(1000)}
    assert set(outcomes(restore(world, 1000))) == {"failed"}
    assert len(world.puts) < 100


@pytest.mark.parametrize(
    "error",
    [
        ScopeError("no scope", None, "PUT", "/x", 403),
        AuthenticationError("no token", None, "PUT", "/x", 401),
        UnreachableError("no connection", None, "PUT", "/x"),
    ],
)
def test_a_fatal_error_ends_restoring_but_not_activating(error):
    world = suspended(300)
    world.refuses_status = {mdn(number): error for number in range(300)}
    found = restore(world, 301)
    assert outcomes(found) == [*["failed"] * 300, "activated"]
    assert len(world.puts) == 1


def test_an_error_is_ignored_if_the_list_shows_the_device_as_active():
    world = suspended(2)
    world.refuses_status = {mdn(0): ServiceError("502", None, "PUT", "/x", 502)}
    take = world.set_device_status

    def taken_all_the_same(corp_id, mdns, status, *rest):
        world._set += [(world.clock.now, number, status) for number in mdns]
        take(corp_id, mdns, status, *rest)

    world.set_device_status = taken_all_the_same
    assert outcomes(restore(world, 2)) == ["restored", "restored"]


def test_a_bug_does_not_end_the_run():
    world = suspended(1)
    world.refuses_status = {mdn(0): KeyError("x")}
    found = restore(world, 2)
    assert outcomes(found) == ["failed", "activated"]
    assert "unexpected error: KeyError" in found[0].reason


@pytest.mark.parametrize(("delay", "outcome"), [(0, "restored"), (20, "restored"), (29.9, "restored"), (40, "failed")])
def test_the_list_is_read_until_the_settle_time_has_passed(delay, outcome):
    world = suspended(3)
    world.list_delay = delay
    found = restore(world, 3)
    assert outcomes(found) == [outcome] * 3
    assert sum(world.clock.slept) == pytest.approx(min(delay, 30), abs=5)
    if outcome == "failed":
        assert "the service accepted the request, but the device list does not show it after 30 s" in found[0].reason
        assert world.done.changed
        world.clock.sleep(20)
        assert outcomes(restore(world, 3)) == ["already_active"] * 3


def test_a_refused_device_is_not_waited_for():
    world = suspended(1)
    world.refuses_status = {mdn(0): REFUSAL}
    restore(world, 1)
    assert world.clock.slept == []


def test_a_list_that_becomes_unreadable_confirms_nothing():
    world = suspended(1)
    export, looks = world.listing_export, []

    def fail_later(*how):
        looks.append(how)
        if len(looks) > 1:
            raise UnreachableError("no list now", None, "GET", "/x")
        return export(*how)

    world.listing_export = fail_later
    (found,) = restore(world, 1)
    assert found.outcome == "failed"
    assert "no list now" in found.reason


def test_an_orphaned_run_sets_nothing():
    world = suspended(3)
    found = restore(world, 3, is_owned=lambda: False)
    assert outcomes(found) == ["failed"] * 3
    assert world.puts == []


def test_a_failed_restore_is_neither_a_failed_transaction_nor_active():
    world = suspended(1)
    world.refuses_status = {mdn(0): RefusedError("already pending", None, "PUT", "/x", 409)}
    (found,) = restore(world, 1)
    assert (found.outcome, found.transaction_id) == ("failed", None)


def test_progress_counts_devices_to_restore_as_not_done():
    world = suspended(2)
    world.list_delay = 3
    states, _found = snapshots(world, fleet(3), on_suspended="restore")
    assert states[0].counts == {"would_activate": 1, "would_restore": 2}
    assert states[0].note == "restoring 2 devices"
    assert (states[0].done, states[-1].done) == (0, 3)
    assert [snapshot.done for snapshot in states] == sorted(snapshot.done for snapshot in states)


# -- Activations with a list -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("history", ["full", "recent", "none"])
def test_devices_listed_as_active_are_not_submitted_with_any_history(history):
    world = World()
    world.list_devices(entry(0), entry(1))
    assert outcomes(world.run(fleet(3), history=history)) == ["already_active", "already_active", "activated"]
    assert set(world.submissions()) == {iccid(2)}


@pytest.mark.parametrize("history", ["full", "recent"])
@pytest.mark.parametrize(("status", "outcome"), [("SUSPENDED", "suspended"), ("Deactivated", "deactivated")])
def test_devices_suspended_or_deactivated_since_are_not_reported_as_active(status, outcome, history):
    world = World()
    world.run(fleet(1))
    world.list_devices(entry(0, status))
    assert outcomes(world.run(fleet(1), history=history)) == [outcome]
    assert world.accepted() == {iccid(0): 1}


def test_a_deactivated_device_is_activated_again_only_if_the_list_keeps_showing_it():
    world = World()
    world.run(fleet(1))
    world.list_devices(entry(0, "Deactivated"))
    assert outcomes(world.run(fleet(1), on_deactivated="activate", settle_timeout=10)) == ["activated"]
    assert world.accepted() == {iccid(0): 2}
    assert sum(world.clock.slept) >= 10


@pytest.mark.parametrize("lag", [0, 4, 9])
def test_a_late_list_causes_no_second_activation(lag):
    """The first run activates a device that was deactivated in the portal; the second runs before the list shows it."""
    world = World()
    world.list_devices(entry(0, "Deactivated"))
    assert outcomes(world.run(fleet(1), on_deactivated="activate", settle_timeout=10)) == ["activated"]
    world.list_delay = lag
    world._set.append((world.clock.now, mdn(0), "active"))
    assert outcomes(world.run(fleet(1), on_deactivated="activate", settle_timeout=10)) == ["already_active"]
    assert world.accepted() == {iccid(0): 1}


def test_a_list_without_the_new_subscription_causes_no_second_activation():
    world = World()
    world.run(fleet(1))
    world.list_devices(entry(0, "Deactivated"))
    again = {"on_deactivated": "activate", "settle_timeout": 10}
    assert outcomes(world.run(fleet(1), **again)) == ["activated"]
    assert outcomes(world.run(fleet(1), **again)) == ["deactivated"]
    assert world.accepted() == {iccid(0): 2}


def test_a_refusal_as_already_active_is_confirmed_by_the_list_if_the_history_is_silent():
    world = World({iccid(0): [Fate(RefusedError("already active", None, "POST", "/x", 409), accepted=False)]})
    world.list_devices(entry(9))
    export = world.listing_export

    def show_later(*how):
        found = export(*how)
        world.list_devices(entry(0))
        return found

    world.listing_export = show_later
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.entry.mdn) == ("already_active", mdn(0))
    assert found.reason == "the service reports it as already active: active in the account (MDN 521-267-0000)"


@pytest.mark.parametrize(("status", "outcome"), [("Deactivated", "failed"), ("active", "already_active")])
def test_a_refusal_as_already_active_is_not_confirmed_by_a_past_activation(status, outcome):
    world = World()
    world.run(fleet(1))
    world.list_devices(entry(0, "Deactivated"))
    world.script(iccid(0), Fate(RefusedError("already active", None, "POST", "/x", 409), accepted=False))
    read = world.listing_export

    def show_later(*how):
        if world.bodies[1:]:
            world.list_devices(entry(0, status))
        return read(*how)

    world.listing_export = show_later
    assert outcomes(world.run(fleet(1), on_deactivated="activate")) == [outcome]


def test_an_unconfirmed_refusal_as_already_active_is_a_failure():
    world = World({iccid(0): [Fate(RefusedError("already active", None, "POST", "/x", 409), accepted=False)]})
    world.list_devices(entry(0, "whatever"))
    assert outcomes(world.run(fleet(1))) == ["failed"]


def test_a_forbidden_list_is_a_warning_or_an_error():
    world = World({iccid(1): [FAILS]})
    world.list_devices()
    world.listing_export = world.listing_pages = refuse
    assert outcomes(world.run(fleet(2))) == ["activated", "failed"]
    with pytest.raises(ScopeError):
        world.run(fleet(2), listing="required")
    assert len(world.bodies) == 2


def refuse(*_how, **_more):
    """Refuse the list for this token."""
    raise ScopeError("no scope", None, "GET", "/v1.0/devices/{corpId}", 403)


def test_a_temporarily_unreadable_list_is_an_error_and_nothing_is_written():
    world = World()
    world.list_devices()

    def fail(*_how):
        raise UnreachableError("no connection", None, "GET", "/x")

    world.listing_export = fail
    with pytest.raises(UnreachableError):
        world.run(fleet(2))
    assert world.bodies == []


def test_an_unknown_status_is_named_once():
    world = World()
    world.list_devices(entry(0, "Preboarded"), entry(1, "PREBOARDED"), entry(2, "Odd"))
    warnings = []
    world.run(fleet(3), warn=warnings.extend)
    (text,) = (text for text in warnings if "unknown device status" in text)
    assert text.startswith(
        "device list: unknown device status: 'Preboarded', 'Odd'. For devices with such a status the"
    )
    assert set(world.submissions().values()) == {1}
