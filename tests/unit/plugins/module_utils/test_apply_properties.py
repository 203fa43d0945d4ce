# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly once under any behaviour of the service: random fates for every submission of a fleet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    ACCEPTED,
    FAILS,
    REFUSED,
    Fate,
    World,
    lost,
)

SETTLE, TIMEOUT = 30, 200
#: Each fate with the outcome that it must have.
FATES = {
    "accepted": (ACCEPTED, "activated"),
    "accepted, slow": (Fate(seconds=150), "activated"),
    "accepted, seen late": (Fate(late=20), "activated"),
    "accepted, never ends": (Fate(seconds=100_000), "pending"),
    "fails": (FAILS, "failed"),
    "refused": (REFUSED, "failed"),
    "lost, accepted": (lost(), "activated"),
    "lost, seen late": (lost(late=25), "activated"),
    "lost, fails": (lost(ends="Failed", reason="bad ZIP", late=3), "failed"),
    "lost, seen too late": (lost(late=500), "unknown"),
    "lost, never accepted": (lost(accepted=False), "unknown"),
}
NAMES = st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=8)
OPTIONS = {"settle_timeout": SETTLE, "wait_timeout": TIMEOUT}


@given(NAMES, st.sampled_from([1, 4]))
def test_no_device_is_submitted_twice_and_each_has_the_right_outcome(names, concurrency):
    world = World({iccid(number): [FATES[name][0]] for number, name in enumerate(names)}, concurrency)
    devices = fleet(len(names))
    found = world.run(devices, **OPTIONS)
    assert [outcome.device for outcome in found] == devices
    assert [outcome.outcome for outcome in found] == [FATES[name][1] for name in names]
    assert world.submissions() == {device.iccid: 1 for device in devices}
    assert all(outcome.reason for outcome in found if outcome.outcome != "activated")


@given(NAMES, st.integers(1, 3))
def test_a_batch_is_submitted_once_and_every_line_has_an_outcome(names, size):
    world = World({iccid(number): [FATES[name][0]] for number, name in enumerate(names)})
    devices = fleet(len(names))
    found = world.run(devices, request_format="batch", batch_size=size, **OPTIONS)
    assert [outcome.device for outcome in found] == devices
    assert world.submissions() == {device.iccid: 1 for device in devices}
    for start in range(0, len(names), size):
        first = FATES[names[start]]
        for outcome, name in zip(found[start : start + size], names[start : start + size]):
            fate = FATES[name][0]
            if first[0].error is None and fate.error is None and first[0].accepted and fate.accepted:
                assert outcome.outcome == FATES[name][1]


@given(NAMES, st.sampled_from(["fail", "resubmit"]))
def test_the_next_run_submits_only_what_is_missing_and_no_device_is_active_twice(names, on_unknown):
    # Resubmitting may activate twice only what the history shows too late. The user has chosen that.
    names = [name for name in names if on_unknown == "fail" or name != "lost, seen too late"] or ["accepted"]
    world = World({iccid(number): [FATES[name][0], ACCEPTED] for number, name in enumerate(names)})
    devices = fleet(len(names))
    world.run(devices, on_unknown=on_unknown, **OPTIONS)
    world.clock.sleep(200_000)
    before = world.submissions()
    again = world.run(devices, **OPTIONS)
    assert {outcome.outcome for outcome in again} <= {"activated", "already_active"}
    submitted = world.submissions()
    submitted.subtract(before)
    for number, name in enumerate(names):
        ended_well = FATES[name][1] in ("activated", "pending") or name == "lost, seen too late"
        accepted_by_then = ended_well or (on_unknown == "resubmit" and name == "lost, never accepted")
        assert submitted[iccid(number)] == (0 if accepted_by_then else 1)
        completed = [line for line in world.visible() if line.iccid == iccid(number) and line.status == "Completed"]
        assert len(completed) == 1
    third = world.run(devices, **OPTIONS)
    assert {outcome.outcome for outcome in third} == {"already_active"}
    assert not [item for item in world.done.plan.items if item.action.submits]


@given(NAMES)
def test_the_next_run_continues_a_run_that_was_killed_after_submitting(names):
    world = World({iccid(number): [FATES[name][0], ACCEPTED] for number, name in enumerate(names)})
    devices = fleet(len(names))
    world.run(devices, wait=False, settle_timeout=0)
    world.clock.sleep(1000)
    world.run(devices, **OPTIONS)
    for number, name in enumerate(names):
        again = name in ("fails", "refused", "lost, fails", "lost, never accepted")
        assert world.submissions()[iccid(number)] == 1 + again
