# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting statuses: of each device, in as few requests as possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.set_status import (
    Status,
    StatusSetter,
    confirm_statuses,
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
    """Set the status of a number of devices; return the numbers of those with a problem, and the problems."""
    setter = StatusSetter(world, "NORTH", **how)
    problems = setter.set([entry(number) for number in range(count)], Status("SUSPENDED", "Summer"))
    return setter, sorted(int(number[-4:]) for number in problems), problems


def refusing(numbers, error=REFUSED, concurrency=1):
    """A service that refuses these devices."""
    world = World(concurrency=concurrency)
    world.refuses_status = {mdn(number): error for number in numbers}
    return world


def accepted(world):
    """Return the MDNs whose status was accepted, once per accepted request."""
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
    assert accepted(world) == [mdn(number) for number in range(64) if number != bad]


@given(st.sets(st.integers(0, 249), max_size=9), st.sampled_from([1, 8]))
def test_only_refused_devices_fail_and_all_others_are_set_once(bad, concurrency):
    world = refusing(bad, concurrency=concurrency)
    _setter, failed, _problems = set_all(world, 250)
    assert failed == sorted(bad)
    assert accepted(world) == [mdn(number) for number in range(250) if number not in bad]
    assert all(len(mdns) <= 100 for _corp, mdns, _word, _reason in world.puts)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("first", [30, 100, 130, 200])
def test_devices_refused_at_the_beginning_of_a_file_do_not_block_the_others(first, concurrency):
    world = refusing(range(first), concurrency=concurrency)
    _setter, failed, problems = set_all(world, 400)
    assert failed == list(range(first))
    assert set(problems.values()) == {REFUSED}
    assert accepted(world) == [mdn(number) for number in range(first, 400)]


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_request_that_is_refused_for_all_is_not_repeated_for_each(concurrency):
    world = refusing(range(2000), concurrency=concurrency)
    setter, failed, _problems = set_all(world, 2000)
    assert failed == list(range(2000))
    assert len(world.puts) < 150
    assert not setter.changed


def test_after_a_fatal_error_nothing_more_is_sent():
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


def test_an_orphaned_run_sends_nothing():
    world = refusing([])

    def gone():
        raise StoppedError("gone")

    setter, failed, _problems = set_all(world, 3, check=gone)
    assert (failed, world.puts, setter.changed) == ([0, 1, 2], [], False)


@pytest.mark.parametrize(
    ("state", "word"), [("active", "In Use"), ("suspended", "Paused"), ("on-hold", "On Hold"), ("paused", "Paused")]
)
def test_the_word_comes_from_the_account(state, word):
    reads = DeviceStatuses({"active": ["in use"]})
    assert word_for(["Paused", "In Use", "On Hold"], state, reads) == word


@pytest.mark.parametrize("words", [[], ["Red", "Green"]])
def test_a_status_that_the_account_does_not_have_is_an_error(words):
    with pytest.raises(PreflightError, match=r"no device status lost; nothing was written\. Valid statuses: "):
        word_for(words, "lost", DeviceStatuses())


def looked_up(world, numbers, not_accepted=(), looks=5):
    """Look up devices that are to be suspended; return the confirmation and the number of looks."""
    entries = [entry(number) for number in numbers]
    seen = []

    def rounds():
        for look in range(looks):
            seen.append(look)
            yield

    reader = ListingReader(world, REQUIRED)
    found = confirm_statuses(
        reader, entries, lambda listed: listed.status == "suspended", rounds(), [mdn(n) for n in not_accepted]
    )
    return found, len(seen)


def test_refused_devices_are_looked_up_but_not_waited_for():
    world = World()
    world.list_devices(entry(0, "suspended"), entry(1), entry(2))
    found, looks = looked_up(world, [0, 1], not_accepted=[1])
    assert (set(found.entries), set(found.others), looks) == ({mdn(0)}, {mdn(1)}, 1)
    assert looked_up(world, [0, 1, 2], not_accepted=[1])[1] == 5


def test_an_unreadable_list_ends_the_lookups_if_nothing_is_waited_for():
    world = World()

    def fail(*_how, **_more):
        raise ScopeError("no list")

    world.listing_export = world.listing_pages = fail
    found, looks = looked_up(world, [0], not_accepted=[0])
    assert looks == 1
    assert "no list" in str(found.problem)
