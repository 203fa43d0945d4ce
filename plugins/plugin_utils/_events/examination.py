# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the changes in polled transactions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...module_utils._errors import RefusedError, SentinelError
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import printable
from ...module_utils._wire import PENDING, Transaction
from .changes import WHOLE, Change, Comparison, Seen
from .cursor import Cursor, Listed
from .lines import Reading, read_lines
from .settings import Settings
from .unread import Unread

#: Maximum number of reads of lines that do not agree with their transaction's counts, unless something changes.
_MAX_TRIES = 10

_LOG = logging.getLogger("kajeet.sentinel.transactions")


class Batch(NamedTuple):
    """Changes of transactions to deliver, and their rows in the list. `last`: whether it ends a poll."""

    changes: list[Change]
    listed: list[Listed]
    last: bool


class Examination:
    """Reads the lines of transactions, and compares them with the remembered states.

    Args:
        settings: the source's arguments.
        api: the service.
        cursor: the state file.
        unread: the transactions with missing lines.
        check_stop: is called before each request. It raises to stop.
    """

    def __init__(
        self, settings: Settings, api: SentinelAPI, cursor: Cursor, unread: Unread, check_stop: Callable[[], None]
    ) -> None:
        self._words = settings.words
        self._comparison = Comparison(settings.service, settings.words, settings.stuck_after)
        self._api = api
        self._cursor = cursor
        self._unread = unread
        self._check_stop = check_stop

    def batch(self, rows: Sequence[Transaction], now: float, quiet: bool, last: bool) -> Batch:
        """Return the changes in these transactions.

        Args:
            rows: of the list.
            now: seconds since the epoch.
            quiet: whether to make no events.
            last: whether this ends a poll.

        Raises SentinelError if the service cannot be reached.
        """
        # Lines of transactions that had ended before the source was started are not new.
        read = {row.transaction_id or "": row for row in rows if not (quiet and self._words.has_ended(row))}
        is_consistent = self._comparison.is_consistent
        reading = read_lines(self._api, list(read.values()), is_consistent, self._unread, self._check_stop)
        if quiet and reading.given_up is not None:
            # Everything that exists must be known before something is new.
            raise reading.given_up
        missing = {
            name: reading.errors.get(name)
            for name, row in read.items()
            if self._comparison.state_of(Seen(row, reading.lines.get(name))) is None
        }
        self._unread.note(read, missing, now)
        changes: list[Change] = []
        listed: list[Listed] = []
        for row in rows:
            name = row.transaction_id or ""
            seen, tries = self._seen(row, reading)
            new = self._comparison.changes(seen, self._cursor.known(name), now, quiet)
            changes += new
            if name in missing and any(change.key == WHOLE and change.known.state != PENDING for change in new):
                _warn_of_missing_lines(seen, missing[name])
            tries = 0 if new and not seen.final else tries
            settled = name not in read or self._comparison.is_settled(seen) or tries >= _MAX_TRIES
            listed.append(Listed(row, settled and name not in missing, tries))
        return Batch(changes, listed, last)

    def _seen(self, row: Transaction, reading: Reading) -> tuple[Seen, int]:
        """Return a transaction with its lines, and the number of consecutive reads in which they did not agree with it.

        The number is limited, because counts may be wrong, and the service may refuse lines.
        """
        name = row.transaction_id or ""
        before, error = self._cursor.listed(name), reading.errors.get(name)
        answered = error is None or isinstance(error, RefusedError)
        tries = 0
        if before and before.is_listed_as(row) and self._comparison.shows_changes(row):
            tries = before.tries + answered
        return Seen(row, reading.lines.get(name), answered and tries >= _MAX_TRIES), tries


def _warn_of_missing_lines(seen: Seen, error: SentinelError | None) -> None:
    row = seen.transaction
    reason = error or f"{len(seen.lines or ())} of {row.total} show"
    text = printable(f"{row.transaction_id or ''} is reported without all its lines: {reason}")
    _LOG.warning("The end of transaction %s", text)
