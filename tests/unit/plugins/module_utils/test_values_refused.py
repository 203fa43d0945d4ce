# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values in people's files that are refused, each with its likely slip."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    IdentifierError,
    check_eid,
    check_iccid,
    check_imei,
    check_mdn,
    check_sim_id,
    check_zip,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.identifiers import is_luhn_valid
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    ICCID,
    IMEI,
    check_digit,
    iccid,
    imei,
)

ROUNDED = "a spreadsheet rounded it to 15 digits"
IMEI_2, ICCID_2, ICCID_19 = imei(7), iccid(7), "891480000031004120" + check_digit("891480000031004120")


def refusal(check, value):
    """Returns the text of the error that the check raises."""
    with pytest.raises(IdentifierError) as caught:
        check(value)
    assert len(str(caught.value)) < 250
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "89148000000000000000",
        "89148000001234000000",
        "89148000001235700000",
        "8914800000123650000",
        "89148000001238100000F",
        '="89148000001239900000"',
        89148000001240700000,
    ],
)
def test_an_iccid_rounded_by_a_spreadsheet_is_refused(value):
    text = refusal(check_iccid, value)
    assert text.startswith(ROUNDED)
    assert "format the column as text" in text
    assert text.endswith("If the number is right, write it in groups, such as 8914 8000 …")


def test_a_rounded_iccid_with_a_valid_check_digit_is_refused():
    fits = [digits for body in range(20) if is_luhn_valid(digits := f"8914800000{body:05d}00000")]
    assert fits
    for digits in fits:
        assert refusal(check_iccid, digits).startswith(ROUNDED)


def test_an_iccid_that_ends_in_four_zeros_is_accepted():
    assert check_iccid("89148050000007030000").value == "89148050000007030000"


def test_a_rounded_eid_or_sim_id_is_refused():
    assert refusal(check_eid, EID[:15] + "0" * 17).startswith(ROUNDED)
    assert refusal(check_sim_id, "89103900000015000000").startswith(ROUNDED)


@pytest.mark.parametrize("value", [f"{ICCID}.0", f"{ICCID_19},0", float(ICCID), 8.9148e19, "8.9148E+19"])
def test_an_iccid_that_is_a_float_is_refused(value):
    text = refusal(check_iccid, value)
    assert "its last digits are lost" in text
    assert "format the column as text" in text


@pytest.mark.parametrize("between", [", ", "/", " / ", " ", ";", "\n", "|", " and ", "", ","])
@pytest.mark.parametrize("check", [check_imei, check_iccid, check_eid, check_mdn])
def test_two_identifiers_in_one_cell_are_refused(check, between):
    assert "has two IMEIs in one cell; keep the one that uses this SIM" in refusal(check, IMEI + between + IMEI_2)
    assert "has two ICCIDs in one cell; give each its own row" in refusal(check, ICCID + between + ICCID_2)
    assert "has an IMEI and an ICCID in one cell; give each its own column" in refusal(check, IMEI + between + ICCID_19)
    assert "has two EIDs in one cell" in refusal(check, EID + between + EID)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"IMEI1: {IMEI} IMEI2: {IMEI_2}", "has two IMEIs in one cell"),
        (f"IMEI: {IMEI}, ICCID: {ICCID}", "has an IMEI and an ICCID in one cell"),
        (f"35-573736-007346-2 / {IMEI_2[:8]}-{IMEI_2[8:]}", "has two IMEIs in one cell"),
        (f"{IMEI}, {IMEI_2}, {imei(8)}", "has 3 IMEIs in one cell"),
        ("35573736007346, 35573736000007", "has two IMEIs in one cell"),
        (f"{IMEI},000000000000000", "has two IMEIs in one cell"),
    ],
)
def test_two_numbers_in_one_cell_are_refused_in_any_form(value, expected):
    assert expected in refusal(check_imei, value)


