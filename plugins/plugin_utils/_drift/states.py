# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a device may differ from the declaration: one enumeration, in the order in which devices are listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...module_utils._errors import InputError
from ...module_utils._text import hint
from ...module_utils._wire import Word

if TYPE_CHECKING:
    from typing_extensions import Self

_SETTINGS = "settings"


class State(Word):
    """How a device is, compared with its declaration.

    `head`: of the column of a table that counts it.
    """

    head: str

    def __new__(cls, word: str, head: str | None = None) -> Self:
        """Return a member; its column is headed by the word itself, unless it shares one with others."""
        member = str.__new__(cls, word)
        member._value_, member.head = word, head or word
        return member

    #: Declared, and neither active nor under way.
    MISSING = "missing"
    FAILED = "failed"
    #: Active or under way with another partner.
    CONFLICT = "conflict"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    PENDING = "pending"
    #: Active by the history, and absent from the device list.
    UNLISTED = "unlisted"
    #: Listed as active, and not activated by the history.
    UNRECORDED = "unrecorded"
    OTHER_DEVICE_GROUP = ("other_device_group", _SETTINGS)
    OTHER_FILTER_GROUP = ("other_filter_group", _SETTINGS)
    OTHER_NICKNAME = ("other_nickname", _SETTINGS)
    #: Active or under way by the history, and not declared.
    UNDECLARED = "undeclared"
    #: Neither declared nor active by the history, and in the device list.
    LISTED_ONLY = "listed_only"
    ACTIVE = "active"


#: What is not as declared.
DRIFTS = tuple(state for state in State if state != State.ACTIVE)
RANK: Mapping[str, int] = {state: rank for rank, state in enumerate(State)}


class Finding(NamedTuple):
    """What a comparison has found of a device, and why: a phrase for people."""

    state: State
    reason: str


class Compared(NamedTuple):
    """A device after the comparison.

    `where`: what declares or shows it. `findings`: how it differs, what says most first; none for a device that is
    active as declared. `values`: what is known of it. `differences`: its settings that are not as declared.
    """

    where: str
    findings: tuple[Finding, ...]
    values: Mapping[str, Any]
    differences: tuple[Mapping[str, str], ...] = ()


def check_states(option: str, states: Any) -> frozenset[str]:
    """Return states that can be tolerated, of a list, or of a text with commas between, as ``-e`` gives it.

    Raises InputError for unknown words, and for what is not a list.
    """
    if isinstance(states, str):
        states = [word for word in (part.strip() for part in states.split(",")) if word]
    elif not isinstance(states, Iterable) or isinstance(states, Mapping):
        raise InputError([f"{option}: {states!r} is not a list of states. Valid states: {', '.join(DRIFTS)}"])
    listed = [str(state) for state in states]
    unknown = [state for state in listed if state not in list(DRIFTS)]
    if unknown:
        raise InputError([f"{option}: unknown state {state!r}{hint(state, DRIFTS)}" for state in unknown])
    return frozenset(listed)
