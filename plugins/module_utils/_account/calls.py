# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes every documented call that reads, and notes what each of them shows. One call that fails ends nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._errors import RefusedError
from .._service.api import ACTIVATION, HISTORY, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS, SentinelAPI
from .._text import fold
from .._wire import IDENTIFIERS, LineReader, Oddities, Table, clean, read_table, unexpected
from .._wire.devices import (
    DEVICE_RULES,
    DEVICES,
    NO_DEVICES,
    SCOPE_DEVICE_STATUSES,
    best_list,
    possible_statuses,
)
from .._wire.envelopes import flat, is_empty
from .._wire.names import Path
from .._wire.reader import count_of
from .._wire.rules import (
    CARRIER_RULES,
    INVENTORY_RULES,
    LINE_RULES,
    PLAN_RULES,
    STOCK_RULES,
    TOTAL_RULES,
    TRANSACTION_ID_RULES,
    TRANSACTION_RULES,
    Rule,
)
from .._wire.table import Recognition
from .pages import paging_of
from .recorder import Account, Recorder
from .seen import CsvForm, Seen

#: Transactions, and devices, that one page asks for.
PAGE = 25
#: Newest transactions whose lines are asked for.
_TRIED = 3
#: Rows of a CSV in which identifiers are looked at.
_IDENTIFIED = 2000
#: Distinct status words that are remembered of one call; a column with more has free text.
MOST_WORDS = 200
_LINE = (IDENTIFIERS, ("status",))
_NO_CORP = "no corp_id is known"


