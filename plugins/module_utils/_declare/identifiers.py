# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMEI, ICCID, EID, SIM id, MDN and ZIP: normalise, validate, explain.

Each check takes what a user may have written (a string, or a number or boolean from YAML or a workbook). It returns a
`Checked`, or raises `IdentifierError` with the likely mistake and what to do about it. Quotes, labels, groups of digits
and invisible characters are read without doubt; a likely slip is refused.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._text import counted
from .._wire.identifiers import DECIMAL, EXPONENT, is_digits, is_luhn_valid, luhn_check_digit, normalise
from .._wire.values import MDN_SIGNS, mdn_of
from . import slips
from .slips import EXPECTED, ROUNDED, SPREADSHEET
from .values import (
    can_write_out,
    formula_problem,
    is_nan,
    is_nothing,
    listed_characters,
    unwrapped_value,
    whole_number,
    without_label,
)

#: Maximum number of characters of a value.
_LONGEST = 400
#: Whole numbers from here on lose digits in a spreadsheet.
_INEXACT = 10**15

#: A phone number of the North American plan, in the form that checks return.
_MDN = re.compile("[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}")
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_ZIP_DASHES = re.compile("[\u2010-\u2015\u2212]")
_ALNUM = re.compile("[0-9A-Za-z]+")
#: A software version, separated from the IMEI before it.
_VERSION = re.compile(r"[^0-9][0-9]{2}$")
#: Signs that separate values rather than groups of digits, and a separate single digit at the end.
_APART = re.compile(r"[0-9]\s*[./:,;|]\s*[0-9]")
_LAST_APART = re.compile(r"[0-9][^0-9]+[0-9]$")


class IdentifierError(ValueError):
    """A value is not the identifier that it is declared as. The text has the likely slip and what to do."""


class Checked(NamedTuple):
    """A normalised identifier, with a warning if it looks odd but may be right."""

    value: str
    warning: str | None = None


def check_imei(value: Any) -> Checked:
    """Check an IMEI: 15 digits, the last a Luhn check digit (3GPP TS 23.003, section 6.2).

    A software version after it, as in 355737360073462/01, is dropped.
    """
    digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else _digits(value, "imei")
    if len(digits) == 15 and is_luhn_valid(digits):
        return Checked(digits)
    if len(digits) == 17 and is_luhn_valid(digits[:15]) and _VERSION.search(_text(value, "imei")):
        return Checked(digits[:15])
    raise _error(value, slips.octal_imei(value) or _imei_problem(digits))


def check_iccid(value: Any) -> Checked:
    """Check an ICCID: 18 to 20 digits that start with 89 and end in a Luhn check digit (ITU-T E.118).

    Blanks, dashes and the filler F are dropped. A wrong check digit is only a warning: Luhn does not show whether 19 or
    20 digits are right, and some exports drop the check digit.
    """
    digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else _digits(value, "iccid")
    length = len(digits)
    if not 18 <= length <= 20 or not digits.startswith("89"):
        raise _error(value, _iccid_problem(digits))
    if digits[-4:] == "0000" and slips.is_rounded(digits) and digits in str(value):
        raise IdentifierError(f"{ROUNDED}. If the number is right, write it in groups, such as 8914 8000 …")
    if length == 18:
        return Checked(digits, "has 18 digits; an ICCID has 19 or 20, so its check digit may be missing")
    if is_luhn_valid(digits):
        return Checked(digits)
    if digits is not value and _has_more(value, digits):
        raise IdentifierError(
            "has more than an ICCID: it does not end in its check digit; remove what does not belong to the ICCID"
        )
    return Checked(digits, "does not end in its check digit; a digit may be wrong, or the check digit missing")


def check_eid(value: Any) -> Checked:
    """Check an EID: 32 digits that are 1 modulo 97 (GSMA SGP.29). Not all start with 89."""
    digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else _digits(value, "eid")
    if len(digits) != 32:
        raise _error(value, _eid_problem(digits))
    if digits[-4:] == "0000" and slips.is_rounded(digits):
        raise IdentifierError(ROUNDED)
    if int(digits) % 97 != 1:
        raise _error(value, "its check digits are wrong (modulo 97 it is not 1), so a digit is mistyped")
    return Checked(digits)


