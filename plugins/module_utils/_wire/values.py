# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the device list that are not plain text: MDNs, amounts, booleans, labels."""

from __future__ import annotations

import re

from .._text import word_set
from .identifiers import visible

#: A number of the North American plan, with or without its country code: area, exchange, line.
_NORTH_AMERICAN = re.compile(r"1?([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})")
#: An MDN in normal form, or without its dashes.
_COMMON_MDN = re.compile(r"([2-9][0-9]{2})-?([2-9][0-9]{2})-?([0-9]{4})", re.ASCII)
#: Characters around and between the digits of a phone number.
MDN_SIGNS = re.compile("[\\s().+/\u2010-\u2015\u2212-]+")
#: A number in JSON or a spreadsheet, optionally with thousands separators and a unit.
_NUMBER = re.compile(r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:\.[0-9]{1,18})?)\s*(?:[A-Za-z]{1,10}|%)?")
_TRUE = word_set("true yes y 1 online connected on up")
_FALSE = word_set("false no n 0 offline disconnected off down")
#: Separators of labels in one cell [A].
_BETWEEN_LABELS = re.compile(r"[,;|\n]")


def mdn_of(text: str) -> str:
    """Return an MDN in normal form: 521-267-1508 for a number of the North American plan, other texts unchanged."""
    common = _COMMON_MDN.fullmatch(text)
    if common is None:
        text = visible(text).strip()
        common = _NORTH_AMERICAN.fullmatch(MDN_SIGNS.sub("", text))
    return "-".join(common.groups()) if common else text


def number_of(text: str) -> float | None:
    """Return an amount as a number, as int if it is whole; None for other texts."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].replace(",", "")
    number = float(digits)
    return number if "." in digits and not number.is_integer() else int(number)


def truth_of(text: str) -> bool | None:
    """Return True or False for a yes or no word, None for other texts."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def labels_of(text: str) -> tuple[str, ...]:
    """Return the labels of a cell, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_LABELS.split(text)))))
