# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source's looks at the history: which transactions to look at, and how with few requests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._errors import AuthenticationError, InputError, RefusedError
from ...module_utils._observe.history import start_of
from ...module_utils._options import ConnectionOptions, connection_spec
from ...module_utils._options.urls import service_key
from ...module_utils._report.files import check_writable
from ...module_utils._service.api import HISTORY, PAGE_SIZE, SentinelAPI
from ...module_utils._service.pages import read_all
from ...module_utils._text import hint, printable
from ...module_utils._transport.session import Session
from ...module_utils._wire import PENDING, StatusWords, Transaction
from .changes import WHOLE, Change, Comparison, Seen
from .cursor import Cursor, Looked
from .lines import Unread, pause, read_lines

#: The newest transactions are read back to one that is so much older than the first: some show up late.
_LATE = timedelta(minutes=15)
#: So many transactions are read, and handed over, before the next.
_CHUNK = 5000
#: So often lines that do not agree with their transaction's counts are read again, unless something changes.
_TRIES = 10
#: What has ended so many seconds ago is forgotten: the history that is read goes back 180 days [P].
_FORGET_AFTER = 200 * 86400.0

_LOG = logging.getLogger("kajeet.sentinel.transactions")


# -- The source's arguments --------------------------------------------------------------------------------------------

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "state_file": {"type": "path", "required": True},
    "from": {"type": "str", "choices": ["now", "beginning"], "default": "now"},
    "interval": {"type": "float", "default": 60.0},
    "stuck_after": {"type": "float", "default": 3600.0},
    # ansible-rulebook's own: whether it tells a source what it has taken.
    "feedback": {"type": "bool", "default": False},
}


def argument_spec() -> dict[str, dict[str, Any]]:
    """The source's arguments."""
    return {**connection_spec(), **_ARGUMENTS}


class Settings(NamedTuple):
    """The source's arguments. `interval`, `stuck_after`: seconds; `stuck_after` 0: never."""

    connection: ConnectionOptions
    state_file: str
    beginning: bool
    interval: float
    stuck_after: float
    words: StatusWords

    @classmethod
    def read(cls, arguments: Mapping[str, Any]) -> Settings:
        """Reads the arguments. Raises InputError with all problems."""
        spec = argument_spec()
        unknown = [str(name) for name in arguments if name not in spec]
        problems = [f"unknown argument {name!r}{hint(name, spec)}" for name in unknown]
        checked = ArgumentSpecValidator(spec).validate({name: arguments[name] for name in spec if name in arguments})
        problems += checked.error_messages
        values = checked.validated_parameters
        connection = None
        try:
            connection = ConnectionOptions.read(values.get)
            Session(connection).close()
        except InputError as error:
            problems += error.problems
        except AuthenticationError as error:
            problems.append(str(error))
        problems += _problems(values)
        if connection is None or problems:
            raise InputError(problems, "The event source's configuration")
        return cls(
            connection,
            values["state_file"],
            values["from"] == "beginning",
            values["interval"],
            values["stuck_after"],
            StatusWords(connection.status_words),
        )


