# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""429: Retry-After is obeyed in both forms, by every thread, up to a limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import ThrottledError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer


def throttled(header):
    """Return a 429 with this Retry-After."""
    return Answer({}, 429, {} if header is None else {"Retry-After": header})


def waited(serve, connect, clock, header):
    """Return the seconds between a 429 and the next request."""
    session = connect(serve(throttled(header), Answer([])).url)
    assert session.get("/x") == []
    assert session.statistics()["throttled_seconds"] == pytest.approx(clock.now - 1000, abs=0.001)
    return clock.now - 1000


def test_seconds_are_obeyed(serve, connect, clock):
    assert waited(serve, connect, clock, "7") == 7


def test_a_date_is_obeyed(serve, connect, clock):
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=60), usegmt=True)
    assert 55 < waited(serve, connect, clock, date) <= 60


@pytest.mark.parametrize("header", [None, "soon"])
def test_backoff_is_used_without_a_readable_retry_after(serve, connect, clock, header):
    assert 0.1 <= waited(serve, connect, clock, header) <= 1


@pytest.mark.parametrize("header", ["86400", "Fri, 31 Dec 2999 23:59:59 GMT", "inf"])
def test_an_absurd_retry_after_is_capped(serve, connect, clock, header):
    assert waited(serve, connect, clock, header) == 300


@pytest.mark.parametrize("header", ["0", "-7", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_retry_after_of_zero_still_pauses(serve, connect, clock, header):
    assert waited(serve, connect, clock, header) >= 0.1


def test_repeated_retry_after_of_zero_does_not_hammer_the_service(serve, connect):
    server = serve(throttled("0"))
    with pytest.raises(ThrottledError):
        connect(server.url).get("/x")
    assert len(server.requests) < 500


def test_a_429_pauses_requests_of_other_threads(serve, connect, clock):
    session = connect(serve(throttled("7"), throttled("5"), Answer([])).url)
    session.get("/x")
    assert clock.now == 1012
    session.get("/y")
    assert clock.now - 1012 <= 1
    assert session.statistics() == {"reads": 4, "writes": 0, "retried": 2, "throttled_seconds": pytest.approx(12)}


def test_waiting_because_of_429s_does_not_use_retries(serve, connect):
    answers = [throttled("1")] * 10 + [Answer({}, 503), Answer([])]
    assert connect(serve(*answers).url, request_retries=1).get("/x") == []


@pytest.mark.parametrize("header", ["300", "4"])
def test_a_read_does_not_wait_beyond_its_deadline(serve, connect, clock, header):
    session = connect(serve(throttled(header)).url)
    with session.bounded(clock.now + 3), pytest.raises(ThrottledError, match=r"HTTP 429"):
        session.get("/x")
    assert clock.slept == []


def test_a_distant_deadline_has_no_effect(serve, connect, clock):
    session = connect(serve(throttled("2"), throttled("1"), Answer([])).url)
    with session.bounded(clock.now + 3.5):
        assert session.get("/x") == []
    assert clock.now == pytest.approx(1003, abs=0.5)


def test_a_deadline_holds_for_all_threads_paused_by_a_429(serve, connect, clock):
    server = serve(throttled("60"), Answer([]))
    session = connect(server.url)

    def ask(_number):
        with pytest.raises(ThrottledError):
            session.get("/x")

    with session.bounded(clock.now + 3):
        ask(0)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, range(8)))
    assert len(server.requests) == 1
    assert clock.slept == []
    assert session.get("/x") == []
    assert clock.now == 1060


def test_the_deadline_does_not_apply_to_submissions(serve, connect, clock):
    session = connect(serve(throttled("60"), Answer({"transactionId": "T"})).url)
    with session.bounded(clock.now + 3):
        assert session.submit("/x", {}) == {"transactionId": "T"}
    assert clock.now >= 1060


def test_the_earliest_of_nested_deadlines_counts(serve, connect, clock):
    session = connect(serve(throttled("2"), Answer([])).url)
    bounds = (session.bounded(bound) for bound in (clock.now + 1, clock.now + 9, None))
    with next(bounds), next(bounds), next(bounds), pytest.raises(ThrottledError):
        session.get("/x")
    assert session.get("/x") == []


def test_without_a_deadline_a_request_waits_a_quarter_of_an_hour_for_429s(serve, connect, clock):
    session = connect(serve(throttled("100")).url)
    with session.bounded(None), pytest.raises(ThrottledError):
        session.get("/x")
    assert clock.now == 1900
