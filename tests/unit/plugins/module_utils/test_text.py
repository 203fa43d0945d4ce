# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words as people write them: compared, unwrapped, guessed at."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._text import (
    fold,
    guarded,
    hint,
    printable,
    printable_lines,
    unwrap,
)


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
        ": did you mean Verizon? Valid: Verizon, T-Mobile, AT&T"
    )


def test_a_hint_lists_the_nearest_of_many_names_and_counts_the_rest():
    known = [f"PLAN-{number:03}" for number in range(100)]
    told = hint("Plan O42", known)
    assert told.startswith(": did you mean PLAN-042? Valid: PLAN-042, ")
    assert told.endswith(" and 80 more")
    assert told.count("PLAN-") == 21
    assert len(hint("xyz", known)) < 300


def test_names_with_nothing_in_common_come_last_in_alphabetical_order():
    assert hint("icid", ["zzz", "iccid", "mmm", "imei"]) == ": did you mean iccid? Valid: iccid, imei, mmm, zzz"


def test_names_that_differ_in_punctuation_alone_are_both_listed():
    assert hint("ATandT", ["AT&T", "AT T"]) == ": did you mean AT T? Valid: AT T, AT&T"


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
    assert hint("xyz", ["carrier", "imei"]).startswith("; valid: ")
    assert hint("xyz", []) == "; valid: none"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bad ZIP", "bad ZIP"),
        ("\x1b[31mred\x1b[0m", "\ufffdred\ufffd"),
        ("\x9b2Jgone", "\ufffdgone"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("a\r\nb\tc\x85d\u2028e\u2029f", "a b c d e f"),
        ("a\x00b\x7fc\x9dd", "a\ufffdb\ufffdc\ufffdd"),
        ("\u202egpj.exe\u2066\u200e\u200f\u061c", "\ufffdgpj.exe\ufffd\ufffd\ufffd\ufffd"),
        ("pay\u200bpal \u2060\ufeff\u180e\xad", "pay\ufffdpal \ufffd\ufffd\ufffd\ufffd"),
        ("ad\u200dmin x\u200cy", "ad\ufffdmin x\ufffdy"),
        ("\ud83d half, \ufffe none, \u0378 unassigned", "\ufffd half, \ufffd none, \ufffd unassigned"),
        ("\U000e0041hidden", "\ufffdhidden"),
    ],
)
def test_what_could_change_a_terminal_or_hide_text_is_not_shown(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "École 3, São Paulo, Đà Nẵng",
        "Ελλάδα, Россия, ישראל, العربية, भारत, ไทย, 中文\u3000日本語, 한국어",
        "می\u200cخواهم",
        "क्\u200dष, क्\u200d",
        "👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 👍🏽 🇩🇪",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\U0001fabe from the next Unicode",
        "1\xa0000 km, 5\u202f%",
        "\uf8ff \U000f0000",
        "\u06dd١",
    ],
)
def test_scripts_and_emoji_are_shown_as_they_are(text):
    assert printable(text) == text


_HOSTILE = st.text(st.sampled_from(" a1=\x1b[m\x9b\n\r\t\x00\u202e\u200d\u200bé👩\ud800\U000e0041\u2028"))


@given(st.one_of(st.text(), _HOSTILE))
def test_what_is_shown_has_no_control_and_is_shown_alike_again(text):
    shown = printable(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert printable(shown) == shown
    assert shown.encode("utf-8").decode() == shown


@given(st.one_of(st.text(), _HOSTILE))
def test_several_lines_keep_their_line_ends_and_nothing_else(text):
    assert printable_lines(text).split("\n") == [printable(line) for line in text.replace("\r\n", "\n").split("\n")]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            ' "=1"',
            "'=1",
            "＝1+1",
            "＋1+1",
            "－1-1",
            "＠x",
        ),
        *("+1 555 123-4567", "-", "--", "+", "-1e5", '="8901"'),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-12.5", "+15551234567", "-7", "Bus-1", "a=b", "O'Brien", "", "'02134", None, 5, -5, 0.1]
)
def test_numbers_and_plain_texts_stay_as_they_are(cell):
    assert guarded(cell) == cell


@pytest.mark.parametrize(("cell", "text"), [("'=1", "=1"), ("''=1", "'=1"), ("'-12.5", "-12.5"), ("'+1555", "+1555")])
def test_the_apostrophe_of_a_formula_or_a_number_is_taken_off(cell, text):
    assert unwrap(cell) == text


def test_a_quotation_keeps_its_mark():
    assert unwrap("'Verizzon' is not a carrier") == "'Verizzon' is not a carrier"


@given(st.one_of(st.text(), st.text(st.sampled_from(" '\"=+-@＝1a.\t"))))
def test_a_cell_that_was_read_is_written_and_read_again_as_it_was(text):
    value = unwrap(text)
    # An apostrophe before a digit keeps a number a text, here and in every file: it is never part of a value.
    assume(not re.match(r"'+\d", value))
    assert unwrap(guarded(value)) == value
