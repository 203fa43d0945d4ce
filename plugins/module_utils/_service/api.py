# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method for each documented endpoint: wire terms in, plain values out. Paths and scopes are published [P]."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote

from .. import _wire
from .._errors import AmbiguousError, UnexpectedAnswerError
from .._transport.session import Session
from .csv_end import CsvEnd
from .pages import read_all

T = TypeVar("T")

ACTIVATION = "/v1.0/activation"
HISTORY = "/v2.0/activation/transactions"

#: [P] The scopes that the page names; it names none for the plans, the inventory, the eSIM stock and the upload.
SCOPE_ACTIVATION = "aux_activation"
SCOPE_ESIM_CARRIERS = "aux_kemp_user"

#: Transactions asked for in one page of the history.
PAGE_SIZE = 500
#: So often a CSV is downloaded that ends in the middle of a line, each time in another.
_CSV_DOWNLOADS = 5


class SentinelAPI:
    """The 14 endpoints. Every method raises what `Session` raises, and UnexpectedAnswerError for a strange shape.

    Args:
        session: the connection; it is closed by whoever made it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        #: Reads the answers.
        self.reader = session.reader

    # -- What the account has ------------------------------------------------------------------------------------------

    def billing_plans(self) -> list[Mapping[str, Any]]:
        """Billing rate plans of the device group, as received."""
        return self._objects(f"{ACTIVATION}/billing-plans")

    def business_internet_plans(self) -> list[Mapping[str, Any]]:
        """Verizon business internet plans, as received: planId, planDescription, planDescriptionFull … [I]."""
        return self._objects(f"{ACTIVATION}/businessInternetPlans")

    def carriers(self) -> list[str]:
        """Names of the carriers that the account may activate SIMs with."""
        path = f"{ACTIVATION}/carriers"
        return self._understood(self.reader.carriers_of, self.session.get(path, scope=SCOPE_ACTIVATION), f"GET {path}")

    def esim_carriers(self) -> list[str]:
        """Names of the carriers that the account may activate eSIMs with."""
        path = f"{ACTIVATION}/eSim/carriers"
        return self._understood(
            self.reader.carriers_of, self.session.get(path, scope=SCOPE_ESIM_CARRIERS), f"GET {path}"
        )

    def esim_stock(self, corp_id: str, carrier: str) -> tuple[int, int | None]:
        """How many eSIMs of the carrier are available, and the most that one request may ask for (None: not said)."""
        path = f"{ACTIVATION}/eSimInventoryCount/{quote(corp_id, safe='')}"
        return self._understood(self.reader.stock_of, self.session.get(path, {"carrier": carrier}), f"GET {path}")

    def inventory(self, carrier: str) -> Any:
        """The carrier's inventory, as received: an object or a list of them, with sku, planId, subType … [I]."""
        return self.session.get(f"{ACTIVATION}/inventory", {"carrier": carrier})

    def _objects(self, path: str) -> list[Mapping[str, Any]]:
        return self._understood(self.reader.objects_of, self.session.get(path), f"GET {path}")

    def _understood(self, parse: Callable[[Any, str], T], answer: Any, what: str) -> T:
        """What `parse` makes of an answer; where it fails, its error quotes the answer without secrets."""
        try:
            return parse(answer, what)
        except UnexpectedAnswerError:
            return parse(self.session.redacted(answer), what)

    # -- Submissions ---------------------------------------------------------------------------------------------------

    def submit(self, path: str, body: Mapping[str, Any], about_to_send: Callable[[], None] = lambda: None) -> str:
        """Submits devices; returns the transaction's id. `about_to_send` is called before each time that it leaves.

        Raises AmbiguousError where nobody knows whether it was taken.
        """
        reply = self.session.submit(path, body, SCOPE_ACTIVATION, about_to_send)
        transaction_id = self.reader.transaction_id_of(reply)
        if transaction_id is None:
            problem = _wire.unexpected("the reply", "a transaction id", self.session.redacted(reply))
            # Short, as a device's reason has it: what came is quoted, with its names.
            cure = "If the id has another name, set field_names: {transaction_id: NAME}."
            raise AmbiguousError(problem.message, cure, "POST", path, 200)
        return transaction_id

    # -- Transactions --------------------------------------------------------------------------------------------------

    def transaction_lines(self, transaction_id: str, oddities: _wire.Oddities | None = None) -> list[_wire.Line]:
        """The lines of one transaction. Raises RefusedError with status 404 where the service does not know it.

        `oddities` collects values of identifier fields that are not whole identifiers.
        """
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}"

        def read(answer: Any, what: str) -> list[_wire.Line]:
            return self.reader.lines_of(answer, what, oddities)

        return self._understood(read, self.session.get(path, scope=SCOPE_ACTIVATION), f"GET {path}")

    def transaction_csv(self, transaction_id: str, read: Callable[[Iterator[str]], T]) -> T:
        """The CSV of one transaction: `read` takes its lines of text; called anew where the download breaks off."""
        path = f"{ACTIVATION}/transactions/{quote(transaction_id, safe='')}/csv"
        return self._csv(path, {}, read)

    def transactions_page(
        self, version: int = 2, sort_dir: str = "DESC", offset: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[list[_wire.Transaction], int | None]:
        """A page of the history and its total where told. `version` 1: all; 2: the last 180 days [P]."""
        path = _history_path(version)
        query = {"sortDir": sort_dir, "offset": offset, "limit": limit}
        answer = self.session.get(path, query, scope=SCOPE_ACTIVATION)
        return self._understood(self.reader.transactions_of, answer, f"GET {path}"), self.reader.total_of(answer)

    def transactions(self, version: int = 2, whole: bool = False) -> Iterator[_wire.Transaction]:
        """All transactions of the history, the oldest first, each once.

        Oldest first, because new ones then arrive behind what is read. Raises UnexpectedAnswerError where nobody can
        tell whether that is all; with `whole`, also where the service counts more than it shows.
        """

        def page(offset: int, limit: int) -> tuple[list[_wire.Transaction], int | None]:
            return self.transactions_page(version, "ASC", offset, limit)

        return read_all(page, lambda item: item.transaction_id, PAGE_SIZE, f"GET {_history_path(version)}", whole=whole)

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
        what = f"GET {HISTORY} (CSV)"
        wanted = frozenset(identifiers if identifiers is not None else transactions or ())

        def read_rows(table: _wire.Table | None) -> T:
            if oddities is not None:
                oddities.clear()
            if table is None:
                self._check_empty(what)
                return read(iter(()))
            lines = _wire.LineReader(self.reader, table, what, oddities)
            lines.rows, rows = _peeked(lines.rows)
            if not rows:
                self._check_empty(what)
            if identifiers is not None:
                return read(lines.lines_with(wanted))
            return read(lines.lines() if transactions is None else lines.lines_of(wanted))

        def read_text(text: Iterator[str]) -> T:
            return _wire.read_table(text, what, read_rows)

        return self._csv(HISTORY, {"sortDir": "ASC", "export": "CSV"}, read_text)

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

        return self._csv(HISTORY, {"sortDir": sort_dir, "export": "CSV"}, read_text)

    def _csv(self, path: str, query: Mapping[str, Any], read: Callable[[Iterator[str]], T]) -> T:
        """Downloads a CSV for `read`, and makes sure that it is not the first part of one.

        A proxy may end a download in the middle, and call it whole. Then the last line has no line end.
        """
        seen: set[str] = set()
        for _download in range(_CSV_DOWNLOADS):
            end = CsvEnd(self.reader.names)

            def receive(text: Iterator[str], end: CsvEnd = end) -> T:
                return read(end.remembering(text))

            problem = None
            try:
                result = self.session.stream(path, query, receive, scope=SCOPE_ACTIVATION)
            except UnexpectedAnswerError as error:  # a cell without its end, for example
                problem = error
            if not end.tail or end.tail.endswith(("\n", "\r")) or self._is_last(path, query, end, seen):
                if problem is not None:
                    raise problem
                return result
            if end.same_order:
                raise problem or UnexpectedAnswerError(
                    f"GET {path} (CSV): the download ends in the middle of a line, and the service gives the same "
                    "order for both directions: nothing shows whether it is whole"
                )
            seen.add(end.tail)
        raise UnexpectedAnswerError(f"GET {path} (CSV): each download ends in the middle of a line")

    def _is_last(self, path: str, query: Mapping[str, Any], end: CsvEnd, seen: Container[str]) -> bool:
        """Whether a line without a line end is the last one all the same, as a service may leave that out.

        What ends a history begins it the other way round. Elsewhere, a line is believed that comes again.
        """
        if "sortDir" not in query:
            return end.tail in seen
        other = {**query, "sortDir": "DESC" if query["sortDir"] == "ASC" else "ASC"}
        return self.session.stream(path, other, end.begins, scope=SCOPE_ACTIVATION)

    def _check_empty(self, what: str) -> None:
        """Raises UnexpectedAnswerError where an export without a header is not that of an account without a history.

        Taken for a history, an answer that lost its body would have the whole fleet submitted again.
        """
        page, _total = self.transactions_page(version=1, limit=1)
        if page:
            raise UnexpectedAnswerError(f"{what}: the answer is empty, and the account has a history")

    # -- Upload --------------------------------------------------------------------------------------------------------

    def upload_csv(self, filename: str, content: bytes) -> list[dict[str, str]]:
        """Has the service read a device CSV (it stores nothing [P]); returns `imei` and `iccid` of each row."""
        path = f"{ACTIVATION}/uploadCSV"
        answer = self.session.upload(path, filename, content)
        return self._understood(self.reader.pairs_of, answer, f"POST {path}")


def _peeked(rows: Iterator[list[str]]) -> tuple[Iterator[list[str]], bool]:
    """The rows, and whether there is one."""
    first = next(rows, None)
    return (iter(()), False) if first is None else (chain([first], rows), True)


def _history_path(version: int) -> str:
    return HISTORY if version == 2 else f"{ACTIVATION}/transactions"
