# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for transactions and their lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._service.api import ACTIVATION, HISTORY, SCOPE_ACTIVATION
from .._wire import IDENTIFIERS, LineReader, Oddities, Table, clean, read_table
from .._wire.envelopes import flat
from .._wire.names import Path
from .._wire.rules import (
    LINE_RULES,
    TRANSACTION_ID_RULES,
    TRANSACTION_RULES,
    Rule,
)
from .._wire.table import Recognition
from .asking import MAX_WORDS, PAGE, Calls
from .pages import paging_of
from .seen import CsvForm, Seen

#: Maximum number of transactions whose lines are read, the newest first.
_MAX_TRANSACTIONS = 3
#: Maximum number of rows of a CSV whose identifiers are checked.
_MAX_IDENTIFIED_ROWS = 2000
_LINE = (IDENTIFIERS, ("status",))


class TransactionCalls(Calls):
    """Makes the calls for the pages and the CSV of the history, and for lines of the newest transactions."""

    def _transactions(self) -> None:
        newest: list[str] = []
        for version in (1, 2):
            newest = self._page(version) or newest
        csv = self._ask(
            "history_csv",
            HISTORY + "?export=CSV",
            lambda seen: self._read_csv(seen, lambda read: self._api.history_csv("ASC", read)),
            LINE_RULES,
            _LINE,
            SCOPE_ACTIVATION,
        )
        newest = newest or csv.values("transaction_id")[-1:]
        skipped = None if newest else "the account has no transactions"
        path = f"{ACTIVATION}/transactions/{{transaction_id}}"
        self._ask(
            "transaction_lines",
            path,
            lambda seen: self._read_lines(seen, newest),
            LINE_RULES,
            _LINE,
            SCOPE_ACTIVATION,
            skipped,
        )
        self._ask(
            "transaction_csv",
            path + "/csv",
            lambda seen: self._read_csv(seen, lambda read: self._api.transaction_csv(newest[0], read)),
            LINE_RULES,
            _LINE,
            SCOPE_ACTIVATION,
            skipped,
        )

    def _page(self, version: int) -> list[str]:
        """Read pages of the history. Return the ids of its newest transactions."""
        path = HISTORY if version == 2 else f"{ACTIVATION}/transactions"
        ids: list[str] = []

        def read(seen: Seen) -> None:
            def fetch(offset: int, limit: int, sort_dir: str) -> list[str]:
                query = {"sortDir": sort_dir, "offset": offset, "limit": limit}
                answer = self._session.get(path, query, scope=SCOPE_ACTIVATION)
                if seen.answer is None:
                    seen.answer = answer
                return [item.transaction_id or "" for item in self._reader.transactions_of(answer, f"GET {path}")]

            ids.extend(fetch(0, PAGE, "DESC"))
            seen.count = len(ids)
            seen.transaction_statuses = Counter(seen.values("status"))
            self._note_total(seen)
            self._recorder.pause()
            seen.paging = paging_of(ids, PAGE, fetch)

        self._ask(f"transactions_v{version}", path, read, TRANSACTION_RULES, (("transaction_id",),), SCOPE_ACTIVATION)
        return ids[:_MAX_TRANSACTIONS]

    def _read_lines(self, seen: Seen, newest: Sequence[str]) -> None:
        """Read the lines of some transactions, and record the one with most fields."""
        best: Any = None
        for transaction_id in newest:
            before = seen.recognition
            answer = self._get(seen, f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}")
            lines = self._reader.lines_of(answer, f"GET {seen.path}")
            seen.statuses.update(line.status for line in lines if line.status)
            if best is None or seen.recognition is not before:
                best, seen.count = answer, len(lines)
        seen.answer = best
        if seen.place("transaction_id") is None and isinstance(seen.answer, Mapping):
            names = [path for path, _value in flat(seen.answer)]
            found = self._reader.names.find(names, TRANSACTION_ID_RULES)
            if found:
                seen.outer = {"transaction_id": names[found["transaction_id"].place]}

    def _read_csv(self, seen: Seen, download: Callable[[Callable[[Iterator[str]], None]], None]) -> None:
        seen.csv = CsvForm()

        def read(text: Iterator[str]) -> None:
            # This runs again if the download breaks off.
            seen.statuses.clear()
            seen.transaction_statuses.clear()
            seen.count = 0
            read_table(self._noting(seen, text), f"GET {seen.path}", lambda table: self._read_rows(seen, table))

        download(read)

    @staticmethod
    def _noting(seen: Seen, text: Iterator[str]) -> Iterator[str]:
        for line in text:
            if seen.csv is not None:
                seen.csv.note(line)
            yield line

    def _read_rows(self, seen: Seen, table: Table | None) -> None:
        if table is None:
            return
        oddities = Oddities()
        if seen.csv is not None:
            seen.csv.delimiter = table.delimiter
        lines = LineReader(self._reader, table, f"GET {seen.path}", oddities)
        status = lines.places["status"]
        other = transaction_status_place(self._reader.names.find, lines.recognition)
        for number, row in enumerate(lines.rows, 2):
            seen.count = number - 1
            for place, words in ((status, seen.statuses), (other, seen.transaction_statuses)):
                word = clean(row[place]) if place is not None and place < len(row) else None
                if word is not None and (word in words or len(words) < MAX_WORDS):
                    words[word] += 1
            if number <= _MAX_IDENTIFIED_ROWS:
                lines.record(row, number)
        seen.odd = oddities.count


def transaction_status_place(
    find: Callable[[Sequence[Path], Mapping[str, Rule]], Mapping[str, Any]], recognition: Recognition
) -> int | None:
    """Return the column with the status of the transaction, besides that of the line, or None."""
    taken = {place.place for place in recognition.fields.values()}
    rest = [place for place in range(len(recognition.names)) if place not in taken]
    status = find([recognition.names[place] for place in rest], TRANSACTION_RULES).get("status")
    return rest[status.place] if status else None
