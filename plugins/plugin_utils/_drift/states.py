# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of devices compared with the declaration, in the order in which devices are listed."""

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
    """The state of a device compared with its declaration.

    `head`: header of the table column that counts it.
    """

    head: str

    def __new__(cls, word: str, head: str | None = None) -> Self:
        """Return a member. Its column is named after the word, unless it shares one with other states."""
        member = str.__new__(cls, word)
        member._value_, member.head = word, head or word
        return member

    #: Declared, but neither active nor pending.
    MISSING = "missing"
    FAILED = "failed"
    #: Active or pending with another partner.
    CONFLICT = "conflict"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    PENDING = "pending"
    #: Active in the history, but not in the device list.
    UNLISTED = "unlisted"
    #: Listed as active, but without an activation in the history.
    UNRECORDED = "unrecorded"
    OTHER_DEVICE_GROUP = ("other_device_group", _SETTINGS)
    OTHER_FILTER_GROUP = ("other_filter_group", _SETTINGS)
    OTHER_NICKNAME = ("other_nickname", _SETTINGS)
    #: Active or pending in the history, but not declared.
    UNDECLARED = "undeclared"
    #: In the device list, but neither declared nor active in the history.
    LISTED_ONLY = "listed_only"
    ACTIVE = "active"


#: The states that are not as declared.
DRIFTS = tuple(state for state in State if state != State.ACTIVE)
RANK: Mapping[str, int] = {state: rank for rank, state in enumerate(State)}


class Finding(NamedTuple):
    """A state of a device, with the reason as a phrase for people."""

    state: State
    reason: str


class Compared(NamedTuple):
    """A device after the comparison.

    `where`: the row, host, line or entry that has it. `findings`: its states, most important first, or empty if it is
    active as declared. `values`: its fields. `differences`: its settings that are not as declared.
    """

    where: str
    findings: tuple[Finding, ...]
    values: Mapping[str, Any]
    differences: tuple[Mapping[str, str], ...] = ()


def check_states(option: str, states: Any) -> frozenset[str]:
    """Return the states of a list, or of a string with commas as ``-e`` passes it.

    Raises InputError for unknown states, and for anything but a list.
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
