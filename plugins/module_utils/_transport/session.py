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


#: Called before each time that a request is sent.
Hook = Callable[[], None]


#: Query parameters.
_Query = Optional[Mapping[str, Any]]
#: Returns the result for JSON data.
_Read = Callable[[Any], Any]


def _nothing() -> None:
    pass


def _same(data: Any) -> Any:
    return data


class Session:
    """A connection to the service.

    Args:
        options: the connection options.
        on_secret: called with each new token, so that the caller can mask it in results.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds. None: wait until `stop` at most.
        client: id and secret of a trusted client that logs in for api_username, instead of api_password.

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
        #: Maximum number of concurrent requests.
        self.concurrency = options.concurrency
        self._sender = Sender(options)
        self._redactor = Redactor(options.api_token, client[1] if client else None)
        self._redactor.add_login(options.api_username, options.api_password)
        self._redactor.add_login(*self._sender.proxy_login)
        self._pace = Pace(options.requests_per_minute, clock, sleep)
        #: Reads the answers, with the names and words that the user adds.
        self.reader = _reader(options, self._redactor)
        #: Masks all secrets in JSON data, for messages.
        self.redacted: Callable[[Any], Any] = self.reader.redact
        self._reading = threading.Lock()
        self._caller = Caller(options, self._sender, self._redactor, self._pace, clock)
        self._login = Login(options, client, self._caller, self.reader, self._redactor, on_secret)

    def close(self) -> None:
        """Close the pool's connections."""
        self._sender.close()

    def stop(self) -> None:
        """Send no more requests and end all waits, from another thread. Calls then raise StoppedError."""
        self._pace.stop()

    @property
    def on_answer(self) -> Callable[[Call, Answer], None] | None:
        """The function that receives each answer before it is read, for the account check."""
        return self._caller.on_answer

    @on_answer.setter
    def on_answer(self, receive: Callable[[Call, Answer], None] | None) -> None:
        self._caller.on_answer = receive

    def bounded(self, deadline: float | None) -> AbstractContextManager[None]:
        """Limit how long reading calls wait because of 429s; see `Pace.bounded`."""
        return self._pace.bounded(deadline)

    def statistics(self) -> dict[str, Any]:
        """Return `reads`, `writes`, `retried` (number of retries) and `throttled_seconds`, without logins."""
        return {**self._caller.counts(), "throttled_seconds": round(self._pace.held_seconds, 3)}

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator of this collection answered."""
        return self._caller.is_simulated

    def corp_id(self) -> str | None:
        """Return the option `corp_id`, otherwise the one in the login reply [C]. May log in."""
        if not self._options.corp_id and self._login.can_renew() and self._login.corp_id is None:
            self._login.again()
        return self._options.corp_id or self._login.corp_id

    def login(self) -> tuple[str, str | None]:
        """Log in. Return the new token, and the corp id if the reply has it [C]."""
        return self._login.again(), self._login.corp_id

    def get(self, path: str, query: _Query = None, scope: str | None = None, read: _Read = _same) -> Any:
        """GET JSON and return the result of `read`.

        Args:
            path: the path below the base URL.
            query: query parameters. None values are left out.
            scope: the scope that is missing after a 403, if published.
            read: returns the result for the JSON data.
        """

        def receive(answer: Answer) -> Any:
            with self._reading:  # reading takes much more memory than the text
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
        """POST JSON that changes data, and return the result of `read`.

        The request is repeated only if the service provably did not accept it. `about_to_send` is called before each
        time that it is sent, which may be long after this call because of the pace, a 429 or a login.

        Raises AmbiguousError for every error after the request was sent, including errors in `read`.
        """
        call = Call("POST", path, scope, repeatable=False)
        return self._make(
            call, lambda answer: read(self._json(answer)), about_to_send=about_to_send, content={"json": body}
        )

    def put(self, path: str, body: Mapping[str, Any], scope: str | None = None, about_to_send: Hook = _nothing) -> None:
        """PUT JSON like `submit`. It is repeated like a GET, and the reply is not read."""
        self._make(Call("PUT", path, scope), reject_html, about_to_send=about_to_send, content={"json": body})

    def upload(self, path: str, filename: str, content: bytes, scope: str | None = None) -> Any:
        """POST a file as the form field `file` to an endpoint that only reads it. It may be repeated."""
        file = (filename, content, "text/csv")
        return self._make(Call("POST", path, scope), self._json, content={"files": {"file": file}})

    def stream(self, path: str, query: _Query, read: Callable[[Iterator[str]], T], scope: str | None = None) -> T:
        """GET text line by line. `read` receives the lines with their line ends and returns the result.

        If the download breaks off, `read` is called again with the lines of a new one.
        """

        def receive(answer: Answer) -> T:
            reject_html(answer)
            return read(text_lines(answer.stream, answer.kind))

        return self._make(Call("GET", path, scope), receive, query, stream=True)

    def _make(self, call: Call, receive: Callable[[Answer], T], query: _Query = None, **options: Any) -> T:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        search = "?" + urlencode(given, quote_via=quote) if given else ""  # quote: not every server reads + as a blank
        url = self._options.api_url + call.path + search
        return self._caller.make(Task(call, url, receive, self._login, **options))

    def _json(self, answer: Answer) -> Any:
        return json_of(answer, self._redactor)


def _reader(options: ConnectionOptions, redactor: Redactor) -> Reader:
    words = options.status_words
    reader = Reader(options.field_names, StatusWords(words), DeviceStatuses(words))
    reader.redact = redactor.redact_all
    reader.mask = redactor.mask
    return reader
