# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records the calls of the account check. A failed call does not end the check."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .._errors import AuthenticationError, SentinelError, StoppedError, UnexpectedAnswerError, UnreachableError
from .._service.api import SentinelAPI
from .._text import fold
from .._transport.answers import Answer, Call
from .._transport.body import charset_of
from .._wire.devices import best_list
from .._wire.envelopes import flat
from .._wire.names import Path
from .._wire.rules import CORP_RULES, TOKEN_RULES
from .._wire.table import Recognition
from .seen import Seen

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class Account:
    """The recorded calls of an account.

    Args:
        seen: the calls in order.
        corp_id: the account of the calls.
        login_corp_id: the account that the login reported.
        login: field → path of the token and the corp id in the login reply.
        clock_difference: seconds that the clock of the service is ahead of ours, or None.
        rate_limit: headers of an answer about the rate limit.
    """

    seen: list[Seen] = field(default_factory=list)
    corp_id: str | None = None
    login_corp_id: str | None = None
    login: dict[str, Path] = field(default_factory=dict)
    clock_difference: float | None = None
    rate_limit: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Seen:
        return next(seen for seen in self.seen if seen.name == name)


class Recorder:
    """Makes calls one at a time and records them.

    Args:
        api: the service.
        clock: seconds that never go backwards. now: seconds since the epoch.
    """

    def __init__(self, api: SentinelAPI, clock: Callable[[], float], now: Callable[[], float]) -> None:
        self._session = api.session
        self._reader = api.reader
        self._clock = clock
        self._now = now
        self._current: Seen | None = None
        self.account = Account()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Record all answers and readings while the block runs."""
        self._session.on_answer = self._on_answer
        self._reader.observer = self._observe
        try:
            yield
        finally:
            self._session.on_answer = None
            self._reader.observer = None

    def pause(self) -> None:
        """Stop recording the current call, because further requests only check its paging."""
        self._current = None

    def ask(self, seen: Seen, read: Callable[[Seen], None]) -> Seen:
        """Make a call and record it.

        Args:
            seen: the call. It is not made if `skipped` is set.
            read: makes the call.

        Raises SentinelError without credentials or a connection.
        """
        self.account.seen.append(seen)
        if seen.skipped:
            return seen
        self._current = seen
        started = self._clock()
        try:
            read(seen)
        except (AuthenticationError, UnreachableError, StoppedError) as error:
            # If other calls were answered, only this call failed.
            if isinstance(error, StoppedError) or not any(other.status for other in self.account.seen[:-1]):
                raise
            seen.error = self._redacted(error)
        except SentinelError as error:
            seen.error = self._redacted(error)
            if isinstance(error, UnexpectedAnswerError) and seen.answer is not None and not seen.names:
                self._explain(seen)
        finally:
            seen.seconds = self._clock() - started
            self._current = None
        if seen.is_understood and seen.answer is not None:
            seen.locate(seen.answer)
        return seen

    def _on_answer(self, call: Call, answer: Answer) -> None:
        account = self.account
        if account.clock_difference is None:
            account.clock_difference = _ahead(answer.headers.get("Date"), self._now())
        if not account.rate_limit:
            named = {name: str(value) for name, value in answer.headers.items() if "ratelimit" in fold(name)}
            account.rate_limit = self._session.redacted(named)
        if call.login:
            self._note_login(answer)
        elif self._current is not None:
            self._current.status = answer.status
            if answer.stream is not None and "json" not in answer.kind and self._current.csv is not None:
                first = answer.stream.peek(4)
                charset = charset_of(first, answer.kind)
                self._current.csv.charset = "utf-8" if charset == "utf-8-sig" else charset
                self._current.csv.bom = first.startswith(_MARKS)

    def _note_login(self, answer: Answer) -> None:
        """Record the names of the token and the corp id in the login reply, not the values."""
        try:
            scalars = dict(flat(answer.json()))
        except ValueError:
            return
        for table in (TOKEN_RULES, CORP_RULES):
            for name, place in self._reader.names.find(list(scalars), table).items():
                self.account.login[name] = list(scalars)[place.place]

    def _observe(self, _what: str, recognition: Recognition, items: Sequence[Any]) -> None:
        # Of several lists in an answer, the one with most fields was read.
        seen = self._current
        if seen is None or (seen.recognition and len(seen.recognition.fields) >= len(recognition.fields)):
            return
        if recognition.names:
            seen.take(recognition, items)

    def _redacted(self, error: SentinelError) -> SentinelError:
        error.message = self._session.redacted(error.message)
        return error

    def _explain(self, seen: Seen) -> None:
        """Record the names of an answer without needed fields."""
        found = best_list(self._reader.names, seen.answer, seen.table)
        items = found[1] if found else [seen.answer] if isinstance(seen.answer, Mapping) else []
        try:
            self._reader.recognise(items, seen.table, seen.name)
        except UnexpectedAnswerError as error:
            seen.error = self._redacted(error)


def _ahead(date: str | None, now: float) -> float | None:
    """Return the seconds that a Date header is ahead of `now`, or None if it is not a date."""
    try:
        moment = parsedate_to_datetime(date or "")
    except (TypeError, ValueError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return float(round(aware.timestamp() - now))
