# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as people and services write them: compared, unwrapped, and guessed at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

#: Maximum number of known names in a hint.
_NAMES = 20
#: Likeness, from 0 to 1, from which a known name is probably the one that was meant.
_LIKELY = 0.6
#: Likeness from which a name is listed before those that have nothing in common with the word.
_ALIKE = 0.1
_NOT_ALNUM = re.compile(r"[^0-9a-z]+")


def fold(text: Any) -> str:
    """A name without case, blanks and punctuation: "AT&T " → "att", "Zip Code" → "zipcode"."""
    return _NOT_ALNUM.sub("", str(text).lower())


def unwrap(text: str) -> str:
    """A cell without the blanks around it and what keeps a spreadsheet from making it a number (="8901…", '8901…)."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    # Before a digit only: elsewhere it opens a quotation, as in 'Verizzon' is not a carrier.
    return re.sub(r"^'+(?=\d)", "", text) if text.startswith("'") else text


def printable(text: str) -> str:
    """Return text of a service or a file as it may be shown: without control, escape and direction characters."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() or character == " " else "\ufffd" for character in text)


def cut_short(names: Sequence[str], most: int) -> str:
    """Return at most `most` names with commas between, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, which is how a table of words is written here."""
    return frozenset(text.split())


def counted(number: int, word: str) -> str:
    """A number of things: "1 device", "2 devices"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def hint(word: str, known: Iterable[str]) -> str:
    """The end of a sentence on an unknown word: which is probably meant, and what is known, the nearest first."""
    return _hint(word, tuple(sorted(set(known))))


@lru_cache(maxsize=256)  # thousands of rows may have the same slip
def _hint(word: str, every: tuple[str, ...]) -> str:
    # Imported here: difflib is slow to load, and most runs have no need of it.
    from difflib import get_close_matches

    by_folded = _by_folded(every)
    # A low cutoff orders all names by likeness, which is too slow where there are many.
    near = get_close_matches(fold(word), by_folded, _NAMES, _LIKELY if len(every) > _NAMES else _ALIKE)
    likely = get_close_matches(fold(word), near[:1], cutoff=_LIKELY)
    ordered = dict.fromkeys(name for folded in near for name in by_folded[folded])
    names = list(dict.fromkeys((*ordered, *every)))
    meant = f": is {names[0]} meant?" if likely else ":"
    return f"{meant} known are {cut_short(names, _NAMES) or 'none'}"


@lru_cache(maxsize=16)
def _by_folded(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the names by what they are without case and punctuation."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(fold(name), []).append(name)
    return found
