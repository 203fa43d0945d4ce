# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as people and services write them: compared, unwrapped, and guessed at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

#: So many known names are told of an unknown word.
_NAMES = 20
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
    from difflib import SequenceMatcher

    # It remembers what it found out about its second text.
    matcher = SequenceMatcher(None, "", fold(word))

    def nearness(name: str) -> float:
        matcher.set_seq1(fold(name))
        return matcher.ratio()

    # Many words may be unknown, and many names known: only those that have most in common are compared in earnest.
    likely = every if len(every) <= _NAMES else sorted(every, key=lambda name: -_in_common(word, name))[:_NAMES]
    names = sorted(sorted(likely), key=nearness, reverse=True)
    meant = f": is {names[0]} meant?" if names and nearness(names[0]) >= 0.6 else ":"
    more = f" and {len(every) - len(names)} more" if len(every) > len(names) else ""
    return f"{meant} known are {', '.join(names) or 'none'}{more}"


def _in_common(word: str, name: str) -> float:
    """How much two words have in common, from 0 to 1, at a glance: by their pairs of neighbouring letters."""
    mine, other = _pairs(word), _pairs(name)
    return len(mine & other) / max(1, len(mine | other))


@lru_cache(maxsize=1024)
def _pairs(word: str) -> frozenset[str]:
    folded = fold(word)
    return frozenset(map("".join, zip(f" {folded}", f"{folded} ")))
