# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recognise slips in identifiers. Each function returns the problem in words, or None if it is not that slip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._wire.identifiers import is_digits, is_luhn_valid, luhn_check_digit, visible
from .._wire.values import mdn_of
from .values import listed_characters

EXPECTED = {
    "imei": "an IMEI has 15 digits",
    "iccid": "an ICCID starts with 89 and has 19 or 20 digits",
    "eid": "an EID has 32 digits",
    "sim_id": "a SIM id has letters and digits",
    "mdn": "an MDN has 10 digits, such as 521-267-1508",
    "zip": "a ZIP code has 5 digits, or 9 as in 12345-6789",
}
#: Field that a label names → its name in a message.
_CALLED = {
    "imei": "an IMEI",
    "iccid": "an ICCID",
    "eid": "an EID",
    "sim_id": "a SIM id",
    "mdn": "a phone number",
    "zip": "a ZIP code",
    "serial": "a serial number",
}
_PLURAL = {"imei": "IMEIs", "iccid": "ICCIDs", "eid": "EIDs"}
#: What to do about several identifiers of one kind in a cell.
_CHOICE = {
    "imei": "keep the one that uses this SIM (a dual-SIM phone has two) and remove the rest",
    "iccid": "give each its own row",
    "eid": "give each its own row",
}
SPREADSHEET = (
    "a spreadsheet converted it, so its last digits are lost; "
    "format the column as text and export it again (in YAML, quote the value)"
)
ROUNDED = (
    "a spreadsheet rounded it to 15 digits, so its last digits are lost; format the column as text and export the list "
    "again from its source"
)
_MEID = "looks like an MEID, which cannot be activated; give the device's IMEI (15 digits, shown by *#06#)"

#: Minimum number of characters of a cell with two identifiers: two IMEIs without check digits.
_TWO_IDENTIFIERS = 28
#: Maximum number of digits that are split without separators: two EIDs.
_LONGEST_RUN = 64
#: A word before a number, with its slot number, as in "IMEI 2:".
_WORD = re.compile(r"[A-Za-z]+\s?(?:[1-4]\s*[:=#])?")
_LONG_RUN = re.compile(r"[0-9]{14,}")
_DIGITS, _NOT_DIGITS = re.compile(r"[0-9]+"), re.compile(r"[^0-9]+")
_MEID_FORM = re.compile(r"(?:MEID|ESN)*((?=[0-9]*[A-F])(?:[0-9A-F]{14}|[A-F][0-9A-F]{14}))")
#: Letter → the digit that people mistake it for.
_MISTAKEN = {"O": "zero", "o": "zero", "l": "one", "I": "one"}


def several(value: Any) -> str | None:
    """Recognise several identifiers in one value."""
    if not isinstance(value, str) or len(value) < _TWO_IDENTIFIERS:
        return None
    text = visible(value)
    kinds: Sequence[str | None] | None = [_kind_by_length(run) for run in _LONG_RUN.findall(text)]
    if not kinds or len(kinds) < 2 or None in kinds:
        kinds = _split(_NOT_DIGITS.sub("", _WORD.sub(" ", text)))
    if not kinds or len(kinds) < 2:
        return None
    names = [str(kind) for kind in dict.fromkeys(kinds)]
    if len(names) > 1:
        listed = " and ".join(_CALLED[name] for name in names)
        return f"has {listed} in one cell; give each its own column, and each device its own row"
    count = "two" if len(kinds) == 2 else len(kinds)
    return f"has {count} {_PLURAL[names[0]]} in one cell; {_CHOICE[names[0]]}"


def several_phones(text: str) -> str | None:
    """Recognise two phone numbers in one value."""
    digits = _NOT_DIGITS.sub("", text)
    half = len(digits) // 2
    if half not in (10, 11) or any(mdn_of(part) == part for part in (digits[:half], digits[half:])):
        return None
    return "has two phone numbers in one cell; keep one and remove the other"


