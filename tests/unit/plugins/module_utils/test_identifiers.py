# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers: accepted values, and the problem of each slip."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    Checked,
    IdentifierError,
    check_eid,
    check_iccid,
    check_imei,
    check_mdn,
    check_sim_id,
    check_zip,
    is_luhn_valid,
    luhn_check_digit,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, check_digit

CHECKS = (check_imei, check_iccid, check_eid, check_sim_id, check_mdn, check_zip)


def refusal(check, value):
    """Returns the text of the error that the check raises."""
    with pytest.raises(IdentifierError) as caught:
        check(value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("check", "value", "normalised"),
    [
        (check_imei, IMEI, IMEI),
        (check_imei, int(IMEI), IMEI),
        (check_imei, " 35-573736-007346-2 ", IMEI),
        (check_imei, "35573736\u00a0007346\u200b2", IMEI),
        (check_imei, "355737_360073462", IMEI),
        (check_imei, "３５５７３７３６００７３４６２", IMEI),
        (check_imei, "\u202a355737360073462\u202c\ufeff", IMEI),
        (check_imei, "35\u2013573736\u2013007346\u20132", IMEI),
        (check_imei, "35-573736/007346/2", IMEI),
        (check_imei, "35.573736.007346.2", IMEI),
        (check_iccid, "８９014103211118510720Ｆ", ICCID),
        (check_iccid, ICCID, ICCID),
        (check_iccid, int(ICCID), ICCID),
        (check_iccid, "8901 4103 2111 1851 0720", ICCID),
        (check_iccid, ICCID + "F", ICCID),
        (check_iccid, ICCID + "f", ICCID),
        (check_iccid, "8901410321111851072" + check_digit("8901410321111851072"), ICCID),
        (check_eid, EID, EID),
        (check_eid, "8904 9032 1234 5123 4512 3456 7890 1235", EID),
        (check_sim_id, " SIM-0001 a ", "SIM0001a"),
        (check_sim_id, "8912E3401", "8912E3401"),
        (check_mdn, "521-267-1508", "521-267-1508"),
        (check_mdn, 5212671508, "521-267-1508"),
        (check_mdn, "+1 (521) 267.1508", "521-267-1508"),
        (check_mdn, "491511234567", "491511234567"),
        (check_zip, "02134", "02134"),
        (check_zip, 12345, "12345"),
        (check_zip, "٠٢١٣٤", "02134"),
        (check_zip, "12345-6789", "12345-6789"),
        (check_zip, "123456789", "12345-6789"),
        (check_zip, " 02134 ", "02134"),
    ],
)
def test_valid_values_are_normalised_without_a_warning(check, value, normalised):
    assert check(value) == Checked(normalised, None)


def test_an_iccid_of_nineteen_digits_is_valid():
    digits = "890141032111185107"
    assert check_iccid(digits + check_digit(digits)) == Checked(digits + check_digit(digits))


@pytest.mark.parametrize(
    ("value", "warning"),
    [
        (ICCID[:-1] + "1", "does not end in its check digit"),
        (ICCID[:17] + "71", "does not end in its check digit"),
        (ICCID[:18], "has 18 digits; an ICCID has 19 or 20"),
    ],
)
def test_an_iccid_with_a_doubtful_check_digit_is_accepted_with_a_warning(value, warning):
    checked = check_iccid(value)
    assert checked.value == value
    assert checked.warning.startswith(warning)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("355737360073463", "its check digit is wrong (3 instead of 2), so a digit is mistyped"),
        ("3557373600734621", "has 16 digits and looks like an IMEISV"),
        ("3557373600734621", "the IMEI is 355737360073462"),
        ("35573736007346", "looks like an IMEI without its check digit; the full IMEI would be 355737360073462"),
        (ICCID, "looks like an ICCID; imei and iccid are probably swapped"),
        (int(ICCID), "looks like an ICCID"),
        ("3.55737360073462E+14", "is a number with an exponent: a spreadsheet"),
        ("3,55737E+14", "is a number with an exponent"),
        ("3.55737e14", "is a number with an exponent"),
        ("4E+14", "is a number with an exponent"),
        (355737360073462.5, "is a number with decimals: a spreadsheet converted it"),
        ("355737360073462.5", "is a number with decimals"),
        ("3557373600734621.0", "is a number with decimals"),
        (True, "is a boolean (YAML reads yes, no, on, off and true as one); quote it"),
        (None, "is not text; quote the value"),
        ([IMEI], "is not text"),
        (IMEI.encode(), "is not text"),
        ("", "is empty; an IMEI has 15 digits"),
        (" - ", "is empty"),
        ("35573736007346x", "has characters that are not digits (x)"),
        ("355737360073462F", "has characters that are not digits (F)"),
        ("12", "has 2 digits; an IMEI has 15"),
    ],
)
def test_a_wrong_imei_is_refused_with_its_slip(value, expected):
    assert expected in refusal(check_imei, value)


