# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one round of watching asks for, and what it makes of what it is told."""

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
    """The times at which the rounds were, in seconds from the start."""
    times, now = [], 0.0
    for pause in clock.slept:
        now += pause
        times.append(now)
    return times


# -- By the ids, or by the pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "lines", "by_page"), [(5, 1, 0), (6, 1, 1), (5, 100, 0), (1, 101, 1)])
def test_a_handful_of_small_transactions_is_not_looked_for_in_the_pages(clock, count, lines, by_page):
    service = Service(clock, [0.0] * count, [lines] * count)
    assert all_done(watch(clock, service, count, timeout=0.0, expected=dict.fromkeys(range(count), lines)))
    assert service.requests == {"id": count, **({"page": 1} if by_page else {})}


@pytest.mark.parametrize(("count", "limit"), [(6, 100), (50, 100), (51, 500), (600, 500)])
def test_a_page_is_as_large_as_what_is_looked_for(clock, count, limit):
    service = Service(clock, [0.0] * count)
    watch(clock, service, count, timeout=0.0)
    assert service.limits == {limit}


@pytest.mark.parametrize(("count", "pages"), [(6, 2), (9, 3), (17, 5), (18, 6), (500, 6), (501, 10), (1200, 14)])
def test_no_more_pages_are_read_than_a_third_of_what_the_ids_would_cost(clock, count, pages):
    service = Service(clock, [0.0] * count, foreign=8000)
    watch(clock, service, count, timeout=0.0)
    assert service.requests["page"] == pages


def test_looks_are_made_on_as_many_threads_as_may_be(clock):
    service = Service(clock, [0.0] * 4)
    service.concurrency = 4
    together = threading.Barrier(4)
    look = service.transaction_lines

    def transaction_lines(name):
        together.wait(5)
        return look(name)

    service.transaction_lines = transaction_lines
    assert all_done(watch(clock, service, 4))


def test_a_later_wait_for_the_same_counts_again(clock):
    service = Service(clock, [10.0] * 30)
    watched = [Watched(f"T{number}") for number in range(30)]
    for timeout in (0.0, 100.0):
        Watcher(service, WORDS, Patience(timeout, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
    assert all_done(watched)
    assert service.requests["page"] > 2
    assert service.requests["id"] == 0


# -- What the pages say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        lambda done: {"pending": 1 - done},
        lambda done: {"total": 1, "success": done, "failed": 0},
    ],
    ids=["how many are pending", "how many have ended"],
)
def test_a_page_need_not_count_everything(clock, told):
    def listed(number):
        return Transaction(f"T{number}", "Submitted", **told(int(clock.now >= 1010)))

    service = Service(clock, [10.0] * 30, listed=listed)
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0
    assert service.requests["export"] == 1


def test_a_page_may_count_more_lines_than_are_ours(clock):
    service = Service(clock, [10.0] * 30, [2] * 30)
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0


def test_lines_of_others_that_run_are_no_reason_to_go_on(clock):
    """Where a transaction has lines of others, its counts tell of ours only once all have ended."""

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


def test_counts_of_all_lines_that_have_ended_hold_for_ours_too(clock):
    service = Service(clock, [0.0] * 30, [2] * 30)
    watched = [Watched(f"T{number}", ours=lambda lines: list(lines)[:1]) for number in range(30)]
    Watcher(service, WORDS, Patience(0.0, 30.0, 2.0, 60.0), clock, clock.sleep, export=True).watch(watched)
    assert all_done(watched)
    assert [len(item.lines) for item in watched] == [1] * 30
    assert service.requests == {"page": 1, "export": 1}


def test_a_failure_that_is_counted_brings_the_next_round_soon(clock):
    def listed(number):
        failed = int(clock.now >= 1030 and number == 0)
        return Transaction(f"T{number}", "?", None, 1, 0, failed, 1 - failed)

    watch(clock, Service(clock, [500.0] * 30, listed=listed), 30, timeout=200.0)
    times = rounds(clock)
    seen = next(at for at in times if at >= 30)
    assert times[times.index(seen) + 1] - seen == 2.0


