# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as people's files have them: words for nothing, quotes and labels around a value, characters not seen."""

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
#: Bits of the longest whole number that is written out: Python refuses to write thousands of digits.
_LONGEST_INTEGER = 256

#: Words for "nothing here" in any field, folded to lower case, without blanks. An export of R writes NA, which is not
#: one of them: it may be a name. In an identifier it is nothing, as are all words of `clean`.
_NOTHING = frozenset(
    {"", "n/a", "n.a.", "n.a", "#n/a", "#na", "#null!", "null", "none", "nil", "nan", "\\n", "[]", "{}", "()"}
    | {
        f"{left}{word}{right}"
        for word in ("blank", "empty", "none", "null", "na")
        for left, right in ("()", "<>", "[]")
    }
)
_LONGEST_NOTHING = max(len("not available"), *map(len, _NOTHING))
#: Letters and digits that no such word begins with.
VALUE_BEGINS = frozenset("0123456789ABCDEFGHIJKLMOPQRSTVWXYZabcdefghijklmopqrstvwxyz")
_DASHES = "-_\u2010\u2012\u2013\u2014\u2015\u2212"

#: Errors of a formula, folded to lower case. #N/A and #NULL! say that there is no value.
_FORMULA_ERRORS = frozenset(
    {"#ref!", "#value!", "#name?", "#div/0!", "#num!", "#error!", "#spill!", "#calc!", "#field!", "#blocked!"}
)

_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"
#: Straight and curly quotes, backticks and accents, as they are after `visible`.
_QUOTES = "'\"`\u0301\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2035\u00ab\u00bb\u2039\u203a"
_BEFORE = _BLANKS + _QUOTES + "=<["
_AFTER = _BLANKS + _QUOTES + ">].,;"
#: Characters without a picture that Unicode counts as letters, marks or symbols, so that `visible` keeps them.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_FILLER = re.compile(f"[{_FILLERS}]")

#: A whole number of up to 15 digits, which a table program keeps exactly, with the decimals of a float.
_WHOLE = re.compile(r"([0-9]{1,15})[.,]0{1,6}")
#: The same with commas between thousands.
_WHOLE_GROUPED = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,4})\.0{1,6}")

#: A label in front of a number, and the number of a slot, as in "IMEI 2: 3557…".
_LABELLED = re.compile(
    r"([A-Za-z][A-Za-z\s/()._-]{0,30}?)(?:\s?[1-4]\s*[:=#)]|(?<=[A-Za-z])[1-4](?=\s))?[^0-9A-Za-z+]*(?=[+0-9])"
)
#: A label in front of a value that may begin with letters.
_LABELLED_WITH_SIGN = re.compile(r"([A-Za-z][A-Za-z\s/()._-]{0,30})[:=#][^0-9A-Za-z]*(?=[0-9A-Za-z])")
#: Field → words of its labels, folded. `sim` is an ICCID or a SIM id; no field takes `meid` and `serial`.
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
    """A text without the label in front of it. `field`: the field that the label names, None without a label."""

    text: str
    field: str | None = None


def is_nothing(text: str, is_identifier: bool = False) -> bool:
    """Whether a text is blank or a word for "nothing here", such as N/A, --, NULL, none or #N/A.

    Args:
        text: of a cell, quoted or not.
        is_identifier: also takes words that may be a name elsewhere: NA, unknown, not available.
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
    """Whether a value is the number that table programs write where there is none."""
    return isinstance(value, float) and math.isnan(value)


def formula_problem(text: str) -> str | None:
    """Return what is wrong with a text that a spreadsheet shows instead of a value, or None."""
    if text[:1] != "#":
        return None
    if text.lower() in _FORMULA_ERRORS:
        return "is an error of the spreadsheet, not a value: correct the cell"
    if len(text) > 2 and not text.strip("#"):
        return "is what a spreadsheet shows of a column that is too narrow: widen the column and export it again"
    return None


def without_fillers(text: str) -> str:
    """Return a text without the characters that `visible` keeps and nobody sees."""
    return text if text.isascii() else _FILLER.sub("", text)


def unwrapped_value(text: str) -> str:
    """Return a value without invisible characters and without what people and programs put around it.

    That is ="8901…", '8901…, quotes of every kind, <8901…>, blanks of every kind, and a full stop, comma or semicolon
    at the end.
    """
    return without_fillers(visible(text)).lstrip(_BEFORE).rstrip(_AFTER)


def whole_number(text: str) -> str:
    """Return the digits of a whole number with decimals, 355737360073462.0; any other text as it is.

    A number of more than 15 digits stays as it is: a table program has rounded it.
    """
    if text[-1:] != "0":
        return text
    found = _WHOLE.fullmatch(text) or _WHOLE_GROUPED.fullmatch(text)
    return found[1].replace(",", "") if found else text


def without_label(text: str, needs_sign: bool = False) -> Labelled:
    """Return what follows a label such as "IMEI: " or "SIM #", and the field that the label names.

    Args:
        text: as `unwrapped_value` returns it.
        needs_sign: whether a colon, an equals sign or a number sign must follow the label.
    """
    found = (_LABELLED_WITH_SIGN if needs_sign else _LABELLED).match(text)
    field = _LABELS.get(fold(found[1])) if found else None
    if found is None or field is None:
        return Labelled(text)
    return Labelled(unwrapped_value(text[found.end() :]), field)


def listed_characters(characters: str) -> str:
    """Return different characters for a message: printable ASCII as it is, any other by its code point."""
    shown = [
        character if character.isascii() and character.isprintable() else _code_point(character)
        for character in sorted(set(characters))
    ]
    glue = "" if all(len(character) == 1 for character in shown) else " "
    return glue.join(shown[:_CHARACTERS_LISTED]) + ("…" if len(shown) > _CHARACTERS_LISTED else "")


def shown_value(value: Any) -> str:
    """Return a value for a message: at most 60 characters, those that cannot be seen by their code points."""
    if isinstance(value, bool):
        return "true" if value else "false"
    is_long = isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER
    if is_long or isinstance(value, (list, dict)):  # written out, a few nested lists can take gigabytes
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


def is_written_out(number: int) -> bool:
    """Whether a whole number is short enough to be written in digits."""
    return number.bit_length() <= _LONGEST_INTEGER


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
