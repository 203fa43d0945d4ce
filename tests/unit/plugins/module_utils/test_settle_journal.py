# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: exactly once across killed runs with a late history."""

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
    ACCEPTED,
    REFUSED,
    Fate,
    KilledError,
    World,
    lost,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return str(tmp_path / "journal")


def killed(world, devices, at, when, **options):
    """A run that dies."""
    world.kill_at = (at, when)
    with pytest.raises(KilledError):
        world.run(devices, **options)
    world.kill_at = None


def words(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


@pytest.mark.parametrize("late", [0, 10, 29])
@pytest.mark.parametrize("history", ["full", "recent"])
def test_submissions_of_a_killed_run_are_waited_for_and_not_sent_again(path, late, history):
    world = World({iccid(0): [Fate(late=late)]})
    killed(world, fleet(2), 0, "after", journal=path)
    assert words(world.run(fleet(2), journal=path, history=history)) in (
        ["activated", "activated"],
        ["already_active", "activated"],
    )
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


def test_without_the_journal_a_late_history_causes_a_second_submission():
    world = World({iccid(0): [Fate(late=10)]})
    killed(world, fleet(1), 0, "after")
    world.run(fleet(1))
    assert world.submissions() == {iccid(0): 2}


@pytest.mark.parametrize("history", ["full", "recent", "none"])
def test_intents_that_were_never_sent_are_submitted_after_the_settle_time(path, history):
    world = World()
    killed(world, fleet(1), 0, "before", journal=path)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, history=history, settle_timeout=30)) == ["activated"]
    assert world.clock.now - started >= 30
    assert world.submissions() == {iccid(0): 1}


def test_a_run_after_the_settle_time_need_not_wait(path):
    world = World()
    killed(world, fleet(1), 0, "before", journal=path)
    world.clock.sleep(31)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started


def test_accepted_submissions_are_waited_for_until_the_history_shows_them(path):
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


def test_an_earlier_failure_is_not_mistaken_for_the_new_outcome(path):
    world = World({iccid(0): [Fate(ends="Failed", seconds=0), Fate(late=20), ACCEPTED]})
    assert words(world.run(fleet(1))) == ["failed"]
    killed(world, fleet(1), 1, "after", journal=path)
    assert words(world.run(fleet(1), journal=path)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 2}


def test_failed_submissions_of_a_killed_run_are_submitted_again(path):
    world = World({iccid(0): [Fate(ends="Failed", seconds=0), ACCEPTED]})
    killed(world, fleet(1), 0, "after", journal=path)
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started
    assert world.submissions() == {iccid(0): 2}


def test_the_settle_time_of_a_delayed_submission_counts_from_when_it_was_sent(path):
    world = World({iccid(0): [Fate(late=20)]})
    world.turned_away = 3
    killed(world, fleet(1), 0, "after", journal=path)
    assert words(world.run(fleet(1), journal=path)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


@pytest.mark.parametrize("history", ["full", "recent", "none"])
def test_failed_devices_are_submitted_again_with_any_history(path, history):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), ACCEPTED]})
    assert words(world.run(fleet(1), journal=path, history=history)) == ["failed"]
    assert words(world.run(fleet(1), journal=path, history=history)) == ["activated"]
    assert world.submissions() == {iccid(0): 2}


def test_without_retry_failed_failed_devices_are_not_submitted_again(path):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), ACCEPTED]})
    for _run in range(3):
        assert words(world.run(fleet(1), journal=path, history="none", retry_failed=False)) == ["failed"]
    assert world.submissions() == {iccid(0): 1}


def test_a_journal_entry_of_a_sim_in_another_device_is_a_conflict(path):
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


def test_with_an_unreadable_history_nothing_is_submitted(path):
    world = World()
    killed(world, fleet(2), 0, "before", journal=path)
    world.fail_lookups(1000)
    with pytest.raises(SentinelError, match="no export now"):
        world.run(fleet(2), journal=path)
    assert world.submissions() == {}


def test_a_refused_submission_leaves_nothing_to_settle(path):
    world = World({iccid(0): [REFUSED, ACCEPTED]})
    assert words(world.run(fleet(1), journal=path)) == ["failed"]
    started = world.clock.now
    assert words(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert world.clock.now == started


# -- A history that is unreadable while a submission of this run is looked up ------------------------------------------


def test_submissions_that_could_not_be_looked_up_are_not_sent_again():
    world = World({iccid(0): [lost(), ACCEPTED]})
    world.fail_lookups(1000)
    (found,) = world.run(fleet(1), on_unknown="resubmit")
    assert found.outcome == "unknown"
    assert "cannot be read to find out: GET /x: no export now." in found.reason
    assert world.submissions() == {iccid(0): 1}


def test_an_early_look_alone_does_not_prove_that_it_was_not_accepted():
    world = World({iccid(0): [lost(late=20), ACCEPTED]})

    def failing_later():
        if world.clock.now > 1000 and world.asked["export"] > 1:
            raise UnreachableError("no export now", None, "GET", "/x")

    world.on_lookup = failing_later
    (found,) = world.run(fleet(1), on_unknown="resubmit", settle_timeout=30)
    assert found.outcome == "unknown"
    assert world.submissions() == {iccid(0): 1}


# -- Any fates and kills -----------------------------------------------------------------------------------------------

SETTLE = 30
FATES = {
    "accepted": ACCEPTED,
    "seen late": Fate(late=25),
    "slow": Fate(seconds=150),
    "slow and seen late": Fate(seconds=150, late=25),
    "lost": lost(),
    "lost, seen late": lost(late=25),
    "lost, never accepted": lost(accepted=False),
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
    world = World({iccid(number): [FATES[name], ACCEPTED] for number, name in enumerate(names)})
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
