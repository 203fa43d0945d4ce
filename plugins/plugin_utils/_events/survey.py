# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the transactions that the event source has to read, with few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from ...module_utils._service.api import HISTORY, PAGE_SIZE, SentinelAPI
from ...module_utils._service.pages import read_all
from ...module_utils._wire import Transaction
from ...module_utils._wire.times import start_of
from .cursor import Cursor, Listed
from .settings import Settings
from .unread import Unread, pause

#: The newest transactions are read back to one that is older than the first by this, because some show up late.
_LATE = timedelta(minutes=15)


class Survey:
    """Finds the transactions to read: new, changed and running ones.

    Args:
        settings: the source's arguments.
        api: the service.
        cursor: the state file.
        unread: transactions with missing lines. It forgets those that are not in the survey any more.
        check_stop: is called before each request. It raises to stop.
    """

    def __init__(
        self, settings: Settings, api: SentinelAPI, cursor: Cursor, unread: Unread, check_stop: Callable[[], None]
    ) -> None:
        self._words = settings.words
        self._stuck_after = settings.stuck_after
        self._api = api
        self._cursor = cursor
        self._unread = unread
        self._check_stop = check_stop
        #: Times when transactions that have left the newest pages were read.
        self._visits: dict[str, float] = {}

    def transactions(self, now: float, whole: bool) -> list[Transaction]:
        """Return the transactions to read, oldest first.

        Args:
            now: seconds since the epoch.
            whole: whether to read the list to its end, instead of until nothing new can follow.
        """
        overdue = self._cursor.overdue(now - self._stuck_after) if self._stuck_after else set()
        running = self._cursor.running()
        wanted: list[Transaction] = []
        postponed: set[str] = set()
        ended: dict[str, Transaction] = {}
        for row, before in self._newest(whole):
            name = row.transaction_id or ""
            changed = before is None or not before.is_listed_as(row)
            unsettled = before is None or not before.settled or name in overdue
            if changed or (unsettled and not self._unread.is_postponed(name, now)):
                wanted.append(row)
            elif unsettled:
                postponed.add(name)
            elif name in running and self._words.has_ended(row):
                # It has ended in the list, but its lines do not show that yet.
                ended[name] = row
                continue
            running.pop(name, None)
        self._unread.keep({*running, *postponed, *(row.transaction_id or "" for row in wanted)})
        return [*self._due(running, ended, overdue, now), *reversed(wanted)]

    def _newest(self, whole: bool) -> Iterator[tuple[Transaction, Listed | None]]:
        """Yield the transactions, newest first, each with its row at the last poll. `whole`: as in `transactions`."""
        first: datetime | None = None
        familiar = 0
        for row in read_all(self._page, lambda row: row.transaction_id, PAGE_SIZE, f"GET {HISTORY}"):
            before = self._cursor.listed(row.transaction_id or "")
            yield row, before
            started = _moment(row.started)
            first = first or started
            familiar = familiar + 1 if before is not None else 0
            # New transactions come first, and those that show up late soon after.
            late = first is not None and started is not None and first - started < _LATE
            if familiar >= PAGE_SIZE and not late and not whole:
                return

    def _page(self, offset: int, limit: int) -> tuple[list[Transaction], int | None]:
        self._check_stop()
        return self._api.transactions_page(2, "DESC", offset, limit)

    def _due(
        self, running: Mapping[str, float], ended: Mapping[str, Transaction], overdue: set[str], now: float
    ) -> Iterator[Transaction]:
        """Yield the running transactions that are not in the newest pages and are due to be read.

        Args:
            running: the transactions, with the time since when they are known.
            ended: those that are listed as ended.
            overdue: those with an item that is stuck.
            now: seconds since the epoch.
        """
        self._visits = {name: at for name, at in self._visits.items() if name in running}
        for name, since in running.items():
            late = name in overdue and not self._unread.is_postponed(name, now)
            if late or now - self._visits.get(name, 0.0) >= pause(now - since):
                self._visits[name] = now
                before = self._cursor.listed(name)
                row = before.transaction if before else Transaction(transaction_id=name)
                if not self._words.has_ended(row):
                    # Counts at the last poll are outdated.
                    row = row._replace(status=None, success=None, failed=None, pending=None)
                yield ended.get(name, row)


def _moment(started: str | None) -> datetime | None:
    """Return a start as a time in the service's zone, or None if it cannot be read."""
    numbers = start_of(started)
    try:
        return datetime(*numbers) if numbers else None  # type: ignore[arg-type]  # noqa: DTZ001  only compared
    except ValueError:
        return None
