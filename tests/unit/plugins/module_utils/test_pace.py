# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pace of requests, and parsing of Retry-After."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import StoppedError, ThrottledError
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.pace import (
    BACKOFF_CAP,
    RETRY_AFTER_CAP,
    Pace,
    backoff,
    retry_after,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock

NOW = datetime(2026, 3, 13, 9, 30, tzinfo=timezone.utc)


def test_requests_do_not_wait_without_a_limit(clock):
    pace = Pace(None, clock, clock.sleep)
    for _number in range(5):
        pace.wait()
    assert clock.slept == []
    assert pace.held_seconds == 0


def test_requests_are_spread_evenly(clock):
    pace = Pace(30, clock, clock.sleep)
    times = []
    for _number in range(4):
        pace.wait()
        times.append(clock.now)
    assert times == [1000.0, 1002.0, 1004.0, 1006.0]


def test_unused_time_does_not_allow_a_burst(clock):
    pace = Pace(60, clock, clock.sleep)
    pace.wait()
    clock.now += 100
    for _number in range(3):
        pace.wait()
    assert clock.now == 1102.0


def test_stop_ends_every_wait_and_every_later_request():
    pace = Pace(1)
    pace.wait()
    pace.hold(600)
    with ThreadPoolExecutor(3) as pool:
        began = time.monotonic()
        waits = [pool.submit(pace.wait), pool.submit(pace.wait), pool.submit(pace.pause, 600.0)]
        time.sleep(0.05)
        assert not any(wait.done() for wait in waits)
        pace.stop()
        assert [type(wait.exception(20)) for wait in waits] == [StoppedError] * 3
    assert time.monotonic() - began < 20
    for call in (pace.wait, lambda: pace.pause(600.0)):
        with pytest.raises(StoppedError, match="interrupted"):
            call()


def test_stop_also_ends_requests_that_would_not_wait(clock):
    pace = Pace(None, clock, clock.sleep)
    pace.stop()
    with pytest.raises(StoppedError):
        pace.wait()
    assert clock.slept == []


def test_a_hold_delays_all_requests(clock):
    pace = Pace(None, clock, clock.sleep)
    pace.hold(7)
    for _number in range(3):
        pace.wait()
        assert clock.now == 1007.0
    assert pace.held_seconds == 7


def test_a_shorter_hold_does_not_end_a_longer_one(clock):
    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            pace.hold(10)
            pace.hold(2)

    pace = Pace(60, clock, sleep)
    pace.wait()
    assert pace.wait() >= 1011.0
    assert pace.held_seconds == 10


def test_holds_that_overlap_count_once(clock):
    pace = Pace(None, clock, clock.sleep)
    for seconds in (5, 5, 2, 8):
        pace.hold(seconds)
    assert pace.held_seconds == 8
    pace.wait()
    assert clock.now == 1008.0


def test_a_hold_also_delays_waiting_threads(clock):
    held = []

    def sleep(seconds):
        clock.sleep(seconds)
        if not held:
            held.append(True)
            pace.hold(30)

    pace = Pace(60, clock, sleep)
    pace.wait()
    pace.wait()
    assert clock.now >= 1031.0
    pace.wait()
    assert clock.now >= 1032.0


def test_threads_share_one_pace(clock):
    waits = []
    pace = Pace(60, clock, waits.append)
    threads = [threading.Thread(target=pace.wait) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [1.0, 2.0, 3.0, 4.0]


def test_threads_get_their_slots_one_at_a_time():
    inside, most = [], []

    def clock():
        inside.append(True)
        most.append(len(inside))
        time.sleep(0)  # the others may go on
        inside.pop()
        return 1000.0

    pace = Pace(None, clock, lambda seconds: None)
    with ThreadPoolExecutor(4) as pool:
        for _number in range(50):
            pool.submit(pace.wait)
    assert len(most) == 51
    assert max(most) == 1


@given(st.integers(0, 200))
def test_backoff_grows_up_to_its_cap(attempt):
    longest = backoff(attempt, lambda least, most: most)
    assert longest == min(BACKOFF_CAP, 0.5 * 2**attempt)
    assert backoff(attempt, lambda least, most: least) == 0.0
    assert 0 <= backoff(attempt) <= longest


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("86400", RETRY_AFTER_CAP),
        ("1e999", RETRY_AFTER_CAP),
        ("inf", RETRY_AFTER_CAP),
        ("nan", None),
        (format_datetime(NOW + timedelta(seconds=42), usegmt=True), 42.0),
        (format_datetime(NOW - timedelta(seconds=42), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=3), usegmt=True), RETRY_AFTER_CAP),
        ("Fri, 13 Mar 2026 09:30:10 -0000", 10.0),
        ("Fri, 13 Mar 2026 10:30:10 +0100", 10.0),
        ("soon", None),
        ("Fri, 13 Foo 2026 09:30:10 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(monkeypatch, header, seconds):
    monkeypatch.setattr(time, "time", NOW.timestamp)
    assert retry_after(header) == seconds


def test_a_hold_beyond_the_deadline_raises_at_once(clock):
    pace = Pace(None, clock, clock.sleep)
    pace.hold(7)
    with pytest.raises(ThrottledError, match=r"limits the rate \(HTTP 429\) for another 7 s"):
        pace.wait(clock.now + 6)
    assert clock.slept == []
    assert pace.wait(clock.now + 7) == 1007.0
    assert pace.wait(clock.now - 1) == 1007.0  # nothing is held back any more
    assert Pace(1, clock, clock.sleep).wait(0.0) == 1007.0


def test_a_hold_during_a_wait_counts_for_the_deadline(clock):
    def sleep(seconds):
        clock.sleep(seconds)
        pace.hold(60)

    pace = Pace(60, clock, sleep)
    pace.wait()
    with pytest.raises(ThrottledError):
        pace.wait(1030.0)
    assert clock.now == 1001.0


@given(st.one_of(st.text(), st.integers().map(str), st.datetimes().map(format_datetime)))
def test_retry_after_never_raises(header):
    seconds = retry_after(header)
    assert seconds is None or 0 <= seconds <= RETRY_AFTER_CAP


@given(st.lists(st.one_of(st.just("wait"), st.floats(0, 20)), max_size=12), st.one_of(st.none(), st.integers(1, 600)))
def test_no_request_is_sent_during_a_hold(steps, per_minute):
    clock = Clock()
    pace = Pace(per_minute, clock, clock.sleep)
    held_until = 0.0
    for step in steps:
        if step == "wait":
            pace.wait()
            assert clock.now >= held_until - 1e-6
        else:
            held_until = max(held_until, clock.now + step)
            pace.hold(step)


class Service:
    """Accepts `rate` requests per second, and those of one second at once."""

    def __init__(self, clock, rate):
        self._clock = clock
        self.rate = rate
        self._tokens = rate
        self._filled = clock.now
        self.refused = 0

    def take(self):
        """Return whether it accepts a request now."""
        self._tokens = min(self.rate, self._tokens + (self._clock.now - self._filled) * self.rate)
        self._filled = self._clock.now
        taken = self._tokens >= 1
        self._tokens -= taken
        self.refused += not taken
        return taken


def run(clock, pace, service, requests):
    """Make a number of requests one after the other, each until it is accepted. Return the seconds."""
    started = clock.now
    for _number in range(requests):
        while True:
            sent_at = pace.wait()
            if service.take():
                break
            pace.hold(1.0, sent_at)
    return clock.now - started


@pytest.mark.parametrize("rate", [2, 5, 10, 50])
def test_after_a_429_the_pace_is_close_to_the_rate_of_the_service(clock, rate):
    pace, service = Pace(None, clock, clock.sleep), Service(clock, rate)
    seconds = run(clock, pace, service, rate * 60)
    assert 59 <= seconds <= 70
    assert service.refused <= 12


def test_the_pace_recovers_with_the_service(clock):
    pace, service = Pace(None, clock, clock.sleep), Service(clock, 10)
    run(clock, pace, service, 100)
    service.rate = 1000
    assert run(clock, pace, service, 1000) < 60
    clock.sleep(300)
    assert run(clock, pace, service, 1000) < 1


def test_only_the_first_of_concurrent_429s_slows_down(clock):
    def slowed(answers):
        pace = Pace(None, clock, clock.sleep)
        sent_times = []
        for _number in range(10):
            sent_times.append(pace.wait())
            clock.sleep(0.1)
        for sent_at in sent_times[-answers:]:
            pace.hold(1.0, sent_at)
        pace.wait()
        before = clock.now
        pace.wait()
        return clock.now - before

    assert slowed(1) == pytest.approx(2 / 9 / 0.9, rel=0.05)
    # Five of the ten were accepted, in one second and the second of the pause.
    assert slowed(5) == pytest.approx(2 / 5 / 0.9, rel=0.05)


def gap(clock, pace):
    """Return the seconds between the next two requests."""
    pace.wait()
    before = clock.now
    pace.wait()
    return clock.now - before


def test_the_accepted_rate_is_measured_over_ten_seconds(clock):
    pace = Pace(None, clock, clock.sleep)
    for pause, count in ((1.0, 100), (0.1, 100)):
        for _number in range(count):
            sent_at = pace.wait()
            clock.sleep(pause)
    pace.hold(0.0, sent_at)
    assert gap(clock, pace) == pytest.approx(10 / 99 / 0.9, rel=0.03)


def test_another_429_slows_down_by_a_tenth_for_any_pause(clock):
    pace = Pace(None, clock, clock.sleep)
    for _number in range(10):
        sent_at = pace.wait()
        clock.sleep(0.1)
    pace.hold(1.0, sent_at)
    slow = gap(clock, pace)
    pace.hold(8.0, pace.wait())
    assert gap(clock, pace) == pytest.approx(slow / 0.9, rel=0.02)


def test_a_429_long_after_the_previous_one_counts_as_the_first(clock):
    pace = Pace(None, clock, clock.sleep)
    pace.hold(1.0, pace.wait())
    clock.sleep(600)
    for _number in range(10):
        sent_at = pace.wait()
        clock.sleep(0.1)
    pace.hold(1.0, sent_at)
    assert gap(clock, pace) == pytest.approx(2 / 9 / 0.9, rel=0.02)


def test_requests_per_minute_is_kept_while_the_service_slows_down(clock):
    pace, service = Pace(120, clock, clock.sleep), Service(clock, 1000)
    sent_at = pace.wait()
    pace.hold(0.5, sent_at)
    assert run(clock, pace, service, 200) >= 99.0


@given(st.integers(60, 6000), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_at_most_half_a_second_is_caught_up(per_minute, pauses):
    clock = Clock()
    pace = Pace(per_minute, clock, clock.sleep)
    times = []
    for pause in pauses:
        clock.sleep(pause)
        times.extend(pace.wait() for _number in range(5))
    for start in range(len(times)):
        for end in range(start, len(times)):
            allowed = (times[end] - times[start] + 0.5) * per_minute / 60 + 1
            assert end - start + 1 <= allowed + 1e-6


def test_unused_rate_is_caught_up_within_limits(clock):
    pace = Pace(600, clock, clock.sleep)
    pace.wait()
    clock.sleep(100)
    times = [pace.wait() for _number in range(10)]
    # The requests of half a second at once, the others evenly.
    assert [round(time - times[0], 6) for time in times] == [0, 0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5]
