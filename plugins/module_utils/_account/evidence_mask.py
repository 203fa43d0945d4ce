# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masks names and status words: possible values of the account become shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Optional

from .._text import fold, word_set
from .._wire.identifiers import recognise
from .._wire.names import BY_VALUES, Path, words_of
from .._wire.rules import VOCABULARY
from .seen import Seen, shape

#: Words of envelopes and of device lists, besides those of the rules.
_COMMON = word_set(
    "embedded payload page pages pageable pagination links self next prev first href url uri meta response body hits "
    "content output values code size offset limit results result items list data object objects envelope root "
    "more has api version sorted empty usage monthly daily used amount online sku label labels summer created updated "
    "timestamp date time expiry expires expiration access refresh bearer session profile uses left allowed per x rate "
    "hardware identifiers equipment esims sims counts paging lines devices groups service services subscription "
    "wireless mobile cellular modem radio asset form factor model make vendor manufacturer note notes comment comments"
)
_SHORT = word_set("id ip no nr of to is by in")
_CHUNK = re.compile(r"[^\W_]+")
_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_DIGITS = re.compile(r"\d{3}")
_LONG_DIGITS = re.compile(r"\d{5}")
#: Maximum number of characters of a name or a status.
_MAX_LENGTH = 40
#: Maximum number of keys of an item. Items with more have values as keys.
_MAX_NAMES = 80
#: Number of siblings with the same keys from which the siblings count as values.
_MIN_SIBLINGS = 3
_TOKEN = re.compile(r"[^\W_]+")
_FUNCTION_WORDS = word_set("not no to be is was has been are in of by with and the a for on 0 zero none yet still")
_KNOWN_STATE = {"active": "Completed", "pending": "Pending", "failed": "Failed"}
#: Maximum number of distinct unknown words of a status. A status with more is free text.
_MAX_UNKNOWN = 10
_WORD = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+){0,3}$")

ReadStatus = Callable[[str], Optional[str]]


class Mask:
    """Masks possible values of the account.

    Args:
        values: values in answers of the account, and other known values of it.
        given: names of the option `field_names`.
    """

    def __init__(self, values: Iterable[str], given: Iterable[str] = ()) -> None:
        self._given = frozenset(map(fold, given))
        self._values = frozenset(
            word for value in values for word in _words_in(value) if len(word) > 2 and word not in _KNOWN
        )

    # -- Names ---------------------------------------------------------------------------------------------------------

    def path(self, path: Path, structural: bool = False) -> list[str]:
        """Return the masked keys of a path."""
        return [self.name(key, structural) for key in path]

    def name(self, name: str, structural: bool = False) -> str:
        """Return a header or key with possible values replaced by their shapes.

        Args:
            name: the name in the answer.
            structural: whether it is certainly a name. Unknown words that are not values are then kept.
        """
        kept = structural or fold(name) in self._given
        return _ascii(_CHUNK.sub(lambda match: self._chunk(match[0], kept), name))

    def _chunk(self, chunk: str, kept: bool) -> str:
        lower = chunk.lower()
        if lower in _KNOWN:
            return chunk
        if self._is_value(lower) or len(chunk) > _MAX_LENGTH:
            return shape(chunk)
        if _is_known(chunk) or (kept and not _DIGITS.search(chunk)):
            return chunk
        return "".join(part if part.lower() in _KNOWN else _hidden(part) for part in _CASE.split(chunk))

    def _is_value(self, lower: str) -> bool:
        return lower in self._values or any(len(word) > 3 and word in lower for word in self._values)

    # -- Statuses ------------------------------------------------------------------------------------------------------

    def statuses(
        self, counts: Sequence[tuple[str, int]], read: ReadStatus, own: Collection[str]
    ) -> dict[str, str | None]:
        """Return masked status words → states, the most frequent first.

        Args:
            counts: words and their frequencies.
            read: returns the state of a word, or None.
            own: words of the option `status_words`, which are kept.
        """
        folded = frozenset(map(fold, own))
        unknown = sum(read(word) is None for word, _times in counts)
        found: dict[str, str | None] = {}
        for word, times in counts:
            state = read(word)
            if fold(word) in folded and _WORD.match(word):
                found[word] = state
            elif state is None:
                found[self._unknown(word, times, unknown)] = None
            else:
                found[self._known(word, state, read)] = state
        return found

    def _unknown(self, word: str, times: int, unknown: int) -> str:
        plain = _WORD.match(word) and len(word) <= _MAX_LENGTH and times > 1 and unknown <= _MAX_UNKNOWN
        if plain and not any(map(self._is_value, _words_in(word))):
            return word
        return _ascii(shape(word))[:_MAX_LENGTH]

    def _known(self, word: str, state: str, read: ReadStatus) -> str:
        def token(match: re.Match[str]) -> str:
            text = match[0]
            parts = [part.lower() for part in _CASE.split(text)]
            if all(part in _FUNCTION_WORDS or part in _STATUS_WORDS or read(part) is not None for part in parts):
                return text
            return text if read(text) is not None and not self._is_value(text.lower()) else shape(text)

        masked = _ascii(_TOKEN.sub(token, word))
        for text in (masked, re.split(r"[:;,(\[]", masked)[0].strip()):
            if text and len(text) <= _MAX_LENGTH and read(text) == state:
                return text
        return _KNOWN_STATE.get(state, state)


