# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submission of transactions, the pages of the history, and the lines of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .. import _wire
from .._errors import AmbiguousError
from .calls import ACTIVATION, HISTORY, SCOPE_ACTIVATION, Calls
from .pages import read_all

#: Transactions per page of the history.
PAGE_SIZE = 500


class Transactions(Calls):
    """Submissions, the pages of the history, and the lines of one transaction."""

    def submit(self, path: str, body: Mapping[str, Any], about_to_send: Callable[[], None] = lambda: None) -> str:
        """Submit devices. Return the transaction id. `about_to_send` is called before each time that it is sent.

        Raises AmbiguousError where the service may have accepted it.
        """

        def read(reply: Any) -> str:
            transaction_id = self.reader.transaction_id_of(reply)
            if transaction_id is None:
                problem = _wire.unexpected_answer_error("the reply", "a transaction id", self.session.redacted(reply))
                # A short text, because it becomes the reason of a device. The message quotes the reply with its names.
                cure = "If the id has another name, set field_names: {transaction_id: NAME}."
                raise AmbiguousError(problem.message, cure, "POST", path, 200)
            return transaction_id

        submitted: str = self.session.submit(path, body, SCOPE_ACTIVATION, about_to_send, read)
        return submitted

    def transaction_lines(self, transaction_id: str, oddities: _wire.Oddities | None = None) -> list[_wire.Line]:
        """Return the lines of a transaction. Raises RefusedError with status 404 for an unknown transaction.

        `oddities` collects invalid values of identifier fields.
        """
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}"

        def read(answer: Any, call: str) -> list[_wire.Line]:
            lines = self.reader.lines_of(answer, call, oddities)
            # A reply may have the transaction id only once, not in each line.
            return [line if line.transaction_id else line._replace(transaction_id=transaction_id) for line in lines]

        def read_answer(answer: Any) -> list[_wire.Line]:
            return self._parse(read, answer, f"GET {path}")

        lines: list[_wire.Line] = self.session.get(path, scope=SCOPE_ACTIVATION, read=read_answer)
        return lines

    def transactions_page(
        self, version: int = 2, sort_dir: str = "DESC", offset: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[list[_wire.Transaction], int | None]:
        """Return a page of the history, and its total if given. `version` 1: all; 2: the last 180 days [P]."""
        path = _history_path(version)
        query = {"sortDir": sort_dir, "offset": offset, "limit": limit}
        answer = self.session.get(path, query, scope=SCOPE_ACTIVATION)
        return self._parse(self.reader.transactions_of, answer, f"GET {path}"), self.reader.total_of(answer)

    def transactions(self, version: int = 2, whole: bool = False) -> Iterator[_wire.Transaction]:
        """Yield all transactions of the history once, the oldest first.

        New transactions are then added after the pages that were read. Raises UnexpectedAnswerError if the end of the
        history is uncertain; with `whole`, also if the service reports more transactions than it lists.
        """

        def page(offset: int, limit: int) -> tuple[list[_wire.Transaction], int | None]:
            return self.transactions_page(version, "ASC", offset, limit)

        return read_all(page, lambda item: item.transaction_id, PAGE_SIZE, f"GET {_history_path(version)}", whole=whole)


def _history_path(version: int) -> str:
    return HISTORY if version == 2 else f"{ACTIVATION}/transactions"
