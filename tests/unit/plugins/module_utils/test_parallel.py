# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Concurrent calls: results in order, the first error, and interruptions."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import SentinelError
from ansible_collections.kajeet.sentinel.plugins.module_utils._service import parallel
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.parallel import in_parallel, repeating


class TimeoutOfTaskError(Exception):
    """Raised by a signal, as Ansible does after the timeout of a task."""


class Stopped:
    """Counts the stops of the session."""

    def __init__(self):
        self.count = 0

    def __call__(self):
        self.count += 1


@pytest.mark.parametrize("threads", [1, 4, 50])
def test_results_are_in_the_order_of_the_items(threads):
    assert list(in_parallel(lambda number: number * 2, range(50), threads)) == list(range(0, 100, 2))
    assert list(in_parallel(str, [], threads)) == []


@pytest.mark.parametrize("threads", [1, 4])
def test_a_consumer_that_stops_early_does_not_stop_the_session(threads):
    stopped, begun = Stopped(), []
    for number in in_parallel(lambda number: begun.append(number) or number, range(1000), threads, stopped):
        if number == 2:
            break
    assert stopped.count == 0
    assert set(begun) >= {0, 1, 2}


def test_work_that_has_not_begun_is_cancelled():
    stopped, begun = Stopped(), []
    gate = threading.Event()

    def work(number):
        begun.append(number)
        if number:
            gate.wait(5)
        return number

    found = in_parallel(work, range(100), 2, stopped)
    assert next(found) == 0
    threading.Timer(0.05, gate.set).start()
    found.close()
    assert len(begun) < 10
    assert stopped.count == 0


@pytest.mark.parametrize("error", [SentinelError("refused"), ValueError("a bug"), KeyError("x"), TimeoutOfTaskError()])
def test_an_error_of_the_work_does_not_stop_the_session(error):
    stopped = Stopped()

    def work(number):
        if number == 3:
            raise error
        return number

    with pytest.raises(type(error)):
        list(in_parallel(work, range(20), 4, stopped))
    assert stopped.count == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, TimeoutOfTaskError])
def test_an_interruption_of_the_waiting_thread_stops_the_session(monkeypatch, error):
    class Future(parallel.Future):
        """A future whose wait is interrupted."""

        def exception(self):
            raise error

    monkeypatch.setattr("concurrent.futures.thread._base.Future", Future)
    stopped = Stopped()
    with pytest.raises(error):
        list(in_parallel(str, range(20), 4, stopped))
    assert stopped.count == 1


def test_after_an_interruption_waiting_work_ends_and_nothing_new_begins():
    begun, ended = [], threading.Event()

    def work(number):
        begun.append(number)
        assert number == 0 or ended.wait(20)

    def stop():
        ended.set()
        time.sleep(0.05)  # the threads that waited could take other work now

    results = in_parallel(work, range(100), 3, stop)
    next(results)
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt())
    assert ended.is_set()
    assert len(begun) <= 4


def test_parallel_work_uses_at_most_the_given_threads():
    running = []
    most = []
    lock = threading.Lock()
    together = threading.Barrier(3)

    def work(number):
        with lock:
            running.append(number)
            most.append(len(running))
        together.wait(5)
        with lock:
            running.remove(number)

    list(in_parallel(work, list(range(9)), 3))
    assert max(most) == 3


def test_after_the_first_error_nothing_new_begins():
    begun = []
    failed = threading.Event()

    def work(number):
        begun.append(number)
        if number == 0:
            failed.set()
            raise ValueError(number)
        # Concurrent work continues until the error has been noticed.
        failed.wait(5)
        time.sleep(0.05)

    with pytest.raises(ValueError, match="0"):
        list(in_parallel(work, list(range(100)), 2))
    assert len(begun) < 100


# -- Repeated calls ----------------------------------------------------------------------------------------------------


def test_repeating_ends_with_its_block_or_if_the_function_returns_false():
    calls = []
    third = threading.Event()

    def do():
        calls.append(threading.current_thread().name)
        if len(calls) == 3:
            third.set()
            return False
        return None

    with repeating("beside", 0.001, do):
        assert third.wait(10)
        time.sleep(0.05)
    assert calls == ["beside"] * 3
    with repeating("beside", 60, do):
        pass
    assert "beside" not in [thread.name for thread in threading.enumerate()]
    assert len(calls) == 3
