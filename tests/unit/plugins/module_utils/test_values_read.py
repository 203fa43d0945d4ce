# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values in people's files that are read: quotes, labels, groups, invisible characters, floats."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    Checked,
    check_eid,
    check_iccid,
    check_imei,
    check_mdn,
    check_sim_id,
    check_zip,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, check_digit

#: An ICCID of 19 digits.
ICCID_19 = "891480000031004120" + check_digit("891480000031004120")


@pytest.mark.parametrize(
    ("check", "written", "value"),
    [
        (check_imei, "35-573736-000804-7", "355737360008047"),
        (check_iccid, "89148000000000008046", "89148000000000008046"),
        (check_imei, "IMEI: 355737360008054", "355737360008054"),
        (check_iccid, "ICCID 89148000000000008053", "89148000000000008053"),
        (check_imei, "355737360008062/01", "355737360008062"),
        (check_iccid, "89148000000000008061", "89148000000000008061"),
        (check_imei, "\u2019355737360008070", "355737360008070"),
        (check_iccid, "\u201989148000000000008079", "89148000000000008079"),
        (check_imei, "\u202a355737360008088\u202c", "355737360008088"),
        (check_iccid, "\u200e89148000000000008087", "89148000000000008087"),
        (check_imei, "`355737360008096", "355737360008096"),
        (check_iccid, "`89148000000000008095", "89148000000000008095"),
        (check_imei, "355737360008104 ", "355737360008104"),
        (check_iccid, "89148000000000008103.", "89148000000000008103"),
        (check_imei, '="355737360008005"', "355737360008005"),
        (check_iccid, '="89148000000000008004"', "89148000000000008004"),
        (check_imei, "'355737360008021", "355737360008021"),
        (check_iccid, "'89148000000000008020", "89148000000000008020"),
        (check_imei, "355737360008039\u00a0", "355737360008039"),
        (check_iccid, "\u00a089148000000000008038", "89148000000000008038"),
    ],
)
def test_a_printed_or_quoted_value_is_read(check, written, value):
    assert check(written).value == value


@pytest.mark.parametrize(
    "before", ["'", '"', '="', '"="', "`", "\u00b4", "\u2018", "\u201a", "\u201e", "\u00ab", "<", "[", "("]
)
@pytest.mark.parametrize("after", ["", "'", '"', "\u2019", "\u201d", "\u00bb", ">", ".", ",", ";", '";'])
def test_quotes_and_signs_around_an_identifier_are_dropped(before, after):
    assert check_imei(f"{before}{IMEI}{after}") == Checked(IMEI)
    assert check_iccid(f"{before}{ICCID}{after}") == Checked(ICCID)
    assert check_eid(f"{before}{EID}{after}") == Checked(EID)


@pytest.mark.parametrize(
    "hidden",
    [
        *"\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u2060",
        *"\u2066\u2067\u2068\u2069\ufeff\u00a0\u2007\u3000\u034f\u180e\u2800\u3164\ufe0f\u0000",
    ],
)
def test_invisible_characters_are_dropped(hidden):
    assert check_imei(f"{hidden}{IMEI[:6]}{hidden}{IMEI[6:]}{hidden}") == Checked(IMEI)
    assert check_iccid(f"{hidden}{ICCID[:6]}{hidden}{ICCID[6:]}{hidden}") == Checked(ICCID)


@pytest.mark.parametrize(
    "label",
    [
        "IMEI: ",
        "imei ",
        "IMEI #",
        "IMEI No. ",
        "IMEI-Nr.: ",
        "IMEI1: ",
        "IMEI 2: ",
        "IMEI1 ",
        "IMEI=",
        "ESN/MEID/IMEI: ",
    ],
)
def test_the_label_of_an_imei_is_dropped(label):
    assert check_imei(label + IMEI) == Checked(IMEI)
    assert check_imei(f"'{label}\u201c{IMEI}\u201d'") == Checked(IMEI)


@pytest.mark.parametrize("label", ["ICCID: ", "iccid ", "ICC-ID ", "SIM: ", "SIM #", "SIM Card No: ", "SIM 1: "])
def test_the_label_of_an_iccid_is_dropped(label):
    assert check_iccid(label + ICCID) == Checked(ICCID)


@pytest.mark.parametrize(
    ("check", "written", "value"),
    [
        (check_eid, f"EID {EID}", EID),
        (check_eid, f"eUICC ID: {EID}", EID),
        (check_sim_id, "SIM ID: 891039000000150004", "891039000000150004"),
        (check_sim_id, "SIM: SM0001", "SM0001"),
        (check_sim_id, "SIM 0001", "SIM0001"),
        (check_mdn, "Tel.: (521) 267-1508", "521-267-1508"),
        (check_mdn, "Phone 1: +1 521 267 1508", "521-267-1508"),
        (check_zip, "ZIP: 02134", "02134"),
        (check_zip, "Zip Code 02134-1234", "02134-1234"),
    ],
)
def test_the_label_of_any_other_field_is_dropped(check, written, value):
    assert check(written).value == value


@pytest.mark.parametrize("filler", ["F", "f", "FF", "FFFF", " F", "F F", "F.", 'F"'])
@pytest.mark.parametrize("iccid", [ICCID, ICCID_19])
def test_the_filler_at_the_end_of_an_iccid_is_dropped(iccid, filler):
    assert check_iccid(iccid + filler) == Checked(iccid)


@pytest.mark.parametrize("version", ["/01", " / 01", " 01", "-01", "/ 99"])
def test_a_software_version_after_an_imei_is_dropped(version):
    assert check_imei(IMEI + version) == Checked(IMEI)


def test_a_software_version_after_a_grouped_imei_is_dropped():
    assert check_imei("35573736000806 2 01") == Checked("355737360008062")
    assert check_imei("35-573736-000806-2/01") == Checked("355737360008062")


@pytest.mark.parametrize(
    ("check", "written", "value"),
    [
        (check_imei, f"{IMEI}.0", IMEI),
        (check_imei, f"{IMEI}.00", IMEI),
        (check_imei, f"{IMEI},0", IMEI),
        (check_imei, f"IMEI: {IMEI}.0", IMEI),
        (check_imei, "355,737,360,073,462", IMEI),
        (check_imei, "355,737,360,073,462.00", IMEI),
        (check_imei, float(IMEI), IMEI),
        (check_imei, int(IMEI), IMEI),
        (check_iccid, int(ICCID), ICCID),
        (check_eid, int(EID), EID),
        (check_mdn, "5212671508.0", "521-267-1508"),
        (check_mdn, 5212671508.0, "521-267-1508"),
        (check_zip, "12345.0", "12345"),
        (check_zip, "02134.0", "02134"),
        (check_zip, 12345.0, "12345"),
        (check_zip, 123456789, "12345-6789"),
    ],
)
def test_an_exact_number_is_read(check, written, value):
    assert check(written) == Checked(value)


@pytest.mark.parametrize("written", ["12345\u20136789", "12345-6789 ", "'12345-6789"])
def test_a_zip_code_with_another_dash_or_a_quote_is_read(written):
    assert check_zip(written) == Checked("12345-6789")


@pytest.mark.parametrize("written", ["02134-", "02134\n", "<02134>"])
def test_a_zip_code_with_stray_signs_is_read(written):
    assert check_zip(written) == Checked("02134")
