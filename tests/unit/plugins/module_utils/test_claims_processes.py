# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims of several processes: no two runs hold a device at once, and no run waits for a dead one."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out import claims as _claims
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.claims import Claimed
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import StoppedError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.claiming import (
    FORK,
    PATIENCE,
    Time,
    claim_files,
    claims,
    contend,
)


@pytest.fixture
def processes():
    """Start processes: processes(function, …) → process. They end with the test."""
    started = []

    def start(function, *arguments):
        process = FORK.Process(target=function, args=arguments, daemon=False)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def hold(where, keys, has, how_long=PATIENCE):
    """Hold devices for a while; `has` is set once they are held."""
    with claims(where).held(keys):
        has.set()
        time.sleep(how_long)


@pytest.fixture
def holder(where, processes):
    """A process that holds devices 1 and 2."""
    has = FORK.Event()
    process = processes(hold, where, ["1", "2"], has)
    assert has.wait(PATIENCE)
    return process


def test_when_a_run_is_killed_its_claim_vanishes_and_the_next_run_continues(where, processes, holder):
    has = FORK.Event()
    processes(hold, where, ["2", "3"], has)
    assert not has.wait(0.3)
    holder.kill()
    killed = time.monotonic()
    assert has.wait(PATIENCE)
    assert time.monotonic() - killed < 5
    with claims(where).held(["4"]):
        assert len(claim_files(where)) == 2
    assert [path.name.startswith(f"{holder.pid}-") for path in claim_files(where)] == [False]


def test_no_run_waits_for_a_killed_one(where, holder):
    holder.kill()
    holder.join()
    with claims(where, time=Time()).held(["1"]) as claimed:
        assert claimed == Claimed(0.0, None)
        assert len(claim_files(where)) == 1


def hold_with_a_child(where, has, child):
    """A run with a child that outlives it."""
    with claims(where).held(["1"]):
        process = FORK.Process(target=time.sleep, args=(PATIENCE,))
        process.start()
        child.value = process.pid
        has.set()
        time.sleep(PATIENCE)


def test_a_child_does_not_keep_the_claim_of_a_killed_run(where, processes):
    has, child = FORK.Event(), FORK.Value("i", 0)
    process = processes(hold_with_a_child, where, has, child)
    assert has.wait(PATIENCE)
    try:
        process.kill()
        process.join()
        # The child drops the claim as soon as it runs, long before it ends.
        with claims(where).held(["1"]) as claimed:
            assert claimed.waited_seconds < PATIENCE / 2
    finally:
        os.kill(child.value, signal.SIGKILL)


def test_a_child_that_leaves_the_block_does_not_end_its_parents_claim(where):
    with ExitStack() as block:
        block.enter_context(claims(where).held(["1"]))
        child = os.fork()
        if child == 0:
            try:
                block.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert len(claim_files(where)) == 1
        now = Time()
        with pytest.raises(StoppedError), claims(where, time=now).held(["1"], stop=lambda: now.now > 1):
            pass


def test_four_processes_with_one_fleet_run_one_after_another(processes, tmp_path, where):
    fleet = [str(number) for number in range(20)]
    assert contend(processes, tmp_path, where, [fleet] * 4) == 32
    assert claim_files(where) == []


def test_runs_that_overlap_in_a_ring_do_not_deadlock(processes, tmp_path, where):
    assert contend(processes, tmp_path, where, [["1", "2"], ["2", "3"], ["3", "4"], ["4", "1"]]) == 32


def test_runs_with_one_and_with_two_registers_never_share_a_device(processes, tmp_path, where, monkeypatch):
    monkeypatch.setattr(_claims, "_TEMPORARY", str(tmp_path))
    places = (str(where), str(where / "gone"), str(where))
    fleets = [["1", "2"], ["2", "3"], ["3", "1"], ["1", "2", "3"]]
    assert contend(processes, tmp_path, None, fleets, 4, places) == 48
