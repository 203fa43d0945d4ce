# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's reading of the lines of transactions, with few requests."""

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

#: From so many transactions on, their lines are read from the full history.
_EXPORT_FROM = 50
#: After so many failures in a row, the lines of what is left are not asked for in this look.
_FAILURES = 5


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
    names = sorted((name for name in wanted if name not in found), key=lambda name: name in last)
    one_by_one = _OneByOne(api, go_on)
    errors: dict[str, SentinelError] = {}
    for name, answer in zip(names, in_parallel(one_by_one.lines_of, names, api.session.concurrency)):
        if isinstance(answer, SentinelError):
            errors[name] = answer
        else:
            found[name] = answer
    return Reading(found, errors, one_by_one.given_up)


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


class _OneByOne:
    """Asks for the lines of each transaction, in several threads; gives up after failures in a row.

    Args:
        api: the service.
        go_on: is called before each request; may raise to end it.
    """

    def __init__(self, api: SentinelAPI, go_on: Callable[[], None]) -> None:
        self._api = api
        self._go_on = go_on
        self._lock = threading.Lock()
        self._in_a_row: list[SentinelError] = []

    @property
    def given_up(self) -> SentinelError | None:
        """The failure after which no more is asked for, or None."""
        with self._lock:
            return self._in_a_row[-1] if len(self._in_a_row) >= _FAILURES else None

    def lines_of(self, name: str) -> list[Line] | SentinelError:
        """The lines of a transaction, or why they cannot be read. A refusal is of this transaction alone."""
        self._go_on()
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
