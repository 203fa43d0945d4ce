# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One round of watching: its requests, and how it reads the answers."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watch import Watcher
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.watched import Patience, Watched
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    RefusedError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, imei, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.watching import Service, all_done, watch


def rounds(clock):
    """Return the times of the rounds, in seconds from the start."""
    times, now = [], 0.0
    for pause in clock.slept:
        now += pause
        times.append(now)
    return times


# -- By ids or by pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "lines", "by_page"), [(5, 1, 0), (6, 1, 1), (5, 100, 0), (1, 101, 1)])
def test_a_few_small_transactions_are_not_looked_up_in_the_pages(clock, count, lines, by_page):
    service = Service(clock, [0.0] * count, [lines] * count)
    assert all_done(watch(clock, service, count, timeout=0.0, expected=dict.fromkeys(range(count), lines)))
    assert service.requests == {"id": count, **({"page": 1} if by_page else {})}


@pytest.mark.parametrize(("count", "limit"), [(6, 100), (50, 100), (51, 500), (600, 500)])
def test_the_page_size_depends_on_the_number_of_transactions(clock, count, limit):
    service = Service(clock, [0.0] * count)
    watch(clock, service, count, timeout=0.0)
    assert service.limits == {limit}


@pytest.mark.parametrize(("count", "pages"), [(6, 2), (9, 3), (17, 5), (18, 6), (500, 6), (501, 10), (1200, 14)])
def test_at_most_a_third_as_many_pages_are_read_as_there_are_ids(clock, count, pages):
    service = Service(clock, [0.0] * count, foreign=8000)
    watch(clock, service, count, timeout=0.0)
    assert service.requests["page"] == pages


def test_polls_use_all_allowed_threads(clock):
    service = Service(clock, [0.0] * 4)
    service.concurrency = 4
    together = threading.Barrier(4)
    look = service.transaction_lines

    def transaction_lines(name):
        together.wait(5)
        return look(name)

    service.transaction_lines = transaction_lines
    assert all_done(watch(clock, service, 4))


