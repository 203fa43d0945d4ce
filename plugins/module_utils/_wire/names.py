# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recognises our fields by the words in headers and JSON keys. The rules are in `rules`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .._text import fold, word_set
from . import rules as table
from .identifiers import IDENTIFIERS, visible
from .rules import Rule

#: A name: the keys from an item to the value. A header is a name with one part.
Path = tuple[str, ...]

BY_OPTION, PUBLISHED, BY_RULE, BY_VALUES = "field_names", "published", "rule", "values"
#: Points for a name in the option field_names: more than any rule gives.
_OPTION_POINTS = 1000.0
_UNKNOWN_COST, _NEUTRAL_COST = 2.0, 0.5
#: A status below one of these words does not belong to a device or a transaction.
_NO_STATUS = word_set("billing address shipping")
_CHUNKS = re.compile(r"[^\W_]+|#")
_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_MAX_NAME_LENGTH = 200


class NameMatch(NamedTuple):
    """The name of a field. `place`: index of the name; `how`: `field_names`, `published`, `rule` or `values`."""

    place: int
    how: str


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """Return the canonical words of a name, in lower case: "deviceImeiNumber" → device, imei, number.

    Names are split at characters other than letters and digits, at changes of case, and between known words that are
    written together. `#` is the word "number".
    """
    text = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", visible(name))[:_MAX_NAME_LENGTH])
    chunks = _joined(_CHUNKS.findall(text))
    words = (word for chunk in chunks for word in _words_of_chunk(chunk))
    return tuple(table.CANONICAL.get(word, word) for word in words)


def _joined(chunks: Sequence[str]) -> list[str]:
    """Join the parts of one word: "I.M.E.I." and "e-SIM"."""
    joined: list[str] = []
    letters = False
    for chunk in chunks:
        single = len(chunk) == 1 and chunk.isalpha()
        both = (joined[-1] + chunk).lower() if joined else ""
        parts = {joined[-1].lower(), chunk.lower()} if joined else set()
        if joined and ((single and letters) or (both in table.VOCABULARY and not parts <= table.VOCABULARY)):
            joined[-1] += chunk
        else:
            joined.append(chunk)
        letters = single
    return joined


def _words_of_chunk(chunk: str) -> list[str]:
    whole = _segmented(chunk.lower())
    if whole is not None:
        return whole
    return [word for part in _CASE.split(chunk) for word in _segmented(part.lower()) or [part.lower()]]


@lru_cache(maxsize=8192)
def _segmented(text: str) -> list[str] | None:
    """Split a text into the fewest words of the vocabulary; None if it has other parts."""
    if text in table.VOCABULARY or text == "#":
        return [text]
    best: list[list[str] | None] = [[]] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 16), end):
            before = best[start]
            piece = text[start:end]
            known = piece in table.VOCABULARY or (piece.isdigit() and end == len(text))
            if before is not None and known and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = [*before, piece]
    words = best[len(text)]
    return words if words and max(map(len, words)) > 2 else None


class _Name(NamedTuple):
    """The words of a name.

    `words`: words of the name; for a generic name such as "value", also those of the outer key. `context`: words of the
    other outer keys. `around`: words of all outer keys. `is_numbered`: whether the name has a number other than 1.
    """

    words: frozenset[str]
    context: frozenset[str]
    around: frozenset[str]
    is_numbered: bool


@lru_cache(maxsize=8192)
def _name_of(path: Path) -> _Name:
    own = words_of(path[-1])
    context = around = _words_in(path[:-1])
    if own and len(path) > 1 and all(word in table.GENERIC or word.isdigit() for word in own):
        own = (*words_of(path[-2]), *own)
        context = _words_in(path[:-2])
    return _Name(frozenset(own), context, around, any(word.isdigit() and word != "1" for word in own))


def _words_in(keys: Path) -> frozenset[str]:
    return frozenset(word for key in keys for word in words_of(key))


