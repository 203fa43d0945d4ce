# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which transactions the event source looks at: found with few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from ...module_utils._service.api import HISTORY, PAGE_SIZE, SentinelAPI
from ...module_utils._service.pages import read_all
from ...module_utils._wire import Transaction
from ...module_utils._wire.times import start_of
from .cursor import Cursor, Looked
from .settings import Settings
from .unread import Unread, pause

#: The newest transactions are read back to one that is so much older than the first: some show up late.
_LATE = timedelta(minutes=15)


class Survey:
    """Finds the transactions that have to be looked at: new ones, changed ones, and what still runs.

    Args:
        settings: the source's arguments.
        api: the service.
        cursor: how transactions were listed at the last look.
        unread: those whose lines are wanting; it forgets what is not in the survey any more.
        go_on: is called before each request; may raise to end it.
    """

    def __init__(
        self, settings: Settings, api: SentinelAPI, cursor: Cursor, unread: Unread, go_on: Callable[[], None]
    ) -> None:
        self._words = settings.words
        self._stuck_after = settings.stuck_after
        self._api = api
        self._cursor = cursor
        self._unread = unread
        self._go_on = go_on
        #: When transactions that have left the newest pages were looked at.
        self._visits: dict[str, float] = {}

    def transactions(self, now: float, whole: bool) -> list[Transaction]:
        """The transactions to look at, the oldest first.

        Args:
            now: seconds since the epoch.
            whole: whether the list is read to its end, rather than to where nothing new is to come.
        """
        overdue = self._cursor.overdue(now - self._stuck_after) if self._stuck_after else set()
        running = self._cursor.running()
        wanted: list[Transaction] = []
        resting: set[str] = set()
        odd: dict[str, Transaction] = {}
        for row, looked in self._newest(whole):
            name = row.transaction_id or ""
            changed = looked is None or not looked.is_listed_as(row)
            unsettled = looked is None or not looked.settled or name in overdue
            if changed or (unsettled and not self._unread.rests(name, now)):
                wanted.append(row)
            elif unsettled:
                resting.add(name)
            elif name in running and self._words.ended(row):
                # The list says that it has ended, and its lines have not said so yet.
                odd[name] = row
                continue
            running.pop(name, None)
        self._unread.keep({*running, *resting, *(row.transaction_id or "" for row in wanted)})
        return [*self._due(running, odd, overdue, now), *reversed(wanted)]

    def _newest(self, whole: bool) -> Iterator[tuple[Transaction, Looked | None]]:
        """The transactions, the newest first, each with how it was listed before; see `transactions` for `whole`."""
        first: datetime | None = None
        familiar = 0
        for row in read_all(self._page, lambda row: row.transaction_id, PAGE_SIZE, f"GET {HISTORY}"):
            looked = self._cursor.looked(row.transaction_id or "")
            yield row, looked
            started = _moment(row.started)
            first = first or started
            familiar = familiar + 1 if looked is not None else 0
            # New transactions come first, and those that show up late not far behind.
            late = first is not None and started is not None and first - started < _LATE
            if familiar >= PAGE_SIZE and not late and not whole:
                return

    def _page(self, offset: int, limit: int) -> tuple[list[Transaction], int | None]:
        self._go_on()
        return self._api.transactions_page(2, "DESC", offset, limit)

    def _due(
        self, running: Mapping[str, float], odd: Mapping[str, Transaction], overdue: set[str], now: float
    ) -> Iterator[Transaction]:
        """Those of the transactions that run, and of which the list tells nothing, whose turn it is.

        Args:
            running: the transactions → since when.
            odd: those that are listed all the same.
        """
        self._visits = {name: at for name, at in self._visits.items() if name in running}
        for name, since in running.items():
            late = name in overdue and not self._unread.rests(name, now)
            if late or now - self._visits.get(name, 0.0) >= pause(now - since):
                self._visits[name] = now
                looked = self._cursor.looked(name)
                row = looked.transaction if looked else Transaction(transaction_id=name)
                if not self._words.ended(row):
                    # What was counted when it was listed says nothing of today.
                    row = row._replace(status=None, success=None, failed=None, pending=None)
                yield odd.get(name, row)


def _moment(told: str | None) -> datetime | None:
    """A start as a time in the service's zone; None where it cannot be read."""
    numbers = start_of(told)
    try:
        return datetime(*numbers) if numbers else None  # type: ignore[arg-type]  # noqa: DTZ001  only compared
    except ValueError:
        return None
