# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has changed in the transactions that the event source looks at."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...module_utils._errors import RefusedError, SentinelError
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import printable
from ...module_utils._wire import PENDING, Transaction
from .changes import WHOLE, Change, Comparison, Seen
from .cursor import Cursor, Looked
from .lines import Reading, read_lines
from .settings import Settings
from .unread import Unread

#: So often lines that do not agree with their transaction's counts are read again, unless something changes.
_TRIES = 10

_LOG = logging.getLogger("kajeet.sentinel.transactions")


class Batch(NamedTuple):
    """Transactions to hand over: what has changed in them, and how each was listed. `last`: it ends a look."""

    changes: list[Change]
    looked: list[Looked]
    last: bool


class Examination:
    """Reads the lines of transactions, and compares them with what is known.

    Args:
        settings: the source's arguments.
        api: the service.
        cursor: what is known.
        unread: the transactions whose lines are wanting.
        go_on: is called before each request; may raise to end it.
    """

    def __init__(
        self, settings: Settings, api: SentinelAPI, cursor: Cursor, unread: Unread, go_on: Callable[[], None]
    ) -> None:
        self._words = settings.words
        self._comparison = Comparison(settings.service, settings.words, settings.stuck_after)
        self._api = api
        self._cursor = cursor
        self._unread = unread
        self._go_on = go_on

    def batch(self, rows: Sequence[Transaction], now: float, quiet: bool, last: bool) -> Batch:
        """What has changed in these transactions.

        Args:
            rows: as they are listed now.
            now: seconds since the epoch.
            quiet: whether what there is already is only taken note of.
            last: whether this ends a look.

        Raises SentinelError where the service could not be asked.
        """
        # Lines of what ended before anybody listened are no news.
        read = {row.transaction_id or "": row for row in rows if not (quiet and self._words.ended(row))}
        reading = read_lines(self._api, list(read.values()), self._comparison.fits, self._unread, self._go_on)
        if quiet and reading.given_up is not None:
            # What there is must be known, to tell from then on what is new.
            raise reading.given_up
        wanting = {
            name: reading.errors.get(name)
            for name, row in read.items()
            if self._comparison.state_of(Seen(row, reading.lines.get(name))) is None
        }
        self._unread.note(read, wanting, now)
        changes: list[Change] = []
        listed: list[Looked] = []
        for row in rows:
            name = row.transaction_id or ""
            seen, tries = self._seen(row, reading)
            found = self._comparison.changes(seen, self._cursor.known(name), now, quiet)
            changes += found
            if name in wanting and any(change.key == WHOLE and change.known.state != PENDING for change in found):
                _warn_of_wanting_lines(seen, wanting[name])
            tries = 0 if found and not seen.final else tries
            settled = name not in read or self._comparison.settled(seen) or tries >= _TRIES
            listed.append(Looked(row, settled and name not in wanting, tries))
        return Batch(changes, listed, last)

    def _seen(self, row: Transaction, reading: Reading) -> tuple[Seen, int]:
        """A transaction with its lines, and how often in a row these did not agree with it, this time included.

        Counts that are wrong, and lines that the service refuses, must not be waited for in every look for ever.
        """
        name = row.transaction_id or ""
        looked, error = self._cursor.looked(name), reading.errors.get(name)
        answered = error is None or isinstance(error, RefusedError)
        tries = 0
        if looked and looked.is_listed_as(row) and self._comparison.changes_show(row):
            tries = looked.tries + answered
        return Seen(row, reading.lines.get(name), answered and tries >= _TRIES), tries


def _warn_of_wanting_lines(seen: Seen, error: SentinelError | None) -> None:
    row = seen.transaction
    reason = error or f"{len(seen.lines or ())} of {row.total} show"
    told = printable(f"{row.transaction_id or ''} ended is told without all its lines: {reason}")
    _LOG.warning("How transaction %s", told)
