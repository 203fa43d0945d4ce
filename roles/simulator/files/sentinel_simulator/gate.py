# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate in front of the API, as ASGI middleware: request log, rate limit, latency and faults."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from . import API_BASE
from .exchange import ASGIApp, Exchange, Message, Receive, Scope, Send
from .fault_kinds import carry_out_strike, retry_after_value
from .faults import RETRY_AFTERS, RetryAfter, drawn

if TYPE_CHECKING:
    from .simulator import Simulator


class RateLimit:
    """A token bucket with the requests of one second."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._tokens = 0.0
        self._filled = 0.0

    @property
    def remaining(self) -> int:
        """Number of requests in the bucket after the last one."""
        return int(self._tokens)

    def wait_needed(self, rate: float) -> float:
        """Take a request from the bucket. Return 0, or the seconds until the next request is allowed."""
        if rate <= 0:
            return 0.0
        now = time.monotonic()
        if rate != self._rate:
            self._rate, self._tokens, self._filled = rate, max(1.0, rate), now
        self._tokens = min(max(1.0, rate), self._tokens + (now - self._filled) * rate)
        self._filled = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / rate


class Gate:
    """Passes API requests to the application, and applies settings and faults. Other paths are not affected."""

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self._app = app
        self._simulator = simulator
        self._limit = RateLimit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        api = scope["type"] == "http" and scope["path"].startswith(API_BASE + "/")
        simulator = self._simulator
        simulator.connections.used(scope.get("client"), api)
        if scope["type"] == "http":
            send = self._with_headers(send, api)
        if not api:
            await self._app(scope, receive, send)
            return
        arrived = asyncio.get_running_loop().time()
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        method, path, query = scope["method"], raw_path[len(API_BASE) :], scope["query_string"].decode("latin-1")
        entry = simulator.log.begin(method, path, query)
        exchange = Exchange(self._app, scope, receive, send, entry, simulator.connections, simulator.late)
        strike = simulator.faults.pick(method, path, query, early=True)
        if strike is None:
            body = await _read(receive)
            if body is None:
                return
            exchange.body = body
            content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
            simulator.log.attach(entry, body, content_type)
            if await self._refuse_over_rate(exchange):
                return
            latency = drawn(simulator.chances, simulator.settings.request_latency)
            if latency > 0 and not await exchange.sleep_until(arrived + latency):
                return
            strike = simulator.faults.pick(method, path, query)
        if strike is None:
            await exchange.carry_out()
            return
        entry.fault = strike.spec.kind
        await carry_out_strike(strike, exchange, simulator.sessions)

    def _with_headers(self, send: Send, api: bool) -> Send:
        """Add the date of the simulator's clock and the rate limit headers to every answer."""
        simulator, settings = self._simulator, self._simulator.settings

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                if not any(name.lower() == b"date" for name, _value in headers):
                    headers.append((b"date", _http_date(int(simulator.clock.now()))))
                if api and settings.rate_limit_headers and settings.rate_limit > 0:
                    limit = max(1, int(settings.rate_limit))
                    headers.append((b"x-ratelimit-limit", str(limit).encode()))
                    headers.append((b"x-ratelimit-remaining", str(min(limit, self._limit.remaining)).encode()))
                message = {**message, "headers": headers}
            await send(message)

        return adding

    async def _refuse_over_rate(self, exchange: Exchange) -> bool:
        settings = self._simulator.settings
        wait = self._limit.wait_needed(settings.rate_limit)
        if not wait:
            return False
        seconds = max(1, math.ceil(wait))
        form = settings.rate_limit_retry_after
        retry_after: RetryAfter = None
        if form == "seconds":
            retry_after = seconds
        elif form == "date":
            retry_after = f"date:{seconds}"
        elif form == "random":
            retry_after = self._simulator.chances.choice(RETRY_AFTERS)
        headers = {} if retry_after is None else {"retry-after": retry_after_value(retry_after)}
        await exchange.answer_json(429, "Too many requests", headers)
        return True


@lru_cache(maxsize=16)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


async def _read(receive: Receive) -> bytes | None:
    """Read the whole request body; return None if the client disconnected while sending it."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)
