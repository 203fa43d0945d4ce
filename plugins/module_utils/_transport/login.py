# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token of a session: given, or from a login that runs once per expiry for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import RefusedError, UnexpectedAnswerError
from .._options import ConnectionOptions, is_header_safe
from .._options.urls import wrong_url_cure
from .._wire import Reader, client_login_body
from .answers import Answer, Call, unexpected_content_error
from .attempts import Caller, Task
from .redact import Redactor

TOKEN_PATH = "/v1.0/auth/token"  # [P]
#: Login requests, tried in order after a 404 or 405: [P] with a body of [C], [P2], [C].
LOGIN_WAYS = (("POST", TOKEN_PATH), ("POST", "/v1.0/auth/login"), ("GET", TOKEN_PATH))
CLIENT_TOKEN_PATH = "/v1.0/auth/clientToken"  # [P]


class Login:
    """Provides the token of a session.

    Args:
        options: the connection options.
        client: id and secret of a trusted client that logs in for api_username, instead of api_password.
        caller: makes the calls.
        reader: finds the token in a reply.
        redactor: masks each token.
        on_secret: called with each new token.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        client: tuple[str, str] | None,
        caller: Caller,
        reader: Reader,
        redactor: Redactor,
        on_secret: Callable[[str], Any],
    ) -> None:
        self._options = options
        self._client = client
        self._caller = caller
        self._reader = reader
        self._redactor = redactor
        self._on_secret = on_secret
        self._lock = threading.Lock()
        self._token = options.api_token
        self._way: tuple[str, str] | None = None
        #: The corp id in the last login reply [C].
        self.corp_id: str | None = None

    def can_renew(self) -> bool:
        """Whether a login for another token is set."""
        return bool(self._client or (self._options.api_username and self._options.api_password))

    def bearer(self) -> str:
        """Return the token. Log in if there is none."""
        if self._token is None:
            self.renew(None)
        return self._token or ""

    def again(self) -> str:
        """Log in and return the new token."""
        self.renew(self._token)
        return self.bearer()

    def renew(self, used: str | None) -> None:
        """Log in, unless another thread has already replaced the token `used`."""
        with self._lock:
            if self._token != used:
                return
            token, self.corp_id = self._log_in()
            if not is_header_safe(token):
                raise UnexpectedAnswerError(
                    "the token in the login reply cannot be sent in a header", None, "POST", TOKEN_PATH
                )
            self._redactor.add(token)
            self._on_secret(token)
            self._token = token

    def _log_in(self) -> tuple[str, str | None]:
        """Return a token and the corp id. Tries the next login request if the service does not know one."""
        if self._client:
            body = client_login_body(*self._client, self._options.api_username)
            return self._ask("POST", CLIENT_TOKEN_PATH, body)
        body = {"username": self._options.api_username, "password": self._options.api_password}  # [C]
        first: RefusedError | None = None
        for way in [self._way] if self._way else LOGIN_WAYS:
            try:
                reply = self._ask(*way, body)
            except RefusedError as error:
                if error.status not in (404, 405):
                    raise
                first = first or error
            else:
                self._way = way
                return reply
        if first is None:
            raise AssertionError("LOGIN_WAYS is not empty")
        first.cure = wrong_url_cure(self._options.api_url)
        raise first

    def _ask(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[str, str | None]:
        call = Call(method, path, login=True)

        def receive(answer: Answer) -> tuple[str, str | None]:
            try:
                return self._reader.token_of(answer.json())
            except ValueError:
                # An incomplete reply may contain the token, which is not masked yet.
                text = answer.text if answer.text.lstrip().startswith("<") else "(not shown because of secrets)"
                raise unexpected_content_error(call, answer.status, text, self._redactor) from None

        task = Task(call, self._options.api_url + path, receive, tokens=None, content={"json": body})
        return self._caller.make(task)
