# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMEI, ICCID, EID, SIM id, MDN and ZIP: normalise, validate, explain.

Every check takes what a user may have written (a string, or an unquoted YAML integer) and returns a `Checked`, or
raises `IdentifierError` with a text that says which mistake it looks like and what to do.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._wire.identifiers import DECIMAL, EXPONENT, is_digits, luhn_check_digit, luhn_valid, normalise, visible
from .._wire.values import MDN_SIGNS, mdn_of

_ZIP = re.compile(r"^[0-9]{5}(?:-[0-9]{4})?$")

_MDN = "an MDN has 10 digits, such as 521-267-1508"
_SPREADSHEET = (
    "a spreadsheet has turned it into a number and its last digits are lost: "
    "format the column as text, export it again, and quote the value in YAML"
)


class IdentifierError(ValueError):
    """A value that cannot be the identifier it is declared as. The text names the slip and the cure."""


class Checked(NamedTuple):
    """A normalised identifier, with a warning where it may be used and still looks odd."""

    value: str
    warning: str | None = None


def check_imei(value: Any) -> Checked:
    """An IMEI: 15 digits, the last a Luhn check digit (3GPP TS 23.003, section 6.2)."""
    digits = _digits(value, "imei", "an IMEI has 15 digits")
    length = len(digits)
    if length == 15:
        if luhn_valid(digits):
            return Checked(digits)
        expected = luhn_check_digit(digits[:-1])
        raise IdentifierError(
            f"its check digit is wrong ({digits[-1]}, where {expected} would fit the rest): "
            "a digit is mistyped; compare it with the device (*#06# or its label)"
        )
    if _looks_like_iccid(digits):
        raise IdentifierError("looks like an ICCID: imei and iccid are probably swapped")
    if length == 16:
        suggestion = digits[:14] + luhn_check_digit(digits[:14])
        raise IdentifierError(
            f"has 16 digits and looks like an IMEISV (its last two are a software version): the IMEI is {suggestion}"
        )
    if length == 14:
        suggestion = digits + luhn_check_digit(digits)
        text = f"has 14 digits and looks like an IMEI without its check digit: the IMEI would be {suggestion}"
        if luhn_valid("0" + digits):
            text += f", or 0{digits} if a leading zero was lost (quote the value, format the column as text)"
        raise IdentifierError(text)
    raise IdentifierError(f"has {length} digits: an IMEI has 15")


def check_iccid(value: Any) -> Checked:
    """An ICCID: 89 and 18 to 20 digits in all, Luhn at the end (ITU-T E.118), without blanks, dashes, F filler.

    A failing check digit only warns: Luhn cannot tell whether 19 or 20 digits are right, and some exports drop the
    check digit.
    """
    digits = _digits(value, "iccid", "an ICCID starts with 89 and has 19 or 20 digits")
    length = len(digits)
    if length == 15 and not digits.startswith("89"):
        raise IdentifierError("looks like an IMEI: iccid and imei are probably swapped")
    if length == 32:
        raise IdentifierError("has 32 digits and looks like an EID: an ICCID has 19 or 20")
    if not digits.startswith("89"):
        raise IdentifierError(f"starts with {digits[:2]}: an ICCID starts with 89 and has 19 or 20 digits")
    if length < 18:
        raise IdentifierError(f"is too short: it has {length} digits, an ICCID has 19 or 20")
    if length > 20:
        raise IdentifierError(f"is too long: it has {length} digits, an ICCID has 19 or 20")
    if length == 18:
        return Checked(digits, "has 18 digits, where an ICCID has 19 or 20: its check digit may be missing")
    if not luhn_valid(digits):
        return Checked(digits, "does not end in its check digit: is a digit wrong, or was the check digit dropped?")
    return Checked(digits)


