# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list that shifts, repeats, is limited or miscounted: every entry once, and always an end."""

from __future__ import annotations

import itertools
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.pages import SAME_PAGES, STALE_PAGES, read_all

#: Maximum number of requests of a read in these tests.
PATIENCE = 3000


class Service:
    """A list of names that is read page by page. `asked`: the requested offsets and limits.

    Args:
        count: how many names.
        cap: the most names of a page, whatever the limit.
        total: names → the reported total.
        takes: offset and limit → the slice that is given for them.
    """

    def __init__(self, count, cap=None, total=len, takes=lambda offset, limit: slice(offset, offset + limit)):
        self.names = [str(number) for number in range(count)]
        self.asked = []
        self._cap = cap
        self._total = total
        self._takes = takes

    def __call__(self, offset, limit):
        self.asked.append((offset, limit))
        assert len(self.asked) <= PATIENCE, "the read does not end"
        page = self.page(offset, limit if self._cap is None else min(limit, self._cap))
        return page, self._total(self.names)

    def page(self, offset, limit):
        """Return the names of a page."""
        return self.names[self._takes(offset, limit)]


def read(service, size=5, **how):
    """Return all entries that are read."""
    return list(read_all(service, lambda name: name, size, "GET /list", **how))


@pytest.mark.parametrize(("count", "offsets"), [(0, [0]), (1, [0, 1]), (4, [0, 3]), (5, [0, 4]), (9, [0, 4, 8])])
def test_a_correct_service_gets_no_unneeded_requests(count, offsets):
    service = Service(count)
    assert read(service) == service.names
    assert service.asked == [(offset, 5) for offset in offsets]


@pytest.mark.parametrize(
    ("total", "whole", "fails"), [(12, True, True), (12, False, False), (7, True, False), (None, True, False)]
)
def test_a_list_that_ends_before_its_total_is_an_error_with_whole(total, whole, fails):
    service = Service(9, total=lambda names: total)
    if not fails:
        assert read(service, whole=whole) == service.names
        return
    with pytest.raises(UnexpectedAnswerError, match="the service reports 12 entries but lists 9"):
        read(service, whole=whole)


