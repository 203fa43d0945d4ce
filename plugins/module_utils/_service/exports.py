# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CSVs of the service: the full history, and one transaction. Whole, or an error."""

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
    """The CSVs. Where one seems to be empty, a page of the history is asked for."""

    def transaction_csv(self, transaction_id: str, read: Callable[[Iterator[str]], T]) -> T:
        """The CSV of one transaction: `read` takes its lines of text; called anew where the download breaks off."""
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}/csv"
        return self._csv(path, {}, read, SCOPE_ACTIVATION)

    def history_export(
        self,
        read: Callable[[Iterator[_wire.Line]], T],
        identifiers: Iterable[str] | None = None,
        transactions: Iterable[str] | None = None,
        oddities: _wire.Oddities | None = None,
    ) -> T:
        """The full history, the oldest first, in one request [P]: `read` takes its lines one at a time.

        Where the download breaks off, `read` is called anew.

        Args:
            identifiers, transactions: only the lines with one of these identifiers, whichever it is; or only the lines
                of these transactions; with neither, all.
            oddities: collects values of identifier columns that are not whole identifiers.
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
        """The full history as CSV: `read` takes its lines of text; called anew where the download breaks off.

        Args:
            sort_dir: "ASC" has the oldest first, "DESC" the newest.
        """

        def read_text(text: Iterator[str]) -> T:
            first = next(text, "")
            if not first:
                self._check_empty(f"GET {HISTORY} (CSV)")
            return read(chain([first], text))

        return self._csv(HISTORY, {"sortDir": sort_dir, "export": "CSV"}, read_text, SCOPE_ACTIVATION)

    def _check_empty(self, call: str) -> None:
        """Raises UnexpectedAnswerError where an export without a header is not that of an account without a history.

        Taken for a history, an answer that lost its body would have the whole fleet submitted again.
        """
        page, _total = self.transactions_page(version=1, limit=1)
        if page:
            raise UnexpectedAnswerError(f"{call}: the answer is empty, and the account has a history")
