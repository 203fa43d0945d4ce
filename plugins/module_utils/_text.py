# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text as people and services write it: compare, unwrap, suggest, and show it safely."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

#: Maximum number of valid names in a hint.
_NAMES = 20
#: Minimum similarity, from 0 to 1, of a name that is suggested.
_LIKELY = 0.6
#: Minimum similarity of a name that is listed before dissimilar names.
_ALIKE = 0.1
_NOT_ALNUM = re.compile(r"[^0-9a-z]+")
#: The list of valid names at the end of a text; see `hint`.
_VALID_NAMES = re.compile(r"(?:(?<=\?) V|; v)alid: (.*)")
#: The beginning of a formula for a spreadsheet, including full-width signs, after characters that an import may drop.
_FORMULA = re.compile("[\\s'\"]*[-=+@\uff0d\uff1d\uff0b\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_BREAK = re.compile("\r\n|[\t-\r\x85\u2028\u2029]")
#: A complete control sequence of a terminal, such as a colour.
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]")
#: A character outside printable ASCII, or the flag of a region, which is spelt with tags.
_SUSPECT = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f|[^ -~]")
_JOINERS = "\u200c\u200d"
#: Combining class of the sign that a joiner may follow at the end of a word.
_VIRAMA = 9
#: Visible signs of Arabic, Syriac and Kaithi that Unicode counts as formatting.
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
#: A surrogate: half of a character in UTF-16.
_HALF = re.compile("[\ud800-\udfff]")
#: A text that needs no quotes within braces in YAML, unless it is one of `_YAML_WORDS`.
_YAML_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9&.()'/+_ -]*[A-Za-z0-9&.()'/+_])?")
_YAML_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
#: Maximum number of characters of a path in a message.
_LONGEST_PATH = 200
#: Maximum number of characters of a nickname in a message.
_LONGEST_NAME = 60


def fold(text: Any) -> str:
    """Return a name without case, blanks and punctuation: "AT&T " → "att", "Zip Code" → "zipcode"."""
    return _NOT_ALNUM.sub("", str(text).lower())


def unwrap(text: str) -> str:
    """Return a cell without surrounding blanks and without the signs that protect it in a spreadsheet.

    These are ="8901…", '8901…, and the apostrophe of `guarded`: unwrap(guarded(text)) is text for all returned texts.
    """
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    if not text.startswith("'"):
        return text
    if _is_formula(text[1:]):
        return text[1:].strip()
    # Only before a number: elsewhere it may be a quotation mark, as in 'Verizzon' is not a carrier.
    return re.sub(r"^'+(?=[+-]?\d)", "", text)


def unwrapped(cells: Iterable[str]) -> list[str]:
    """Return the cells of a row, unwrapped."""
    return [unwrap(text) if text[:1] in ("=", "'") else text for text in map(str.strip, cells)]


def guarded(value: Any) -> Any:
    """Return a cell of a CSV file that no spreadsheet runs: a text that looks like a formula gets an apostrophe.

    Numbers, and phone numbers of a plus sign and digits, are unchanged: a spreadsheet does not run them.
    """
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def printable(text: str) -> str:
    """Return text from a service or a file that is safe to show in one line.

    Line ends and tabs become blanks. Other control characters, escape sequences, characters that change the direction
    of text or have no width, surrogates and undefined characters become U+FFFD. Emoji and the letters of all scripts
    stay, including their joiners.
    """
    if text.isprintable():
        return text
    text = _ESCAPE.sub("\ufffd", _BREAK.sub(" ", text))
    return text if text.isprintable() else _SUSPECT.sub(_shown, text)


def printable_lines(text: str) -> str:
    """Return a text of several lines that is safe to show: `printable`, but with its line ends."""
    return text if text.isprintable() else "\n".join(map(printable, text.replace("\r\n", "\n").split("\n")))


