# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as people and services write them: compared, unwrapped, and guessed at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

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


def counted(number: int, word: str) -> str:
    """A number of things: "1 device", "2 devices"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def hint(word: str, known: Iterable[str]) -> str:
    """The end of a sentence on an unknown word: which is probably meant, and all that are known, the nearest first."""
    # Imported here: difflib is slow to load, and most runs have no need of it.
    from difflib import SequenceMatcher

    def nearness(name: str) -> float:
        return SequenceMatcher(None, fold(word), fold(name)).ratio()

    names = sorted(sorted(set(known)), key=nearness, reverse=True)
    meant = f": is {names[0]} meant?" if names and nearness(names[0]) >= 0.6 else ":"
    return f"{meant} known are {', '.join(names) or 'none'}"
