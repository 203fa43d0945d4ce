# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transactions whose lines cannot be read, or do not show: asked for again, ever more rarely."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ...module_utils._errors import ScopeError, SentinelError, ServiceError, UnexpectedAnswerError, UnreachableError
from ...module_utils._text import printable

#: What says nothing of the transaction: its lines may be there in the next look.
PASSING = (ScopeError, ServiceError, UnexpectedAnswerError, UnreachableError)
#: What is to be asked for again waits for this share of its age, and for so many seconds at the most.
_AGE_SHARE, _LONGEST_PAUSE = 0.1, 3600.0

_LOG = logging.getLogger("kajeet.sentinel.transactions")


def pause(age: float) -> float:
    """Seconds to wait before something is asked for again that has been asked for in vain since so many seconds."""
    return min(age * _AGE_SHARE, _LONGEST_PAUSE)


class _Wanting(NamedTuple):
    """Since when lines are wanting, and when they were asked for last, in seconds since the epoch. `failing`: it is not
    the service's answer that they do not show."""

    since: float
    at: float
    failing: bool


class Unread:
    """The transactions whose lines are wanting; tells the log when lines cannot be read, and when they can be again."""

    def __init__(self) -> None:
        self._wanting: dict[str, _Wanting] = {}
        self._told = False

    def __contains__(self, name: object) -> bool:
        return name in self._wanting

    def rests(self, name: str, now: float) -> bool:
        """Whether it is too early to ask for a transaction's lines again."""
        wanting = self._wanting.get(name)
        return wanting is not None and now - wanting.at < pause(now - wanting.since)

    def keep(self, names: Collection[str]) -> None:
        """Forgets all but these transactions: nobody asks for the others any more."""
        self._wanting = {name: wanting for name, wanting in self._wanting.items() if name in names}

    def note(self, names: Iterable[str], wanting: Mapping[str, SentinelError | None], now: float) -> None:
        """Takes note of a reading of transactions.

        Args:
            names: the transactions.
            wanting: those of them whose lines do not show, or not all → why they could not be read, where that is it.
            now: seconds since the epoch.
        """
        for name in names:
            before = self._wanting.pop(name, None)
            if name in wanting:
                # A refusal may be due to a list that is ahead of the lines.
                failing = isinstance(wanting[name], PASSING)
                self._wanting[name] = _Wanting(before.since if before else now, now, failing)
        failing = any(known.failing for known in self._wanting.values())
        if failing and not self._told:
            error = next((error for error in wanting.values() if isinstance(error, PASSING)), None)
            shown = printable(str(error))
            _LOG.warning("Lines cannot be read; the source goes on, and tells of them when they can be: %s", shown)
        elif self._told and not failing:
            _LOG.warning("All lines can be read again; what happened to them in the meantime is told now.")
        self._told = failing
