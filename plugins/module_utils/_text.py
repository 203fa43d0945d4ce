# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as people and services write them: compared, unwrapped, and guessed at."""

from __future__ import annotations

import re
import unicodedata
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
#: What a spreadsheet takes for the beginning of a formula, full-width signs included, behind what an import may drop.
_FORMULA = re.compile("[\\s'\"]*[-=+@\uff0d\uff1d\uff0b\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_BREAK = re.compile("\r\n|[\t-\r\x85\u2028\u2029]")
#: A whole control sequence of a terminal, such as that of a colour; of any other the first character is replaced.
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]")
#: One character beyond ASCII, or a flag of a region, which is spelt with tags.
_SUSPECT = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f|[^ -~]")
_JOINERS = "\u200c\u200d"
#: Combining class of the sign after which a joiner may stand at the end of a word.
_VIRAMA = 9
#: Signs of Arabic, Syriac and Kaithi that count as formatting and are seen.
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
#: Half of a character that UTF-16 writes as two.
_HALF = re.compile("[\ud800-\udfff]")
#: A text that YAML reads as itself, without quotes, within braces; unless it is a word for something else.
_YAML_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9&.()'/+_ -]*[A-Za-z0-9&.()'/+_])?")
_YAML_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
#: Characters of a path that a message shows.
_LONGEST_PATH = 200
#: Characters of a nickname that a message shows.
_LONGEST_NAME = 60


def fold(text: Any) -> str:
    """A name without case, blanks and punctuation: "AT&T " → "att", "Zip Code" → "zipcode"."""
    return _NOT_ALNUM.sub("", str(text).lower())


def unwrap(text: str) -> str:
    """A cell without the blanks around it and without what keeps a spreadsheet from changing or running it.

    That is ="8901…", '8901…, and the apostrophe of `guarded`: unwrap(guarded(text)) is text, for what `unwrap` returns.
    """
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    if not text.startswith("'"):
        return text
    if _would_run(text[1:]):
        return text[1:].strip()
    # Before a number only: elsewhere it opens a quotation, as in 'Verizzon' is not a carrier.
    return re.sub(r"^'+(?=[+-]?\d)", "", text)


def unwrapped(cells: Iterable[str]) -> list[str]:
    """The cells of a row, each as `unwrap` returns it."""
    return [unwrap(text) if text[:1] in ("=", "'") else text for text in map(str.strip, cells)]


def guarded(value: Any) -> Any:
    """Return a cell of a CSV that no spreadsheet runs: a text that it would take for a formula gets an apostrophe.

    Numbers stay as they are, and so do telephone numbers with a plus sign and nothing but digits: they run nothing.
    """
    return f"'{value}" if isinstance(value, str) and _would_run(value) else value


def _would_run(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def printable(text: str) -> str:
    """Return text of a service or a file as it may be shown in one line.

    Line ends and tabs become blanks. Other control characters, escape sequences, characters that change the direction
    of text or have no width, halves of characters and what Unicode does not define become U+FFFD. Emoji and the
    letters of every script stay, with the joiners in them.
    """
    if text.isprintable():
        return text
    text = _ESCAPE.sub("\ufffd", _BREAK.sub(" ", text))
    return text if text.isprintable() else _SUSPECT.sub(_shown, text)


def printable_lines(text: str) -> str:
    """Return a text of several lines as it may be shown: `printable`, with its line ends."""
    return text if text.isprintable() else "\n".join(map(printable, text.replace("\r\n", "\n").split("\n")))


def _shown(match: re.Match[str]) -> str:
    """What is shown of a character, or of a sequence that belongs together."""
    found, text = match[0], match.string
    if len(found) > 1 or found.isprintable() or found in _VISIBLE:
        return found
    if found in _JOINERS:
        return (
            found if _joins(text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]) else "\ufffd"
        )
    reserved = "\U0001f000" <= found <= "\U0001faff"  # emoji that this Python does not know yet
    return found if reserved or unicodedata.category(found) in ("Co", "Zs") else "\ufffd"


def _joins(before: str, after: str) -> bool:
    """Whether a joiner belongs between two characters: emoji and scripts need it, in Latin text it only hides."""
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return all(not near.isascii() and unicodedata.category(near)[0] in "LMS" for near in (before, after))


def cut_short(names: Sequence[str], most: int) -> str:
    """Return at most `most` names with commas between, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, which is how a table of words is written here."""
    return frozenset(text.split())


def in_yaml(text: str) -> str:
    """Return a text of one line as YAML writes it within braces."""
    if _YAML_TEXT.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"


def counted(number: int, word: str) -> str:
    """A number of things: "1 device", "2 devices"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def called(nickname: str | None, identifiers: str) -> str:
    """Return what people call a device: its nickname, where it has one, and its identifiers in brackets."""
    return f"{shown_name(nickname)} ({identifiers})" if nickname else identifiers


def shown_name(nickname: str) -> str:
    """Return a nickname for a message, in one line."""
    name = printable(nickname)
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"


def hint(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence on an unknown word: the likely word, and the valid ones, the nearest first."""
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
    valid = cut_short(names, _NAMES) or "none"
    return f"; did you mean {names[0]}? Valid: {valid}" if likely else f"; valid: {valid}"


def edits(one: str, other: str, most: int) -> int | None:
    """Return how many letters are wrong in a word: changed, missing, extra, or swapped with the next one.

    None where it is more than `most`. (Damerau-Levenshtein distance, of strings that are aligned.)
    """
    if abs(len(one) - len(other)) > most:
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
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


@lru_cache(maxsize=16)
def _by_folded(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the names by what they are without case and punctuation."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(fold(name), []).append(name)
    return found


def shown_path(path: str) -> str:
    """Return a path for a message."""
    return printable(path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "…")


def path_problem(path: str) -> str | None:
    """Return what makes a text no path at all, as a sentence, or None."""
    if "\x00" in path:
        return f"{shown_path(path)} is not a path: it contains a NUL character"
    if _HALF.search(path):
        return f"{shown_path(path)} is not a path: it contains half a character"
    return None
