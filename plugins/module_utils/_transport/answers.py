# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer means: which error it is, in whose words, with every secret removed. Knows no HTTP library."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import (
    AmbiguousError,
    AuthenticationError,
    RefusedError,
    ScopeError,
    SentinelError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from .._wire import message_of
from .body import charset_of
from .redact import Redactor

#: Bytes of an answer that are read for a message.
_MAX_EXCERPT = 1 << 16
#: Maximum number of levels of lists and objects in an answer: deeper ones overflow the stack of whoever reads them.
_MAX_DEPTH = 100
_REACH_CURE = "Check api_url, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
_URL_CURE = (
    "Check that api_url is the base of the Sentinel API, and whether a proxy or a login page answers in its place."
)
_PACE_CURE = "Lower requests_per_minute or concurrency, or run again later: what was submitted is not submitted again."


@dataclass(frozen=True)
class Call:
    """A request as far as its failure is concerned.

    Args:
        method, path: the HTTP method and the path below the base URL.
        scope: what a 403 means is missing, or None where nothing is published.
        repeatable: whether sending it twice does no harm.
        login: whether it asks for a token.
    """

    method: str
    path: str
    scope: str | None = None
    repeatable: bool = True
    login: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes something. An upload that is only read may be repeated, and does not."""
        return self.method == "PUT" or not self.repeatable

    def where(self, status: int | None = None) -> Any:
        """The arguments of an error that say which call it was."""
        return {"method": self.method, "path": self.path, "status": status}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `body`: all of it, or nothing where it is to be read from `stream`, a binary file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    stream: Any = None

    @property
    def kind(self) -> str:
        """Its content type, in lower case."""
        return (self.headers.get("Content-Type") or "").lower()

    @property
    def text(self) -> str:
        """Its beginning, as text: enough for a message."""
        body = self.body[:_MAX_EXCERPT] or (self.stream.read(_MAX_EXCERPT) if self.stream is not None else b"")
        return body.decode(charset_of(body[:4], self.kind), "replace")

    def json(self) -> Any:
        """Return the body as JSON, in the charset of its byte order mark or of the content type.

        Raises ValueError where it is none, or nested too deep.
        """
        charset = charset_of(self.body[:4], self.kind)
        try:
            data = json.loads(self.body if charset == "utf-8" else self.body.decode(charset))
        except RecursionError:
            raise ValueError("nested too deep") from None
        if _is_deeper_than(data, _MAX_DEPTH):
            raise ValueError("nested too deep")
        return data


def _is_deeper_than(data: Any, limit: int) -> bool:
    """Whether JSON data has more levels of lists and objects than `limit`."""
    level = [data] if isinstance(data, (dict, list)) else []
    for _level in range(limit):
        if not level:
            return False
        items = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [item for inner in items for item in inner if isinstance(item, (dict, list))]
    return bool(level)


def error_text(answer: Answer, redactor: Redactor) -> str:
    """Return what an error answer says: its message where it is JSON with one, otherwise its first words."""
    try:
        text = message_of(answer.json())
    except ValueError:
        text = None
    return redactor.excerpt(text or answer.text)


def refusal_error(call: Call, status: int, words: str, may_login: bool) -> SentinelError:
    """The error for an answer that is not 2xx.

    Args:
        status: the HTTP status.
        words: the service's words, without secrets.
        may_login: whether a user name and a password are there to get a token with.
    """
    said = f" The service says: {words}" if words else ""
    where = call.where(status)
    if status == 401:
        return _authentication_error(call, said, may_login)
    if status == 403:
        need = f"the scope {call.scope}" if call.scope else "a scope"
        cure = f"Have {need} granted to this user or token, or use one that has it."
        return ScopeError(f"the credentials lack {need} (HTTP 403).{said}", cure, **where)
    if status == 429:
        return ThrottledError(f"the service went on limiting the rate (HTTP 429).{said}", _PACE_CURE, **where)
    if 400 <= status < 500 and status != 408:
        return RefusedError(f"the service refuses the call (HTTP {status}).{said}", None, **where)
    if not call.repeatable:
        return AmbiguousError(f"the service answered HTTP {status}.{said}", None, **where)
    if status >= 500 or status == 408:
        return ServiceError(f"the service is out of order (HTTP {status}).{said}", "Try again later.", **where)
    return UnexpectedAnswerError(f"the service answered HTTP {status}.{said}", _URL_CURE, **where)


def _authentication_error(call: Call, said: str, may_login: bool) -> AuthenticationError:
    where = call.where(401)
    if call.login:
        text = f"api_username and api_password are not accepted (HTTP 401).{said}"
        return AuthenticationError(text, "Check both; they may have been changed or locked.", **where)
    if may_login:
        text = f"the service does not accept the token that it gave for api_username (HTTP 401).{said}"
        return AuthenticationError(text, "Check that api_url belongs to the account.", **where)
    text = f"api_token is not accepted (HTTP 401): it is wrong, or it has expired.{said}"
    cure = "Get a new token, or give api_username and api_password: then an expired token is renewed by itself."
    return AuthenticationError(text, cure, **where)


def lost_answer_error(call: Call, base: str, problem: str) -> SentinelError:
    """The error for an answer that did not come, or did not come whole, from the service at `base`."""
    if call.repeatable:
        return UnreachableError(f"no whole answer from {base}: {problem}", _REACH_CURE, **call.where())
    return AmbiguousError(f"the answer to the request was lost: {problem}", None, **call.where())


def unreachable_error(call: Call, base: str, problem: str) -> SentinelError:
    """The error where no connection to `base` came about."""
    return UnreachableError(f"{base} cannot be reached: {problem}", _REACH_CURE, **call.where())


def proxy_url_error() -> SentinelError:
    """The error where the proxy's URL cannot be read: not even a part of it is shown, as one may be of its password."""
    cure = (
        "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY. In a user name or a password there, write # as %23, / as %2F, "
        "? as %3F, @ as %40."
    )
    return UnreachableError("The proxy's URL cannot be read.", cure)