_STATUS_WORDS = word_set("activation line device sim esim smartsim transaction order request status state imei iccid")
_KNOWN = frozenset(VOCABULARY | _COMMON)


def structural_names(seen: Seen) -> frozenset[Path]:
    """Return the names of an answer that are certainly names, because they are repeated or are columns."""
    names = seen.names
    if len(names) > _MAX_NAMES or seen.recognition is None:
        return frozenset()
    if seen.csv is not None:
        by_name = [match for match in seen.recognition.fields.values() if match.how != BY_VALUES]
        data = any(recognise(name[0]) or _LONG_DIGITS.search(name[0]) for name in names)
        return frozenset(names) if len(by_name) > 1 and not data else frozenset()
    keyed = _keyed(names)
    often = [
        name
        for place, name in enumerate(names)
        if (times := sum(row[place] is not None for row in seen.rows)) > 1 and times * 2 >= len(seen.rows)
    ]
    return frozenset(name for name in often if not any(name[: depth + 1] in keyed for depth in range(len(name))))


def _keyed(names: Sequence[Path]) -> frozenset[Path]:
    """Return the paths of keys that are values, because several siblings have the same keys below them."""
    below: dict[Path, set[Path]] = {}
    for name in names:
        for depth in range(len(name) - 1):
            below.setdefault(name[: depth + 1], set()).add(name[depth + 1 :])
    alike: dict[tuple[Path, frozenset[Path]], list[Path]] = {}
    for path, rest in below.items():
        alike.setdefault((path[:-1], frozenset(rest)), []).append(path)
    return frozenset(path for paths in alike.values() if len(paths) >= _MIN_SIBLINGS for path in paths)


def _is_known(chunk: str) -> bool:
    """Whether a word, or each part of a compound, is common or known to the rules."""
    parts = _CASE.split(chunk)
    if all(part.lower() in _KNOWN or (part.isdigit() and len(part) < 3) for part in parts):
        return True
    words = words_of(chunk)
    pieces_are_long = all(len(word) > 2 or word in _SHORT for word in words)
    # A name such as "Simon" is not "sim" and "on".
    return pieces_are_long and len(words) > 1 and all(word in _KNOWN for word in words) and not _DIGITS.search(chunk)


def _words_in(value: str) -> list[str]:
    chunks = _CHUNK.findall(value)
    return [word.lower() for chunk in chunks for word in (chunk, *_CASE.split(chunk))]


def _hidden(word: str) -> str:
    """Return the shape of a word in the case of the word, because a change of case separates words."""
    form = shape(word)
    return form.upper() if word.isupper() else form.capitalize() if word[:1].isupper() else form


def _ascii(text: str) -> str:
    return "".join(mark if mark.isascii() and mark.isprintable() else "x" for mark in text)
