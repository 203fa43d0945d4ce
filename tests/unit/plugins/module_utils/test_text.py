# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words as people write them: compared, unwrapped, guessed at."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._text import fold, hint, unwrap


@pytest.mark.parametrize(
    ("written", "folded"),
    [("AT&T ", "att"), ("Zip Code", "zipcode"), ("T-Mobile", "tmobile"), ("line_status", "linestatus"), (5, "5")],
)
def test_a_folded_word_has_neither_case_nor_blanks_nor_punctuation(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="8901"', "8901"), ("'02134", "02134"), (" a b ", "a b"), ('=" 8901 "', "8901"), ("O'Brien", "O'Brien")],
)
def test_what_keeps_a_cell_from_being_a_number_is_taken_off(cell, text):
    assert unwrap(cell) == text


def test_a_hint_names_what_is_probably_meant_and_lists_the_nearest_first():
    assert hint("verzion", ["AT&T", "Verizon", "T-Mobile", "Verizon"]) == (
        ": is Verizon meant? known are Verizon, T-Mobile, AT&T"
    )


def test_a_hint_lists_the_nearest_of_many_names_and_counts_the_rest():
    known = [f"PLAN-{number:03}" for number in range(100)]
    told = hint("Plan O42", known)
    assert told.startswith(": is PLAN-042 meant? known are PLAN-042, ")
    assert told.endswith(" and 80 more")
    assert told.count("PLAN-") == 21
    assert len(hint("xyz", known)) < 300


def test_names_with_nothing_in_common_come_last_in_alphabetical_order():
    assert hint("icid", ["zzz", "iccid", "mmm", "imei"]) == ": is iccid meant? known are iccid, imei, mmm, zzz"


def test_names_that_differ_in_punctuation_alone_are_both_listed():
    assert hint("ATandT", ["AT&T", "AT T"]) == ": is AT T meant? known are AT T, AT&T"


def test_the_same_word_is_compared_once(monkeypatch):
    first = hint("icid", ["imei", "iccid"])
    monkeypatch.delattr(difflib, "get_close_matches")
    assert hint("icid", iter(["iccid", "imei", "imei"])) == first


def test_of_many_names_only_the_likely_ones_are_compared_in_full(monkeypatch):
    compared = []

    class Counting(difflib.SequenceMatcher):
        def ratio(self):
            compared.append(self.a)
            return super().ratio()

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    hint("W0001", [f"PLAN-{number:04}" for number in range(1000)])
    assert len(compared) < 20


def test_a_hint_for_a_word_like_no_other_only_lists():
    assert hint("xyz", ["carrier", "imei"]).startswith(": known are ")
    assert hint("xyz", []) == ": known are none"
