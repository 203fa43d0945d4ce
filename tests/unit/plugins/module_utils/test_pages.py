# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list that shifts, repeats, is capped or miscounted: each entry once, none missing, and always an end."""

from __future__ import annotations

import itertools
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.pages import SAME_PAGES, STALE_PAGES, read_all

#: More requests than any of these reads may need.
PATIENCE = 3000


class Service:
    """A list of names that is read page by page; `asked` has each offset and limit.

    Args:
        count: how many names.
        cap: the most names of a page, whatever the limit.
        total: names → the total that is told.
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
        """The names of a page."""
        return self.names[self._takes(offset, limit)]


def read(service, size=5, **how):
    """All that is read."""
    return list(read_all(service, lambda name: name, size, "GET /list", **how))


@pytest.mark.parametrize(("count", "offsets"), [(0, [0]), (1, [0, 1]), (4, [0, 3]), (5, [0, 4]), (9, [0, 4, 8])])
def test_a_service_that_behaves_is_asked_no_more_than_needed(count, offsets):
    service = Service(count)
    assert read(service) == service.names
    assert service.asked == [(offset, 5) for offset in offsets]


@pytest.mark.parametrize(
    ("total", "whole", "fails"), [(12, True, True), (12, False, False), (7, True, False), (None, True, False)]
)
def test_a_list_that_ends_before_its_total_is_an_error_where_it_has_to_be_whole(total, whole, fails):
    service = Service(9, total=lambda names: total)
    if not fails:
        assert read(service, whole=whole) == service.names
        return
    with pytest.raises(UnexpectedAnswerError, match="the service counts 12 entries and shows 9"):
        read(service, whole=whole)


@given(st.integers(0, 80), st.integers(4, 20), st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_pages_that_begin_before_their_offset_hide_nothing(count, size, lags):
    """And are no longer for it: what they repeat, they lack at their end."""
    lag = cycle(lags)

    def takes(offset, limit):
        start = max(0, offset - min(next(lag), limit // 2)) if offset < count else offset
        return slice(start, start + limit)

    service = Service(count, takes=takes)
    assert read(service, size, whole=True) == service.names


@given(st.data())
def test_nothing_is_missing_or_told_twice_whatever_the_service_does(data):
    size, cap = data.draw(st.integers(1, 9)), data.draw(st.sampled_from([None, 1, 2, 5, 100]))
    grows, repeats = data.draw(st.booleans()), data.draw(st.booleans())
    # One entry at a time, and nothing that pages have in common: then nobody can see that the list has shrunk.
    shrinks = data.draw(st.booleans()) and min(cap or size, size) > 1

    class Restless(Service):
        """Grows, shrinks and repeats itself between requests."""

        def page(self, offset, limit):
            if grows and len(self.asked) < 30 and data.draw(st.booleans()):
                self.names.append(f"new {len(self.asked)}")
            if shrinks and len(self.names) > 3 and data.draw(st.integers(0, 4)) == 0:
                del self.names[data.draw(st.integers(0, len(self.names) - 1))]
            page = super().page(offset, limit)
            return [*page, page[0]] if repeats and page and data.draw(st.booleans()) else page

    told = data.draw(st.sampled_from([lambda names: None, len, lambda names: 3, lambda names: 999]))
    service = Restless(data.draw(st.integers(0, 40)), cap, told)
    before = list(service.names)
    found = read(service, size)
    assert len(found) == len(set(found))
    missing = [name for name in before if name in service.names and name not in found]
    assert not missing


def test_what_went_meanwhile_hides_nothing():
    class Shrinking(Service):
        """Loses its first three entries after the first page."""

        def page(self, offset, limit):
            if len(self.asked) == 2:
                del self.names[:3]
            return super().page(offset, limit)

    assert read(Shrinking(12)) == [str(number) for number in range(12)]


def test_what_comes_meanwhile_is_told_too():
    class Growing(Service):
        """Gets three entries more with each of the first requests."""

        def page(self, offset, limit):
            page = super().page(offset, limit)
            if len(self.asked) < 4:
                self.names += [f"{len(self.asked)}{letter}" for letter in "abc"]
            return page

    service = Growing(6)
    assert read(service) == service.names
    assert len(service.names) == 15


def test_what_comes_to_the_end_while_pages_repeat_themselves_is_told_too():
    class Growing(Service):
        """Repeats two entries at the end, and gets one more before the fourth page."""

        def page(self, offset, limit):
            if len(self.asked) == 4:
                self.names.append("new")
            return super().page(offset - 2 if len(self.asked) in (2, 3) else offset, limit)

    service = Growing(3)
    assert read(service, whole=True) == [*"012", "new"]


@pytest.mark.parametrize("cap", [1, 2, 3, 4])
def test_a_service_that_caps_the_limit(cap):
    service = Service(23, cap)
    assert read(service) == service.names


@pytest.mark.parametrize("total", [None, 0, 3, 23, 1000])
def test_a_total_tells_no_end(total):
    service = Service(23, total=lambda names: total)
    assert read(service) == service.names


@pytest.mark.parametrize("overlap", [1, 2, 4, 7])
def test_pages_that_repeat_the_end_of_the_page_before(overlap):
    service = Service(23, takes=lambda offset, limit: slice(max(0, offset - overlap), offset + limit))
    assert read(service) == service.names


def test_a_service_that_ignores_the_limit_gives_all_at_once():
    service = Service(23, takes=lambda offset, limit: slice(offset, None))
    assert read(service) == service.names
    assert len(service.asked) == 2


def same(count, total=len):
    """Gives the first names for every offset."""
    return Service(count, total=total, takes=lambda offset, limit: slice(limit))


def test_a_service_that_ignores_the_offset_may_hide_the_rest():
    service = same(23, total=lambda names: None)
    with pytest.raises(
        UnexpectedAnswerError,
        match=r"GET /list: the service repeats its pages whatever the offset: 5 entries came, and there may be more",
    ):
        read(service)
    assert len(service.asked) == SAME_PAGES + 1


def test_a_service_that_ignores_the_offset_and_counts_more_hides_the_rest():
    with pytest.raises(UnexpectedAnswerError, match="5 of 23 entries came"):
        read(same(23))


def test_a_service_that_ignores_the_offset_is_believed_when_its_total_has_come():
    service = same(4)
    assert read(service) == service.names


def test_a_service_that_ignores_offset_and_limit_has_told_all():
    service = Service(23, total=lambda names: None, takes=lambda offset, limit: slice(None))
    assert read(service) == service.names


def test_pages_that_go_round_in_circles_do_not_keep_us_for_ever():
    class Circle(Service):
        """Begins anew after its end."""

        def page(self, offset, limit):
            return [self.names[place % len(self.names)] for place in range(offset, offset + limit)]

    service = Circle(23, total=lambda names: None)
    with pytest.raises(UnexpectedAnswerError, match="23 entries came"):
        read(service)
    assert len(service.asked) <= 6 + STALE_PAGES


@pytest.mark.parametrize("follows_the_offset", [True, False])
def test_an_endless_list_is_an_error(follows_the_offset):
    fresh = itertools.count()

    def endless(offset, limit):
        begin = offset if follows_the_offset else next(fresh) * limit
        return [str(number) for number in range(begin, begin + limit)], None

    with pytest.raises(UnexpectedAnswerError, match=r"GET /list: the list does not end: it has 10\d entries and more"):
        read(endless, longest=100)


def test_entries_without_an_id_are_ignored():
    service = Service(7)
    found = read_all(service, lambda name: None if name == "3" else name, 5, "GET /list")
    assert list(found) == ["0", "1", "2", "4", "5", "6"]
