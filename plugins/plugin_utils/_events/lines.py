# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the lines of transactions with few requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from typing import NamedTuple

from ...module_utils._errors import RefusedError, SentinelError, UnexpectedAnswerError
from ...module_utils._service.api import SentinelAPI
from ...module_utils._service.parallel import in_parallel
from ...module_utils._wire import Line, Transaction
from .changes import Seen
from .unread import PASSING

#: Maximum number of transactions whose lines are read one by one. More are read from the full history.
_MAX_ONE_BY_ONE = 50
#: Number of consecutive failures after which no more lines are requested in this poll.
_MAX_FAILURES = 5


class Reading(NamedTuple):
    """The lines of transactions by id, and the errors of others. `given_up`: the error after which no more were
    requested, or None."""

    lines: dict[str, Sequence[Line]]
    errors: dict[str, SentinelError]
    given_up: SentinelError | None = None


def read_lines(
    api: SentinelAPI,
    rows: Sequence[Transaction],
    is_consistent: Callable[[Seen], bool],
    last: Container[str] = (),
    check_stop: Callable[[], None] = lambda: None,
) -> Reading:
    """Return the lines of transactions, read with one request per transaction, or one for many.

    Args:
        api: the service.
        rows: the transactions.
        is_consistent: whether lines agree with their transaction in the list.
        last: transactions to read last, because they could not be read before.
        check_stop: is called before each request and each line of an export. It raises to stop.

    Raises SentinelError if the service rejects the credentials, limits the rate, or has no export.
    """
    wanted = {row.transaction_id or "": row for row in rows}
    # Transactions that the full history shows late, or not as in the list, are read one by one.
    exported = _exported(api, wanted, check_stop) if len(wanted) > _MAX_ONE_BY_ONE else {}
    lines: dict[str, Sequence[Line]] = {
        name: read for name, read in exported.items() if is_consistent(Seen(wanted[name], read))
    }
    names = sorted((name for name in wanted if name not in lines), key=lambda name: name in last)
    one_by_one = _OneByOne(api, check_stop)
    errors: dict[str, SentinelError] = {}
    for name, answer in zip(names, in_parallel(one_by_one.lines_of, names, api.session.concurrency)):
        if isinstance(answer, SentinelError):
            errors[name] = answer
        else:
            lines[name] = answer
    return Reading(lines, errors, one_by_one.given_up)


def _exported(api: SentinelAPI, wanted: Collection[str], check_stop: Callable[[], None]) -> dict[str, list[Line]]:
    """Return the lines of transactions in the full history, or nothing if it is not available."""
    exported: dict[str, list[Line]] = {}

    def read(lines: Iterator[Line]) -> None:
        exported.clear()
        for line in lines:
            check_stop()
            exported.setdefault(line.transaction_id or "", []).append(line)

    check_stop()
    try:
        api.history_export(read, transactions=wanted)
    except (RefusedError, UnexpectedAnswerError):
        return {}
    return exported


class _OneByOne:
    """Requests the lines of each transaction, in several threads, until several requests in a row have failed.

    Args:
        api: the service.
        check_stop: is called before each request. It raises to stop.
    """

    def __init__(self, api: SentinelAPI, check_stop: Callable[[], None]) -> None:
        self._api = api
        self._check_stop = check_stop
        self._lock = threading.Lock()
        self._in_a_row: list[SentinelError] = []

    @property
    def given_up(self) -> SentinelError | None:
        """The error after which no more is requested, or None."""
        with self._lock:
            return self._in_a_row[-1] if len(self._in_a_row) >= _MAX_FAILURES else None

    def lines_of(self, name: str) -> list[Line] | SentinelError:
        """Return the lines of a transaction, or the error. A refusal does not count as a failure of the service."""
        self._check_stop()
        given_up = self.given_up
        if given_up is not None:
            return given_up
        try:
            lines = self._api.transaction_lines(name)
        except RefusedError as error:
            return error
        except PASSING as error:
            with self._lock:
                self._in_a_row.append(error)
            return error
        with self._lock:
            self._in_a_row.clear()
        return lines
