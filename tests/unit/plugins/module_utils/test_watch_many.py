# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching many transactions: few requests, and the same result as polling each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watch import Watcher
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watched import Patience, Watched
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, Clock, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.watching import Service, all_done, watch


def test_a_thousand_transactions_take_some_pages_and_one_export(clock):
    service = Service(clock, [6.0] * 1000)
    assert all_done(watch(clock, service, 1000))
    # Rounds after 2, 5 and 9.5 seconds, two pages each.
    assert service.requests == {"page": 6, "export": 1}


def test_without_the_export_the_lines_are_read_once_each(clock):
    service = Service(clock, [6.0] * 300)
    assert all_done(watch(clock, service, 300, export=False))
    assert service.requests == {"page": 3, "id": 300}


def test_a_few_transactions_are_requested_by_id(clock):
    service = Service(clock, [1.0] * 5)
    assert all_done(watch(clock, service, 5))
    assert service.requests == {"id": 5}


def test_a_batch_is_counted_first_and_its_lines_are_read_once(clock):
    service = Service(clock, [20.0, 30.0], [2000, 1500])
    watched = watch(clock, service, 2, expected={0: 2000, 1: 1500})
    assert all_done(watched)
    assert [len(item.lines) for item in watched] == [2000, 1500]
    assert service.requests["id"] == 2
    assert service.requests["page"] >= 4


def test_the_last_few_of_many_transactions_are_requested_by_id(clock):
    service = Service(clock, [1.0] * 50 + [500.0] * 3)
    assert all_done(watch(clock, service, 53))
    assert service.requests["export"] == 1
    assert service.requests["page"] == 1


def test_reading_continues_after_pages_that_the_service_caps(clock):
    service = Service(clock, [1.0] * 400, page_max=100)
    assert all_done(watch(clock, service, 400))
    assert service.requests == {"page": 4, "export": 1}


def test_transactions_of_others_may_come_before_ours(clock):
    service = Service(clock, [1.0] * 300, foreign=1200)
    assert all_done(watch(clock, service, 300))
    assert service.requests == {"page": 3, "export": 1}


def test_pages_without_our_transactions_cost_only_a_fraction_of_the_ids(clock):
    service = Service(clock, [1.0] * 30, foreign=3000)
    assert all_done(watch(clock, service, 30))
    assert service.requests["page"] <= 10
    assert service.requests["id"] == 30


def test_late_transactions_are_requested_by_id_until_the_history_lists_them(clock):
    service = Service(clock, [40.0] * 100, listed_late=8.0)
    assert all_done(watch(clock, service, 100))
    assert service.requests["page"] == 6  # one in each round
    assert service.requests["id"] == 200  # after 2 and 5 seconds
    assert service.requests["export"] == 1


def test_an_export_behind_its_counts_is_completed_by_requests_by_id(clock):
    service = Service(clock, [1.0] * 30)
    service.history_export = lambda read, transactions: read(line(0, "Processing", name) for name in transactions)
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 30


@pytest.mark.parametrize(("kind", "times"), [("export", 1), ("page", 3)])
@pytest.mark.parametrize("error", [UnexpectedAnswerError("no sense"), RefusedError("not here")])
def test_if_pages_and_export_are_refused_transactions_are_requested_by_id(clock, kind, times, error):
    service = Service(clock, [20.0] * 30)
    service.failing[kind] = error
    assert all_done(watch(clock, service, 30))
    assert service.requests[kind] == times
    assert service.requests["id"] >= 30


def test_one_unreadable_page_does_not_cause_requests_by_id(clock):
    service = Service(clock, [20.0] * 30)
    service.failing["page"] = UnexpectedAnswerError("a login page")
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        clock.sleep(seconds)
        if len(pauses) % 2:
            service.failing["page"] = UnexpectedAnswerError("a login page")
        else:
            service.failing.clear()

    watcher = Watcher(service, WORDS, Patience(1000.0, 30.0, 2.0, 60.0), clock, sleep, export=True)
    assert all_done(watcher.watch([Watched(f"T{number}") for number in range(30)]))
    assert service.requests["id"] == 0