def score(path: Path, field: str, rule: Rule) -> float | None:
    """Return how certainly a name means a field, in points (about 0 to 120), or None if it does not."""
    name = _name_of(path)
    words = name.words
    points = 0.0
    for meaning, surely in rule.means:
        if meaning <= words:
            points = max(points, _points(words - meaning, surely, rule))
    if points <= 0 or words & rule.excludes:
        return None
    if (field in IDENTIFIERS and name.around & table.FORMER) or (field == "status" and name.around & _NO_STATUS):
        return None
    return points + sum(rule.weights.get(word, 0) for word in words | name.context) - 1.0 * name.is_numbered


def _points(others: frozenset[str], surely: int, rule: Rule) -> float:
    """Return the points of a meaning in a name with other words."""
    rest = [word for word in others if word not in rule.weights and not word.isdigit()]
    unknown = sum(word not in table.NEUTRAL for word in rest)
    if unknown and surely < table.STRICT:
        return 0.0
    return surely - _UNKNOWN_COST * unknown - _NEUTRAL_COST * (len(rest) - unknown)


class Names:
    """Finds fields by name.

    Args:
        given: the option `field_names`: our field → the service's name or names, in order of preference. A name is a
            header, a key, or a key with its outer keys ("device.imei"). Case and punctuation are ignored.
    """

    def __init__(self, given: Mapping[str, str | Sequence[str]] | None = None) -> None:
        self._given = {
            field: [fold(name) for name in ([names] if isinstance(names, str) else names)]
            for field, names in (given or {}).items()
        }
        #: By names and id of the table. The table is kept as well, so that its id stays unique.
        self._cache: dict[tuple[tuple[Path, ...], int], tuple[Mapping[str, Rule], dict[str, NameMatch]]] = {}

    def find(self, names: Sequence[Path], rules: Mapping[str, Rule]) -> dict[str, NameMatch]:
        """Return the name of each field. Each name is used once: the most certain pairs first, then by order."""
        key = (tuple(names), id(rules))
        cached = self._cache.get(key)
        if cached is None:
            if len(self._cache) > 1000:  # items with a different key for each value
                self._cache.clear()
            cached = self._cache[key] = rules, self._find(names, rules)
        return cached[1]

    def _find(self, names: Sequence[Path], rules: Mapping[str, Rule]) -> dict[str, NameMatch]:
        pairs = []
        for order, (field, rule) in enumerate(rules.items()):
            for place, path in enumerate(names):
                given = self._option_points(path, field)
                points = given if given is not None else score(path, field, rule)
                if points is not None:
                    pairs.append((-points, order, place, field))
        found: dict[str, NameMatch] = {}
        taken: set[int] = set()
        for points, _order, place, field in sorted(pairs):
            if field not in found and place not in taken:
                found[field] = NameMatch(place, self._how(names[place], field, -points))
                taken.add(place)
        return found

    def _option_points(self, path: Path, field: str) -> float | None:
        given = self._given.get(field)
        if not given:
            return None
        spelled = (fold(path[-1]), fold("".join(path)))
        return next((_OPTION_POINTS - place for place, name in enumerate(given) if name and name in spelled), None)

    @staticmethod
    def _how(path: Path, field: str, points: float) -> str:
        if points > _OPTION_POINTS / 2:
            return BY_OPTION
        return PUBLISHED if fold(path[-1]) in table.PUBLISHED.get(field, ()) else BY_RULE


def has_known_meaning(path: Path) -> bool:
    """Whether a name has a known meaning, even an unused one: "IMSI", "order date", "MAC".

    Such a column is not recognised as an identifier by its values.
    """
    own = frozenset(words_of(path[-1]))
    return bool(own & _OTHERWISE_KNOWN)


#: Words of names with a known meaning.
_OTHERWISE_KNOWN = word_set(
    "imsi msisdn mdn phone puk pin mac serial esn order transaction date time account user plan "
    "invoice price type ip zip carrier group corp"
)
