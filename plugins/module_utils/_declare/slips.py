# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slips in identifiers: each function returns the sentence on one kind of slip, or None where it is another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._wire.identifiers import is_digits, luhn_check_digit, luhn_valid, visible
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
#: What a label says a value is.
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
#: What to do with several identifiers of one kind.
_CHOICE = {
    "imei": "keep the one that uses this SIM (a phone with two SIMs has two) and remove the rest",
    "iccid": "give each its own row",
    "eid": "give each its own row",
}
SPREADSHEET = (
    "a spreadsheet has turned it into a number and its last digits are lost: "
    "format the column as text, export it again, and quote the value in YAML"
)
ROUNDED = (
    "a spreadsheet has rounded it to 15 digits, and the others cannot be restored: format the column as text, and "
    "export the list again from where it comes from"
)
_MEID = "looks like an MEID, which cannot be activated: give the IMEI of the device (15 digits; *#06# shows it)"

#: Digits of the shortest cell that has two identifiers: an IMEI without its check digit, twice.
_TWO_IDENTIFIERS = 28
#: Digits of the longest cell that is taken apart without separators: two EIDs.
_LONGEST_RUN = 64
#: A word in front of a number, with the number of its slot.
_WORD = re.compile(r"[A-Za-z]+\s?(?:[1-4]\s*[:=#])?")
_LONG_RUN = re.compile(r"[0-9]{14,}")
_DIGITS, _NOT_DIGITS = re.compile(r"[0-9]+"), re.compile(r"[^0-9]+")
_MEID_FORM = re.compile(r"(?:MEID|ESN)*((?=[0-9]*[A-F])(?:[0-9A-F]{14}|[A-F][0-9A-F]{14}))")
#: A letter → the digit that it is mistaken for.
_MISTAKEN = {"O": "zero", "o": "zero", "l": "one", "I": "one"}


def several(value: Any) -> str | None:
    """Several identifiers in one value."""
    if not isinstance(value, str) or len(value) < _TWO_IDENTIFIERS:
        return None
    text = visible(value)
    kinds: Sequence[str | None] | None = [_kind_by_length(run) for run in _LONG_RUN.findall(text)]
    if not kinds or len(kinds) < 2 or None in kinds:
        kinds = _taken_apart(_NOT_DIGITS.sub("", _WORD.sub(" ", text)))
    if not kinds or len(kinds) < 2:
        return None
    names = [str(kind) for kind in dict.fromkeys(kinds)]
    if len(names) > 1:
        listed = " and ".join(_CALLED[name] for name in names)
        return f"has {listed} in one cell: give each its own column, and each device its own row"
    number = "two" if len(kinds) == 2 else len(kinds)
    return f"has {number} {_PLURAL[names[0]]} in one cell: {_CHOICE[names[0]]}"


def several_phones(text: str) -> str | None:
    """Two phone numbers in one value."""
    digits = _NOT_DIGITS.sub("", text)
    half = len(digits) // 2
    if half not in (10, 11) or any(mdn_of(part) == part for part in (digits[:half], digits[half:])):
        return None
    return "has two phone numbers in one cell: keep one and remove the other"


def foreign_label(field: str, labelled: str) -> str | None:
    """A label of another field. `labelled`: the field that the label names."""
    if labelled == field or (labelled == "sim" and field in ("iccid", "sim_id")):
        return None
    labelled = "iccid" if labelled == "sim" else labelled
    if labelled == "meid":
        return _MEID
    said = f"is labelled as {_CALLED[labelled]}, not as {_CALLED[field]}"
    swapped = {field, labelled} <= {"imei", "iccid", "eid", "sim_id"}
    return f"{said}: {field} and {labelled} are probably swapped" if swapped else said


def meid(text: str) -> str | None:
    """An MEID: 14 hexadecimal digits, maybe with a check digit, or 18 decimal digits (3GPP2 S.R0048)."""
    is_decimal = is_digits(text) and len(text) == 18 and not text.startswith("89")
    return _MEID if is_decimal or _MEID_FORM.fullmatch(text.upper()) else None


def is_phone(digits: str) -> bool:
    """Whether digits have the length of a phone number of the North American plan."""
    return len(digits) == 10 or (len(digits) == 11 and digits[0] == "1")


def is_rounded(digits: str) -> bool:
    """Whether a spreadsheet may have left these digits of a longer number: nothing but zeros after the 15th."""
    return len(digits) > 18 and not digits[15:].strip("0")


def octal_imei(value: Any) -> str | None:
    """An IMEI that YAML has read as an octal number. All of its digits are then below 8, and the first is 0."""
    if isinstance(value, int) and 8**13 <= value < 8**14:
        written = f"0{value:o}"
        if luhn_valid(written):
            return f"YAML has read {written} as an octal number: quote it"
    return None


def imei_without_check_digit(digits: str) -> str:
    """The sentence on 14 digits."""
    text = "has 14 digits and looks like an IMEI without its check digit: the IMEI would be "
    text += digits + luhn_check_digit(digits)
    if luhn_valid("0" + digits):
        text += f", or 0{digits} if a leading zero was lost (quote the value, format the column as text)"
    return text


def strange_characters(field: str, text: str) -> str:
    """The sentence on a text that has more than digits."""
    strange = _DIGITS.sub("", text)
    if len(text) - len(strange) >= 8 and set(strange) <= _MISTAKEN.keys():
        letters = sorted(set(strange))
        digits = sorted({_MISTAKEN[letter] for letter in letters}, reverse=True)
        noun = "letter" if len(letters) == 1 else "letters"
        verb = "a zero is" if digits == ["zero"] else "a one is" if digits == ["one"] else "zeros and ones are"
        return f"has the {noun} {' and '.join(letters)}, where {verb} probably meant: {EXPECTED[field]}"
    return f"has characters that are not digits ({listed_characters(strange)}): {EXPECTED[field]}"


def _kind_by_length(digits: str) -> str | None:
    """Return the kind of identifier that a run of digits is, whether or not its check digit fits."""
    if len(digits) in (14, 15):
        return "imei"
    if len(digits) == 32:
        return "eid"
    return "iccid" if 18 <= len(digits) <= 20 and digits.startswith("89") else None


def _taken_apart(digits: str) -> list[str] | None:
    """Return the kinds of the whole identifiers that digits consist of, or None."""
    if not digits:
        return []
    if len(digits) > _LONGEST_RUN:
        return None
    for kind, length in (("eid", 32), ("iccid", 20), ("iccid", 19), ("imei", 15), ("iccid", 18)):
        head = digits[:length]
        if len(head) == length and _is_whole(kind, head):
            rest = _taken_apart(digits[length:])
            if rest is not None:
                return [kind, *rest]
    return None


def _is_whole(kind: str, digits: str) -> bool:
    if kind == "imei":
        return luhn_valid(digits)
    return digits.startswith("89") if kind == "iccid" else int(digits) % 97 == 1