def test_while_the_service_fails_pages_are_retried_instead_of_a_thousand_ids(clock):
    service = Service(clock, [6.0] * 1000)
    service.failing["page"] = ServiceError("out of order")
    problems = []
    watcher = Watcher(
        service,
        WORDS,
        Patience(60.0, 30.0, 2.0, 60.0),
        clock,
        clock.sleep,
        lambda watched: problems.append(watched[0].problem),
    )
    watcher.watch([Watched(f"T{number}") for number in range(1000)])
    assert service.requests["page"] == len(problems) > 3
    assert problems[0] == "out of order"
    # At the timeout, each is polled once nevertheless.
    assert service.requests["id"] <= 1000


@pytest.mark.parametrize("error", [AuthenticationError("expired"), ScopeError("no scope")])
def test_a_fatal_error_of_a_page_ends_the_wait(clock, error):
    service = Service(clock, [6.0] * 30)
    service.failing["page"] = error
    with pytest.raises(type(error)):
        watch(clock, service, 30)


def test_a_pending_word_without_counts_is_not_trusted(clock):
    service = Service(clock, [6.0] * 30, listed=lambda number: Transaction(f"T{number}", "Submitted"))
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 90


def test_wrong_counts_lead_to_requests_by_id(clock):
    service = Service(clock, [60.0] * 30, listed=lambda number: Transaction(f"T{number}", "Done", None, 1, 1, 0, 0))
    assert all_done(watch(clock, service, 30))
    assert 1060 <= clock.now < 1120
    assert service.requests["page"] == service.requests["export"] == 1


def test_counts_of_fewer_lines_than_were_submitted_do_not_end_the_wait(clock):
    service = Service(
        clock, [60.0] * 30, [2] * 30, listed=lambda number: Transaction(f"T{number}", "Done", None, 1, 1, 0, 0)
    )
    assert all_done(watch(clock, service, 30, expected=dict.fromkeys(range(30), 2)))
    assert clock.now >= 1060


def test_a_transaction_without_some_of_our_lines_has_only_the_settle_time(clock):
    short = Transaction("T0", "Done", None, 199, 199, 0, 0)
    service = Service(clock, [1.0], [199], listed=lambda _number: short)
    (item,) = watch(clock, service, 1, expected={0: 200})
    assert item.ended
    assert item.problem == "the transaction shows 199 of 200 lines"
    assert clock.now < 1100


def test_at_the_timeout_running_lines_are_returned_as_they_are(clock):
    service = Service(clock, [1.0] * 100 + [10_000.0] * 100)
    watched = watch(clock, service, 200, timeout=60.0)
    assert [item.ended for item in watched] == [True] * 100 + [False] * 100
    assert all(item.lines for item in watched)
    assert service.requests["id"] == 0
    assert service.requests["export"] == 1


def test_lines_that_end_are_noticed_by_their_counts(clock):
    service = Service(clock, [30.0 + number for number in range(60)])
    watch(clock, service, 60)
    pauses = clock.slept
    assert max(pauses) > 5
    assert pauses.count(2.0) > 10


CASES = st.lists(st.tuples(st.integers(0, 120), st.integers(1, 3)), min_size=1, max_size=40)


@given(CASES, st.booleans(), st.integers(1, 50), st.sampled_from([0.0, 7.0, 100.0]), st.integers(0, 60))
def test_the_result_equals_that_of_polling_each(cases, export, page_max, listed_late, foreign):
    clock = Clock()
    ends = [float(end) for end, _size in cases]
    sizes = [size for _end, size in cases]
    service = Service(clock, ends, sizes, None, listed_late, page_max, foreign)
    watched = watch(clock, service, len(cases), export, 100.0, dict(enumerate(sizes)))
    for number, item in enumerate(watched):
        assert item.ended == (ends[number] <= 100)
        if item.ended:
            assert [seen.status for seen in item.lines] == ["Completed"] * sizes[number]
    assert clock.now <= 1100
