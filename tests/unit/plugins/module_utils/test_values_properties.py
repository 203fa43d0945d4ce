# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values in people's files: properties that hold for every identifier in every form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.identifiers import (
    Checked,
    IdentifierError,
    check_eid,
    check_iccid,
    check_imei,
    check_mdn,
    check_sim_id,
    check_zip,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.rows import explained, text_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.values import is_nothing
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import check_digit

CHECKS = {
    "imei": check_imei,
    "iccid": check_iccid,
    "eid": check_eid,
    "sim_id": check_sim_id,
    "mdn": check_mdn,
    "zip": check_zip,
}
LABELS = {
    "imei": ["", "IMEI: ", "imei ", "IMEI #", "IMEI No.: ", "IMEI2: "],
    "iccid": ["", "ICCID: ", "iccid ", "ICCID #", "SIM: ", "Sim card no. "],
    "eid": ["", "EID: ", "eid ", "EID #", "eUICC ID: "],
}
BEFORE = ["", "'", '"', '="', "`", "\u2018", "\u2019", "\u201c", "\u201e", "<", "\u00a0", "\u202a", "\ufeff"]
AFTER = ["", "'", '"', "\u2019", "\u201d", ">", ".", ",", ";", "\u00a0", "\u202c", "\n"]
HIDDEN = ["", "\u200b", "\u00ad", "\u200e", "\u2066", "\u2069", "\ufeff", "\u2800"]
GLUE = ["", " ", "-", "\u00a0", "\u2013", "  ", "_"]
BETWEEN = [", ", "/", " / ", ";", " ", "\n", "|", " and ", ",", "", "\u00a0"]


def digits(length):
    """Generates texts with this number of digits."""
    return st.text("0123456789", min_size=length, max_size=length)


def eid_of(rest):
    """Returns the EID with these 30 digits before its two check digits."""
    return f"{rest}{98 - int(rest) * 100 % 97:02d}"


def is_kept(iccid):
    """Whether digits after the 15th are not zero, so that the number cannot look rounded."""
    return bool(iccid[15:].strip("0"))


IDENTIFIERS = {
    "imei": digits(14).map(lambda rest: rest + check_digit(rest)),
    "iccid": st.one_of(digits(16), digits(17)).map(lambda rest: f"89{rest}" + check_digit(f"89{rest}")).filter(is_kept),
    "eid": digits(30).map(eid_of).filter(is_kept),
}
ANY_IDENTIFIER = st.one_of(*(st.tuples(st.just(field), values) for field, values in IDENTIFIERS.items()))


@given(ANY_IDENTIFIER, st.data())
def test_wrapping_grouping_and_labels_do_not_change_an_identifier(identifier, data):
    field, value = identifier
    cuts = sorted(data.draw(st.sets(st.integers(1, len(value) - 1), max_size=6)))
    parts = [value[start:end] for start, end in zip([0, *cuts], [*cuts, len(value)])]
    glue = data.draw(st.sampled_from(GLUE)) + data.draw(st.sampled_from(HIDDEN))
    written = glue.join(parts)
    if field == "iccid":
        written += data.draw(st.sampled_from(["", "F", "f", "FF"]))
    written = data.draw(st.sampled_from(LABELS[field])) + data.draw(st.sampled_from(BEFORE)) + written
    for _turn in range(2):
        before, after = data.draw(st.sampled_from(BEFORE)), data.draw(st.sampled_from(AFTER))
        written = before + data.draw(st.sampled_from(HIDDEN)) + written + after
    assert CHECKS[field](written) == Checked(value)


@given(st.one_of(digits(17), digits(18)))
def test_an_iccid_rounded_to_fifteen_digits_is_refused(rest):
    rounded = f"89{rest[:13]}".ljust(len(rest) + 2, "0")
    for value in (rounded, int(rounded), f"'{rounded}", f"{rounded}F", float(rounded)):
        with pytest.raises(IdentifierError, match="spreadsheet"):
            check_iccid(value)
    # A number in groups was not rounded by a spreadsheet: so an ICCID that ends in zeros can be declared.
    assert check_iccid(f"{rounded[:4]} {rounded[4:12]} {rounded[12:]}").value == rounded


@given(ANY_IDENTIFIER, ANY_IDENTIFIER, st.sampled_from(BETWEEN), st.sampled_from(sorted(CHECKS)), st.booleans())
def test_two_identifiers_in_one_cell_are_never_read_as_one(first, second, between, field, is_labelled):
    labels = [name.upper() + ": " if is_labelled else "" for name, _value in (first, second)]
    with pytest.raises(IdentifierError):
        CHECKS[field](labels[0] + first[1] + between + labels[1] + second[1])


def outcome(check, value):
    """Returns the result of a check and None, or None and the text of its error."""
    try:
        return check(value).value, None
    except IdentifierError as error:
        return None, str(error)


TEXTS = st.one_of(st.text(max_size=40), st.text("0123456789.,eEFIMEID:#/ -'\"=", max_size=40))
NUMBERS = st.one_of(st.integers(), st.floats(), st.booleans(), st.none())


@given(st.sampled_from([*CHECKS.values(), text_of]), st.one_of(TEXTS, NUMBERS))
def test_any_value_is_an_identifier_error_or_is_read_stably(check, written):
    value, problem = outcome(check, written)
    if problem is None:
        assert outcome(check, value) == (value, None)
    else:
        assert len(problem) < 250
        assert explained("imei", written, problem).isprintable()


@given(ANY_IDENTIFIER, st.sampled_from(BEFORE), st.sampled_from(AFTER))
def test_an_identifier_is_never_nothing(identifier, before, after):
    assert not is_nothing(before + identifier[1] + after, is_identifier=True)
