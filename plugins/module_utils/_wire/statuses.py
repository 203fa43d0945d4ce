# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classifies status words and phrases as active, pending or failed. The words are not published [A].

An unknown or contradictory status counts as pending, so that it never ends a wait.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from .._text import fold, word_set
from .records import Transaction


class Word(str, Enum):
    """A string enumeration. Its members equal their text and are formatted as it in every Python version."""

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)


class LineState(Word):
    """The state of a line of a transaction."""

    ACTIVE = "active"
    PENDING = "pending"
    FAILED = "failed"


ACTIVE, PENDING, FAILED = LineState
#: [A] Inflections. The -ing form of a success is pending ("completing"), that of a failure has failed.
_WORDS: dict[LineState, frozenset[str]] = {
    ACTIVE: word_set(
        "complete completed completes completion success successes successful successfully succeed "
        "succeeds succeeded active activated activates done"
    ),
    FAILED: word_set(
        "fail fails failed failing failure failures error errors errored erroneous reject rejects "
        "rejected rejecting rejection rejections cancel cancels canceled cancelled canceling cancelling "
        "cancelation cancellation decline declines declined declining declination unsuccessful "
        "unsuccessfully"
    ),
    PENDING: word_set(
        "pending submitted submitting progress processing process queued queue queuing scheduled "
        "scheduling new waiting awaiting started starting received accepted open running ongoing "
        "initiated requested created provisioning activating completing validating verifying retrying "
        "partial partially incomplete inactive inprogress hold held"
    ),
}
_STATE = {word: state for state, words in _WORDS.items() for word in words}
#: Words that negate the next ones. "0 errors" and "no errors" are not failures.
_NEGATIONS = word_set("not no non never none without 0 zero cannot cant couldnt isnt wasnt hasnt nothing")
#: Words for a future state: "to be activated", "almost done".
_HEDGES = word_set(
    "will to be soon almost nearly half until ready expected should would could being yet previously formerly"
)
#: Nouns that another state outranks: "completion failed", "pending completion".
_WEAK = frozenset({"completion"})
#: Words that negate a counted failure: "Errors: 0", "Error: none".
_NOTHING = word_set("none no 0 zero nothing")
#: Words without a meaning for the state.
_NEUTRAL = word_set(
    "activation line device sim esim smartsim transaction order request status state the a an is was "
    "has have been on in of by with and all it"
)
#: Separators of the clauses of a phrase. A clause after a colon, dash or bracket explains the one before it.
_CLAUSES = re.compile(r"\s+[-\u2013\u2014]+\s+|[:;,()\[\]|/>\u2013\u2014]+|\.\s")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKENS = re.compile(r"[a-z0-9]+")
#: [A] Texts of a refusal for a device that is already active or pending.
_ALREADY = re.compile(r"(?i)already\s+(?:been\s+)?(?:active|activated|pending|submitted)|in progress")


class _Clause(NamedTuple):
    """The meaning of a clause.

    `is_bare`: all words are known. `is_nothing`: the clause is only a word such as "none" or "0".
    """

    states: frozenset[LineState]
    is_bare: bool = True
    is_nothing: bool = False


class StatusWords:
    """Classifies status words and phrases as active, pending or failed.

    Args:
        more: the option `status_words`: {success: [], failed: []}, words or phrases that outrank the built-in ones.
            Its other keys are for the device list.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        more = more or {}
        self._own: dict[str, LineState] = {}
        for name, state in (("failed", FAILED), ("success", ACTIVE)):
            self._own.update(dict.fromkeys(map(fold, more.get(name) or ()), state))
        self._own.pop("", None)
        self._known: dict[str | None, LineState | None] = {}

    def state(self, word: str | None) -> LineState:
        """Return `ACTIVE`, `FAILED`, or `PENDING` for all other words."""
        return (self._known[word] if word in self._known else self.read(word)) or PENDING

    def read(self, word: str | None) -> LineState | None:
        """Return the state, or None for an unknown or contradictory word."""
        if not word:
            return None
        if word in self._known:
            return self._known[word]
        state = self._read(word)
        if len(self._known) < 10_000:  # a column with more words has free text
            self._known[word] = state
        return state

    def _read(self, phrase: str) -> LineState | None:
        own = self._own.get(fold(phrase)) if self._own else None
        if own:
            return own
        clauses = [clause for clause in (self._clause(part) for part in _CLAUSES.split(phrase)) if clause is not None]
        if not clauses:
            return None
        head = clauses[0].states
        if head == {FAILED} and not all(clause.is_bare for clause in clauses[1:]):
            return FAILED  # the other clauses are the reason, even with words of another state
        if head == {FAILED} and any(clause.is_nothing for clause in clauses[1:]):
            return None
        states = frozenset[LineState]().union(*(clause.states for clause in clauses))
        return next(iter(states)) if len(states) == 1 else None

    def _clause(self, text: str) -> _Clause | None:
        own = self._own.get(fold(text)) if self._own else None
        return _Clause(frozenset((own,))) if own else _clause(text)

    def of_transaction(self, transaction: Transaction) -> LineState:
        """Return the state of a transaction. It is FAILED if any line failed and all lines have ended.

        Its counts outrank its status word.
        """
        if not self.has_ended(transaction):
            return PENDING
        if transaction.failed:
            return FAILED
        return ACTIVE if transaction.success else self.state(transaction.status)

    def has_ended(self, transaction: Transaction) -> bool:
        """Whether all lines of a transaction have ended, by its counts if present, otherwise by its status word."""
        if transaction.pending is not None:
            return transaction.pending == 0
        if None not in (transaction.total, transaction.success, transaction.failed):
            return (transaction.success or 0) + (transaction.failed or 0) >= (transaction.total or 0) > 0
        return self.state(transaction.status) != PENDING


@lru_cache(maxsize=4096)
def _clause(text: str) -> _Clause | None:
    """Read one clause; None for a clause without words."""
    words = _TOKENS.findall(_CAMEL.sub(" ", text.replace("'", "").replace("\u2019", "")).lower())
    if len(words) == 1 and words[0] not in _STATE:
        words = _split_compound(words[0])
    if not words:
        return None
    states: set[LineState] = set()
    is_bare = True
    known = sum(word in _STATE for word in words)
    hedged = any(word in _HEDGES for word in words)
    for place, word in enumerate(words):
        state = _STATE.get(word)
        if state is None:
            is_bare = is_bare and (word in _NEUTRAL or word in _NEGATIONS)
            continue
        if (word in _WEAK and known > 1) or words[place + 1 : place + 2] == ["over"]:
            continue  # "Failed over to the second network" is not a failure.
        if any(before in _NEGATIONS for before in words[max(0, place - 3) : place]):
            # "Not active" is pending, "no errors" is not a failure, "not successful" is not a success.
            if state == ACTIVE:
                states.add(PENDING)
            continue
        states.add(PENDING if state == ACTIVE and hedged else state)
    return _Clause(frozenset(states), is_bare, all(word in _NOTHING for word in words))


def _split_compound(word: str) -> list[str]:
    """Return the words of a compound such as "activationcompleted", or [word] for another word."""
    for place in range(2, len(word) - 2):
        first, second = word[:place], word[place:]
        if second in _STATE and first not in ("in", "un") and first in _NEUTRAL | _NEGATIONS | _STATE.keys():
            return [first, second]
    return [word]


def is_already_active(text: str | None) -> bool:
    """Whether a refusal or the reason of a failed line reports that the device is already active or pending."""
    return bool(text and _ALREADY.search(text))
