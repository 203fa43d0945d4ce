# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: intervals between polls, the end of the wait, and failed polls."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watch import (
    Intervals,
    Patience,
    Watched,
    Watcher,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, line


class FakeAPI:
    """Shows each transaction as given by a function of the time."""

    def __init__(self, clock, show, concurrency=1):
        self.looks = []
        self.session = self
        self.concurrency = concurrency
        self.stop = threading.Event().set
        self._clock = clock
        self._show = show

    def bounded(self, deadline):
        """Nothing here is throttled; record the deadline."""
        self.bound = deadline
        return nullcontext()

    def transaction_lines(self, transaction_id):
        """The lines at this time, or the error."""
        seconds = self._clock.now - 1000
        self.looks.append((transaction_id, seconds))
        shown = self._show(transaction_id, seconds)
        if isinstance(shown, Exception):
            raise shown
        return shown


def watch(clock, show, expected=1, timeout=1000.0, names=("T1",), words=WORDS, listen=lambda watched: None):
    """Watch transactions; return them and the API."""
    api = FakeAPI(clock, show)
    watcher = Watcher(api, words, Patience(timeout, 30.0, 2.0, 60.0), clock, clock.sleep, listen)
    return watcher.watch([Watched(name, expected) for name in names]), api


def ended_after(seconds, **fields):
    """Return a transaction with a line that completes at that time."""
    return lambda name, now: [line(0, "Completed" if now >= seconds else "Processing", name, **fields)]


def test_intervals_grow_from_one_to_the_other():
    intervals = Intervals(2.0, 10.0)
    assert [intervals.next() for _round in range(6)] == [2.0, 3.0, 4.5, 6.75, 10.0, 10.0]


def test_intervals_start_over_when_something_happened():
    intervals = Intervals(2.0, 10.0)
    assert [intervals.next(happened) for happened in (False, False, False, True, False)] == [2.0, 3.0, 4.5, 2.0, 3.0]


def test_intervals_never_exceed_the_maximum():
    assert Intervals(60.0, 5.0).next() == 5.0


def test_a_transaction_is_watched_until_its_lines_have_ended(clock):
    (item,), api = watch(clock, ended_after(10))
    assert item.ended
    assert item.problem is None
    assert [seconds for _name, seconds in api.looks] == [2.0, 5.0, 9.5, 16.25]


def test_polls_are_frequent_again_once_a_line_has_ended(clock):
    def show(name, now):
        return [line(0, "Completed" if now >= 30 else "x", name), line(1, "Completed" if now >= 60 else "x", name)]

    _items, api = watch(clock, show, expected=2)
    times = [seconds for _name, seconds in api.looks]
    first = next(time for time in times if time >= 30)
    assert times[times.index(first) + 1] - first == 2.0
    assert times[times.index(first)] - times[times.index(first) - 1] > 5


def test_the_wait_ends_at_the_timeout_with_one_last_poll(clock):
    (item,), api = watch(clock, ended_after(10_000), timeout=100.0)
    assert not item.ended
    assert clock.now == 1100
    assert [look for look in api.looks if look[1] >= 99] == [("T1", 100.0)]


def test_with_a_timeout_of_0_it_polls_once(clock):
    (item,), api = watch(clock, ended_after(0), timeout=0.0)
    assert item.ended
    assert api.looks == [("T1", 0.0)]
    assert clock.slept == []


def test_only_open_transactions_are_polled(clock):
    watched, api = watch(clock, lambda name, now: ended_after(5 if name == "T1" else 50)(name, now), names=("T1", "T2"))
    assert all(item.ended for item in watched)
    last = max(seconds for name, seconds in api.looks if name == "T1")
    assert last < 15 < max(seconds for name, seconds in api.looks if name == "T2")


def test_an_unknown_word_never_ends_the_wait(clock):
    (item,), _api = watch(clock, lambda name, now: [line(0, "lunar eclipse", name)], timeout=500.0)
    assert not item.ended
    assert clock.now == 1500


def test_a_failed_line_has_ended_too(clock):
    (item,), _api = watch(clock, lambda name, now: [line(0, "Failed", name)])
    assert item.ended


def test_an_unknown_transaction_has_the_settle_time_to_appear(clock):
    missing = RefusedError("not found", None, "GET", "/x", 404)
    (item,), _api = watch(clock, lambda name, now: missing if now < 20 else [line(0, "Completed", name)])
    assert (item.ended, item.problem) == (True, None)
    clock.now = 1000.0
    (item,), _api = watch(clock, lambda name, now: missing)
    assert item.ended
    assert "not found" in item.problem
    assert clock.now < 1080


def test_missing_lines_have_the_settle_time_from_when_the_others_ended(clock):
    (item,), _api = watch(clock, ended_after(100), expected=2)
    assert item.ended
    assert item.problem == "the transaction shows 1 of 2 lines"
    assert 1130 <= clock.now < 1260


def test_lines_that_disappear_again_have_a_new_settle_time(clock):
    def show(name, now):
        running = [line(1, "Processing", name)] if 20 <= now < 60 else []
        return [line(0, "Completed", name), *running, *([line(1, "Completed", name)] if now >= 80 else [])]

    (item,), _api = watch(clock, show, expected=2)
    assert (item.ended, len(item.lines), item.problem) == (True, 2, None)


def test_while_a_line_runs_the_others_need_not_appear(clock):
    def show(name, now):
        lines = [line(0, "Completed" if now >= 200 else "Processing", name), line(1, "Completed", name)]
        return lines[: 1 if now < 190 else 2]

    (item,), _api = watch(clock, show, expected=2)
    assert (item.ended, len(item.lines), item.problem) == (True, 2, None)


@pytest.mark.parametrize("error", [ServiceError("out of order"), RefusedError("conflict", None, "GET", "/x", 409)])
def test_a_failed_poll_is_repeated(clock, error):
    (item,), _api = watch(clock, lambda name, now: error if now < 300 else [line(0, "Completed", name)])
    assert (item.ended, item.problem) == (True, None)


@pytest.mark.parametrize("error", [AuthenticationError("expired"), ScopeError("no scope")])
def test_a_fatal_error_of_a_poll_ends_the_wait(clock, error):
    with pytest.raises(type(error)):
        watch(clock, lambda name, now: error)
    assert len(clock.slept) == 1


def test_listeners_are_called_after_every_round(clock):
    rounds = []
    watch(clock, ended_after(10), listen=lambda watched: rounds.append([item.ended for item in watched]))
    assert rounds == [[False], [False], [False], [True]]


def test_nothing_to_watch_is_over_at_once(clock):
    watched, api = watch(clock, None, names=())
    assert (watched, api.looks, clock.slept) == ([], [], [])


def test_lines_are_kept_as_the_share_function_returns_them(clock):
    """Lines of a large fleet take less memory if they share their texts with the devices."""
    api = FakeAPI(clock, lambda _name, _seconds: [line(nickname="as it came")])
    patience = Patience(1000.0, 30.0, 2.0, 60.0)

    def share(came):
        return came._replace(nickname="the device's own")

    (watched,) = Watcher(api, WORDS, patience, clock, clock.sleep, share=share).watch([Watched("T1", 1)])
    assert [came.nickname for came in watched.lines] == ["the device's own"]