def test_an_imei_without_its_leading_zero_is_refused_with_both_readings():
    whole = "0" + "1155300123456"[:13]
    whole += check_digit(whole)
    messages = refusal(check_imei, int(whole))
    assert f"0{whole[1:]} if a leading zero was lost" in messages
    assert "without its check digit" in messages
    assert "leading zero" not in refusal(check_imei, "35573736007346")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (IMEI, "looks like an IMEI; iccid and imei are probably swapped"),
        (int(IMEI), "looks like an IMEI"),
        (EID, "has 32 digits and looks like an EID"),
        ("8.90141E+19", "is a number with an exponent: a spreadsheet converted it"),
        ("8,90141e19", "is a number with an exponent"),
        (8.90141e19, "is a number with an exponent"),
        ("1234567890123456789", "starts with 12; an ICCID starts with 89"),
        ("8901410321111851", "has 16 digits"),
        ("890141032111185", "has 15 digits"),
        (ICCID + "0", "has 21 digits"),
        (ICCID[:-1] + "FA", "has characters that are not digits (AF)"),
        ("", "is empty; an ICCID starts with 89"),
        ("F", "is empty"),
    ],
)
def test_a_wrong_iccid_is_refused_with_its_slip(value, expected):
    assert expected in refusal(check_iccid, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (EID[:-1] + "6", "its check digits are wrong (modulo 97 it is not 1)"),
        (EID[:-1], "has 31 digits; an EID has 32, so a leading zero was probably lost"),
        (EID + "0", "has 33 digits; an EID has 32"),
        (ICCID, "looks like an ICCID; an EID has 32 digits"),
        (8.9e31, "a spreadsheet"),
        ("", "is empty; an EID has 32 digits"),
    ],
)
def test_a_wrong_eid_is_refused_with_its_slip(value, expected):
    assert expected in refusal(check_eid, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2134, "has 4 digits, so a leading zero was probably lost"),
        ("501", "has 3 digits"),
        (1116, "if it was written 02134, YAML read it as an octal number"),
        ("1116", "format the column as text (in YAML, quote the value)"),
        ("12345-678", "is not a ZIP code, such as 12345 or 12345-6789"),
        ("12345 6789", "is not a ZIP code"),
        ("ABCDE", "is not a ZIP code"),
        ("", "is empty; a ZIP code has 5 digits"),
        ("৪৫", "is not a ZIP code"),
        (12345.5, "is a number with decimals"),
        (None, "is not text"),
    ],
)
def test_a_wrong_zip_code_is_refused_with_its_slip(value, expected):
    assert expected in refusal(check_zip, value)


@pytest.mark.parametrize("value", ["a.b", "SIM/1", "é"])
def test_a_sim_id_with_other_signs_than_letters_and_digits_is_refused(value):
    assert "neither letters nor digits" in refusal(check_sim_id, value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("12", "has 2 digits; an MDN has 10 digits, such as 521-267-1508"),
        ("121-267-1508", "is not a North American number"),
        ("521-267-150x", "has characters that are not digits"),
        ("", "is empty; an MDN has 10 digits"),
        (IMEI, "looks like an IMEI; mdn and imei are probably swapped"),
        (ICCID, "looks like an ICCID; mdn and iccid are probably swapped"),
        ("5.212671508E+9", "is a number with an exponent"),
        ("1234567890123456", "has 16 digits"),
    ],
)
def test_a_wrong_mdn_is_refused_with_its_slip(value, words):
    assert words in refusal(check_mdn, value)


@pytest.mark.parametrize("check", CHECKS)
def test_a_huge_number_is_refused(check):
    refusal(check, 10**6000)


@pytest.mark.parametrize(("digits", "expected"), [("7992739871", "3"), (IMEI[:-1], "2"), (ICCID[:-1], "0")])
def test_the_check_digit_follows_the_standard(digits, expected):
    assert luhn_check_digit(digits) == expected


def test_the_check_digit_of_other_text_than_digits_is_an_error():
    with pytest.raises(ValueError, match="not a string of digits"):
        luhn_check_digit("12a")


def test_swapped_neighbours_are_detected():
    assert is_luhn_valid(IMEI)
    assert not is_luhn_valid("535737360073462")