def _shown(match: re.Match[str]) -> str:
    """Return a character, or a sequence that belongs together, as it is shown."""
    character, text = match[0], match.string
    if len(character) > 1 or character.isprintable() or character in _VISIBLE:
        return character
    if character in _JOINERS:
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        return character if _may_join(before, after) else "\ufffd"
    is_reserved = "\U0001f000" <= character <= "\U0001faff"  # emoji that this Python does not know yet
    return character if is_reserved or unicodedata.category(character) in ("Co", "Zs") else "\ufffd"


def _may_join(before: str, after: str) -> bool:
    """Whether a joiner belongs between two characters: emoji and some scripts need it, Latin text does not."""
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return all(not near.isascii() and unicodedata.category(near)[0] in "LMS" for near in (before, after))


def cut_short(names: Sequence[str], limit: int) -> str:
    """Return at most `limit` names with commas, and the number of the others: "a, b and 3 more"."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def word_set(text: str) -> frozenset[str]:
    """Return the set of words in a text."""
    return frozenset(text.split())


def in_yaml(text: str) -> str:
    """Return a text of one line in YAML, for use within braces."""
    if _YAML_TEXT.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"


def counted(number: int, word: str) -> str:
    """Return a number with its noun: "1 device", "2 devices"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def device_label(nickname: str | None, identifiers: str) -> str:
    """Return a device for a message: its nickname, if any, and its identifiers."""
    return f"{shown_name(nickname)} ({identifiers})" if nickname else identifiers


def shown_name(nickname: str) -> str:
    """Return a name for a message, in one line."""
    name = printable(nickname)
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"


def hint(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the likely word, and the valid words, the nearest first."""
    return _hint(word, tuple(sorted(set(known))))


@lru_cache(maxsize=256)  # thousands of rows may have the same slip
def _hint(word: str, every: tuple[str, ...]) -> str:
    # Imported here because difflib is slow to load, and most runs do not need it.
    from difflib import get_close_matches

    by_folded = _by_folded(every)
    # A low cutoff orders all names by similarity, which is too slow for many names.
    near = get_close_matches(fold(word), by_folded, _NAMES, _LIKELY if len(every) > _NAMES else _ALIKE)
    likely = get_close_matches(fold(word), near[:1], cutoff=_LIKELY)
    ordered = dict.fromkeys(name for folded in near for name in by_folded[folded])
    names = list(dict.fromkeys((*ordered, *every)))
    valid = cut_short(names, _NAMES) or "none"
    return f"; did you mean {names[0]}? Valid: {valid}" if likely else f"; valid: {valid}"


def valid_names_once(texts: Iterable[str]) -> list[str]:
    """Return texts, each with the list of valid names of `hint` only if no earlier text has the same names."""
    seen: set[frozenset[str]] = set()
    shortened: list[str] = []
    for text in texts:
        match = _VALID_NAMES.search(text)
        names = frozenset(match[1].split(", ")) if match else None
        shortened.append(text[: match.start()] if match and names in seen else text)
        if names:
            seen.add(names)
    return shortened


def edits(one: str, other: str, limit: int) -> int | None:
    """Return how many letters of a word are changed, missing, extra, or swapped, or None for more than `limit`.

    (Damerau-Levenshtein distance of aligned strings.)
    """
    if abs(len(one) - len(other)) > limit:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, last, row = row, before, [place]
        for at, wanted in enumerate(other, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if last and at > 1 and letter == other[at - 2] and one[place - 2] == wanted:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None


@lru_cache(maxsize=16)
def _by_folded(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return folded name → names."""
    by_folded: dict[str, list[str]] = {}
    for name in names:
        by_folded.setdefault(fold(name), []).append(name)
    return by_folded


def shown_path(path: str) -> str:
    """Return a path for a message, shortened if it is long."""
    return printable(path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "…")


def path_problem(path: str) -> str | None:
    """Return why a text cannot be a path, as a sentence, or None."""
    if "\x00" in path:
        return f"{shown_path(path)} is not a path: it contains a NUL character"
    if _HALF.search(path):
        return f"{shown_path(path)} is not a path: it contains an incomplete character"
    return None
