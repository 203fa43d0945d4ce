# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values in people's files: words for nothing, quotes and labels around a value, invisible characters."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from .._text import fold
from .._wire.identifiers import clean, visible

#: Maximum number of characters of a value that a message shows.
_LONGEST_SHOWN = 60
#: Maximum number of different characters that a message lists.
_CHARACTERS_LISTED = 8
#: Maximum number of bits of a whole number that is written out: Python refuses to write thousands of digits.
_LONGEST_INTEGER = 256

#: Words for "nothing here" in any field, in lower case, without blanks. NA, as in exports of R, is missing here because
#: it may be a name. In an identifier it means nothing, like all words that `clean` knows.
_NOTHING = frozenset(
    {"", "n/a", "n.a.", "n.a", "#n/a", "#na", "#null!", "null", "none", "nil", "nan", "\\n", "[]", "{}", "()"}
    | {
        f"{left}{word}{right}"
        for word in ("blank", "empty", "none", "null", "na")
        for left, right in ("()", "<>", "[]")
    }
)
_LONGEST_NOTHING = max(len("not available"), *map(len, _NOTHING))
#: Letters and digits with which no such word begins.
VALUE_BEGINS = frozenset("0123456789ABCDEFGHIJKLMOPQRSTVWXYZabcdefghijklmopqrstvwxyz")
_DASHES = "-_\u2010\u2012\u2013\u2014\u2015\u2212"

#: Errors of a formula, in lower case. #N/A and #NULL! mean that the cell has no value.
_FORMULA_ERRORS = frozenset(
    {"#ref!", "#value!", "#name?", "#div/0!", "#num!", "#error!", "#spill!", "#calc!", "#field!", "#blocked!"}
)

_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"
#: Straight and curly quotes, backticks and accents, as they are after `visible`.
_QUOTES = "'\"`\u0301\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2035\u00ab\u00bb\u2039\u203a"
_BEFORE = _BLANKS + _QUOTES + "=<["
_AFTER = _BLANKS + _QUOTES + ">].,;"
#: Invisible characters that `visible` keeps because Unicode counts them as letters, marks or symbols.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_FILLER = re.compile(f"[{_FILLERS}]")

#: A whole number with decimals. Spreadsheets keep up to 15 digits exactly.
_WHOLE = re.compile(r"([0-9]{1,15})[.,]0{1,6}")
#: The same with thousands separators.
_WHOLE_GROUPED = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,4})\.0{1,6}")

#: A label before a number, with a slot number, as in "IMEI 2: 3557…".
_LABELLED = re.compile(
    r"([A-Za-z][A-Za-z\s/()._-]{0,30}?)(?:\s?[1-4]\s*[:=#)]|(?<=[A-Za-z])[1-4](?=\s))?[^0-9A-Za-z+]*(?=[+0-9])"
)
#: A label before a value that may begin with letters.
_LABELLED_WITH_SIGN = re.compile(r"([A-Za-z][A-Za-z\s/()._-]{0,30})[:=#][^0-9A-Za-z]*(?=[0-9A-Za-z])")
#: Field → words of its labels, folded. `sim` is an ICCID or a SIM id; `meid` and `serial` belong to no field.
_LABEL_WORDS = {
    "imei": "imei deviceimei deviceid deviceidimei imeimeid meidimei imeiesn esnimei esnmeidimei",
    "iccid": "iccid icc ccid simiccid iccidsim simcardiccid",
    "sim": "sim simcard",
    "eid": "eid euiccid esimeid eidesim",
    "sim_id": "simid smartsim smartsimid",
    "mdn": "mdn msisdn phone tel telephone mobile cell",
    "zip": "zip zipcode servicezip servicezipcode postalcode",
    "meid": "meid esn esnmeid",
    "serial": "serial sn",
}
_LABELS = {
    word + ending: field
    for field, words in _LABEL_WORDS.items()
    for word in words.split()
    for ending in ("", "no", "nr", "num", "number")
}


class Labelled(NamedTuple):
    """A text without its label. `field`: the field that the label names, or None without a label."""

    text: str
    field: str | None = None


