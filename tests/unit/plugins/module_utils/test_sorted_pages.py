# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a sorted list with concurrent changes: permanent entries are read once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.sorted_pages import OVERLAP, PageReader

#: Maximum number of requests of a read in these tests.
PATIENCE = 4000


class Service:
    """A sorted list of numbers as text. `asked`: the requested offsets.

    Args:
        names: what it has.
        size: entries of a page.
        total: names → the total that is given.
        changes: after how many pages which numbers are added and removed.
    """

    def __init__(self, names, size=10, total=len, changes=()):
        self.names = sorted(names)
        self.size = size
        self.total = total
        self.changes = dict(changes)
        self.asked = []

    def __call__(self, offset):
        self.asked.append(offset)
        assert len(self.asked) <= PATIENCE, "the read does not end"
        page = self.names[offset : offset + self.size]
        total = self.total(self.names)
        for added, removed in self.changes.pop(len(self.asked), ()):
            self.names = sorted({*self.names, *added}.difference(removed))
        return page, total


def read(service, threads=1):
    """Return all entries that are read."""
    return list(PageReader(service, lambda name: f"{name:06d}", "GET /list", threads).entries())


@pytest.mark.parametrize(
    ("count", "offsets"), [(0, [0]), (2, [0, 1]), (10, [0, 5]), (12, [0, 5, 7]), (30, [0, 5, 10, 15, 20, 25])]
)
def test_an_unchanged_list_needs_no_extra_requests(count, offsets):
    service = Service(range(count))
    assert read(service) == list(range(count))
    assert service.asked == offsets


@pytest.mark.parametrize("total", [len, lambda names: None, lambda names: min(1, len(names))])
@pytest.mark.parametrize("count", [0, 1, 5, 9, 10, 11, 15, 16, 100, 333])
@pytest.mark.parametrize("threads", [1, 4])
def test_a_list_is_read_to_its_end_with_any_total(count, total, threads):
    service = Service(range(count), total=total)
    assert read(service, threads) == list(range(count))


def test_pages_are_read_at_once_after_the_first_has_given_the_total():
    busy = []

    class Waiting(Service):
        def __call__(self, offset):
            busy.append(len(self.asked))
            return super().__call__(offset)

    service = Waiting(range(100))
    assert read(service, 4) == list(range(100))
    assert sorted(service.asked) == [0, *range(5, 100, 5)]


NUMBERS = st.integers(0, 120)
#: Odd numbers that a change adds and removes. Even ones stay.
CHANGES = st.dictionaries(
    st.integers(1, 40),
    st.lists(
        st.tuples(
            st.lists(NUMBERS.map(lambda number: 2 * number + 1), max_size=12),
            st.lists(NUMBERS.map(lambda number: 2 * number + 1), max_size=12),
        ),
        max_size=2,
    ),
    max_size=15,
)


@given(st.sets(NUMBERS, max_size=90), st.sets(NUMBERS, max_size=60), CHANGES, st.sampled_from([1, 3]))
def test_permanent_entries_are_read_once_while_others_change(staying, passing, changes, threads):
    service = Service(
        {2 * number for number in staying} | {2 * number + 1 for number in passing}, total=lambda names: None
    )
    service.changes = changes
    found = read(service, threads)
    assert len(found) == len(set(found))
    assert {2 * number for number in staying} <= set(found)


@given(st.integers(20, 200), st.integers(1, 30), st.integers(1, 60), st.sampled_from([1, 3]))
def test_a_list_that_shrinks_at_its_start_hides_nothing(count, after, gone, threads):
    service = Service(range(count), changes={after: [((), range(min(gone, count - 5)))]})
    assert set(range(gone, count)) <= set(read(service, threads))


def test_entries_of_the_same_identity_in_a_page_are_all_read():
    service = Service([1, 1, 2, 3])
    service.names = [1, 1, 2, 3]
    assert read(service) == [1, 1, 2, 3]


def test_a_service_without_entries_beyond_an_offset_is_an_error():
    class Capped(Service):
        def __call__(self, offset):
            page, total = super().__call__(offset)
            return (page if offset < 20 else []), total

    with pytest.raises(UnexpectedAnswerError, match="the service reports 90 entries but lists"):
        read(Capped(range(90)), 3)


@pytest.mark.parametrize("total", [len, lambda names: None])
def test_a_service_that_ignores_the_offset_is_an_error(total):
    class Deaf(Service):
        def __call__(self, _offset):
            return super().__call__(0)

    with pytest.raises(UnexpectedAnswerError, match=r"the service (?:reports|returns)"):
        read(Deaf(range(90), total=total))


def test_an_entry_added_before_the_current_offset_is_not_an_error():
    service = Service(range(100, 200), changes={5: [((1, 2, 3), ())]})
    assert set(range(100, 200)) <= set(read(service))


def test_a_page_that_was_read_ahead_does_not_end_the_list():
    # The list is short while pages are read ahead, and longer when their turn comes.
    service = Service(range(0, 40, 2), changes={1: [((), range(10, 40, 2))], 3: [(range(10, 60, 2), ())]})
    found = read(service, 4)
    assert set(range(0, 10, 2)) <= set(found)


def test_the_overlap_is_less_than_a_page():
    assert 0 < OVERLAP < 50
