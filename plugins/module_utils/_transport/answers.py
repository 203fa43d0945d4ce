# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of the service, and the errors for failed calls, without secrets. Independent of the HTTP library."""

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

#: Maximum number of bytes of an answer that are read for a message.
_MAX_EXCERPT = 1 << 16
#: Maximum depth of lists and objects in an answer. Deeper ones would overflow the stack of later code.
_MAX_DEPTH = 100
_REACH_CURE = "Check api_url, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
_URL_CURE = "Check that api_url is the base URL of the Sentinel API, and that no proxy or login page answers instead."
_PACE_CURE = "Lower requests_per_minute or concurrency, or run again later. Submitted devices are not submitted again."


@dataclass(frozen=True)
class Call:
    """The properties of a request that matter for its errors.

    Args:
        method, path: the HTTP method and the path below the base URL.
        scope: the scope that is missing after a 403, or None if it is not published.
        repeatable: whether it may be sent twice without harm.
        login: whether it requests a token.
    """

    method: str
    path: str
    scope: str | None = None
    repeatable: bool = True
    login: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes data. A repeatable POST, such as an upload that is only read, does not."""
        return self.method == "PUT" or not self.repeatable

    def where(self, status: int | None = None) -> Any:
        """Return the arguments of an error that identify the call."""
        return {"method": self.method, "path": self.path, "status": status}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `body`: the whole body, or empty if it is read from `stream`, a binary file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    stream: Any = None

    @property
    def kind(self) -> str:
        """The content type, in lower case."""
        return (self.headers.get("Content-Type") or "").lower()

    @property
    def text(self) -> str:
        """The start of the body as text, for a message."""
        body = self.body[:_MAX_EXCERPT] or (self.stream.read(_MAX_EXCERPT) if self.stream is not None else b"")
        return body.decode(charset_of(body[:4], self.kind), "replace")

    def json(self) -> Any:
        """Return the body as JSON, decoded by its byte order mark or its content type.

        Raises ValueError if it is not JSON or nested too deep.
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
    """Whether JSON data has more than `limit` levels of lists and objects."""
    level = [data] if isinstance(data, (dict, list)) else []
    for _level in range(limit):
        if not level:
            return False
        items = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [item for inner in items for item in inner if isinstance(item, (dict, list))]
    return bool(level)


def error_text(answer: Answer, redactor: Redactor) -> str:
    """Return the text of an error answer: its message if it is JSON with a message, otherwise an excerpt."""
    try:
        text = message_of(answer.json())
    except ValueError:
        text = None
    return redactor.excerpt(text or answer.text)


def refusal_error(call: Call, status: int, text: str, can_login: bool) -> SentinelError:
    """Return the error for an answer with another status than 2xx.

    Args:
        call: the call.
        status: the HTTP status.
        text: the message of the service, without secrets.
        can_login: whether a user name and a password for a token are set.
    """
    said = f" The service says: {text}" if text else ""
    where = call.where(status)
    if status == 401:
        return _authentication_error(call, said, can_login)
    if status == 403:
        lacking, needed = (f"the scope {call.scope}",) * 2 if call.scope else ("a scope", "the missing scope")
        cure = f"Grant {needed} to this user or token, or use one that has it."
        return ScopeError(f"the credentials lack {lacking} (HTTP 403).{said}", cure, **where)
    if status == 429:
        return ThrottledError(f"the service kept rate-limiting this request (HTTP 429).{said}", _PACE_CURE, **where)
    if 400 <= status < 500 and status != 408:
        return RefusedError(f"the service refused the request (HTTP {status}).{said}", None, **where)
    if not call.repeatable:
        return AmbiguousError(f"the service answered HTTP {status}.{said}", None, **where)
    if status >= 500 or status == 408:
        return ServiceError(f"the service failed (HTTP {status}).{said}", "Try again later.", **where)
    return UnexpectedAnswerError(f"the service answered HTTP {status}.{said}", _URL_CURE, **where)


def _authentication_error(call: Call, said: str, can_login: bool) -> AuthenticationError:
    where = call.where(401)
    if call.login:
        text = f"api_username and api_password are not accepted (HTTP 401).{said}"
        return AuthenticationError(text, "Check both; they may have been changed or locked.", **where)
    if can_login:
        text = f"the service does not accept the token that it issued for api_username (HTTP 401).{said}"
        return AuthenticationError(text, "Check that api_url belongs to the account.", **where)
    text = f"api_token is not accepted (HTTP 401): it is wrong or has expired.{said}"
    cure = "Get a new token, or set api_username and api_password: an expired token is then renewed automatically."
    return AuthenticationError(text, cure, **where)


def lost_answer_error(call: Call, base: str, problem: str) -> SentinelError:
    """Return the error for a missing or incomplete answer from the service at `base`."""
    if call.repeatable:
        return UnreachableError(f"no complete answer from {base}: {problem}", _REACH_CURE, **call.where())
    return AmbiguousError(f"the answer to the request was lost: {problem}", None, **call.where())


def unreachable_error(call: Call, base: str, problem: str) -> SentinelError:
    """Return the error for a failed connection to `base`."""
    return UnreachableError(f"{base} cannot be reached: {problem}", _REACH_CURE, **call.where())


def proxy_url_error() -> SentinelError:
    """Return the error for an invalid proxy URL. It never shows a part of the URL, which may be part of a password."""
    cure = (
        "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY. In their user name and password, write # as %23, / as %2F, "
        "? as %3F, @ as %40."
    )
    return UnreachableError("The proxy URL is not valid.", cure)


def tls_error(call: Call, base: str, problem: str) -> SentinelError:
    """Return the error for a failed TLS handshake with `base`. Nothing was sent, and a retry would not help."""
    folded = problem.lower()
    if "wrong version number" in folded or "record layer" in folded:
        cure = "The server does not use TLS at this address: check the port, or use http:// if that is intended."
    else:
        cure = "Set ca_path to the PEM file of the CA that signed it; validate_certs=false is for tests only."
    return UnreachableError(f"{base}: TLS failed: {problem}", cure, **call.where())


def unexpected_content_error(call: Call, status: int, text: str, redactor: Redactor) -> SentinelError:
    """Return the error for a 2xx answer without the expected data: ambiguous for a submission."""
    is_html = re.match(r"\s*<(?:!doctype|html|head|body)", text, re.IGNORECASE)
    kind = "HTML instead of data" if is_html else "not JSON"
    problem = f"the answer is {kind}: {redactor.excerpt(text) or '(empty)'}"
    if call.repeatable:
        return UnexpectedAnswerError(problem, _URL_CURE, **call.where(status))
    return AmbiguousError(problem, None, **call.where(status))


def unreadable_answer_error(call: Call, problem: str) -> SentinelError:
    """Return the error for an answer that cannot be read, for which a retry would not help."""
    if call.repeatable:
        return UnexpectedAnswerError(f"the answer cannot be read: {problem}", None, **call.where())
    return AmbiguousError(f"the answer to the request cannot be read: {problem}", None, **call.where())


def not_sent_error(call: Call, problem: str) -> SentinelError:
    """Return the error for a request that could not be made. Nothing was sent, and a retry would not help."""
    return UnreachableError(f"nothing was sent: {problem}", "Check api_url and ca_path.", **call.where())
