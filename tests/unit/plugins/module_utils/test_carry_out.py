# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run must never do, whatever happens on the way: lose a device, submit one twice, or tell less than before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AmbiguousError, RefusedError, StoppedError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid, imei, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    FAILS,
    REFUSED,
    TAKEN,
    Fate,
    World,
    lost,
    snapshots,
)

ALREADY = Fate(RefusedError("the device is already active", None, "POST", "/x", 409), taken=False)


def outcomes(found):
    """The words alone."""
    return [entry.outcome for entry in found]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), RecursionError("too deep"), KeyError("x"), OSError(5, "io")])
@pytest.mark.parametrize("taken", [True, False])
def test_whatever_goes_wrong_once_a_submission_may_have_left_its_devices_are_looked_for(error, taken):
    world = World({iccid(1): [Fate(error, taken=taken), TAKEN]})
    found = world.run(fleet(3))
    assert outcomes(found) == ["activated", "activated" if taken else "unknown", "activated"]
    assert set(world.submissions().values()) == {1}
    if not taken:
        assert f"unforeseen: {type(error).__name__}" in found[1].reason
    # What is unknown is submitted by the next run, and by that only.
    assert set(outcomes(world.run(fleet(3)))) <= {"already_active", "activated"}
    assert set(world.taken().values()) == {1}


@pytest.mark.parametrize("again", [False, True])
def test_a_bug_before_anything_has_left_is_no_doubt_about_a_submission(again):
    """Once, and after a 429 or an expired token."""
    world = World()
    asked = []

    def is_owned():
        asked.append(True)
        if len(asked) == 1 + again:
            raise RuntimeError("a bug")
        return True

    world.turned_away = again
    found = world.run(fleet(2), is_owned=is_owned)
    assert outcomes(found) == ["failed", "activated"]
    assert found[0].reason == "not submitted: unforeseen: RuntimeError: a bug"
    assert set(world.submissions()) == {iccid(1)}


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_run_whose_parent_is_gone_submits_nothing_more(concurrency):
    world = World(concurrency=concurrency)
    with pytest.raises(StoppedError, match="The process that started this run is gone"):
        world.run(fleet(20), is_owned=lambda: len(world.bodies) < 3)
    assert 3 <= len(world.bodies) < 3 + concurrency
    assert set(outcomes(world.run(fleet(20)))) <= {"activated", "already_active"}
    assert set(world.submissions().values()) == {1}


@pytest.mark.parametrize("fate", [Fate(seconds=10_000), lost(late=10_000)])
def test_a_run_whose_parent_is_gone_waits_for_nothing(fate):
    """Who comes next, and wants the same devices, waits for it."""
    world = World({iccid(0): [fate]})
    with pytest.raises(StoppedError, match="The process that started this run is gone"):
        world.run(fleet(2), is_owned=lambda: world.clock.now < 1012, settle_timeout=3000)
    assert world.clock.now < 1012 + 6
    assert len(world.bodies) == 2


def test_no_look_is_throttled_for_longer_than_the_user_waits():
    world = World({iccid(0): [Fate(ends="Failed", reason="already in progress", seconds=20)]})
    bounds = []
    world.on_lookup = lambda: bounds.append(world.bound)
    world.run(fleet(1), wait_timeout=100)
    assert bounds == [1100]


def test_a_conflict_tells_nothing_of_the_device_that_it_is_with():
    world = World()
    world.add(line(0, "Processing", "old", imei=imei(9), mdn="6175550100", ip="10.0.0.9"), Fate(seconds=0))
    (found,) = world.run(fleet(1))
    assert found.outcome == "conflict"
    assert (found.line, found.transaction_id) == (None, None)
    assert f"imei {imei(9)}" in found.reason


FATES = st.sampled_from(
    [
        TAKEN,
        FAILS,
        REFUSED,
        ALREADY,
        Fate(seconds=70),
        Fate(seconds=40, late=10),
        lost(late=3),
        lost(taken=False),
        Fate(ends="Failed", reason="already in progress", seconds=20),
        Fate(AmbiguousError("gone", None, "POST", "/x"), seconds=90, late=5),
    ]
)


@given(st.lists(FATES, min_size=1, max_size=30), st.sampled_from(["single", "batch"]), st.booleans())
def test_progress_never_runs_backwards_and_ends_with_what_the_result_says(fates, form, active):
    world = World({iccid(number): [fate] for number, fate in enumerate(fates)})
    if active:
        world.add(line(0, "Processing", "running"), Fate(seconds=30))
    told, found = snapshots(world, fleet(len(fates)), request_format=form, wait_timeout=500)
    assert [snapshot.done for snapshot in told] == sorted(snapshot.done for snapshot in told)
    assert [-snapshot.to_submit for snapshot in told] == sorted(-snapshot.to_submit for snapshot in told)
    assert {snapshot.total for snapshot in told} == {len(fates)}
    assert sum(told[-1].counts.values()) == len(found)
    assert all(told[-1].counts[entry.outcome] for entry in found)
