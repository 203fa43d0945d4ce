# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the complete history from the export, else from the pages of v1 with the lines of each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .._errors import RefusedError, ScopeError, SentinelError, ServiceError, UnexpectedAnswerError
from .._service.api import SentinelAPI
from .._service.parallel import in_parallel
from .._wire import Line, Oddities, StatusWords, Transaction
from .history import History

T = TypeVar("T")

#: Errors of the CSV export after which the pages are read.
_NO_EXPORT = (RefusedError, ScopeError, ServiceError, UnexpectedAnswerError)
#: Number of transactions whose lines are read together.
_CHUNK = 500
_CURE = (
    "Run again. To see how this account answers, run the playbook kajeet.sentinel.check_account: it names the option "
    "to set."
)


class HistoryReader:
    """Reads the history of an account for some devices.

    The full history is the CSV export, which is complete [P]. If the service refuses it, or it cannot be read, it is
    read from the pages of v1, which are documented without a limit in days, with the lines of each transaction. It is
    never read from v2, which has only the last 180 days.

    Args:
        api: the service.
        words: classifies status words.
        form: `recent` for the last 180 days, otherwise the full history.
    """

    def __init__(self, api: SentinelAPI, words: StatusWords, form: str) -> None:
        self._api = api
        self._words = words
        self._form = form
        self._is_export_unusable = False
        #: Id → lines of transactions that have ended, so that a later read does not request them again.
        self._ended: dict[str, list[Line]] = {}

    def read(self, wanted: Iterable[str]) -> History:
        """Read the lines with the `wanted` identifiers.

        Raises SentinelError if the history cannot be read completely.
        """
        wanted = frozenset(wanted)
        self._api.reader.remember_spellings(wanted)
        oddities = Oddities(wanted)

        def take(lines: Iterable[Line]) -> History:
            return History(lines, wanted, self._words, oddities)

        history, warnings = self._read(take, wanted, oddities)
        oddities.close()
        return history.warned(warnings) if warnings else history

    def nothing(self, wanted: Iterable[str] = ()) -> History:
        """Return an unread history."""
        return History((), wanted, self._words)

    def read_all(self) -> tuple[list[Line], list[str]]:
        """Return all lines, the oldest first, and warnings. Raises SentinelError like `read`."""
        return self._read(list, None, Oddities())

    def _read(
        self, take: Callable[[Iterable[Line]], T], wanted: frozenset[str] | None, oddities: Oddities
    ) -> tuple[T, list[str]]:
        """Return the result of `take` for the lines, and warnings."""
        problem: SentinelError | None = None
        if self._form != "recent" and not self._is_export_unusable:
            try:
                found = self._api.history_export(take, wanted, oddities=oddities)
            except _NO_EXPORT as error:
                problem = error
                self._is_export_unusable = not isinstance(error, ServiceError)
                oddities.clear()
            else:
                return found, oddities.warnings("history (CSV export)")
        try:
            transactions = list(self._api.transactions(2 if self._form == "recent" else 1, whole=True))
            found = take(self._lines(transactions, oddities))
        except (RefusedError, ScopeError, UnexpectedAnswerError) as error:
            if problem is None:
                error.cure = error.cure or _CURE
                raise
            # The error of the export is more useful, because the user can fix its cause.
            problem.message = f"{problem.message.rstrip('.')}. The pages of v1 cannot be read either: {error.message}"
            problem.cure = problem.cure or _CURE
            raise problem from error
        warnings = oddities.warnings("history (pages)")
        if problem is not None:
            warnings.append(
                f"history: the CSV export cannot be read. The whole history was read from its pages instead "
                f"({len(transactions)} transactions), which takes longer. The export: {problem}"
            )
        return found, warnings

    def _lines(self, transactions: list[Transaction], oddities: Oddities) -> Iterator[Line]:
        """Yield the lines of the transactions in order. The option `concurrency` limits concurrent requests."""

        def read(item: Transaction) -> list[Line]:
            transaction_id = item.transaction_id or ""
            # Without a count, the identifier in the list may be that of the first of several devices.
            if (item.iccid or item.imei or item.sim_id or item.eid) and item.total == 1:
                return [_only_line(item)]
            if transaction_id in self._ended:
                return self._ended[transaction_id]
            lines = [
                line._replace(transaction_id=transaction_id, started=line.started or item.started)
                for line in self._api.transaction_lines(transaction_id, oddities)
            ]
            if item.total is not None and len(lines) < item.total:
                raise UnexpectedAnswerError(
                    f"the history is incomplete: the transaction {transaction_id} has {item.total} lines but lists "
                    f"{len(lines)}"
                )
            if self._words.has_ended(item):
                self._ended[transaction_id] = lines
            return lines

        session = self._api.session
        for start in range(0, len(transactions), _CHUNK):
            chunk = transactions[start : start + _CHUNK]
            for lines in in_parallel(read, chunk, session.concurrency, session.stop):
                yield from lines


def _only_line(item: Transaction) -> Line:
    return Line(
        transaction_id=item.transaction_id or "",
        imei=item.imei,
        iccid=item.iccid,
        sim_id=item.sim_id,
        eid=item.eid,
        status=item.status,
        started=item.started,
    )
