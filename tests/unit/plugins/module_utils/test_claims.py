# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims of one process: which run waits for which, what is reported, and what two claims share."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out import register as _register
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.claims import Claimed
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import StoppedError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.claiming import (
    PATIENCE,
    Time,
    claim_files,
    claims,
    until,
)


def test_runs_on_other_devices_do_not_wait(where):
    with claims(where).held(["1", "2"]), claims(where).held(["3"]) as claimed:
        assert claimed.warning is None
        assert len(claim_files(where)) == 2
    assert claim_files(where) == []


@pytest.mark.parametrize("other", [{"kind": "esim"}, {"service": "https://other.example"}])
def test_another_kind_or_service_has_its_own_claims(where, other):
    with claims(where).held(["1"]), claims(where, **other).held(["1"]):
        assert len(claim_files(where)) == 2


def test_a_run_waits_until_another_one_on_the_same_device_has_ended(where):
    with ExitStack() as holder:
        holder.enter_context(claims(where).held(["1", "2"]))
        with claims(where, time=Time({30: holder.close})).held(["2", "3"]) as claimed:
            assert 30 <= claimed.waited_seconds < 31


def test_two_threads_of_one_process_exclude_one_another(where):
    order = []

    def run():
        with claims(where).held(["1"]):
            order.append("second")

    with claims(where).held(["1"]):
        thread = Thread(target=run)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join(PATIENCE)
    assert order == ["first", "second"]


def test_a_run_without_devices_does_not_wait(where):
    with claims(where).held([]) as claimed:
        assert claimed.warning is None
        assert claim_files(where) == []


def test_a_claim_ends_when_its_run_fails(where):
    with pytest.raises(KeyError), claims(where).held(["1"]):
        raise KeyError
    assert claim_files(where) == []
    with claims(where, time=Time()).held(["1"]) as claimed:
        assert claimed == Claimed(0.0, None)


def test_after_three_seconds_a_line_names_the_process_once(where):
    said = []
    now = Time()
    with ExitStack() as holder:
        holder.enter_context(claims(where).held(map(str, range(100))))
        now.at[600] = holder.close
        with claims(where, time=now).held(map(str, range(88, 120)), lambda text: said.append((now.now, text))):
            pass
    ((second, text),) = said
    assert 3 <= second < 3.5
    assert text.startswith(f"waiting for process {os.getpid()} (")
    assert text.endswith("), which activates 12 of these devices")


def test_a_short_wait_is_not_reported(where):
    said = []
    with ExitStack() as holder:
        holder.enter_context(claims(where).held(["1"]))
        with claims(where, time=Time({2: holder.close})).held(["1"], said.append):
            assert said == []


def test_a_run_that_is_stopped_while_it_waits_leaves_no_claim(where):
    now = Time()
    with claims(where).held(["1"]):
        with (
            pytest.raises(StoppedError, match="nothing was submitted"),
            claims(where, time=now).held(["1"], stop=lambda: now.now > 5),
        ):
            pytest.fail("it does not have the device")
        assert len(claim_files(where)) == 1


def test_a_run_that_waits_for_the_register_can_be_stopped(where):
    now = Time()
    with claims(where).held(["1"]):
        register = _register.Register(str(where), True, claims(where)._name)
        assert register.lock()
        with pytest.raises(StoppedError), claims(where, time=now).held(["2"], stop=lambda: now.now > 5):
            pass
        register.close()
        with claims(where, time=now).held(["2"]) as claimed:
            assert claimed.warning is None


def test_runs_proceed_in_the_order_in_which_they_entered(where):
    """A run on one device does not overtake an earlier run on many that waits for another device."""
    order = []

    def run(name, keys):
        with claims(where).held(keys):
            order.append(name)

    threads = [Thread(target=run, args=case) for case in (("many", ["1", "2"]), ("few", ["2"]))]
    with claims(where).held(["1"]):
        for count, thread in enumerate(threads, 2):
            thread.start()
            until(lambda count=count: len(claim_files(where)) == count)
        time.sleep(0.3)
        assert order == []
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["many", "few"]


# -- Overlap -----------------------------------------------------------------------------------------------------------

NUMBERS = st.sets(st.integers(0, 300) | st.integers(0, 2**64 - 1), max_size=200)


@given(NUMBERS, NUMBERS, st.integers(1, 8), st.sampled_from([1, 4, 1000]))
def test_claims_share_the_intersection_of_their_devices(mine, theirs, at_once, far_smaller):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_register, "_AT_ONCE", at_once)
        patch.setattr(_register, "_FAR_SMALLER", far_smaller)
        assert _register.shared(sorted(mine), sorted(theirs)) == len(mine & theirs)


@given(st.lists(st.integers(0, 10**18).map(str)))
def test_identifiers_have_unique_numbers(keys):
    assert len(_register.numbers_of(keys)) == len(set(keys))
    assert list(_register.numbers_of(keys)) == sorted(set(_register.numbers_of(keys)))


@given(st.sets(st.text()), st.sets(st.text()))
def test_two_runs_with_a_common_key_overlap(mine, theirs):
    shared = _register.shared(_register.numbers_of(mine), _register.numbers_of(theirs))
    assert shared >= bool(mine & theirs)


def test_a_number_is_the_same_in_each_process():
    assert list(_register.numbers_of(["89014103211118510720", "A-1"])) == [
        89014103211118510720 % (2**61 - 1),
        0xBC4E7BE982AB79EC,
    ]
