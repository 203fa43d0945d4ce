# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSVs of the full history and of one transaction, complete or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

from .. import _wire
from .._errors import UnexpectedAnswerError
from .calls import ACTIVATION, HISTORY, SCOPE_ACTIVATION
from .downloads import Downloads, peeked
from .transactions import Transactions

T = TypeVar("T")


class Exports(Downloads, Transactions):
    """CSVs of transactions. An empty export of the history is checked against a page."""

    def transaction_csv(self, transaction_id: str, read: Callable[[Iterator[str]], T]) -> T:
        """Download the CSV of one transaction. `read` receives its lines, again if the download breaks off."""
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}/csv"
        return self._csv(path, {}, read, SCOPE_ACTIVATION)

    def history_export(
        self,
        read: Callable[[Iterator[_wire.Line]], T],
        identifiers: Iterable[str] | None = None,
        transactions: Iterable[str] | None = None,
        oddities: _wire.Oddities | None = None,
    ) -> T:
        """Download the full history, the oldest first, in one request [P], and return the result of `read`.

        Args:
            read: receives the lines one at a time; called again if the download breaks off.
            identifiers, transactions: only lines with one of these identifiers of any kind, or only lines of these
                transactions; without both, all lines.
            oddities: collects invalid values of identifier columns.
        """
        call = f"GET {HISTORY} (CSV)"
        wanted = frozenset(identifiers if identifiers is not None else transactions or ())

        def read_rows(table: _wire.Table | None) -> T:
            if oddities is not None:
                oddities.clear()
            if table is None:
                self._check_empty(call)
                return read(iter(()))
            lines = _wire.LineReader(self.reader, table, call, oddities)
            lines.rows, rows = peeked(lines.rows)
            if not rows:
                self._check_empty(call)
            if identifiers is not None:
                return read(lines.records_with(wanted))
            return read(lines.records() if transactions is None else lines.lines_of(wanted))

        def read_text(text: Iterator[str]) -> T:
            return _wire.read_table(text, call, read_rows)

        return self._csv(HISTORY, {"sortDir": "ASC", "export": "CSV"}, read_text, SCOPE_ACTIVATION)

    def history_csv(self, sort_dir: str, read: Callable[[Iterator[str]], T]) -> T:
        """Download the full history as CSV. `read` receives its lines, again if the download breaks off.

        Args:
            sort_dir: "ASC" for the oldest first, "DESC" for the newest first.
            read: returns the result for the lines of text.
        """

        def read_text(text: Iterator[str]) -> T:
            first = next(text, "")
            if not first:
                self._check_empty(f"GET {HISTORY} (CSV)")
            return read(chain([first], text))

        return self._csv(HISTORY, {"sortDir": sort_dir, "export": "CSV"}, read_text, SCOPE_ACTIVATION)

    def _check_empty(self, call: str) -> None:
        """Raise UnexpectedAnswerError for an empty export of an account with a history.

        An answer without its body would otherwise look like an empty history, and the whole fleet would be submitted
        again.
        """
        page, _total = self.transactions_page(version=1, limit=1)
        if page:
            raise UnexpectedAnswerError(f"{call}: the answer is empty, but the account has a history")