def check_sim_id(value: Any) -> Checked:
    """Check the id of a SmartSIM: letters and digits. No public source says more about its form."""
    text = normalise("sim_id", _text(value, "sim_id"))
    if is_nothing(text, is_identifier=True):
        raise IdentifierError(f"is empty; {EXPECTED['sim_id']}")
    if not _ALNUM.fullmatch(text):
        strange = "".join(character for character in text if not _ALNUM.fullmatch(character))
        raise _error(value, f"has characters that are neither letters nor digits ({listed_characters(strange)})")
    if is_digits(text) and slips.is_rounded(text):
        raise IdentifierError(ROUNDED)
    problem = slips.several(value)
    if problem:
        raise IdentifierError(problem)
    return Checked(text)


def check_mdn(value: Any) -> Checked:
    """Check an MDN: 10 digits of the North American plan, or a longer international number (ITU-T E.164: at most 15).

    Signs between the digits do not matter. It is returned as in the device list, 521-267-1508.
    """
    if isinstance(value, str) and _MDN.fullmatch(value):
        return Checked(value)
    text = _text(value, "mdn")
    digits = MDN_SIGNS.sub("", text)
    if not digits:
        raise IdentifierError(f"is empty; {EXPECTED['mdn']}")
    if not is_digits(digits):
        raise _error(value, slips.several_phones(text) or slips.strange_characters("mdn", digits))
    if len(digits) == 15 and is_luhn_valid(digits):
        raise IdentifierError("looks like an IMEI; mdn and imei are probably swapped")
    if _looks_like_iccid(digits):
        raise IdentifierError("looks like an ICCID; mdn and iccid are probably swapped")
    number = mdn_of(digits)
    if number != digits:
        return Checked(number)
    if len(digits) == 10:
        raise IdentifierError("is not a North American number; its area code and exchange must start with 2 to 9")
    if not 10 < len(digits) <= 15:
        raise _error(value, slips.several_phones(text) or f"has {_digit_count(digits)}; {EXPECTED['mdn']}")
    return Checked(mdn_of(text))


def check_zip(value: Any) -> Checked:
    """Check a US ZIP code: 12345 or 12345-6789. It is a string because leading zeros matter."""
    text = value if isinstance(value, str) and _ZIP.fullmatch(value) else _text(value, "zip")
    text = _ZIP_DASHES.sub("-", text).rstrip("- ")
    if _ZIP.fullmatch(text):
        return Checked(text)
    if not text:
        raise IdentifierError(f"is empty; {EXPECTED['zip']}")
    if is_digits(text) and len(text) == 9:
        return Checked(f"{text[:5]}-{text[5:]}")
    if is_digits(text) and 3 <= len(text) <= 4:
        raise IdentifierError(_short_zip_problem(text, value))
    raise IdentifierError("is not a ZIP code, such as 12345 or 12345-6789")


def _imei_problem(digits: str) -> str:
    """Return the problem with digits that are not an IMEI."""
    length = len(digits)
    if length == 15:
        expected = luhn_check_digit(digits[:-1])
        return (
            f"its check digit is wrong ({digits[-1]} instead of {expected}), so a digit is mistyped; "
            "compare it with the device (*#06# or its label)"
        )
    if _looks_like_iccid(digits):
        return "looks like an ICCID; imei and iccid are probably swapped"
    if length == 32:
        return "has 32 digits and looks like an EID; imei and eid are probably swapped"
    if length == 17 and is_luhn_valid(digits[:15]):
        return f"has 17 digits and looks like an IMEI followed by a software version; the IMEI is {digits[:15]}"
    if length == 16:
        suggestion = digits[:14] + luhn_check_digit(digits[:14])
        return f"has 16 digits and looks like an IMEISV (the last two are a software version); the IMEI is {suggestion}"
    if length == 14:
        return slips.imei_without_check_digit(digits)
    return slips.meid(digits) or _length_problem("imei", digits, f"has {_digit_count(digits)}; an IMEI has 15")


def _iccid_problem(digits: str) -> str:
    """Return the problem with digits that are not an ICCID."""
    length = len(digits)
    if length == 15 and not digits.startswith("89"):
        return "looks like an IMEI; iccid and imei are probably swapped"
    if length == 32:
        return "has 32 digits and looks like an EID; an ICCID has 19 or 20"
    if not digits.startswith("89"):
        return _length_problem("iccid", digits, f"starts with {digits[:2]}; {EXPECTED['iccid']}")
    return _length_problem("iccid", digits, f"has {_digit_count(digits)}; an ICCID has 19 or 20")


