# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds lists and objects in a JSON answer at any depth, and flattens their items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._text import word_set
from .names import Path, words_of

#: Maximum depth that is searched. No real answer is nested deeper.
_MAX_DEPTH = 12
#: Lists and texts under these words are errors, links and the like, not the requested data.
_ASIDE = word_set("error warning link meta failed hint")


def flat(item: Any, prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the scalars of an object with their paths. Values in lists are left out."""
    if isinstance(item, Mapping) and len(prefix) < _MAX_DEPTH:
        for name, value in item.items():
            yield from flat(value, (*prefix, str(name)))
    elif not isinstance(item, (list, Mapping)) and prefix:
        yield prefix, item


def lists_in(answer: Any) -> dict[Path, list[Any]]:
    """Return every list of an answer by its path, the outer ones first.

    Lists at the same path in several items count as one. A mapping of objects by number or id counts as a list.
    """
    found: dict[Path, list[Any]] = {}
    level: list[tuple[Path, Any]] = [((), answer)]
    for _depth in range(_MAX_DEPTH):
        below: list[tuple[Path, Any]] = []
        for path, value in level:
            items = _items(value)
            if items is not None:
                found.setdefault(path, []).extend(items)
                below.extend((path, item) for item in items if isinstance(item, (list, Mapping)))
            elif isinstance(value, Mapping):
                below.extend(
                    ((*path, str(name)), inner) for name, inner in value.items() if isinstance(inner, (list, Mapping))
                )
        level = below
    return found


def _items(value: Any) -> Sequence[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and value and all(isinstance(inner, Mapping) for inner in value.values()):
        keyed = all(any(character.isdigit() for character in str(name)) for name in value)
        return list(value.values()) if keyed else None
    return None


def objects_in(answer: Any) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return the objects of an answer that are outside lists, the inner ones first."""
    found: list[tuple[Path, Mapping[str, Any]]] = []
    level: list[tuple[Path, Any]] = [((), answer)]
    for _depth in range(_MAX_DEPTH):
        objects = [(path, value) for path, value in level if isinstance(value, Mapping)]
        found.extend(objects)
        level = [((*path, str(name)), inner) for path, value in objects for name, inner in value.items()]
    return found[::-1]


def is_aside(path: Path) -> bool:
    """Whether the path of a list names errors, warnings or links."""
    return any(word in _ASIDE for key in path for word in words_of(key))


def is_empty(answer: Any) -> bool:
    """Whether an answer is an empty result: it has lists, all of them are empty, and it reports no error."""
    lists = lists_in(answer)
    nulls = isinstance(answer, Mapping) and any(value is None for value in answer.values())
    if not lists and not (nulls and any(_is_zero(path, value) for path, value in flat(answer))):
        return False
    return not any(lists.values()) and not has_error(answer)


def _is_zero(path: Path, value: Any) -> bool:
    counts = {"total", "count"} & set(words_of(path[-1]))
    return bool(counts) and not isinstance(value, bool) and str(value) == "0"


def has_error(answer: Any) -> bool:
    """Whether an answer reports an error, besides its other data."""
    for path, value in flat(answer):
        words = set(words_of(path[-1]))
        if "success" in words and value is False:
            return True
        if words & {"error", "failed", "exception", "fault"} and _is_error_value(value):
            return True
    return any(
        items and is_aside(path[-1:]) and "error" in words_of(path[-1])
        for path, items in lists_in(answer).items()
        if path
    )


def _is_error_value(value: Any) -> bool:
    return value is True or (
        value is not None and str(value).strip().lower() not in ("", "0", "false", "no", "none", "null", "ok")
    )
