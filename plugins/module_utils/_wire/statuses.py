# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Status words and phrases → active, pending or failed. The words are published nowhere [A].

What is not known, or contradicts itself, is still running: it must never end a wait.
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
    """A word that results and files have as it is: equal to its text, and written as that by every Python."""

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)


class LineState(Word):
    """How far a line of a transaction is."""

    ACTIVE = "active"
    PENDING = "pending"
    FAILED = "failed"


ACTIVE, PENDING, FAILED = LineState
#: [A] Inflections. A verb's -ing form of success is still running ("completing"), one of failure has failed.
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
#: What turns a word into its opposite. "0 errors" and "no errors" are no failure.
_NEGATIONS = word_set("not no non never none without 0 zero cannot cant couldnt isnt wasnt hasnt nothing")
#: What says that something is still to come: "to be activated", "almost done".
_HEDGES = word_set(
    "will to be soon almost nearly half until ready expected should would could being yet previously formerly"
)
#: Nouns that say nothing beside another state: "completion failed", "pending completion".
_WEAK = frozenset({"completion"})
#: What takes a failure back that is counted: "Errors: 0", "Error: none".
_NOTHING = word_set("none no 0 zero nothing")
#: Words that say nothing of how it ended.
_NEUTRAL = word_set(
    "activation line device sim esim smartsim transaction order request status state the a an is was "
    "has have been on in of by with and all it"
)
#: The parts of a phrase: what is behind a colon, a dash or a bracket explains what is before it.
_CLAUSES = re.compile(r"\s+[-\u2013\u2014]+\s+|[:;,()\[\]|/>\u2013\u2014]+|\.\s")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKENS = re.compile(r"[a-z0-9]+")
#: [A] How a refusal may say that a device is active or under way already.
_ALREADY = re.compile(r"(?i)already\s+(?:been\s+)?(?:active|activated|pending|submitted)|in progress")


class _Clause(NamedTuple):
    """What a part of a phrase says.

    `is_bare`: no word but those of our lists. `is_nothing`: only a word such as "none" or "0".
    """

    states: frozenset[LineState]
    is_bare: bool = True
    is_nothing: bool = False


class StatusWords:
    """Sorts status words and phrases into active, pending and failed.

    Args:
        more: the option `status_words`: {success: [], failed: []}, whole words or phrases that outrank ours. Other keys
            are for the list of devices and are not used here.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        more = more or {}
        self._own: dict[str, LineState] = {}
        for name, state in (("failed", FAILED), ("success", ACTIVE)):
            self._own.update(dict.fromkeys(map(fold, more.get(name) or ()), state))
        self._own.pop("", None)
        self._known: dict[str | None, LineState | None] = {}

    def state(self, word: str | None) -> LineState:
        """Return `ACTIVE`, `FAILED`, or `PENDING` for everything else."""
        return (self._known[word] if word in self._known else self.read(word)) or PENDING

    def read(self, word: str | None) -> LineState | None:
        """Return the state, or None for a word that is not known and one that contradicts itself."""
        if not word:
            return None
        if word in self._known:
            return self._known[word]
        state = self._read(word)
        if len(self._known) < 10_000:  # beyond that, it is a column of free text
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
            return FAILED  # What follows is the reason, whatever words it has.
        if head == {FAILED} and any(clause.is_nothing for clause in clauses[1:]):
            return None
        states = frozenset[LineState]().union(*(clause.states for clause in clauses))
        return next(iter(states)) if len(states) == 1 else None

    def _clause(self, text: str) -> _Clause | None:
        own = self._own.get(fold(text)) if self._own else None
        return _Clause(frozenset((own,))) if own else _clause(text)

    def of_transaction(self, transaction: Transaction) -> LineState:
        """Return the state of a whole transaction: FAILED where any of its lines has failed, once all have ended.

        Its counts outrank its word.
        """
        if not self.has_ended(transaction):
            return PENDING
        if transaction.failed:
            return FAILED
        return ACTIVE if transaction.success else self.state(transaction.status)

    def has_ended(self, transaction: Transaction) -> bool:
        """Whether every line of a transaction has ended: by its counts where present, otherwise by its word."""
        if transaction.pending is not None:
            return transaction.pending == 0
        if None not in (transaction.total, transaction.success, transaction.failed):
            return (transaction.success or 0) + (transaction.failed or 0) >= (transaction.total or 0) > 0
        return self.state(transaction.status) != PENDING


@lru_cache(maxsize=4096)
def _clause(text: str) -> _Clause | None:
    """Read one part of a phrase; None where it has no word."""
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
            continue  # "Failed over to the second network" is no failure.
        if any(before in _NEGATIONS for before in words[max(0, place - 3) : place]):
            # "Not active" is still running; "no errors" is no failure, and "not successful" is no success.
            if state == ACTIVE:
                states.add(PENDING)
            continue
        states.add(PENDING if state == ACTIVE and hedged else state)
    return _Clause(frozenset(states), is_bare, all(word in _NOTHING for word in words))


def _split_compound(word: str) -> list[str]:
    """Return the words of a compound such as "activationcompleted"; [word] where it is none."""
    for place in range(2, len(word) - 2):
        first, second = word[:place], word[place:]
        if second in _STATE and first not in ("in", "un") and first in _NEUTRAL | _NEGATIONS | _STATE.keys():
            return [first, second]
    return [word]


def is_already_active(text: str | None) -> bool:
    """Whether a refusal, or a failed line's reason, says that the device is active or under way already."""
    return bool(text and _ALREADY.search(text))
