# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly once across runs that are killed, where the history is late: what the journal is for."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import SentinelError, UnreachableError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    fleet,
    iccid,
    imei,
    line,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    REFUSED,
    TAKEN,
    Fate,
    KilledError,
    World,
    lost,
)


@pytest.fixture
def path(tmp_path):
    """Where the journal is."""
    return str(tmp_path / "journal")


def killed(world, devices, at, when, **options):
    """A run that dies."""
    world.kill_at = (at, when)
    with pytest.raises(KilledError):
        world.run(devices, **options)
    world.kill_at = None


def words(found):
    """The outcomes alone."""
    return [outcome.outcome for outcome in found]


@pytest.mark.parametrize("late", [0, 10, 29])
@pytest.mark.parametrize("history", ["full", "recent"])
def test_what_a_killed_run_had_sent_is_waited_for_and_not_sent_again(path, late, history):
    world = World({iccid(0): [Fate(late=late)]})
    killed(world, fleet(2), 0, "after", journal=path)
    assert words(world.run(fleet(2), journal=path, history=history)) in (
        ["activated", "activated"],
        ["already_active", "activated"],
    )
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


def test_without_the_journal_a_late_history_lets_it_be_sent_again():
    world = World({iccid(0): [Fate(late=10)]})
    killed(world, fleet(1), 0, "after")
    world.run(fleet(1))
    assert world.submissions() == {iccid(0): 2}


@pytest.mark.parametrize("history", ["full", "recent", "none"])
def test_what_a_killed_run_was_about_to_send_is_sent_once_the_settle_time_has_passed(path, history):
    world = World()
    killed(world, fleet(1), 0, "before", journal=path)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, history=history, settle_timeout=30)) == ["activated"]
    assert world.clock.now - started >= 30
    assert world.submissions() == {iccid(0): 1}


def test_a_run_that_comes_after_the_settle_time_need_not_wait(path):
    world = World()
    killed(world, fleet(1), 0, "before", journal=path)
    world.clock.sleep(31)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started


def test_what_was_taken_is_waited_for_until_the_history_shows_it(path):
    world = World({iccid(0): [Fate(late=1000, seconds=5)]})
    world.run(fleet(1), journal=path, wait=False)
    (found,) = world.run(fleet(1), journal=path, wait=False)
    assert (found.outcome, found.transaction_id) == ("pending", "T1")
    world.clock.sleep(2000)
    assert words(world.run(fleet(1), journal=path)) == ["already_active"]
    assert world.submissions() == {iccid(0): 1}


def test_with_a_journal_even_a_run_without_history_submits_nothing_twice(path):
    world = World()
    assert words(world.run(fleet(2), journal=path, history="none")) == ["activated", "activated"]
    assert words(world.run(fleet(2), journal=path, history="none")) == ["activated", "activated"]
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}
    assert not world.done.changed


def test_what_failed_before_the_run_is_not_taken_for_what_became_of_it(path):
    world = World({iccid(0): [Fate(ends="Failed", seconds=0), Fate(late=20), TAKEN]})
    assert words(world.run(fleet(1))) == ["failed"]
    killed(world, fleet(1), 1, "after", journal=path)
    assert words(world.run(fleet(1), journal=path)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 2}


def test_what_the_killed_run_submitted_and_failed_is_submitted_again(path):
    world = World({iccid(0): [Fate(ends="Failed", seconds=0), TAKEN]})
    killed(world, fleet(1), 0, "after", journal=path)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started
    assert world.submissions() == {iccid(0): 2}


def test_a_submission_that_had_to_wait_is_looked_for_from_when_it_left(path):
    world = World({iccid(0): [Fate(late=20)]})
    world.turned_away = 3
    killed(world, fleet(1), 0, "after", journal=path)
    assert words(world.run(fleet(1), journal=path)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


@pytest.mark.parametrize("history", ["full", "recent", "none"])
def test_what_failed_is_submitted_again_whatever_the_history_shows(path, history):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), TAKEN]})
    assert words(world.run(fleet(1), journal=path, history=history)) == ["failed"]
    assert words(world.run(fleet(1), journal=path, history=history)) == ["activated"]
    assert world.submissions() == {iccid(0): 2}


def test_what_failed_and_is_not_to_be_submitted_again_is_not(path):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), TAKEN]})
    for _run in range(3):
        assert words(world.run(fleet(1), journal=path, history="none", retry_failed=False)) == ["failed"]
    assert world.submissions() == {iccid(0): 1}


