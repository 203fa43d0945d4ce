# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting statuses: each device by itself, in as few requests as that takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.set_status import (
    Status,
    StatusSetter,
    shown,
    word_for,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    PreflightError,
    RefusedError,
    ScopeError,
    ServiceError,
    StoppedError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import REQUIRED, ListingReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import entry, mdn
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import World

REFUSED = RefusedError("not this one", None, "PUT", "/x", 409)


def set_all(world, count, **how):
    """Set the status of so many devices; the numbers of those with a problem, and the problems."""
    setter = StatusSetter(world, "NORTH", **how)
    problems = setter.set([entry(number) for number in range(count)], Status("SUSPENDED", "Summer"))
    return setter, sorted(int(number[-4:]) for number in problems), problems


def refusing(numbers, error=REFUSED, concurrency=1):
    """A service that refuses these devices."""
    world = World(concurrency=concurrency)
    world.refuses_status = {mdn(number): error for number in numbers}
    return world


def taken(world):
    """The MDNs that got a status, each as often as it did."""
    return sorted(number for _when, number, _word in world._set)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_250_devices_take_three_requests(concurrency):
    world = refusing([], concurrency=concurrency)
    setter, failed, _problems = set_all(world, 250)
    assert sorted(len(mdns) for _corp, mdns, _word, _reason in world.puts) == [50, 100, 100]
    assert {put[2:] for put in world.puts} == {("SUSPENDED", "Summer")}
    assert (failed, setter.changed) == ([], True)


@pytest.mark.parametrize("bad", [0, 20, 63])
def test_a_refused_device_is_found_by_halves(bad):
    world = refusing([bad])
    _setter, failed, problems = set_all(world, 64)
    assert failed == [bad]
    assert problems[mdn(bad)] is REFUSED
    assert len(world.puts) == 13
    assert taken(world) == [mdn(number) for number in range(64) if number != bad]


@given(st.sets(st.integers(0, 249), max_size=9), st.sampled_from([1, 8]))
def test_only_the_refused_devices_fail_and_each_other_is_set_once(bad, concurrency):
    world = refusing(bad, concurrency=concurrency)
    _setter, failed, _problems = set_all(world, 250)
    assert failed == sorted(bad)
    assert taken(world) == [mdn(number) for number in range(250) if number not in bad]
    assert all(len(mdns) <= 100 for _corp, mdns, _word, _reason in world.puts)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("first", [30, 100, 130, 200])
def test_devices_that_are_refused_at_the_beginning_of_a_file_do_not_keep_the_others_back(first, concurrency):
    world = refusing(range(first), concurrency=concurrency)
    _setter, failed, problems = set_all(world, 400)
    assert failed == list(range(first))
    assert set(problems.values()) == {REFUSED}
    assert taken(world) == [mdn(number) for number in range(first, 400)]


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_request_that_is_wrong_for_all_is_not_sent_for_each(concurrency):
    world = refusing(range(2000), concurrency=concurrency)
    setter, failed, _problems = set_all(world, 2000)
    assert failed == list(range(2000))
    assert len(world.puts) < 150
    assert not setter.changed


def test_after_an_error_that_holds_for_all_nothing_more_is_sent():
    world = refusing([0], ScopeError("no scope"))
    _setter, failed, problems = set_all(world, 250)
    assert failed == list(range(250))
    assert len(world.puts) == 1
    assert "no scope" in str(problems[mdn(249)])


def test_a_lost_answer_may_have_changed_something_and_the_others_are_set():
    world = refusing([0], ServiceError("502"))
    setter, failed, _problems = set_all(world, 150)
    assert failed == list(range(100))
    assert setter.changed


def test_nothing_is_sent_once_nobody_wants_it():
    world = refusing([])

    def gone():
        raise StoppedError("gone")

    setter, failed, _problems = set_all(world, 3, check=gone)
    assert (failed, world.puts, setter.changed) == ([0, 1, 2], [], False)


@pytest.mark.parametrize(
    ("state", "word"), [("active", "In Use"), ("suspended", "Paused"), ("on-hold", "On Hold"), ("paused", "Paused")]
)
def test_the_word_is_the_accounts(state, word):
    reads = DeviceStatuses({"active": ["in use"]})
    assert word_for(["Paused", "In Use", "On Hold"], state, reads) == word


@pytest.mark.parametrize("words", [[], ["Red", "Green"]])
def test_a_word_that_the_account_does_not_have(words):
    with pytest.raises(PreflightError, match=r"no device status lost; nothing was written\. Valid statuses: "):
        word_for(words, "lost", DeviceStatuses())


def looked_up(world, numbers, not_taken=(), looks=5):
    """Look devices up that are to be suspended; also how many looks that took."""
    entries = [entry(number) for number in numbers]
    seen = []

    def rounds():
        for look in range(looks):
            seen.append(look)
            yield

    reader = ListingReader(world, REQUIRED)
    found = shown(reader, entries, lambda listed: listed.status == "suspended", rounds(), [mdn(n) for n in not_taken])
    return found, len(seen)


def test_what_was_not_taken_is_looked_up_and_not_waited_for():
    world = World()
    world.list_devices(entry(0, "suspended"), entry(1), entry(2))
    found, looks = looked_up(world, [0, 1], not_taken=[1])
    assert (set(found.entries), set(found.others), looks) == ({mdn(0)}, {mdn(1)}, 1)
    assert looked_up(world, [0, 1, 2], not_taken=[1])[1] == 5


def test_a_list_that_cannot_be_read_ends_the_looks_where_nothing_is_waited_for():
    world = World()

    def fail(*_how, **_more):
        raise ScopeError("no list")

    world.listing_export = world.listing_pages = fail
    found, looks = looked_up(world, [0], not_taken=[0])
    assert looks == 1
    assert "no list" in str(found.problem)