def tls_error(call: Call, base: str, problem: str) -> SentinelError:
    """The error where the TLS handshake with `base` failed: nothing was sent, and another try would not help."""
    folded = problem.lower()
    if "wrong version number" in folded or "record layer" in folded:
        cure = "The server does not speak TLS at this address: check the port, or use http:// where that is meant."
    else:
        cure = "Set ca_path to the PEM file of the authority that signed it; validate_certs=false is for tests only."
    return UnreachableError(f"{base}: TLS failed: {problem}", cure, **call.where())


def unexpected_content_error(call: Call, status: int, text: str, redactor: Redactor) -> SentinelError:
    """The error for a 2xx answer that is not the data it should be: ambiguous where something was submitted."""
    kind = "HTML" if re.match(r"\s*<(?:!doctype|html|head|body)", text, re.IGNORECASE) else "no JSON"
    problem = f"the answer is {kind}, where data was expected: {redactor.excerpt(text) or '(empty)'}"
    if call.repeatable:
        return UnexpectedAnswerError(problem, _URL_CURE, **call.where(status))
    return AmbiguousError(problem, None, **call.where(status))


def unreadable_answer_error(call: Call, problem: str) -> SentinelError:
    """The error for an answer that cannot be read, and would not be at another try."""
    if call.repeatable:
        return UnexpectedAnswerError(f"the answer cannot be read: {problem}", None, **call.where())
    return AmbiguousError(f"the answer to the request cannot be read: {problem}", None, **call.where())


def not_sent_error(call: Call, problem: str) -> SentinelError:
    """The error for a request that could not be made: nothing was sent, and another try would not help."""
    return UnreachableError(f"nothing was sent: {problem}", "Check api_url and ca_path.", **call.where())
