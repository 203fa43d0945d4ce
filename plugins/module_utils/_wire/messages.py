# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error message in an answer of the service, and the error for an answer that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import UnexpectedAnswerError
from .._text import printable
from .envelopes import flat, lists_in
from .identifiers import clean
from .names import Path, words_of
from .table import names_hint

#: Words in the keys of error messages [A], the best first.
_TEXT_WORDS = ("message", "error", "detail", "description", "reason", "title", "fault")
#: Maximum number of characters of an answer that an error quotes.
_MAX_QUOTED = 200
_MAX_DEPTH = 6


def message_of(answer: Any, depth: int = 0) -> str | None:
    """Return the error message in an answer, or None."""
    if isinstance(answer, str):
        return clean(answer)
    if depth > _MAX_DEPTH:
        return None
    if isinstance(answer, list):
        return "; ".join(filter(None, (message_of(item, depth + 1) for item in answer))) or None
    if not isinstance(answer, Mapping):
        return None
    texts: list[str] = []
    for wanted in _TEXT_WORDS:
        for name, value in answer.items():
            words = words_of(str(name))
            text = message_of(value, depth + 1) if wanted in words and "code" not in words else None
            if text and text not in texts:
                texts.append(text)
    if texts:
        return ": ".join(texts[:2])
    inner = (message_of(value, depth + 1) for value in answer.values() if isinstance(value, Mapping))
    return next(filter(None, inner), None)


def unexpected_answer_error(
    call: str, expected: str, received: Any, fields: Sequence[str] = ()
) -> UnexpectedAnswerError:
    """Return the error for an answer of an unknown shape, with an excerpt, its names, and the option to set.

    Args:
        call: the call.
        expected: the expected content.
        received: the answer, or the header of a CSV as text.
        fields: our missing fields, for `field_names`.
    """
    text = received if isinstance(received, str) else repr(received)
    message = f"{call}: expected {expected}; received: {printable(text[:_MAX_QUOTED])}"
    names = names_in(received)
    return UnexpectedAnswerError(message, names_hint(names, fields) if names and fields else None)


def names_in(answer: Any) -> list[Path]:
    """Return the names in an answer, each once: those of its scalars, and those of the items of its lists."""
    if not isinstance(answer, (Mapping, list)):
        return []
    names = [path for path, _value in flat(answer)]
    for items in lists_in(answer).values():
        names += [path for item in items[:100] for path, _value in flat(item)]
    return list(dict.fromkeys(names))
