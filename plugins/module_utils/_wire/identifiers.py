# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identifiers as users and the service write them: normalisation, check digits, recognition by value."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .._text import unwrap

#: Fields that identify a device.
IDENTIFIERS = ("iccid", "imei", "sim_id", "eid")
#: Words for an empty value, in lower case [I].
_NOTHING = {"", "n/a", "na", "none", "null", "-", "--", "nan", "nil", "unknown", "not available"}
_MAX_NOTHING_LENGTH = max(map(len, _NOTHING))
#: Separators between digits: blanks, dashes of every kind, underscores.
_SEPARATORS = re.compile("[\\s_\u2010-\u2015\u2212\ufe58\ufe63\uff0d-]+")
#: More separators between digits, which may be part of an identifier with letters.
_BETWEEN_DIGITS = re.compile(r"[.:/,]+")
#: Long numbers as spreadsheets write them: 8.90141E+19, or 355737360073462.0.
EXPONENT = re.compile(r"^[+-]?\d+(?:[.,]\d+[eE][+-]?|[eE][+-])\d+$")
DECIMAL = re.compile(r"^\d+[.,]\d*$")
#: Digit → digit sum of its double.
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
#: Valid lengths of identifiers of digits: 3GPP TS 23.003, ITU-T E.118, GSMA SGP.29.
LENGTHS = {"imei": (15,), "iccid": (18, 19, 20), "eid": (32,)}
#: Significant digits that a spreadsheet keeps of a number.
_SPREADSHEET_DIGITS = 15


def clean(value: Any) -> str | None:
    """Return a scalar of the service as text, or None for an empty value ("", N/A, null …)."""
    if value is None or isinstance(value, (dict, list)):
        return None
    text = str(value).strip()
    first = text[:1]
    if first.isdigit():  # the most frequent case: identifiers, numbers, times
        return text
    if first in ("=", "'"):
        text = unwrap(text)
    return None if len(text) <= _MAX_NOTHING_LENGTH and text.lower() in _NOTHING else text


def is_digits(text: str) -> bool:
    """Whether the text has only the digits 0 to 9. `str.isdigit` also accepts digits of other scripts."""
    return text.isascii() and text.isdigit()


def visible(text: str) -> str:
    """Return the text without invisible characters, and with full-width and foreign digits as ASCII.

    Invisible characters are those of the Unicode categories Cc and Cf: zero-width characters, byte order and direction
    marks, soft hyphens.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = (
        character for character in text if character.isspace() or unicodedata.category(character) not in ("Cf", "Cc")
    )
    digits = (str(unicodedata.decimal(character, character)) for character in kept)
    return unicodedata.normalize("NFKC", "".join(digits))


def normalise(field: str, text: str) -> str:
    """Return an identifier in its normal form: without separators, blanks, invisible characters and ICCID filler.

    Args:
        field: `imei`, `iccid`, `eid` or `sim_id`.
        text: the declared identifier, or the one in an answer.

    A number in spreadsheet notation is only stripped of blanks and invisible characters.
    """
    text = visible(text).strip()
    if EXPONENT.match(text) or DECIMAL.match(text):
        return text
    text = _SEPARATORS.sub("", text)
    if field == "sim_id":
        return text
    text = _BETWEEN_DIGITS.sub("", text)
    if field == "iccid" and text[-1:] in ("F", "f"):
        text = text[:-1]
    return text


def observed(field: str, value: Any) -> str | None:
    """Return the normalised identifier in a cell or JSON value, or None if it is empty or not a complete identifier.

    `is_odd` distinguishes the two cases.
    """
    text = clean(value)
    if text is None:
        return None
    if field == "sim_id":
        text = normalise(field, text)
        return text if text and not EXPONENT.match(text) else None
    if not (text.isascii() and text.isdigit()):
        text = normalise(field, text)
    if len(text) not in LENGTHS[field] or not is_digits(text) or not text.strip("0") or _is_rounded(field, text):
        return None
    return text


def is_odd(field: str, value: Any) -> bool:
    """Whether a cell of an identifier column has a value that is not a complete identifier."""
    text = clean(value)
    if text is None or observed(field, text) is not None:
        return False
    return any(character in "123456789" for character in visible(text))


def _is_rounded(field: str, digits: str) -> bool:
    """Whether a spreadsheet rounded an ICCID to 15 digits: the rest is zeros, and the check digit is wrong."""
    if field != "iccid" or digits[_SPREADSHEET_DIGITS:].strip("0"):
        return False
    return len(digits) > _SPREADSHEET_DIGITS + 3 and not is_luhn_valid(digits)


def recognise(text: str) -> str | None:
    """Return the field that a value alone identifies: `imei`, `iccid`, `eid`, or None.

    An IMEI has 15 digits and a check digit, an ICCID begins with 89 and has 18 to 20 digits, an EID has 32 digits and
    the remainder 1 modulo 97.
    """
    if len(text) < 15 or not any(character.isdigit() for character in text):
        return None
    for field in ("imei", "iccid", "eid"):
        digits = observed(field, text)
        if digits is not None and _identifies(field, digits):
            return field
    return None


def _identifies(field: str, digits: str) -> bool:
    if field == "imei":
        return is_luhn_valid(digits)
    return digits.startswith("89") if field == "iccid" else int(digits) % 97 == 1


def luhn_check_digit(digits: str) -> str:
    """Return the Luhn check digit ("0" to "9") for a string of digits without one (ISO/IEC 7812-1, annex B).

    Raises ValueError if `digits` has other characters than 0 to 9.
    """
    if not is_digits(digits):
        raise ValueError(f"{digits!r} is not a string of digits")
    values = digits.encode()
    others = values[-2::-2]
    total = sum(values[-1::-2].translate(_DOUBLED)) + sum(others) - ord("0") * len(others)
    return str(-total % 10)


def is_luhn_valid(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others. `digits`: at least two digits."""
    return luhn_check_digit(digits[:-1]) == digits[-1]
