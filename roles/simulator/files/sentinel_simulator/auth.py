# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins, tokens and scopes."""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer

from . import fixtures
from .chances import between, chances
from .clock import Clock
from .faults import as_span
from .profiles import Settings

_BEARER = "A token of `POST /v1.0/auth/token`, or `simulator-token`."


@dataclass
class Session:
    """The token of a login: when it was last used, and when it expires even if it is used."""

    username: str
    scopes: frozenset[str]
    used: float
    ends: float


class Sessions:
    """The valid tokens."""

    def __init__(self, clock: Clock, settings: Callable[[], Settings], seed: Callable[[], int]) -> None:
        self._clock = clock
        self._settings = settings
        self._seed = seed
        self._sessions: dict[str, Session] = {}
        self._made = 0

    def clear(self) -> None:
        """Make every token of a login invalid."""
        self._sessions.clear()
        self._made = 0

    def log_in(self, username: str, password: str) -> Optional[str]:
        """Return a new token, or None if the user or the password is wrong."""
        if username not in fixtures.USERS or not _is_equal(password, fixtures.PASSWORD):
            return None
        return self._open(username)

    def log_in_client(self, client_id: str, client_secret: str, username: Optional[str]) -> Optional[str]:
        """Return a new token for an API user of a trusted client [A: the body of that call is not published]."""
        username = username or "fleet@northstar.example"
        is_client = client_id == fixtures.CLIENT_ID and _is_equal(client_secret, fixtures.CLIENT_SECRET)
        if not is_client or username not in fixtures.USERS:
            return None
        return self._open(username)

    def _open(self, username: str) -> str:
        now, max_age = self._clock.now(), self._settings().token_max_age
        self._sessions = {token: kept for token, kept in self._sessions.items() if self._is_valid(kept, now)}
        token = secrets.token_urlsafe(32)
        ends = math.inf
        if max_age is not None:
            ends = now + between(chances(self._seed(), "token", self._made)[0], as_span(max_age))
        self._made += 1
        self._sessions[token] = Session(username, fixtures.USERS[username], now, ends)
        return token

    def _is_valid(self, session: Session, now: float) -> bool:
        return now < session.ends and now - session.used < self._settings().token_lifetime

    def expire(self, token: Optional[str]) -> None:
        """Make a token invalid. The fixed tokens stay."""
        self._sessions.pop(token or "", None)

    def scopes(self, token: str) -> Optional[frozenset[str]]:
        """Return the scopes of a token and count this as a use of it; None if the token is not valid."""
        if token in fixtures.FIXED_TOKENS:
            return fixtures.FIXED_TOKENS[token]
        session = self._sessions.get(token)
        if session is None:
            return None
        now = self._clock.now()
        if not self._is_valid(session, now):
            del self._sessions[token]
            return None
        session.used = now
        return session.scopes


def _is_equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


class RequireScopes(HTTPBearer):
    """A dependency that refuses callers without a valid token (401) or without the scope (403)."""

    def __init__(self, *scopes: Optional[str]) -> None:
        super().__init__(scheme_name="HTTPBearer", auto_error=False, description=_BEARER)
        #: One of these scopes is enough. If empty, any valid token is accepted.
        self._needed = [scope for scope in scopes if scope is not None]

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        """Check the token and scopes of a request."""
        scheme, _sep, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise HTTPException(401, "Unauthorized: no bearer token")
        scopes = request.app.state.simulator.sessions.scopes(token.strip())
        if scopes is None:
            raise HTTPException(401, "Unauthorized: the token is not valid or has expired")
        withheld = request.app.state.simulator.settings.withheld_scopes
        if self._needed and not (scopes & set(self._needed)).difference(withheld):
            named = " or ".join(filter(None, (", ".join(self._needed[:-1]), self._needed[-1])))
            raise HTTPException(403, f"Forbidden: this endpoint can only be accessed by scope {named}")