def _eid_problem(digits: str) -> str:
    """Return the problem with digits that are not an EID."""
    if _looks_like_iccid(digits):
        return "looks like an ICCID; an EID has 32 digits"
    if len(digits) == 15 and is_luhn_valid(digits):
        return "looks like an IMEI; eid and imei are probably swapped"
    lost = ", so a leading zero was probably lost (quote the value)" if len(digits) == 31 else ""
    return _length_problem("eid", digits, f"has {_digit_count(digits)}; an EID has 32{lost}")


def _length_problem(field: str, digits: str, otherwise: str) -> str:
    return f"looks like a phone number; {EXPECTED[field]}" if slips.is_phone(digits) else otherwise


def _digit_count(digits: str) -> str:
    return counted(len(digits), "digit")


def _short_zip_problem(digits: str, value: Any) -> str:
    """Return the problem with a ZIP code of 3 or 4 digits. YAML reads 00000 to 07777 as octal numbers."""
    problem = f"has {len(digits)} digits, so a leading zero was probably lost"
    if isinstance(value, int) and value < 8**4:
        return f"{problem}; quote it in YAML (if it was written {value:05o}, YAML read it as an octal number)"
    return f"{problem}; format the column as text (in YAML, quote the value)"


def _looks_like_iccid(digits: str) -> bool:
    return digits.startswith("89") and 18 <= len(digits) <= 20


def _has_more(value: Any, digits: str) -> bool:
    """Whether a cell may have more than an ICCID, given that the check digit is wrong."""
    text = _text(value, "iccid")
    return bool(_APART.search(text) or (is_luhn_valid(digits[:-1]) and _LAST_APART.search(text)))


def _error(value: Any, problem: str) -> IdentifierError:
    """Return the error for a value. If it has several identifiers, that is the problem."""
    return IdentifierError(slips.several(value) or problem)


def _written(value: Any) -> str:
    """Return a value as it was written. Raises IdentifierError if that cannot be determined."""
    if isinstance(value, str):
        if len(value) > _LONGEST:
            raise IdentifierError(f"is too long ({len(value)} characters)")
        return value
    if isinstance(value, bool):
        raise IdentifierError("is a boolean (YAML reads yes, no, on, off and true as one); quote it")
    if isinstance(value, int):
        if not can_write_out(value):
            raise IdentifierError("has far too many digits")
        if value < 0:
            raise IdentifierError("is a negative number")
        return str(value)
    if isinstance(value, float):
        if value.is_integer() and 0 <= value < _INEXACT:
            return str(int(value))
        if is_nan(value):
            return ""
        form = "an exponent" if EXPONENT.match(str(value)) else "decimals"
        raise IdentifierError(f"is a number with {form}: {SPREADSHEET}")
    raise IdentifierError("is not text; quote the value")


def _text(value: Any, field: str) -> str:
    """Return the text of a value without quotes and labels, or "" if it is empty. Refuses a number that lost digits."""
    text = unwrapped_value(_written(value))
    if not is_digits(text[:1]):
        text = _unlabelled(value, text, field)
    text = whole_number(text)
    if EXPONENT.match(text):
        raise IdentifierError(f"is a number with an exponent: {SPREADSHEET}")
    if DECIMAL.match(text):
        raise _error(value, f"is a number with decimals: {SPREADSHEET}")
    return text


def _unlabelled(value: Any, text: str, field: str) -> str:
    """Return the text of a value without its label, "" for nothing. Refuses a label of another field."""
    if is_nothing(text, is_identifier=True):
        return ""
    problem = formula_problem(text)
    if problem:
        raise IdentifierError(problem)
    text, labelled = without_label(text, needs_sign=field == "sim_id")
    problem = slips.foreign_label(field, labelled) if labelled else None
    if problem:
        raise _error(value, problem)
    return text


def _digits(value: Any, field: str) -> str:
    """Return the digits of a value, in the form in which identifiers of this field are compared."""
    text = normalise(field, _text(value, field).strip("(){} #"))
    if field == "iccid":
        text = text.rstrip("Ff")
    if not text:
        raise IdentifierError(f"is empty; {EXPECTED[field]}")
    if not is_digits(text):
        named = slips.meid(text) if field == "imei" else None
        raise _error(value, named or slips.strange_characters(field, text))
    return text
