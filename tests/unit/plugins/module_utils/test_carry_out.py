# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run must never do: lose a device, submit one twice, or report less progress than before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AmbiguousError, RefusedError, StoppedError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid, imei, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    ACCEPTED,
    FAILS,
    REFUSED,
    Fate,
    World,
    lost,
    snapshots,
)

ALREADY = Fate(RefusedError("the device is already active", None, "POST", "/x", 409), accepted=False)


def outcomes(found):
    """Return the outcomes."""
    return [entry.outcome for entry in found]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), RecursionError("too deep"), KeyError("x"), OSError(5, "io")])
@pytest.mark.parametrize("accepted", [True, False])
def test_after_any_error_of_a_sent_submission_its_devices_are_looked_up(error, accepted):
    world = World({iccid(1): [Fate(error, accepted=accepted), ACCEPTED]})
    found = world.run(fleet(3))
    assert outcomes(found) == ["activated", "activated" if accepted else "unknown", "activated"]
    assert set(world.submissions().values()) == {1}
    if not accepted:
        assert f"unexpected error: {type(error).__name__}" in found[1].reason
    # Unknown devices are submitted only by the next run.
    assert set(outcomes(world.run(fleet(3)))) <= {"already_active", "activated"}
    assert set(world.accepted().values()) == {1}


@pytest.mark.parametrize("again", [False, True])
def test_a_bug_before_anything_was_sent_is_not_ambiguous(again):
    """At the first attempt, and after a 429 or an expired token."""
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
    assert found[0].reason == "not submitted: unexpected error: RuntimeError: a bug"
    assert set(world.submissions()) == {iccid(1)}


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_run_whose_parent_has_ended_submits_nothing_more(concurrency):
    world = World(concurrency=concurrency)
    with pytest.raises(StoppedError, match="The process that started this run has ended"):
        world.run(fleet(20), is_owned=lambda: len(world.bodies) < 3)
    assert 3 <= len(world.bodies) < 3 + concurrency
    assert set(outcomes(world.run(fleet(20)))) <= {"activated", "already_active"}
    assert set(world.submissions().values()) == {1}


@pytest.mark.parametrize("fate", [Fate(seconds=10_000), lost(late=10_000)])
def test_a_run_whose_parent_has_ended_does_not_wait(fate):
    """The next run on the same devices waits for it."""
    world = World({iccid(0): [fate]})
    with pytest.raises(StoppedError, match="The process that started this run has ended"):
        world.run(fleet(2), is_owned=lambda: world.clock.now < 1012, settle_timeout=3000)
    assert world.clock.now < 1012 + 6
    assert len(world.bodies) == 2


def test_no_poll_is_throttled_beyond_the_wait_timeout():
    world = World({iccid(0): [Fate(ends="Failed", reason="already in progress", seconds=20)]})
    bounds = []
    world.on_lookup = lambda: bounds.append(world.bound)
    world.run(fleet(1), wait_timeout=100)
    assert bounds == [1100]


def test_a_conflict_has_no_data_of_the_other_device():
    world = World()
    world.add(line(0, "Processing", "old", imei=imei(9), mdn="6175550100", ip="10.0.0.9"), Fate(seconds=0))
    (found,) = world.run(fleet(1))
    assert found.outcome == "conflict"
    assert (found.line, found.transaction_id) == (None, None)
    assert f"imei {imei(9)}" in found.reason


FATES = st.sampled_from(
    [
        ACCEPTED,
        FAILS,
        REFUSED,
        ALREADY,
        Fate(seconds=70),
        Fate(seconds=40, late=10),
        lost(late=3),
        lost(accepted=False),
        Fate(ends="Failed", reason="already in progress", seconds=20),
        Fate(AmbiguousError("gone", None, "POST", "/x"), seconds=90, late=5),
    ]
)


@given(st.lists(FATES, min_size=1, max_size=30), st.sampled_from(["single", "batch"]), st.booleans())
def test_progress_never_decreases_and_ends_with_the_result(fates, form, active):
    world = World({iccid(number): [fate] for number, fate in enumerate(fates)})
    if active:
        world.add(line(0, "Processing", "running"), Fate(seconds=30))
    states, found = snapshots(world, fleet(len(fates)), request_format=form, wait_timeout=500)
    assert [snapshot.done for snapshot in states] == sorted(snapshot.done for snapshot in states)
    assert [-snapshot.to_submit for snapshot in states] == sorted(-snapshot.to_submit for snapshot in states)
    assert {snapshot.total for snapshot in states} == {len(fates)}
    assert sum(states[-1].counts.values()) == len(found)
    assert all(states[-1].counts[entry.outcome] for entry in found)
