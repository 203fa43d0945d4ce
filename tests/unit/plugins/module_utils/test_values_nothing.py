# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty values, text that YAML misread, and values in messages."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import Checked, IdentifierError
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.rows import explained, filled, text_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.values import is_nothing

WORDS = ["N/A", "n/a", "N / A", "#N/A", "#NA", "#NULL!", "NULL", "Null", "none", "None", "nil", "nan", "NaN", "-", "--"]
SIGNS = [
    "",
    " ",
    "\t",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "---",
    "\u2013",
    "\u2014",
    '""',
    '=""',
    "'",
    "[]",
    "{}",
    "(blank)",
]
QUOTED = ["'N/A", '="N/A"', "(none)", "<null>", "<NA>", "\u201cN/A\u201d", "\\N", "N/A\u200b", " " * 50]


@pytest.mark.parametrize("word", WORDS + SIGNS + QUOTED)
def test_a_word_for_nothing_is_dropped_in_any_field(word):
    assert is_nothing(word)
    assert filled({"nickname": word, "imei": word, "plan_id": "P"}) == {"plan_id": "P"}


@pytest.mark.parametrize(
    "word",
    ["NA", "na", "Unknown", "Not available", "No", "0", "-5", "None of these", "Nancy", "N", "#1", "blank"],
)
def test_a_possible_name_is_a_value_in_a_text_field(word):
    assert not is_nothing(word)
    assert filled({"nickname": word}) == {"nickname": word}


@pytest.mark.parametrize("word", ["NA", "unknown", "Not Available"])
@pytest.mark.parametrize("field", ["imei", "iccid", "eid", "sim_id", "mdn", "service_zip_code"])
def test_a_word_for_an_unknown_identifier_is_dropped(field, word):
    assert filled({field: word}) == {}


def test_none_and_nan_are_dropped_and_other_numbers_are_kept():
    assert filled({"a": None, "b": float("nan"), "c": 0, "d": False, "e": []}) == {"c": 0, "d": False, "e": []}


@pytest.mark.parametrize("text", [" Bus 12 ", "\u00a0Bus 12\t", "Bus 12"])
def test_surrounding_blanks_of_a_text_are_dropped(text):
    assert text_of(text) == Checked("Bus 12")


@pytest.mark.parametrize("text", ["0107", "yes", "1.5", "#1", "# 12", "NA", "\u201cBus 12\u201d"])
def test_quoted_text_is_unchanged(text):
    assert text_of(text) == Checked(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (107, "is a number, not text; quote it"),
        (1.5, "is a number, not text; quote it"),
        (True, "is a boolean (YAML reads yes, no, on, off and true as one); quote it"),
        ("#REF!", "is a spreadsheet error, not a value; correct the cell"),
        ("#NAME?", "is a spreadsheet error"),
        (["a"], "must be text, not a list or a mapping"),
        ({}, "must be text, not a list or a mapping"),
        (None, "is empty"),
    ],
)
def test_a_text_field_refuses_values_that_are_not_text(value, expected):
    with pytest.raises(IdentifierError) as caught:
        text_of(value)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bus 12", "Bus 12"),
        ("355\u200b737", "355<U+200B>737"),
        ("\u202a355\u202c", "<U+202A>355<U+202C>"),
        ("355\u00a0737", "355<U+00A0>737"),
        ("355\n737", "355<U+000A>737"),
        ("355\u3164\u2800", "355<U+3164><U+2800>"),
        ("\ud800", "<U+D800>"),
        ("Schülerbus É 漢", "Schülerbus É 漢"),
        (True, "true"),
        (False, "false"),
        (8.90141e19, "8.90141e+19"),
        (["a"], "…"),
    ],
)
def test_a_problem_shows_invisible_characters_as_code_points(value, shown):
    assert explained("imei", value, "is wrong") == f"imei {shown}: is wrong"


@pytest.mark.parametrize("value", ["x" * 61, "\u200b" * 61, "x\u200b" * 40, "é" * 1000])
def test_a_problem_shows_at_most_sixty_characters_of_a_value(value):
    text = explained("imei", value, "is wrong")
    assert len(text) <= len("imei : is wrong") + 60
    assert "…" in text


def test_a_value_of_sixty_characters_is_shown_in_full():
    assert explained("imei", "x" * 60, "is wrong") == f"imei {'x' * 60}: is wrong"


def test_a_problem_does_not_show_a_huge_number():
    assert explained("imei", 10**6000, "is wrong") == "imei …: is wrong"
