# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress: the content of lines, their timing, and the snapshots of a run."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.progress import (
    Progress,
    Snapshot,
    duration,
    reporting,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock, fleet, iccid
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    FAILS,
    Fate,
    World,
    lost,
    snapshots,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3599, "59 min 59 s"),
        (7500, "2 h 5 min"),
        (360_000, "100 h"),
    ],
)
def test_durations_read_well(seconds, words):
    assert duration(seconds) == words


def test_a_line_has_counts_rate_time_left_and_the_slowest_transaction(clock):
    progress = Progress(clock)
    clock.sleep(5)
    first = progress.line(Snapshot({"would_activate": 60, "pending": 40}))
    assert first == "0 of 100 done after 5 s: 60 to submit, 40 pending"
    clock.sleep(5)
    counts = {"would_activate": 40, "pending": 40, "activated": 18, "failed": 2}
    line = progress.line(Snapshot(counts, ("ACT-1", 8.2), "looking for 3 devices whose submission got no answer"))
    assert line == (
        "20 of 100 done after 10 s: 40 to submit, 18 activated, 40 pending, 2 failed; "
        "4.0/s submitted, about 10 s until all are submitted; slowest: ACT-1, under way for 8 s; "
        "looking for 3 devices whose submission got no answer"
    )


def test_the_rate_is_that_of_the_current_phase(clock):
    progress = Progress(clock)
    lines = []
    for counts in (
        {"would_activate": 100},
        {"would_activate": 20, "pending": 80},
        {"pending": 100},
        {"pending": 75, "activated": 25},
        {"activated": 100},
    ):
        lines.append(progress.line(Snapshot(counts)).partition("; ")[2])
        clock.sleep(10)
    submitting = "8.0/s submitted, about 2 s until all are submitted"
    assert lines == ["", submitting, "", "50.0/min, about 1 min 30 s left", "2.5/s"]


def test_a_slow_rate_is_per_minute(clock):
    progress = Progress(clock)
    progress.line(Snapshot({"pending": 10}))
    clock.sleep(60)
    assert "; 3.0/min, about 2 min 20 s left" in progress.line(Snapshot({"pending": 7, "activated": 3}))


def test_a_finished_run_has_no_time_left(clock):
    progress = Progress(clock)
    progress.line(Snapshot({"pending": 10}))
    clock.sleep(5)
    assert progress.line(Snapshot({"activated": 10})) == "10 of 10 done after 5 s: 10 activated; 2.0/s"


def test_the_rate_is_that_of_the_last_minute(clock):
    progress = Progress(clock)
    progress.line(Snapshot({"pending": 1000}))
    for done in (600, 600, 600, 610):
        clock.sleep(50)
        line = progress.line(Snapshot({"activated": done, "pending": 1000 - done}))
    assert "; 6.0/min" in line or "; 12.0/min" in line


def test_without_changes_a_line_comes_once_a_minute(clock):
    progress = Progress(clock)
    lines = []
    for _round in range(30):
        clock.sleep(5)
        lines.append(progress.line(Snapshot({"pending": 3}, ("ACT-1", clock.now))))
    assert [number for number, line in enumerate(lines) if line] == [0, 12, 24]


@given(st.lists(st.dictionaries(st.sampled_from(Outcome), st.integers(1, 10**6), min_size=1), max_size=8))
def test_an_empty_snapshot_is_not_an_error(counts):
    clock = Clock()
    progress = Progress(clock)
    for entry in counts:
        clock.sleep(1)
        line = progress.line(Snapshot(entry))
        assert line is None or f"of {sum(entry.values())} done" in line


def test_lines_come_while_the_block_runs_and_none_after_it():
    said = []
    twice = threading.Event()

    def say(line):
        said.append(line)
        if len(said) == 2:
            twice.set()

    numbers = iter(range(10**6))
    with reporting(lambda: Snapshot({"pending": 1 + next(numbers)}), say, 0.001, time.monotonic):
        assert twice.wait(10)
    count = len(said)
    time.sleep(0.01)
    assert len(said) == count


@pytest.mark.parametrize("interval", [0, 60])
def test_a_short_block_or_an_interval_of_0_writes_no_line(interval):
    said = []
    with reporting(lambda: Snapshot({"pending": 1}), said.append, interval, time.monotonic):
        pass
    assert said == []


def test_the_thread_ends_even_if_the_block_fails():
    before = threading.active_count()
    with pytest.raises(ValueError, match="x"), reporting(lambda: Snapshot({}), print, 60, time.monotonic):
        raise ValueError("x")
    assert threading.active_count() == before


# -- Snapshots of a run ------------------------------------------------------------------------------------------------


def test_a_run_counts_pending_and_ended_devices():
    world = World({iccid(0): [Fate(seconds=100)], iccid(1): [FAILS]})
    states, _found = snapshots(world, fleet(4))
    assert states[0].counts == {"pending": 4}
    assert states[-2].counts == {"pending": 1, "activated": 2, "failed": 1}
    assert states[-2].slowest[0] == "T1"
    assert states[-2].slowest[1] > 50


def test_lines_that_are_only_counted_so_far_count_as_ended():
    world = World({iccid(0): [Fate(seconds=300)], iccid(1): [FAILS]})
    states, found = snapshots(world, fleet(100))
    assert states[-2].counts == {"pending": 1, "activated": 98, "failed": 1}
    assert all(snapshot.total == 100 for snapshot in states)
    assert world.asked["export"] == 1
    # The seconds of a line end with the round that counted it.
    assert found[0].seconds >= 300
    assert {outcome.seconds for outcome in found[1:]} == {5.0}


def test_looking_for_a_lost_submission_is_shown():
    states, _found = snapshots(World({iccid(0): [lost(late=10)]}), fleet(1))
    assert states[0].note == "looking for 1 device whose submission got no answer"
    assert states[-1].note is None


def test_transactions_of_an_earlier_run_have_no_seconds():
    world = World({iccid(0): [Fate(seconds=20)]})
    world.run(fleet(1), wait=False)
    (found,) = world.run(fleet(1))
    assert (found.outcome, found.seconds) == ("activated", None)