def is_nothing(text: str, is_identifier: bool = False) -> bool:
    """Whether a text is blank or a word for "nothing here", such as N/A, --, NULL, none or #N/A.

    Args:
        text: of a cell, quoted or not.
        is_identifier: whether words that may be a name in other fields count too: NA, unknown, not available.
    """
    if not text:
        return True
    if text[0] in VALUE_BEGINS:
        return False
    if len(text) > _LONGEST_NOTHING and text.isascii() and text.isprintable() and text[0] not in _BEFORE:
        return False
    text = without_fillers(visible(text)).strip(_BLANKS + _QUOTES + "=")
    word = text.replace(" ", "").lower()
    return word in _NOTHING or not word.strip(_DASHES) or (is_identifier and clean(text) is None)


def is_nan(value: Any) -> bool:
    """Whether a value is NaN, which programs write for a missing value."""
    return isinstance(value, float) and math.isnan(value)


def formula_problem(text: str) -> str | None:
    """Return the problem with a text that a spreadsheet shows instead of a value, or None."""
    if text[:1] != "#":
        return None
    if text.lower() in _FORMULA_ERRORS:
        return "is a spreadsheet error, not a value; correct the cell"
    if len(text) > 2 and not text.strip("#"):
        return "is what a spreadsheet shows if a column is too narrow; widen the column and export it again"
    return None


def without_fillers(text: str) -> str:
    """Return a text without the invisible characters that `visible` keeps."""
    return text if text.isascii() else _FILLER.sub("", text)


def unwrapped_value(text: str) -> str:
    """Return a value without invisible characters and without what people and programs put around it.

    That means ="8901…", '8901…, quotes and blanks of every kind, <8901…>, and a full stop, comma or semicolon at the
    end.
    """
    return without_fillers(visible(text)).lstrip(_BEFORE).rstrip(_AFTER)


def whole_number(text: str) -> str:
    """Return a whole number without its decimals: 355737360073462.0 → 355737360073462. Other text is unchanged.

    A number of more than 15 digits is unchanged too, because a spreadsheet has rounded it.
    """
    if text[-1:] != "0":
        return text
    found = _WHOLE.fullmatch(text) or _WHOLE_GROUPED.fullmatch(text)
    return found[1].replace(",", "") if found else text


def without_label(text: str, needs_sign: bool = False) -> Labelled:
    """Return the value after a label such as "IMEI: " or "SIM #", and the field that the label names.

    Args:
        text: as `unwrapped_value` returns it.
        needs_sign: whether a label must end in a colon, an equals sign or a number sign.
    """
    found = (_LABELLED_WITH_SIGN if needs_sign else _LABELLED).match(text)
    field = _LABELS.get(fold(found[1])) if found else None
    if found is None or field is None:
        return Labelled(text)
    return Labelled(unwrapped_value(text[found.end() :]), field)


def listed_characters(characters: str) -> str:
    """Return the distinct characters for a message: printable ASCII as is, others as code points."""
    shown = [
        character if character.isascii() and character.isprintable() else _code_point(character)
        for character in sorted(set(characters))
    ]
    glue = "" if all(len(character) == 1 for character in shown) else " "
    return glue.join(shown[:_CHARACTERS_LISTED]) + ("…" if len(shown) > _CHARACTERS_LISTED else "")


def shown_value(value: Any) -> str:
    """Return a value for a message: at most 60 characters, invisible ones as code points."""
    if isinstance(value, bool):
        return "true" if value else "false"
    is_long = isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER
    if is_long or isinstance(value, (list, dict)):  # a few nested lists can take gigabytes as text
        return "…"
    text = str(value)
    if len(text) <= _LONGEST_SHOWN and text.isprintable() and (text.isascii() or not _FILLER.search(text)):
        return text
    pieces: list[str] = []
    room = _LONGEST_SHOWN
    for character in text:
        is_plain = character.isprintable() and not _FILLER.match(character)
        piece = character if is_plain else f"<{_code_point(character)}>"
        room -= len(piece)
        if room < 0:
            return f"{''.join(pieces)[: _LONGEST_SHOWN - 1]}…"
        pieces.append(piece)
    return "".join(pieces)


def can_write_out(number: int) -> bool:
    """Whether a whole number is short enough to write out."""
    return number.bit_length() <= _LONGEST_INTEGER


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
