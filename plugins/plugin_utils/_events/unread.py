# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transactions with missing lines, which are read again at growing intervals."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ...module_utils._errors import ScopeError, SentinelError, ServiceError, UnexpectedAnswerError, UnreachableError
from ...module_utils._text import printable

#: Errors that may be temporary. The lines may be readable in the next poll.
PASSING = (ScopeError, ServiceError, UnexpectedAnswerError, UnreachableError)
#: Share of the age to wait before the next read, and maximum number of seconds.
_AGE_SHARE, _MAX_PAUSE = 0.1, 3600.0

_LOG = logging.getLogger("kajeet.sentinel.transactions")


def pause(age: float) -> float:
    """Return the seconds to wait before the next read of lines that have been missing for `age` seconds."""
    return min(age * _AGE_SHARE, _MAX_PAUSE)


class _Missing(NamedTuple):
    """Times since when lines are missing and when they were last requested, in seconds since the epoch.

    `failing`: whether the request failed, instead of an answer without the lines.
    """

    since: float
    at: float
    failing: bool


class Unread:
    """The transactions with missing lines. Logs when lines cannot be read, and when they can be read again."""

    def __init__(self) -> None:
        self._missing: dict[str, _Missing] = {}
        self._is_logged = False

    def __contains__(self, name: object) -> bool:
        return name in self._missing

    def is_postponed(self, name: str, now: float) -> bool:
        """Return whether it is too early to request a transaction's lines again."""
        missing = self._missing.get(name)
        return missing is not None and now - missing.at < pause(now - missing.since)

    def keep(self, names: Collection[str]) -> None:
        """Forget all other transactions."""
        self._missing = {name: missing for name, missing in self._missing.items() if name in names}

    def note(self, names: Iterable[str], missing: Mapping[str, SentinelError | None], now: float) -> None:
        """Update the transactions after a read.

        Args:
            names: the transactions.
            missing: those of them with missing lines → the error, if there was one.
            now: seconds since the epoch.
        """
        for name in names:
            before = self._missing.pop(name, None)
            if name in missing:
                # A refusal may be due to a list that is ahead of the lines.
                failing = isinstance(missing[name], PASSING)
                self._missing[name] = _Missing(before.since if before else now, now, failing)
        failing = any(known.failing for known in self._missing.values())
        if failing and not self._is_logged:
            error = next((error for error in missing.values() if isinstance(error, PASSING)), None)
            shown = printable(str(error))
            _LOG.warning("Lines cannot be read; their events follow when they can: %s", shown)
        elif self._is_logged and not failing:
            _LOG.warning("All lines can be read again; changes in the meantime are reported now.")
        self._is_logged = failing
