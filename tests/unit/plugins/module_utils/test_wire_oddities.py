# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers of the service: normalisation and invalid values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    check_eid,
    check_iccid,
    check_imei,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, Odd, Oddities
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.identifiers import is_odd, observed, recognise
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    ICCID,
    IMEI,
    check_digit,
    device,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

CHECKS = {"imei": (check_imei, IMEI), "iccid": (check_iccid, ICCID), "eid": (check_eid, EID)}
#: An IMEI with a leading zero, as many of American devices have.
ZERO = "01354900123456"[:14]
ZERO += check_digit(ZERO)
FILLERS = st.text(" \u00a0\u200b\u2060\ufeff-\u2010\u2013_\t", max_size=3)


@given(st.sampled_from(sorted(CHECKS)), st.data())
def test_declared_and_observed_identifiers_are_normalised_alike(field, data):
    check, digits = CHECKS[field]
    written = "".join(digit + data.draw(FILLERS) for digit in digits)
    if data.draw(st.booleans()):
        written = "".join(
            chr(ord(letter) - ord("0") + 0xFF10) if letter.isascii() and letter.isdigit() else letter
            for letter in written
        )
    if field == "iccid" and data.draw(st.booleans()):
        written += "F"
    assert check(written).value == observed(field, written) == digits


@pytest.mark.parametrize("value", [int(IMEI), f'="{IMEI}"', f"'{IMEI}", "35-573736-007346-2", "35 573736/007346/2"])
def test_an_imei_is_read_in_every_notation(value):
    assert observed("imei", value) == IMEI


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iccid", "8.90141E+19"),
        ("iccid", 8.90141e19),
        ("iccid", ICCID[:17]),
        ("iccid", "89014103211118500000"),
        ("iccid", "***************10720"),
        ("imei", IMEI[:14]),
        ("imei", IMEI + "1"),
        ("imei", "3.55737E+14"),
        ("imei", ZERO[1:]),
        ("eid", EID[:-1]),
        ("sim_id", "8.9E+20"),
    ],
)
def test_an_invalid_identifier_is_odd(field, value):
    assert observed(field, value) is None
    assert is_odd(field, value)


@pytest.mark.parametrize("value", [None, "", "N/A", "unknown", "0", "000000000000000", "-", "none", "pending"])
def test_an_empty_value_is_not_odd(value):
    assert observed("imei", value) is None
    assert not is_odd("imei", value)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (IMEI, "imei"),
        (ICCID, "iccid"),
        (ICCID[:19], "iccid"),
        (EID, "eid"),
        ("35-573736-007346-2", "imei"),
        (IMEI[:-1] + "3", None),
        ("12345678901234567890", None),
        (EID[:-1] + "6", None),
        ("Bus 1", None),
        ("", None),
    ],
)
def test_a_value_identifies_itself_by_length_and_check_digits(text, field):
    assert recognise(text) == field


WANTED = [IMEI, ICCID, EID, ZERO, *(iccid(number) for number in range(20)), *(imei(number) for number in range(20))]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("imei", IMEI[:14], IMEI),
        ("imei", IMEI[:14] + "07", IMEI),
        ("imei", ZERO[1:], ZERO),
        ("imei", IMEI[2:], IMEI),
        ("imei", "***********3462", IMEI),
        ("iccid", ICCID[:19][:-1], ICCID),
        ("iccid", "8.9014103211118510E+19", ICCID),
        ("iccid", "8.90141032111185E+19", ICCID),
        ("iccid", "89014103211118500000", ICCID),
        ("iccid", ICCID + "99", ICCID),
        ("eid", EID[:-1], EID),
        ("eid", EID[1:], EID),
    ],
)
def test_an_odd_value_is_matched_with_possible_identifiers(field, text, value):
    assert value in Oddities(WANTED).may_be(field, text)


@pytest.mark.parametrize(
    "text", ["8.1E+19", "12345678901234", "3557", "***********9999", "?", "1e99999999999", "8.9E-3"]
)
def test_an_odd_value_of_an_unknown_device_has_no_match(text):
    assert Oddities(WANTED).may_be("iccid", text) == []


@given(st.sampled_from(WANTED), st.integers(6, 18))
def test_a_rounded_number_is_matched(value, digits):
    rounded = f"{int(value):.{digits - 1}e}"
    assert value in Oddities(WANTED).may_be("imei", rounded) or value.startswith("0")


@given(st.sampled_from(["imei", "iccid", "eid", "sim_id"]), st.text(max_size=40))
def test_no_text_raises_an_error(field, text):
    oddities = Oddities(WANTED)
    assert set(oddities.may_be(field, text)) <= set(WANTED)
    observed(field, text)
    is_odd(field, text)


def noted(*odds):
    """Return the oddities of a fleet of 20 devices with these values."""
    oddities = Oddities(WANTED)
    for odd in odds:
        oddities.note(odd)
    return oddities


def test_a_warning_counts_odd_values_and_quotes_the_first_with_their_rows():
    oddities = noted(*(Odd("iccid", f"8.9E+{number}", f"row {number}", Line()) for number in range(10, 18)))
    warning = oddities.warning("history")
    assert warning.startswith(
        "history: 8 values in identifier fields cannot be read as identifiers (row 10: ICCID '8.9E+10'; row 11"
    )
    assert "and 3 more" in warning
    assert "row 15" not in warning
    assert Oddities().warning("history") is None


def test_a_line_with_an_identifier_of_a_declared_device_belongs_to_it():
    rounded = f"{float(iccid(7)):.11E}"
    oddities = noted(Odd("iccid", rounded, "row 2", line(5, iccid=None)))
    assert oddities.suspects(iccid(7)) == []
    assert noted(Odd("iccid", rounded, "row 2", Line(status="Done"))).suspects(iccid(7))


@pytest.mark.parametrize(
    ("policy", "action"),
    [({}, "conflict"), ({"on_conflict": "skip"}, "conflict"), ({"on_conflict": "activate"}, "activate")],
)
@pytest.mark.parametrize("status", ["Completed", "Pending", None])
def test_a_device_that_a_broken_line_may_belong_to_is_a_conflict_and_not_submitted(status, policy, action):
    seen = history()
    seen._oddities = noted(Odd("imei", imei(3)[:14], "row 9", Line("T7", status=status)))
    (item,) = plan_of([device(3)], seen, **policy).items
    assert item.action == action
    if action == "conflict":
        assert f"may be active already: row 9: IMEI '{imei(3)[:14]}' in the history" in item.reason
        assert item.reason.endswith("(transaction T7)")


def test_a_failed_line_or_one_of_another_device_prevents_no_activation():
    failed = history()
    failed._oddities = noted(Odd("imei", imei(3)[:14], "row 9", Line(status="Rejected")))
    other = history()
    other._oddities = noted(Odd("imei", imei(4)[:14], "row 9", Line(status="Completed")))
    assert [plan_of([device(3)], seen).items[0].action for seen in (failed, other)] == ["activate", "activate"]


def test_an_active_device_stays_active_regardless_of_odd_lines():
    seen = history(line(3))
    seen._oddities = noted(Odd("imei", imei(3)[:14], "row 9", Line(status="Completed")))
    assert plan_of([device(3)], seen).items[0].action == "unchanged"
