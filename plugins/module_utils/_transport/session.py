# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session with the service: one token, one pool of connections, one pace, shared by threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Callable, Optional, TypeVar
from urllib.parse import quote, urlencode

from .._errors import MissingLibraryError
from .._options import ConnectionOptions
from .._wire import DeviceStatuses, Reader, StatusWords
from .answers import Answer, Call
from .attempts import Caller, Task
from .body import text_lines
from .failures import json_of, reject_html
from .login import Login
from .pace import Pace
from .redact import Redactor
from .sender import REQUESTS_IMPORT_ERROR, Sender

__all__ = ["REQUESTS_IMPORT_ERROR", "Session"]

T = TypeVar("T")


#: Is called before each time that a request leaves.
Hook = Callable[[], None]


#: What is asked for, by its names.
_Query = Optional[Mapping[str, Any]]
#: Makes the result of JSON data.
_Read = Callable[[Any], Any]


def _nothing() -> None:
    pass


def _same(data: Any) -> Any:
    return data


class Session:
    """A connection to the service.

    Args:
        options: the connection options.
        on_secret: is given each token obtained, so that the caller can keep it out of results.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds; None: or until `stop`.
        client: id and secret of a trusted client, which then logs in for api_username instead of api_password.

    Raises MissingLibraryError without requests, AuthenticationError without credentials.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        on_secret: Callable[[str], Any] = lambda secret: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        client: tuple[str, str] | None = None,
    ) -> None:
        if REQUESTS_IMPORT_ERROR:
            raise MissingLibraryError("requests", REQUESTS_IMPORT_ERROR)
        if client is None:
            options.require_credentials()
        self._options = options
        #: How many requests may be under way at once.
        self.concurrency = options.concurrency
        self._sender = Sender(options)
        self._redactor = Redactor(options.api_token, client[1] if client else None)
        self._redactor.add_login(options.api_username, options.api_password)
        self._redactor.add_login(*self._sender.proxy_login)
        self._pace = Pace(options.requests_per_minute, clock, sleep)
        #: Reads the answers, with the names and words that the user adds.
        self.reader = _reader(options, self._redactor)
        #: Masks every secret in JSON data, for messages.
        self.redacted: Callable[[Any], Any] = self.reader.redact
        self._reading = threading.Lock()
        self._caller = Caller(options, self._sender, self._redactor, self._pace, clock)
        self._login = Login(options, client, self._caller, self.reader, self._redactor, on_secret)

    def close(self) -> None:
        """Close the pool's connections."""
        self._sender.close()

    def stop(self) -> None:
        """Let nothing leave any more, and end all waiting: each call raises StoppedError. For other threads."""
        self._pace.stop()

    @property
    def on_answer(self) -> Callable[[Call, Answer], None] | None:
        """What receives each answer before it is read, for the account check."""
        return self._caller.on_answer

    @on_answer.setter
    def on_answer(self, receive: Callable[[Call, Answer], None] | None) -> None:
        self._caller.on_answer = receive

    def bounded(self, deadline: float | None) -> AbstractContextManager[None]:
        """Bound how long calls that only read wait out 429s; see `Pace.bounded`."""
        return self._pace.bounded(deadline)

    def statistics(self) -> dict[str, Any]:
        """Return `reads`, `writes`, `retried` (how many of these were repeats), `throttled_seconds`; without logins."""
        return {**self._caller.counts(), "throttled_seconds": round(self._pace.held_seconds, 3)}

    @property
    def is_simulated(self) -> bool:
        """Whether it was a simulator that answered."""
        return self._caller.is_simulated

    def corp_id(self) -> str | None:
        """Return the option `corp_id`, otherwise the one of the login's reply [C]. May log in."""
        if not self._options.corp_id and self._login.can_renew() and self._login.corp_id is None:
            self._login.again()
        return self._options.corp_id or self._login.corp_id

    def login(self) -> tuple[str, str | None]:
        """Log in; return the new token, and the corp id where the reply has it [C]."""
        return self._login.again(), self._login.corp_id

    def get(self, path: str, query: _Query = None, scope: str | None = None, read: _Read = _same) -> Any:
        """GET JSON; return what `read` makes of it. `query` entries that are None are left out; `scope` is what a 403
        would mean is missing."""

        def receive(answer: Answer) -> Any:
            with self._reading:  # an answer takes many times the memory of its text while it is read
                return read(self._json(answer))

        return self._make(Call("GET", path, scope), receive, query)

    def submit(
        self,
        path: str,
        body: Mapping[str, Any],
        scope: str | None = None,
        about_to_send: Hook = _nothing,
        read: _Read = _same,
    ) -> Any:
        """POST JSON that changes something; return what `read` makes of the reply.

        Never repeated unless the service provably did not take it. `about_to_send` is called before each time that it
        leaves, which may be long after this call: where the pace, a 429 or a login hold it back.

        Raises AmbiguousError for whatever goes wrong once it has left, in `read` as well.
        """
        call = Call("POST", path, scope, repeatable=False)
        return self._make(
            call, lambda answer: read(self._json(answer)), about_to_send=about_to_send, content={"json": body}
        )

    def put(self, path: str, body: Mapping[str, Any], scope: str | None = None, about_to_send: Hook = _nothing) -> None:
        """PUT JSON, as `submit` sends it; but it is repeated like a GET, and the reply is not read."""
        self._make(Call("PUT", path, scope), reject_html, about_to_send=about_to_send, content={"json": body})

    def upload(self, path: str, filename: str, content: bytes, scope: str | None = None) -> Any:
        """POST a file as the form field `file`, to an endpoint that only reads it: may be repeated."""
        file = (filename, content, "text/csv")
        return self._make(Call("POST", path, scope), self._json, content={"files": {"file": file}})

    def stream(
        self,
        path: str,
        query: _Query,
        read: Callable[[Iterator[str]], T],
        scope: str | None = None,
    ) -> T:
        """GET text line by line without holding it: `read` takes the lines (with their ends) and returns the result.

        Where the download breaks off, `read` is called anew with the first line of a new one.
        """

        def receive(answer: Answer) -> T:
            reject_html(answer)
            return read(text_lines(answer.stream, answer.kind))

        return self._make(Call("GET", path, scope), receive, query, stream=True)

    def _make(self, call: Call, receive: Callable[[Answer], T], query: _Query = None, **how: Any) -> T:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        search = "?" + urlencode(given, quote_via=quote) if given else ""  # quote: not every server reads + as a blank
        return self._caller.make(Task(call, self._options.api_url + call.path + search, receive, self._login, **how))

    def _json(self, answer: Answer) -> Any:
        return json_of(answer, self._redactor)


def _reader(options: ConnectionOptions, redactor: Redactor) -> Reader:
    words = options.status_words
    reader = Reader(options.field_names, StatusWords(words), DeviceStatuses(words))
    reader.redact = redactor.redact_all
    reader.mask = redactor.mask
    return reader