class AccountCalls:
    """Makes the calls.

    Args:
        api: the service.
        corp_id: the option of that name.
        logs_in: whether to log in first, which names the login's account.
        carriers: carriers for the inventory and the stock of eSIMs; None: the first that the account has of each.
        clock: seconds that never go backwards. now: seconds since the epoch.
    """

    def __init__(
        self,
        api: SentinelAPI,
        corp_id: str | None,
        logs_in: bool,
        carrier: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._session = api.session
        self._reader = api.reader
        self._given = corp_id
        self._logs_in = logs_in
        self._carrier = carrier
        self._recorder = Recorder(api, clock, now)
        self.account = self._recorder.account

    def run(self) -> Account:
        """Make all calls. Raises SentinelError without credentials or a connection."""
        with self._recorder.noting():
            if self._logs_in:
                self.account.login_corp_id = self._session.login()[1]
            self.account.corp_id = self._given or self.account.login_corp_id
            self._what_the_account_has()
            self._transactions()
            self._devices()
        return self.account

    def _ask(
        self,
        name: str,
        path: str,
        read: Callable[[Seen], None],
        table: Mapping[str, Rule],
        needed: Sequence[Sequence[str]] = (),
        scope: str | None = None,
        skipped: str | None = None,
    ) -> Seen:
        return self._recorder.ask(Seen(name, path, scope, table, needed, skipped=skipped), read)

    def _get(self, seen: Seen, path: str, query: Mapping[str, Any] | None = None) -> Any:
        seen.answer = self._session.get(path, query, seen.scope)
        return seen.answer

    # -- What the account has ------------------------------------------------------------------------------------------

    def _what_the_account_has(self) -> None:
        carriers = self._carriers("carriers", "carriers", SCOPE_ACTIVATION)
        esim_carriers = self._carriers("esim_carriers", "eSim/carriers", SCOPE_ESIM_CARRIERS)
        self._plans("billing_plans", "billing-plans")
        self._plans("business_internet_plans", "businessInternetPlans")
        carrier = self._carrier or next(iter(carriers.texts), None)
        self._ask(
            "inventory",
            f"{ACTIVATION}/inventory",
            lambda seen: self._read_inventory(seen, carrier or ""),
            INVENTORY_RULES,
            skipped=None if carrier else "no carrier is known",
        )
        carrier = self._carrier or next(iter(esim_carriers.texts), None) or carrier
        self._ask(
            "esim_stock",
            f"{ACTIVATION}/eSimInventoryCount/{{corp_id}}",
            lambda seen: self._read_stock(seen, carrier or ""),
            STOCK_RULES,
            (("available",),),
            skipped=_NO_CORP if not self.account.corp_id else None if carrier else "no carrier is known",
        )

    def _carriers(self, name: str, end: str, scope: str) -> Seen:
        path = f"{ACTIVATION}/{end}"

        def read(seen: Seen) -> None:
            seen.texts = self._reader.carriers_of(self._get(seen, path), f"GET {path}")
            seen.count = len(seen.texts)

        return self._ask(name, path, read, CARRIER_RULES, (("carrier",),), scope)

    def _plans(self, name: str, end: str) -> None:
        path = f"{ACTIVATION}/{end}"

        def read(seen: Seen) -> None:
            plans = self._reader.objects_of(self._get(seen, path), f"GET {path}")
            seen.count = len(plans)

        self._ask(name, path, read, PLAN_RULES, (("plan_id",),))

    def _read_inventory(self, seen: Seen, carrier: str) -> None:
        answer = self._get(seen, seen.path, {"carrier": carrier})
        found = best_list(self._reader.names, answer, INVENTORY_RULES)
        items = found[1] if found else [answer] if isinstance(answer, Mapping) else []
        self._reader.recognise(items, INVENTORY_RULES, seen.name)
        seen.count = len(items)

    def _read_stock(self, seen: Seen, carrier: str) -> None:
        path = f"{ACTIVATION}/eSimInventoryCount/{quote(self.account.corp_id or '', safe='')}"
        self._reader.stock_of(self._get(seen, path, {"carrier": carrier}), f"GET {seen.path}")
        seen.count = 1

    # -- Transactions --------------------------------------------------------------------------------------------------

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
        skipped = None if newest else "the account shows no transaction"
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
        """Read pages of the history; return the ids of its newest transactions."""
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
        return ids[:_TRIED]

    def _note_total(self, seen: Seen) -> None:
        if not isinstance(seen.answer, Mapping):
            return
        names = [path for path, value in flat(seen.answer) if count_of(value) is not None]
        found = self._reader.names.find(names, TOTAL_RULES)
        if found:
            seen.total_path = names[found["total_count"].place]

    def _read_lines(self, seen: Seen, newest: Sequence[str]) -> None:
        """Read the lines of some transactions; the one that shows most fields is looked at."""
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
            # A download that breaks off is read anew.
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
        other = transaction_status_place(self._reader.names.find, lines.found)
        for number, row in enumerate(lines.rows, 2):
            seen.count = number - 1
            for place, words in ((status, seen.statuses), (other, seen.transaction_statuses)):
                word = clean(row[place]) if place is not None and place < len(row) else None
                if word is not None and (word in words or len(words) < MOST_WORDS):
                    words[word] += 1
            if number <= _IDENTIFIED:
                lines.line(row, number)
        seen.odd = oddities.count

    # -- Devices -------------------------------------------------------------------------------------------------------

    def _devices(self) -> None:
        corp_id = self.account.corp_id
        place = f"{DEVICES}/{quote(corp_id or '', safe='')}"
        skipped = None if corp_id else _NO_CORP

        def fetch(offset: int, limit: int, sort_dir: str) -> Any:
            query = {"offset": offset, "limit": limit, "sort": "MDN", "sortDir": sort_dir}
            try:
                return self._session.get(place, query)
            except RefusedError as error:
                if NO_DEVICES in fold(error.message):
                    return {"devices": []}
                raise

        def keys(answer: Any) -> list[str]:
            found = best_list(self._reader.names, answer, DEVICE_RULES)
            return [repr(item) for item in found[1]] if found else []

        def read(seen: Seen) -> None:
            answer = seen.answer = fetch(0, PAGE, "ASC")
            found = best_list(self._reader.names, answer, DEVICE_RULES)
            if found is None:
                seen.count = 0
                self._check_no_devices(seen)
                return
            self._reader.recognise(found[1], DEVICE_RULES, seen.name)
            seen.statuses = Counter(seen.values("status"))
            self._note_total(seen)
            self._recorder.pause()
            seen.paging = paging_of(keys(answer), PAGE, lambda *how: keys(fetch(*how)), directions=("ASC", "DESC"))

        self._ask("devices", DEVICES + "/{corp_id}", read, DEVICE_RULES, (("mdn", *IDENTIFIERS),), None, skipped)

        def read_statuses(seen: Seen) -> None:
            words = possible_statuses(self._get(seen, place + "/status"))
            if words is None:
                raise unexpected(f"GET {seen.path}", "a list of statuses", self._session.redacted(seen.answer))
            seen.statuses = Counter(words)
            seen.count = len(words)

        self._ask(
            "device_statuses", DEVICES + "/{corp_id}/status", read_statuses, {}, (), SCOPE_DEVICE_STATUSES, skipped
        )

    def _check_no_devices(self, seen: Seen) -> None:
        """Raise UnexpectedAnswerError for an answer that has no list of devices, not even an empty one."""
        if not is_empty(seen.answer):
            raise unexpected(
                f"GET {seen.path}", "a list of devices", self._session.redacted(seen.answer), ("mdn", "status")
            )


def transaction_status_place(
    find: Callable[[Sequence[Path], Mapping[str, Rule]], Mapping[str, Any]], found: Recognition
) -> int | None:
    """Return the column with the transaction's status, beside that of the line's; None where there is none."""
    taken = {place.place for place in found.found.values()}
    rest = [place for place in range(len(found.names)) if place not in taken]
    status = find([found.names[place] for place in rest], TRANSACTION_RULES).get("status")
    return rest[status.place] if status else None
