# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers: properties that hold for any value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    IdentifierError,
    check_eid,
    check_iccid,
    check_imei,
    check_sim_id,
    check_zip,
    is_luhn_valid,
    luhn_check_digit,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import check_digit

CHECKS = st.sampled_from([check_imei, check_iccid, check_eid, check_sim_id, check_zip])
DIGITS = st.text("0123456789", min_size=1, max_size=40)
IMEIS = st.text("0123456789", min_size=14, max_size=14).map(lambda digits: digits + check_digit(digits))
#: At least two digits after the 15th are not zero: even with one wrong digit, no ICCID looks rounded.
ICCIDS = (
    st.text("0123456789", min_size=16, max_size=17)
    .map(lambda rest: f"89{rest}" + check_digit(f"89{rest}"))
    .filter(lambda iccid: len(iccid[15:].replace("0", "")) > 1)
)
SEPARATOR = st.text(" -_\t\u00a0\u200b", max_size=2)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(),
    st.text(),
    st.text("0123456789 -.,eEF+'", max_size=40),
)
ANYTHING = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(), SCALARS, max_size=2))


@given(DIGITS)
def test_only_the_right_check_digit_makes_a_number_valid(digits):
    right = luhn_check_digit(digits)
    assert right == check_digit(digits)
    assert [other for other in "0123456789" if is_luhn_valid(digits + other)] == [right]


@given(IMEIS, st.integers(0, 14), st.integers(1, 9))
def test_any_single_wrong_digit_in_an_imei_is_detected(imei, place, step):
    wrong = imei[:place] + str((int(imei[place]) + step) % 10) + imei[place + 1 :]
    with pytest.raises(IdentifierError):
        check_imei(wrong)


@given(ICCIDS, st.integers(2, 18), st.integers(1, 9))
def test_any_single_wrong_digit_in_an_iccid_gives_a_warning(iccid, place, step):
    place = min(place, len(iccid) - 1)
    wrong = iccid[:place] + str((int(iccid[place]) + step) % 10) + iccid[place + 1 :]
    assert check_iccid(iccid).warning is None
    assert check_iccid(wrong).warning is not None


@given(
    st.one_of(IMEIS.map(lambda value: (check_imei, value)), ICCIDS.map(lambda value: (check_iccid, value))), st.data()
)
def test_separators_anywhere_change_nothing(pair, data):
    check, value = pair
    spread = "".join(data.draw(SEPARATOR) + digit for digit in value) + data.draw(SEPARATOR)
    assert check(spread) == check(value)


@given(st.integers(10**13, 10**15 - 1))
def test_an_integer_is_checked_like_its_digits(number):
    def outcome(value):
        try:
            return check_imei(value)
        except IdentifierError as error:
            return str(error)

    assert outcome(number) == outcome(str(number))


@given(CHECKS, ANYTHING)
def test_any_value_is_an_identifier_error_or_normalised_stably(check, value):
    try:
        once = check(value)
    except IdentifierError:
        return
    assert once.value.isascii()
    assert check(once.value) == once


@given(CHECKS, st.floats().filter(lambda value: not value.is_integer() or value < 0 or value >= 10**15))
def test_a_float_beyond_spreadsheet_precision_is_never_an_identifier(check, value):
    with pytest.raises(IdentifierError):
        check(value)


@given(st.sampled_from([check_iccid, check_eid]), st.floats())
def test_no_float_is_ever_an_iccid_or_an_eid(check, value):
    with pytest.raises(IdentifierError):
        check(value)