@pytest.mark.parametrize(
    "value", ["521-267-1508 / 521-267-1509", "(521) 267-1508, (521) 267-1509", "5212671508;15212671509"]
)
def test_two_phone_numbers_in_one_cell_are_refused(value):
    assert "two phone numbers" in refusal(check_mdn, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A0000012345678", "looks like an MEID, which cannot be activated; give the device's IMEI"),
        ("a1-000012-345678", "looks like an MEID"),
        ("990001234A5678", "looks like an MEID"),
        ("A0000012345678 9", "looks like an MEID"),
        ("MEID: A0000012345678", "looks like an MEID"),
        (f"MEID {IMEI}", "looks like an MEID"),
        ("268435456123456789", "looks like an MEID"),
        (f"{IMEI}01", f"has 17 digits and looks like an IMEI followed by a software version; the IMEI is {IMEI}"),
        ("35573736000806/01", "has 16 digits and looks like an IMEISV"),
        ("35-573736-000806-01", "the IMEI is 355737360008062"),
        (EID, "has 32 digits and looks like an EID; imei and eid are probably swapped"),
        ("5212671508", "looks like a phone number"),
        ("15212671508", "looks like a phone number"),
        ("521-267-1508", "looks like a phone number"),
        ("35209900000", "has 11 digits; an IMEI has 15"),
        (f"ICCID: {ICCID}", "is labelled as an ICCID, not an IMEI; imei and iccid are probably swapped"),
        (f"SIM {ICCID}", "is labelled as an ICCID, not an IMEI; imei and iccid are probably swapped"),
        ("S/N: 12345678", "is labelled as a serial number, not an IMEI"),
        ("Phone 521-267-1508", "is labelled as a phone number, not an IMEI"),
        ("35573736000806O", "has the letter O, probably instead of a zero"),
        ("35573736000806l", "has the letter l, probably instead of a one"),
        ("3557373600O8O6I", "has the letters I and O, probably instead of zeros and ones"),
        ("35573736000806\u041e", "has characters that are not digits (U+041E)"),
        ("35573736000806x\u00e9", "has characters that are not digits (x U+00E9)"),
        ("abcdefghijklmn", "has characters that are not digits (abcdefgh…)"),
        ("35573736000806\ud800", "has characters that are not digits (U+D800)"),
        ("#REF!", "is a spreadsheet error, not a value; correct the cell"),
        ("#DIV/0!", "is a spreadsheet error"),
        ("########", "is what a spreadsheet shows if a column is too narrow"),
        ("N/A", "is empty; an IMEI has 15 digits"),
        ("unknown", "is empty"),
        (float("nan"), "is empty"),
        (-int(IMEI), "is a negative number"),
        ("5" * 1000, "has 1000 digits; an IMEI has 15"),
        ("x" * 1000, "is too long (1000 characters)"),
    ],
)
def test_a_wrong_imei_is_refused_with_the_likely_mistake(value, expected):
    assert expected in refusal(check_imei, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"IMEI: {IMEI}", "is labelled as an IMEI, not an ICCID; iccid and imei are probably swapped"),
        ("MDN: 521-267-1508", "is labelled as a phone number, not an ICCID"),
        ("5212671508", "looks like a phone number; an ICCID starts with 89"),
        ("15212671508", "looks like a phone number"),
        (f"{ICCID_19}/1", "has more than an ICCID"),
        (f"{ICCID_19} 1", "has more than an ICCID"),
        (f"{ICCID[:-1]}l", "has the letter l, probably instead of a one"),
        ("#NAME?", "is a spreadsheet error"),
        (False, "is a boolean (YAML reads yes, no, on, off and true as one); quote it"),
    ],
)
def test_a_wrong_iccid_is_refused_with_the_likely_mistake(value, expected):
    assert expected in refusal(check_iccid, value)


def test_an_imei_instead_of_an_eid_is_recognised():
    assert "looks like an IMEI; eid and imei are probably swapped" in refusal(check_eid, IMEI)


def test_an_imei_read_as_an_octal_number_is_shown_as_written():
    written = next(digits for body in range(10) if is_luhn_valid(digits := f"0123456701234{body % 8}{body % 8}"))
    assert refusal(check_imei, int(written, 8)) == f"YAML read {written} as an octal number; quote it"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1116, "if it was written 02134, YAML read it as an octal number"),
        (321, "if it was written 00501, YAML read it as an octal number"),
        (True, "is a boolean"),
    ],
)
def test_a_zip_code_that_yaml_misread_is_refused(value, expected):
    text = refusal(check_zip, value)
    assert expected in text
    assert "quote it" in text


def test_a_zip_code_that_is_not_octal_is_not_called_octal():
    assert "octal" not in refusal(check_zip, 9999)