def test_a_look_at_the_lines_brings_the_next_round_soon_although_they_were_counted_before(clock):
    # Once five are left, they are asked for by id: then it is the lines that tell that something has ended.
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


def test_everyone_who_listens_is_told_after_each_round_of_those_that_it_looked_at(clock):
    service, told = Service(clock, [1.0, 100.0]), []
    watcher = Watcher(service, WORDS, Patience(200.0, 30.0, 2.0, 60.0), clock, clock.sleep, told.append)
    watched = watcher.watch([Watched("T0"), Watched("T1")])
    assert len(told) == len(clock.slept)
    assert told[0] == watched
    assert all(items == watched[1:] for items in told[1:])


# -- Trouble -----------------------------------------------------------------------------------------------------------


def test_only_refusals_in_a_row_end_the_looking_at_pages(clock):
    refused, trouble = RefusedError("not here"), ServiceError("out of order")
    service = Service(clock, [60.0] * 30)
    service.failing["page"] = [refused, refused, trouble, refused, refused]
    assert all_done(watch(clock, service, 30))
    assert service.requests["id"] == 0


def test_a_trouble_that_is_over_is_not_told_any_more(clock):
    service = Service(clock, [10_000.0] * 30)
    service.failing["page"] = [ServiceError("out of order")]
    told = []
    watcher = Watcher(
        service,
        WORDS,
        Patience(20.0, 30.0, 2.0, 60.0),
        clock,
        clock.sleep,
        lambda watched: told.append({item.problem for item in watched}),
    )
    watcher.watch([Watched(f"T{number}") for number in range(30)])
    assert told[:2] == [{"out of order"}, {None}]


def test_what_was_miscounted_is_asked_for_by_its_id_even_while_the_pages_fail(clock):
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
def test_where_the_export_fails_the_ids_do(clock, kind):
    service = Service(clock, [1.0] * 30)
    service.failing["export"] = kind("not now")
    assert all_done(watch(clock, service, 30))
    assert service.requests == {"page": 1, "export": 1, "id": 30}


def test_only_what_the_export_does_not_show_is_asked_for_by_its_id(clock):
    service = Service(clock, [1.0] * 30)
    export = service.history_export
    service.history_export = lambda read, transactions: export(read, [name for name in transactions if name != "T7"])
    assert all_done(watch(clock, service, 30))
    assert service.requests == {"page": 1, "export": 1, "id": 1}


def test_an_export_that_shows_a_part_of_the_lines_is_not_the_last_word(clock):
    service = Service(clock, [1.0] * 30, [2] * 30)
    export = service.history_export
    service.history_export = lambda read, transactions: export(lambda lines: read(list(lines)[::2]), transactions)
    watched = watch(clock, service, 30, expected=dict.fromkeys(range(30), 2))
    assert all_done(watched)
    assert [len(item.lines) for item in watched] == [2] * 30


def test_at_the_end_of_the_patience_an_export_that_is_behind_its_counts_is_not_the_last_word_either(clock):
    service = Service(clock, [1.0] * 30)
    service.history_export = lambda read, transactions: read(line(0, "Processing", name) for name in transactions)
    assert all_done(watch(clock, service, 30, timeout=2.0))
    assert service.requests["id"] == 30


@pytest.mark.parametrize(("settle", "looks"), [(0.0, 1), (3.0, 2), (3.1, 3)])
def test_what_does_not_show_up_is_given_the_settle_time_and_no_more(clock, settle, looks):
    service = Service(clock, [0.0])
    service.failing["id"] = RefusedError("not found", None, "GET", "/x", 404)
    watcher = Watcher(service, WORDS, Patience(1000.0, settle, 2.0, 60.0), clock, clock.sleep)
    (item,) = watcher.watch([Watched("T0")])
    assert item.ended
    assert service.requests["id"] == looks
