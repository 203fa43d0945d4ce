# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transactions: submitted, listed in pages, and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .. import _wire
from .._errors import AmbiguousError
from .calls import ACTIVATION, HISTORY, SCOPE_ACTIVATION, Calls
from .pages import read_all

#: Transactions asked for in one page of the history.
PAGE_SIZE = 500


class Transactions(Calls):
    """Submissions, the pages of the history, and the lines of one transaction."""

    def submit(self, path: str, body: Mapping[str, Any], about_to_send: Callable[[], None] = lambda: None) -> str:
        """Submits devices; returns the transaction's id. `about_to_send` is called before each time that it leaves.

        Raises AmbiguousError where the service may have accepted it.
        """

        def read(reply: Any) -> str:
            transaction_id = self.reader.transaction_id_of(reply)
            if transaction_id is None:
                problem = _wire.unexpected_answer_error("the reply", "a transaction id", self.session.redacted(reply))
                # Short, as a device's reason has it: what came is quoted, with its names.
                cure = "If the id has another name, set field_names: {transaction_id: NAME}."
                raise AmbiguousError(problem.message, cure, "POST", path, 200)
            return transaction_id

        found: str = self.session.submit(path, body, SCOPE_ACTIVATION, about_to_send, read)
        return found

    def transaction_lines(self, transaction_id: str, oddities: _wire.Oddities | None = None) -> list[_wire.Line]:
        """The lines of one transaction. Raises RefusedError with status 404 where the service does not know it.

        `oddities` collects values of identifier fields that are not whole identifiers.
        """
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}"

        def read(answer: Any, call: str) -> list[_wire.Line]:
            lines = self.reader.lines_of(answer, call, oddities)
            # A reply may name the transaction once, and not in each line.
            return [line if line.transaction_id else line._replace(transaction_id=transaction_id) for line in lines]

        def understood(answer: Any) -> list[_wire.Line]:
            return self._parse(read, answer, f"GET {path}")

        found: list[_wire.Line] = self.session.get(path, scope=SCOPE_ACTIVATION, read=understood)
        return found

    def transactions_page(
        self, version: int = 2, sort_dir: str = "DESC", offset: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[list[_wire.Transaction], int | None]:
        """A page of the history and its total where told. `version` 1: all; 2: the last 180 days [P]."""
        path = _history_path(version)
        query = {"sortDir": sort_dir, "offset": offset, "limit": limit}
        answer = self.session.get(path, query, scope=SCOPE_ACTIVATION)
        return self._parse(self.reader.transactions_of, answer, f"GET {path}"), self.reader.total_of(answer)

    def transactions(self, version: int = 2, whole: bool = False) -> Iterator[_wire.Transaction]:
        """All transactions of the history, the oldest first, each once.

        Oldest first, because new ones then arrive behind what is read. Raises UnexpectedAnswerError where nobody can
        tell whether that is all; with `whole`, also where the service counts more than it shows.
        """

        def page(offset: int, limit: int) -> tuple[list[_wire.Transaction], int | None]:
            return self.transactions_page(version, "ASC", offset, limit)

        return read_all(page, lambda item: item.transaction_id, PAGE_SIZE, f"GET {_history_path(version)}", whole=whole)


def _history_path(version: int) -> str:
    return HISTORY if version == 2 else f"{ACTIVATION}/transactions"