@given(st.integers(0, 80), st.integers(4, 20), st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_pages_that_begin_before_their_offset_hide_nothing(count, size, lags):
    """Such pages are not longer: they lack as many entries at their end as they repeat."""
    lag = cycle(lags)

    def takes(offset, limit):
        start = max(0, offset - min(next(lag), limit // 2)) if offset < count else offset
        return slice(start, start + limit)

    service = Service(count, takes=takes)
    assert read(service, size, whole=True) == service.names


@given(st.data())
def test_every_entry_is_returned_once_whatever_the_service_does(data):
    size, cap = data.draw(st.integers(1, 9)), data.draw(st.sampled_from([None, 1, 2, 5, 100]))
    grows, repeats = data.draw(st.booleans()), data.draw(st.booleans())
    # Pages of one entry have nothing in common, so a shrunken list cannot be noticed.
    shrinks = data.draw(st.booleans()) and min(cap or size, size) > 1

    class Restless(Service):
        """A list that grows, shrinks and repeats itself between requests."""

        def page(self, offset, limit):
            if grows and len(self.asked) < 30 and data.draw(st.booleans()):
                self.names.append(f"new {len(self.asked)}")
            if shrinks and len(self.names) > 3 and data.draw(st.integers(0, 4)) == 0:
                del self.names[data.draw(st.integers(0, len(self.names) - 1))]
            page = super().page(offset, limit)
            return [*page, page[0]] if repeats and page and data.draw(st.booleans()) else page

    total = data.draw(st.sampled_from([lambda names: None, len, lambda names: 3, lambda names: 999]))
    service = Restless(data.draw(st.integers(0, 40)), cap, total)
    before = list(service.names)
    found = read(service, size)
    assert len(found) == len(set(found))
    missing = [name for name in before if name in service.names and name not in found]
    assert not missing


def test_removed_entries_hide_no_others():
    class Shrinking(Service):
        """A list that loses its first three entries after the first page."""

        def page(self, offset, limit):
            if len(self.asked) == 2:
                del self.names[:3]
            return super().page(offset, limit)

    assert read(Shrinking(12)) == [str(number) for number in range(12)]


def test_entries_added_during_the_read_are_returned():
    class Growing(Service):
        """A list that gets three more entries with each of the first requests."""

        def page(self, offset, limit):
            page = super().page(offset, limit)
            if len(self.asked) < 4:
                self.names += [f"{len(self.asked)}{letter}" for letter in "abc"]
            return page

    service = Growing(6)
    assert read(service) == service.names
    assert len(service.names) == 15


def test_entries_added_at_the_end_are_returned_if_pages_repeat():
    class Growing(Service):
        """A list that repeats two entries at the end, and gets one more before the fourth page."""

        def page(self, offset, limit):
            if len(self.asked) == 4:
                self.names.append("new")
            return super().page(offset - 2 if len(self.asked) in (2, 3) else offset, limit)

    service = Growing(3)
    assert read(service, whole=True) == [*"012", "new"]


@pytest.mark.parametrize("cap", [1, 2, 3, 4])
def test_a_service_that_caps_the_limit_is_read_to_the_end(cap):
    service = Service(23, cap)
    assert read(service) == service.names


@pytest.mark.parametrize("total", [None, 0, 3, 23, 1000])
def test_a_wrong_total_does_not_end_the_list(total):
    service = Service(23, total=lambda names: total)
    assert read(service) == service.names


@pytest.mark.parametrize("overlap", [1, 2, 4, 7])
def test_pages_that_overlap_are_read_to_the_end(overlap):
    service = Service(23, takes=lambda offset, limit: slice(max(0, offset - overlap), offset + limit))
    assert read(service) == service.names


def test_a_service_that_ignores_the_limit_is_read_at_once():
    service = Service(23, takes=lambda offset, limit: slice(offset, None))
    assert read(service) == service.names
    assert len(service.asked) == 2


def same(count, total=len):
    """Return a service with the first names for every offset."""
    return Service(count, total=total, takes=lambda offset, limit: slice(limit))


def test_a_service_that_ignores_the_offset_may_hide_the_rest():
    service = same(23, total=lambda names: None)
    with pytest.raises(
        UnexpectedAnswerError,
        match=r"GET /list: the service returns the same pages for every offset: 5 entries received, there may be more",
    ):
        read(service)
    assert len(service.asked) == SAME_PAGES + 1


def test_a_service_that_ignores_the_offset_with_a_higher_total_is_an_error():
    with pytest.raises(UnexpectedAnswerError, match="5 of 23 entries received"):
        read(same(23))


def test_a_service_that_ignores_the_offset_is_complete_with_its_total():
    service = same(4)
    assert read(service) == service.names


def test_a_service_that_ignores_offset_and_limit_is_complete():
    service = Service(23, total=lambda names: None, takes=lambda offset, limit: slice(None))
    assert read(service) == service.names


def test_pages_that_start_over_at_the_end_are_an_error():
    class Circle(Service):
        """A list that starts over after its end."""

        def page(self, offset, limit):
            return [self.names[place % len(self.names)] for place in range(offset, offset + limit)]

    service = Circle(23, total=lambda names: None)
    with pytest.raises(UnexpectedAnswerError, match="23 entries received"):
        read(service)
    assert len(service.asked) <= 6 + STALE_PAGES


@pytest.mark.parametrize("follows_the_offset", [True, False])
def test_an_endless_list_is_an_error(follows_the_offset):
    fresh = itertools.count()

    def endless(offset, limit):
        begin = offset if follows_the_offset else next(fresh) * limit
        return [str(number) for number in range(begin, begin + limit)], None

    with pytest.raises(UnexpectedAnswerError, match=r"GET /list: the list does not end after 10\d entries"):
        read(endless, max_entries=100)


def test_entries_without_an_id_are_ignored():
    service = Service(7)
    found = read_all(service, lambda name: None if name == "3" else name, 5, "GET /list")
    assert list(found) == ["0", "1", "2", "4", "5", "6"]