def foreign_label(field: str, labelled: str) -> str | None:
    """Recognise the label of another field. `labelled`: the field that the label names."""
    if labelled == field or (labelled == "sim" and field in ("iccid", "sim_id")):
        return None
    labelled = "iccid" if labelled == "sim" else labelled
    if labelled == "meid":
        return _MEID
    problem = f"is labelled as {_CALLED[labelled]}, not {_CALLED[field]}"
    is_swap = {field, labelled} <= {"imei", "iccid", "eid", "sim_id"}
    return f"{problem}; {field} and {labelled} are probably swapped" if is_swap else problem


def meid(text: str) -> str | None:
    """Recognise an MEID: 14 hexadecimal digits, perhaps with a check digit, or 18 decimal digits (3GPP2 S.R0048)."""
    is_decimal = is_digits(text) and len(text) == 18 and not text.startswith("89")
    return _MEID if is_decimal or _MEID_FORM.fullmatch(text.upper()) else None


def is_phone(digits: str) -> bool:
    """Whether digits are as many as a phone number of the North American plan has."""
    return len(digits) == 10 or (len(digits) == 11 and digits[0] == "1")


def is_rounded(digits: str) -> bool:
    """Whether a spreadsheet may have rounded a number to these digits: only zeros follow the 15th."""
    return len(digits) > 18 and not digits[15:].strip("0")


def octal_imei(value: Any) -> str | None:
    """Recognise an IMEI that YAML read as an octal number: its first digit is 0, and all are below 8."""
    if isinstance(value, int) and 8**13 <= value < 8**14:
        written = f"0{value:o}"
        if is_luhn_valid(written):
            return f"YAML read {written} as an octal number; quote it"
    return None


def imei_without_check_digit(digits: str) -> str:
    """Return the problem with 14 digits."""
    text = "has 14 digits and looks like an IMEI without its check digit; the full IMEI would be "
    text += digits + luhn_check_digit(digits)
    if is_luhn_valid("0" + digits):
        text += f", or 0{digits} if a leading zero was lost (quote the value, or format the column as text)"
    return text


def strange_characters(field: str, text: str) -> str:
    """Return the problem with a text that has other characters than digits."""
    strange = _DIGITS.sub("", text)
    if len(text) - len(strange) >= 8 and set(strange) <= _MISTAKEN.keys():
        letters = sorted(set(strange))
        digits = sorted({_MISTAKEN[letter] for letter in letters}, reverse=True)
        noun = "letter" if len(letters) == 1 else "letters"
        wanted = "a zero" if digits == ["zero"] else "a one" if digits == ["one"] else "zeros and ones"
        return f"has the {noun} {' and '.join(letters)}, probably instead of {wanted}; {EXPECTED[field]}"
    return f"has characters that are not digits ({listed_characters(strange)}); {EXPECTED[field]}"


def _kind_by_length(digits: str) -> str | None:
    """Return the kind of identifier that a run of digits is, even if its check digit is wrong."""
    if len(digits) in (14, 15):
        return "imei"
    if len(digits) == 32:
        return "eid"
    return "iccid" if 18 <= len(digits) <= 20 and digits.startswith("89") else None


def _split(digits: str) -> list[str] | None:
    """Return the kinds of the complete identifiers that make up these digits, or None."""
    if not digits:
        return []
    if len(digits) > _LONGEST_RUN:
        return None
    for kind, length in (("eid", 32), ("iccid", 20), ("iccid", 19), ("imei", 15), ("iccid", 18)):
        head = digits[:length]
        if len(head) == length and _is_complete(kind, head):
            rest = _split(digits[length:])
            if rest is not None:
                return [kind, *rest]
    return None


def _is_complete(kind: str, digits: str) -> bool:
    if kind == "imei":
        return is_luhn_valid(digits)
    return digits.startswith("89") if kind == "iccid" else int(digits) % 97 == 1