def test_what_is_remembered_of_a_sim_in_another_device_is_a_conflict(path):
    world = World({iccid(0): [Fate(late=1000)]})
    world.run(fleet(1), journal=path, wait=False)
    moved = [device(0, imei=imei(7))]
    (found,) = world.run(moved, journal=path, wait=False)
    assert found.outcome == "conflict"
    assert imei(0) in found.reason
    assert world.submissions() == {iccid(0): 1}


def test_lines_of_others_in_a_transaction_are_not_waited_for():
    world = World()
    world.run(fleet(1), request_format="batch", wait=False)
    world.add(line(5, "Processing", "T1"), Fate(seconds=100_000))
    started = world.clock.now
    assert words(world.run(fleet(1), wait_timeout=1000)) == ["activated"]
    assert world.clock.now - started < 60


def test_where_the_history_cannot_be_read_nothing_is_submitted(path):
    world = World()
    killed(world, fleet(2), 0, "before", journal=path)
    world.fail_lookups(1000)
    with pytest.raises(SentinelError, match="no export now"):
        world.run(fleet(2), journal=path)
    assert world.submissions() == {}


def test_a_refused_submission_leaves_nothing_to_settle(path):
    world = World({iccid(0): [REFUSED, TAKEN]})
    assert words(world.run(fleet(1), journal=path)) == ["failed"]
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started


# -- A history that cannot be read while a submission of this run is looked for ---------------------------------------


def test_what_could_not_be_looked_for_is_not_submitted_again():
    world = World({iccid(0): [lost(), TAKEN]})
    world.fail_lookups(1000)
    (found,) = world.run(fleet(1), on_unknown="resubmit")
    assert found.outcome == "unknown"
    assert "cannot be read: GET /x: no export now." in found.reason
    assert world.submissions() == {iccid(0): 1}


def test_an_early_look_alone_does_not_tell_that_it_was_not_taken():
    world = World({iccid(0): [lost(late=20), TAKEN]})

    def failing_later():
        if world.clock.now > 1000 and world.asked["export"] > 1:
            raise UnreachableError("no export now", None, "GET", "/x")

    world.on_lookup = failing_later
    (found,) = world.run(fleet(1), on_unknown="resubmit", settle_timeout=30)
    assert found.outcome == "unknown"
    assert world.submissions() == {iccid(0): 1}


# -- Any fates, any deaths ---------------------------------------------------------------------------------------------

SETTLE = 30
FATES = {
    "taken": TAKEN,
    "seen late": Fate(late=25),
    "slow": Fate(seconds=150),
    "slow and seen late": Fate(seconds=150, late=25),
    "lost": lost(),
    "lost, seen late": lost(late=25),
    "lost, never taken": lost(taken=False),
    "refused": REFUSED,
    "fails": Fate(ends="Failed", seconds=2, reason="bad ZIP"),
    "fails, seen late": Fate(ends="Failed", seconds=2, late=25, reason="bad ZIP"),
}
PAUSES = st.sampled_from([0, 1, 20, 40])
DEATHS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["before", "after"]), PAUSES), min_size=1, max_size=3)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=6),
    DEATHS,
    st.sampled_from(["single", "batch"]),
    st.sampled_from(["full", "recent"]),
)
def test_no_device_is_active_twice_and_none_is_forgotten(tmp_path_factory, names, deaths, request_format, history):
    path = str(tmp_path_factory.mktemp("journal") / "j")
    options = {"journal": path, "settle_timeout": SETTLE, "wait_timeout": 400, "history": history}
    options.update(request_format=request_format, batch_size=2)
    world = World({iccid(number): [FATES[name], TAKEN] for number, name in enumerate(names)})
    devices = fleet(len(names))
    for at, when, pause in deaths:
        world.kill_at = (len(world.bodies) + at, when)
        with contextlib.suppress(KilledError):
            world.run(devices, **options)
        world.clock.sleep(pause)
    world.kill_at = None
    for _run in range(3):
        last = world.run(devices, **options)
        world.clock.sleep(200)
    assert set(words(last)) <= {"activated", "already_active"}
    completed = [line.iccid for line in world.visible() if line.status == "Completed"]
    assert sorted(completed) == sorted(device.iccid for device in devices)