def test_a_second_wait_for_the_same_transactions_counts_again(clock):
    service = Service(clock, [10.0] * 30)
    watched = [Watched(f"T{number}") for number in range(30)]
    for timeout in (0.0, 100.0):
        Watcher(service, WORDS, Patience(timeout, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
    assert all_done(watched)
    assert service.requests["page"] > 2
    assert service.requests["id"] == 0


# -- Contents of pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "counts",
    [
        lambda done: {"pending": 1 - done},
        lambda done: {"total": 1, "success": done, "failed": 0},
    ],
    ids=["how many are pending", "how many have ended"],
)
def test_a_page_need_not_count_everything(clock, counts):
    def listed(number):
        return Transaction(f"T{number}", "Submitted", **counts(int(clock.now >= 1010)))

    service = Service(clock, [10.0] * 30, listed=listed)
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0
    assert service.requests["export"] == 1


def test_a_page_may_count_more_lines_than_are_ours(clock):
    service = Service(clock, [10.0] * 30, [2] * 30)
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0


def test_running_lines_of_others_do_not_extend_the_wait(clock):
    """If a transaction has lines of others, its counts are conclusive for ours only once all have ended."""

    def listed(number):
        return Transaction(f"T{number}", "?", None, 2, 1, 0, 1)

    service = Service(clock, [10_000.0] * 30, [2] * 30, listed=listed)
    ours = line(0, "Completed")
    look = service.transaction_lines
    service.transaction_lines = lambda name: [ours, *look(name)[1:]]
    watched = [
        Watched(f"T{number}", ours=lambda lines: [item for item in lines if item.imei == imei(0)])
        for number in range(30)
    ]
    Watcher(service, WORDS, Patience(1000.0, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
    assert all_done(watched)
    assert [item.lines for item in watched] == [[ours]] * 30
    assert rounds(clock) == [2.0]


def test_if_all_counted_lines_have_ended_ours_have_ended_as_well(clock):
    service = Service(clock, [0.0] * 30, [2] * 30)
    watched = [Watched(f"T{number}", ours=lambda lines: list(lines)[:1]) for number in range(30)]
    Watcher(service, WORDS, Patience(0.0, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
    assert all_done(watched)
    assert [len(item.lines) for item in watched] == [1] * 30
    assert service.requests == {"page": 1, "export": 1}


def test_a_counted_failure_shortens_the_next_interval(clock):
    def listed(number):
        failed = int(clock.now >= 1030 and number == 0)
        return Transaction(f"T{number}", "?", None, 1, 0, failed, 1 - failed)

    watch(clock, Service(clock, [500.0] * 30, listed=listed), 30, timeout=200.0)
    times = rounds(clock)
    seen = next(at for at in times if at >= 30)
    assert times[times.index(seen) + 1] - seen == 2.0


def test_newly_read_lines_shorten_the_next_interval_even_if_counted_before(clock):
    # The last five are requested by id, so an end is detected by their lines.
    service = Service(clock, [1.0] + [500.0] * 5, [2] * 6)
    look = service.transaction_lines

    def transaction_lines(name):
        lines = look(name)
        return [lines[0]._replace(status="Completed"), lines[1]] if clock.now >= 1100 else lines

    service.transaction_lines = transaction_lines
    watch(clock, service, 6, timeout=400.0, expected=dict.fromkeys(range(6), 2))
    times = rounds(clock)
    seen = next(at for at in times if at >= 100)
    assert times[times.index(seen) + 1] - seen == 2.0


def test_listeners_receive_the_transactions_that_were_polled(clock):
    service, rounds = Service(clock, [1.0, 100.0]), []
    watcher = Watcher(service, WORDS, Patience(200.0, 30.0, 2.0, 60.0), clock, clock.sleep, rounds.append)
    watched = watcher.watch([Watched("T0"), Watched("T1")])
    assert len(rounds) == len(clock.slept)
    assert rounds[0] == watched
    assert all(items == watched[1:] for items in rounds[1:])


# -- Errors ------------------------------------------------------------------------------------------------------------


def test_only_consecutive_refusals_end_the_reading_of_pages(clock):
    refused, trouble = RefusedError("not here"), ServiceError("out of order")
    service = Service(clock, [60.0] * 30)
    service.failing["page"] = [refused, refused, trouble, refused, refused]
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0


def test_a_problem_that_is_over_is_not_reported(clock):
    service = Service(clock, [10_000.0] * 30)
    service.failing["page"] = [ServiceError("out of order")]
    problems = []
    watcher = Watcher(
        service,
        WORDS,
        Patience(20.0, 30.0, 2.0, 60.0),
        clock,
        clock.sleep,
        lambda watched: problems.append({item.problem for item in watched}),
    )
    watcher.watch([Watched(f"T{number}") for number in range(30)])
    assert problems[:2] == [{"out of order"}, {None}]


def test_miscounted_transactions_are_requested_by_id_even_if_the_pages_fail(clock):
    def listed(number):
        done = number == 0 or clock.now >= 1060
        return Transaction(f"T{number}", "?", None, 1, int(done), 0, int(not done))

    service = Service(clock, [30.0] + [60.0] * 29, listed=listed)
    watched = [Watched(f"T{number}") for number in range(30)]
    for timeout in (0.0, 2.0):
        Watcher(service, WORDS, Patience(timeout, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
        service.failing["page"] = ServiceError("out of order")
    assert service.requests == {"page": 2, "export": 2, "id": 2}


@pytest.mark.parametrize("kind", [RefusedError, ServiceError, ThrottledError, UnexpectedAnswerError, UnreachableError])
def test_if_the_export_fails_transactions_are_requested_by_id(clock, kind):
    service = Service(clock, [1.0] * 30)
    service.failing["export"] = kind("not now")
    assert all_done(watch(clock, service, 30))
    assert service.requests == {"page": 1, "export": 1, "id": 30}


def test_only_transactions_missing_from_the_export_are_requested_by_id(clock):
    service = Service(clock, [1.0] * 30)
    export = service.history_export
    service.history_export = lambda read, transactions: export(read, [name for name in transactions if name != "T7"])
    assert all_done(watch(clock, service, 30))
    assert service.requests == {"page": 1, "export": 1, "id": 1}


def test_an_export_with_only_some_lines_is_not_final(clock):
    service = Service(clock, [1.0] * 30, [2] * 30)
    export = service.history_export
    service.history_export = lambda read, transactions: export(lambda lines: read(list(lines)[::2]), transactions)
    watched = watch(clock, service, 30, expected=dict.fromkeys(range(30), 2))
    assert all_done(watched)
    assert [len(item.lines) for item in watched] == [2] * 30


def test_at_the_timeout_an_export_behind_its_counts_is_not_final_either(clock):
    service = Service(clock, [1.0] * 30)
    service.history_export = lambda read, transactions: read(line(0, "Processing", name) for name in transactions)
    assert all_done(watch(clock, service, 30, timeout=2.0))
    assert service.requests["id"] == 30


@pytest.mark.parametrize(("settle", "looks"), [(0.0, 1), (3.0, 2), (3.1, 3)])
def test_transactions_that_never_appear_have_only_the_settle_time(clock, settle, looks):
    service = Service(clock, [0.0])
    service.failing["id"] = RefusedError("not found", None, "GET", "/x", 404)
    watcher = Watcher(service, WORDS, Patience(1000.0, settle, 2.0, 60.0), clock, clock.sleep)
    (item,) = watcher.watch([Watched("T0")])
    assert item.ended
    assert service.requests["id"] == looks
