# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's reading of lines: with few requests, and of what cannot be read, again and ever more rarely."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...module_utils._errors import (
    RefusedError,
    ScopeError,
    SentinelError,
    ServiceError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ...module_utils._service.api import SentinelAPI
from ...module_utils._service.parallel import in_parallel
from ...module_utils._text import printable
from ...module_utils._wire import Line, Transaction
from .changes import Seen

#: From so many transactions on, their lines are read from the full history.
_EXPORT_FROM = 50
#: After so many failures in a row, the lines of what is left are not asked for in this look.
_FAILURES = 5
#: What says nothing of the transaction: its lines may be there in the next look.
_PASSING = (ScopeError, ServiceError, UnexpectedAnswerError, UnreachableError)
#: What is to be asked for again waits for this share of its age, and for so many seconds at the most.
_AGE_SHARE, _LONGEST_PAUSE = 0.1, 3600.0

_LOG = logging.getLogger("kajeet.sentinel.transactions")


def pause(age: float) -> float:
    """Seconds to wait before something is asked for again that has been asked for in vain since so many seconds."""
    return min(age * _AGE_SHARE, _LONGEST_PAUSE)


class Reading(NamedTuple):
    """The lines of transactions, by id, and why those of others could not be read. `given_up`: the failure after which
    no more were asked for, or None."""

    lines: dict[str, Sequence[Line]]
    errors: dict[str, SentinelError]
    given_up: SentinelError | None = None


def read_lines(
    api: SentinelAPI,
    rows: Sequence[Transaction],
    fits: Callable[[Seen], bool],
    last: Container[str] = (),
    go_on: Callable[[], None] = lambda: None,
) -> Reading:
    """The lines of transactions: with one request where they are many, else with one for each.

    Args:
        api, rows: the service, and the transactions.
        fits: whether lines are those that the list tells of.
        last: those that are asked for when all others have been: they could not be read before.
        go_on: is called before each request and each line of an export; may raise to end it.

    Raises SentinelError where the service does not accept the credentials, or the pace, or gives no export.
    """
    wanted = {row.transaction_id or "": row for row in rows}
    # What the full history shows late, or otherwise than the list, the transaction itself tells.
    exported = _exported(api, wanted, go_on) if len(wanted) > _EXPORT_FROM else {}
    found: dict[str, Sequence[Line]] = {name: show for name, show in exported.items() if fits(Seen(wanted[name], show))}
    lock = threading.Lock()
    in_a_row: list[SentinelError] = []

    def lines_of(name: str) -> list[Line] | SentinelError:
        go_on()
        with lock:
            if len(in_a_row) >= _FAILURES:
                return in_a_row[-1]
        try:
            lines = api.transaction_lines(name)
        except RefusedError as error:
            return error
        except _PASSING as error:
            with lock:
                in_a_row.append(error)
            return error
        with lock:
            in_a_row.clear()
        return lines

    names = sorted((name for name in wanted if name not in found), key=lambda name: name in last)
    errors: dict[str, SentinelError] = {}
    for name, told in zip(names, in_parallel(lines_of, names, api.session.concurrency)):
        if isinstance(told, SentinelError):
            errors[name] = told
        else:
            found[name] = told
    return Reading(found, errors, in_a_row[-1] if len(in_a_row) >= _FAILURES else None)


def _exported(api: SentinelAPI, wanted: Collection[str], go_on: Callable[[], None]) -> dict[str, list[Line]]:
    """The lines of transactions as the full history shows them; nothing where that cannot be had."""
    exported: dict[str, list[Line]] = {}

    def read(lines: Iterator[Line]) -> None:
        exported.clear()
        for line in lines:
            go_on()
            exported.setdefault(line.transaction_id or "", []).append(line)

    go_on()
    try:
        api.history_export(read, transactions=wanted)
    except (RefusedError, UnexpectedAnswerError):
        return {}
    return exported


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
                failing = isinstance(wanting[name], _PASSING)
                self._wanting[name] = _Wanting(before.since if before else now, now, failing)
        failing = any(known.failing for known in self._wanting.values())
        if failing and not self._told:
            error = next((error for error in wanting.values() if isinstance(error, _PASSING)), None)
            shown = printable(str(error))
            _LOG.warning("Lines cannot be read; the source goes on, and tells of them when they can be: %s", shown)
        elif self._told and not failing:
            _LOG.warning("All lines can be read again; what happened to them in the meantime is told now.")
        self._told = failing