def _problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values of the right type; of the others it has been said."""
    problems = []
    least = {"interval": (0.1, "0.1 is the least"), "stuck_after": (0.0, "0 is the least, and means never")}
    for name, (lowest, told) in least.items():
        if isinstance(values[name], float) and not values[name] >= lowest:
            problems.append(f"{name}: {values[name]:g} is too small: {told}")
    return problems + (
        check_writable("state_file", values["state_file"], regular=True) if values.get("state_file") else []
    )


# -- Looking -----------------------------------------------------------------------------------------------------------


class Batch(NamedTuple):
    """Transactions to hand over: what has changed in them, and how each was listed. `last`: it ends a look."""

    changes: list[Change]
    looked: list[Looked]
    last: bool


class Feed:
    """Looks at the history again and again; each look gives what has changed since the last one that was remembered.

    Args:
        settings: the source's arguments.
        sleep: waits for a number of seconds; may raise to end what is waiting.
        clock: seconds since the epoch.

    Raises InputError where the state file cannot be used, AuthenticationError without credentials.
    """

    def __init__(
        self,
        settings: Settings,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._clock = clock
        connection = settings.connection
        self._session = Session(connection, sleep=sleep)
        self._api = SentinelAPI(self._session)
        service = service_key(connection.api_url)  # however its URL is spelt
        self.cursor = Cursor(settings.state_file, {"api_url": service, "corp_id": connection.corp_id})
        self._claimed = False
        self._comparison = Comparison(service, settings.words, settings.stuck_after)
        self._sleep = sleep
        #: When transactions that have left the newest pages were looked at.
        self._visits: dict[str, float] = {}
        self._unread = Unread()

    def close(self) -> None:
        """Closes the connections and the cursor."""
        self._session.close()
        self.cursor.close()

    def look(self) -> Iterator[Batch]:
        """One look, the oldest transactions first. What a batch has is to be kept before the next is asked for.

        Raises SentinelError where the service could not be asked: nothing of what is left is lost, the next look shows
        it. InputError where the state file is another account's.
        """
        self._claim()
        now = self._clock()
        whole = not self.cursor.caught_up
        quiet = whole and not self._settings.beginning
        wanted = self._survey(now, whole)
        for start in range(0, max(1, len(wanted)), _CHUNK):
            part = wanted[start : start + _CHUNK]
            yield self._batch(part, now, quiet, start + _CHUNK >= len(wanted))

    def _claim(self) -> None:
        """Makes sure that the state file is this account's: the login tells which one that is."""
        if self._claimed:
            return
        options = self._settings.connection
        # With a token, a login is for the day when that expires.
        corp_id = options.corp_id if options.api_token else self._session.corp_id()
        self.cursor.claim(options.api_username, corp_id)
        self._claimed = True

    def keep(self, batch: Batch) -> None:
        """Remembers a batch whose events, where there are any, have been taken."""
        now = self._clock()
        with self.cursor.writing():
            for change in batch.changes:
                if change.event is None:
                    self.cursor.remember(change)
            for looked in batch.looked:
                self.cursor.look(looked, now)
            if batch.last:
                self.cursor.catch_up(now)
                self.cursor.forget(now - _FORGET_AFTER)

    def took(self, change: Change) -> None:
        """Remembers a change whose event has been taken."""
        with self.cursor.writing():
            self.cursor.remember(change)

    def _survey(self, now: float, whole: bool) -> list[Transaction]:
        """The transactions that have to be looked at, the oldest first: new ones, changed ones, and what still runs."""
        stuck_after = self._settings.stuck_after
        overdue = self.cursor.overdue(now - stuck_after) if stuck_after else set()
        running = self.cursor.running()
        wanted = []
        resting: set[str] = set()
        odd: dict[str, Transaction] = {}
        first: datetime | None = None
        familiar = 0
        for row in self._newest():
            name = row.transaction_id or ""
            looked = self.cursor.looked(name)
            changed = looked is None or _counts(looked.transaction) != _counts(row)
            unsettled = looked is None or not looked.settled or name in overdue
            if changed or (unsettled and not self._unread.rests(name, now)):
                wanted.append(row)
                running.pop(name, None)
            elif unsettled:
                resting.add(name)
                running.pop(name, None)
            elif name in running and self._settings.words.ended(row):
                # The list says that it has ended, and its lines have not said so yet.
                odd[name] = row
            else:
                running.pop(name, None)
            started = _moment(row.started)
            first = first or started
            familiar = familiar + 1 if looked is not None else 0
            # New transactions come first, and those that show up late not far behind.
            late = first is not None and started is not None and first - started < _LATE
            if familiar >= PAGE_SIZE and not late and not whole:
                break
        self._unread.keep({*running, *resting, *(row.transaction_id or "" for row in wanted)})
        return [*self._due(running, odd, overdue, now), *reversed(wanted)]

    def _newest(self) -> Iterator[Transaction]:
        def page(offset: int, limit: int) -> tuple[list[Transaction], int | None]:
            self._go_on()
            return self._api.transactions_page(2, "DESC", offset, limit)

        return read_all(page, lambda row: row.transaction_id, PAGE_SIZE, f"GET {HISTORY}")

    def _go_on(self) -> None:
        """Raises where the source is to end, which a look of many requests must not hold up."""
        self._sleep(0)

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
                looked = self.cursor.looked(name)
                row = looked.transaction if looked else Transaction(transaction_id=name)
                if not self._settings.words.ended(row):
                    # What was counted when it was listed says nothing of today.
                    row = row._replace(status=None, success=None, failed=None, pending=None)
                yield odd.get(name, row)

    def _batch(self, rows: Sequence[Transaction], now: float, quiet: bool, last: bool) -> Batch:
        changes: list[Change] = []
        listed: list[Looked] = []
        # Lines of what ended before anybody listened are no news.
        read = [row for row in rows if not (quiet and self._settings.words.ended(row))]
        lines, errors, given_up = read_lines(self._api, read, self._comparison.fits, self._unread, self._go_on)
        if quiet and given_up is not None:
            # What there is must be known, to tell from then on what is new.
            raise given_up
        names = {row.transaction_id or "" for row in read}
        wanting = {
            name: errors.get(name)
            for name, row in ((row.transaction_id or "", row) for row in read)
            if self._comparison.state_of(Seen(row, lines.get(name))) is None
        }
        self._unread.note(names, wanting, now)
        for row in rows:
            name = row.transaction_id or ""
            looked, error = self.cursor.looked(name), errors.get(name)
            answered = error is None or isinstance(error, RefusedError)
            tries = 0
            # Counts that are wrong, and lines that the service refuses, must not be waited for in every look for ever.
            if looked and _counts(looked.transaction) == _counts(row) and self._comparison.changes_show(row):
                tries = looked.tries + answered
            seen = Seen(row, lines.get(name), answered and tries >= _TRIES)
            found = self._comparison.changes(seen, self.cursor.known(name), now, quiet)
            changes += found
            if name in wanting and any(change.key == WHOLE and change.known.state != PENDING for change in found):
                reason = error or f"{len(seen.lines or ())} of {row.total} show"
                told = printable(f"{name} ended is told without all its lines: {reason}")
                _LOG.warning("How transaction %s", told)
            tries = 0 if found and not seen.final else tries
            settled = name not in names or self._comparison.settled(seen) or tries >= _TRIES
            listed.append(Looked(row, settled and name not in wanting, tries))
        return Batch(changes, listed, last)


def _counts(row: Transaction) -> tuple[Any, ...]:
    """What changes in the list when something happens in a transaction."""
    return (row.status, row.total, row.success, row.failed, row.pending)


def _moment(told: str | None) -> datetime | None:
    """A start as a time in the service's zone; None where it cannot be read."""
    numbers = start_of(told)
    try:
        return datetime(*numbers) if numbers else None  # type: ignore[arg-type]  # noqa: DTZ001  only compared
    except ValueError:
        return None