def check_eid(value: Any) -> Checked:
    """An EID: 32 digits; as a number, modulo 97 it is 1 (GSMA SGP.29). Not all start with 89."""
    digits = _digits(value, "eid", "an EID has 32 digits")
    if len(digits) != 32:
        if _looks_like_iccid(digits):
            raise IdentifierError("looks like an ICCID: an EID has 32 digits")
        lost = ": a leading zero was probably lost (quote the value)" if len(digits) == 31 else ""
        raise IdentifierError(f"has {len(digits)} digits, an EID has 32{lost}")
    if int(digits) % 97 != 1:
        raise IdentifierError("its check digits are wrong (modulo 97 it is not 1): a digit is mistyped")
    return Checked(digits)


def check_sim_id(value: Any) -> Checked:
    """A SmartSIM's id: letters and digits; nothing public says more of its form."""
    text = normalise("sim_id", _plain(value))
    if not re.match(r"^[0-9A-Za-z]+$", text):
        raise IdentifierError("has characters that are neither letters nor digits")
    return Checked(text)


def check_mdn(value: Any) -> Checked:
    """An MDN: 10 digits of the North American plan, or a longer international number (ITU-T E.164: 15 at most).

    Signs between the digits do not matter there: it is returned as the device list has it, 521-267-1508.
    """
    text = _plain(value)
    digits = MDN_SIGNS.sub("", text)
    if not is_digits(digits):
        raise IdentifierError(f"has characters that are not digits: {_MDN}")
    if len(digits) == 15 and luhn_valid(digits):
        raise IdentifierError("looks like an IMEI: mdn and imei are probably swapped")
    if _looks_like_iccid(digits):
        raise IdentifierError("looks like an ICCID: mdn and iccid are probably swapped")
    number = mdn_of(digits)
    if number != digits:
        return Checked(number)
    if len(digits) == 10:
        raise IdentifierError("is not a North American number: area code and exchange begin with 2 to 9")
    if not 10 < len(digits) <= 15:
        raise IdentifierError(f"has {len(digits)} digits: {_MDN}")
    return Checked(mdn_of(text))


def check_zip(value: Any) -> Checked:
    """A US ZIP code: 12345 or 12345-6789, a string because leading zeros matter."""
    text = _plain(value)
    if _ZIP.match(text):
        return Checked(text)
    if re.match(r"^[0-9]{9}$", text):
        return Checked(f"{text[:5]}-{text[5:]}")
    if re.match(r"^[0-9]{3,4}$", text):
        raise IdentifierError(
            f"has {len(text)} digits: a leading zero was probably lost. Quote it in YAML (unquoted, 02134 is read as "
            "octal and becomes 1116) and format the column as text in spreadsheets"
        )
    raise IdentifierError("is not of the form 12345 or 12345-6789")


def _looks_like_iccid(digits: str) -> bool:
    return digits.startswith("89") and 18 <= len(digits) <= 20


def _plain(value: Any) -> str:
    """The value as text without blanks around it; refuses what can only be the remains of a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise IdentifierError(f"is {'a truth value' if isinstance(value, bool) else 'no text'}: quote the value")
    if isinstance(value, int) and value.bit_length() > 256:  # Python refuses to write thousands of digits
        raise IdentifierError("is a number of far too many digits")
    text = visible(str(value)).strip()
    if EXPONENT.match(text):
        raise IdentifierError(f"is a number with an exponent: {_SPREADSHEET}")
    if isinstance(value, float) or DECIMAL.match(text):
        raise IdentifierError(f"is a number with decimals: {_SPREADSHEET}")
    return text


def _digits(value: Any, field: str, expected: str) -> str:
    """The digits of the value as identifiers of this field are compared."""
    if isinstance(value, str) and is_digits(value):
        return value
    text = normalise(field, _plain(value))
    if not text:
        raise IdentifierError(f"is empty: {expected}")
    if not is_digits(text):
        strange = "".join(sorted({character for character in text if not is_digits(character)}))
        raise IdentifierError(f"has characters that are no digits ({strange}): {expected}")
    return text
