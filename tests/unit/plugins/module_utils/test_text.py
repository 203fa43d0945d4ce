# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text: compared, unwrapped, suggested, and shown safely."""

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
    valid_names_once,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [("AT&T ", "att"), ("Zip Code", "zipcode"), ("T-Mobile", "tmobile"), ("line_status", "linestatus"), (5, "5")],
)
def test_folding_removes_case_blanks_and_punctuation(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="8901"', "8901"), ("'02134", "02134"), (" a b ", "a b"), ('=" 8901 "', "8901"), ("O'Brien", "O'Brien")],
)
def test_protection_from_spreadsheets_is_removed(cell, text):
    assert unwrap(cell) == text


def test_a_hint_suggests_a_name_and_lists_the_nearest_first():
    assert hint("verzion", ["AT&T", "Verizon", "T-Mobile", "Verizon"]) == (
        "; did you mean Verizon? Valid: Verizon, T-Mobile, AT&T"
    )


def test_a_hint_lists_the_nearest_of_many_names_and_counts_the_rest():
    known = [f"PLAN-{number:03}" for number in range(100)]
    problem = hint("Plan O42", known)
    assert problem.startswith("; did you mean PLAN-042? Valid: PLAN-042, ")
    assert problem.endswith(" and 80 more")
    assert problem.count("PLAN-") == 21
    assert len(hint("xyz", known)) < 300


def test_dissimilar_names_come_last_in_alphabetical_order():
    assert hint("icid", ["zzz", "iccid", "mmm", "imei"]) == "; did you mean iccid? Valid: iccid, imei, mmm, zzz"


def test_names_that_differ_in_punctuation_alone_are_both_listed():
    assert hint("ATandT", ["AT&T", "AT T"]) == "; did you mean AT T? Valid: AT T, AT&T"


def test_the_same_word_is_compared_once(monkeypatch):
    first = hint("icid", ["imei", "iccid"])
    monkeypatch.delattr(difflib, "get_close_matches")
    assert hint("icid", iter(["iccid", "imei", "imei"])) == first


def test_only_similar_names_are_compared_in_full(monkeypatch):
    compared = []

    class Counting(difflib.SequenceMatcher):
        def ratio(self):
            compared.append(self.a)
            return super().ratio()

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    hint("W0001", [f"PLAN-{number:04}" for number in range(1000)])
    assert len(compared) < 20


def test_a_hint_without_a_similar_name_only_lists_names():
    assert hint("xyz", ["carrier", "imei"]).startswith("; valid: ")
    assert hint("xyz", []) == "; valid: none"


def test_the_same_valid_names_are_listed_once_in_any_order():
    texts = ["a" + hint("icid", ["imei", "iccid"]), "b" + hint("imie", ["iccid", "imei"]), "c" + hint("x", ["eid"])]
    assert valid_names_once(texts) == [
        "a; did you mean iccid? Valid: iccid, imei",
        "b; did you mean imei?",
        "c; valid: eid",
    ]


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
def test_unsafe_characters_are_replaced(text, shown):
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
def test_scripts_and_emoji_are_unchanged(text):
    assert printable(text) == text


_HOSTILE = st.text(st.sampled_from(" a1=\x1b[m\x9b\n\r\t\x00\u202e\u200d\u200bé👩\ud800\U000e0041\u2028"))


@given(st.one_of(st.text(), _HOSTILE))
def test_printable_text_is_safe_and_stable(text):
    shown = printable(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert printable(shown) == shown
    assert shown.encode("utf-8").decode() == shown


@given(st.one_of(st.text(), _HOSTILE))
def test_printable_lines_keep_only_their_line_ends(text):
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
def test_a_formula_gets_an_apostrophe(cell):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-12.5", "+15551234567", "-7", "Bus-1", "a=b", "O'Brien", "", "'02134", None, 5, -5, 0.1]
)
def test_numbers_and_plain_texts_are_unchanged(cell):
    assert guarded(cell) == cell


@pytest.mark.parametrize(("cell", "text"), [("'=1", "=1"), ("''=1", "'=1"), ("'-12.5", "-12.5"), ("'+1555", "+1555")])
def test_the_apostrophe_before_a_formula_or_a_number_is_removed(cell, text):
    assert unwrap(cell) == text


def test_a_quotation_mark_before_a_word_is_kept():
    assert unwrap("'Verizzon' is not a carrier") == "'Verizzon' is not a carrier"


@given(st.one_of(st.text(), st.text(st.sampled_from(" '\"=+-@＝1a.\t"))))
def test_a_cell_survives_a_round_trip(text):
    value = unwrap(text)
    # An apostrophe before a digit marks a number as text. It is never part of a value.
    assume(not re.match(r"'+\d", value))
    assert unwrap(guarded(value)) == value
