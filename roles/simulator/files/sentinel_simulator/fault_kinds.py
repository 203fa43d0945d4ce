# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effect of each kind of fault on an exchange. A new kind is a function here and a name in ``faults.Kind``."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Optional

from .auth import Sessions
from .exchange import Captured, Exchange
from .faults import LISTING_KINDS, RetryAfter, Strike
from .listing_fault import ListingFault

Handler = Callable[[Strike, Exchange, Sessions], Awaitable[None]]

_HANDLERS: dict[str, Handler] = {}

_PROXY_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>{status} {title}</title></head>\n"
    "<body><center><h1>{status} {title}</h1></center><hr><center>gateway</center></body></html>\n"
)
_TITLES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Time-out"}
_DRIPS = 20


def _kind(name: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _HANDLERS[name] = handler
        return handler

    return register


async def carry_out_strike(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    """Apply the fault to the exchange."""
    await _HANDLERS[strike.spec.kind](strike, exchange, sessions)


async def _before_answer(strike: Strike, exchange: Exchange) -> bool:
    """Carry out the request if the fault requires it, then wait. Return False if the client has disconnected."""
    if strike.commit_after is not None:
        exchange.capture_later(strike.commit_after)
    elif strike.spec.commit:
        await exchange.capture()
    return await exchange.wait(strike.delay)


async def _real_answer(strike: Strike, exchange: Exchange) -> Captured:
    """Return the answer that the fault changes. For a GET, which has no side effects, it is always the real one."""
    if strike.commit_after is not None:
        return await exchange.capture_later(strike.commit_after)
    if strike.spec.commit or exchange.method == "GET":
        return await exchange.capture()
    captured = Captured()
    captured.status = 200
    captured.headers = [(b"content-type", b"application/json")]
    captured.body = b'{"transactionId": "ACT-0000-0000-000", "status": "SUBMITTED", "totalLines": 1}'
    return captured


def retry_after_value(retry_after: RetryAfter) -> str:
    """Format a Retry-After header: seconds as a number, ``date:SECONDS`` as an HTTP date, other text unchanged."""
    if isinstance(retry_after, (int, float)):
        return f"{retry_after:g}"
    text = str(retry_after)
    if text.startswith("date:"):
        return formatdate(time.time() + float(text[len("date:") :]), usegmt=True)
    return text


def _headers(strike: Strike, content_type: Optional[str]) -> list[tuple[bytes, bytes]]:
    headers = {} if content_type is None else {"content-type": content_type}
    if strike.retry_after is not None:
        headers["retry-after"] = retry_after_value(strike.retry_after)
    headers.update({name.lower(): value for name, value in strike.spec.headers.items()})
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _half(answer: Captured) -> bytes:
    """Return the first half of the body. A CSV ends within a row, because clients cannot detect missing rows."""
    half = answer.body[: len(answer.body) // 2]
    if dict(answer.headers).get(b"content-type", b"").startswith(b"text/csv"):
        return half[: half.rfind(b"\n") + 3]
    return half


@_kind("status")
async def _status(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(strike, exchange):
        return
    status = strike.status or 503
    body = strike.spec.body
    if body is None:
        body = {"message": f"Simulated fault: {status}", "status": status}
    text = body if isinstance(body, str) else json.dumps(body)
    content_type = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    await exchange.answer(status, _headers(strike, content_type), text.encode())


@_kind("html")
async def _html(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(strike, exchange):
        return
    status = strike.status or 502
    page = strike.spec.body if isinstance(strike.spec.body, str) else None
    if page is None:
        page = _PROXY_PAGE.format(status=status, title=_TITLES.get(status, "Error"))
    await exchange.answer(status, _headers(strike, "text/html"), page.encode())


@_kind("empty")
async def _empty(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if await _before_answer(strike, exchange):
        await exchange.answer(strike.status or 200, _headers(strike, None), b"")


@_kind("truncated")
async def _truncated(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(strike, exchange)
    if await exchange.wait(strike.delay):
        await exchange.answer(strike.status or answer.status, answer.headers, _half(answer))


@_kind("broken")
async def _broken(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(strike, exchange)
    if not await exchange.wait(strike.delay):
        return
    await exchange.send_part(strike.status or answer.status, answer.headers, len(answer.body), _half(answer))
    await exchange.cut(reset=False)


@_kind("drip")
async def _drip(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(strike, exchange)
    size = max(1, -(-len(answer.body) // _DRIPS))
    pieces = [answer.body[start : start + size] for start in range(0, len(answer.body), size)] or [b""]
    await exchange.send_part(strike.status or answer.status, answer.headers, len(answer.body), pieces[0])
    for number, piece in enumerate(pieces[1:], start=2):
        if not await exchange.wait(strike.delay / len(pieces)):
            return
        await exchange.send_rest(piece, more=number <= len(pieces) - 1)
    if len(pieces) == 1:
        await exchange.send_rest(b"", more=False)


@_kind("reset")
async def _reset(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if await _before_answer(strike, exchange):
        await exchange.cut(reset=True)


@_kind("reset_unread")
async def _reset_unread(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    await exchange.cut(reset=True)


@_kind("refuse")
async def _refuse(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    await _before_answer(strike, exchange)
    await exchange.refuse(strike.duration)


@_kind("delay")
async def _delay(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if strike.commit_after is not None:
        later = exchange.capture_later(strike.commit_after)
        if await exchange.wait(strike.delay):
            answer = await later
            await exchange.answer(answer.status, answer.headers, answer.body)
    elif strike.spec.commit:
        answer = await exchange.capture()
        if await exchange.wait(strike.delay):
            await exchange.answer(answer.status, answer.headers, answer.body)
    elif await exchange.wait(strike.delay):
        await exchange.carry_out()


@_kind("expire_token")
async def _expire_token(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(strike, exchange):
        return
    sessions.expire(exchange.token)
    await exchange.answer_json(401, "Unauthorized: the token has expired")


async def _listing_fault(strike: Strike, exchange: Exchange, sessions: Sessions) -> None:
    """Let the route answer with wrong rows."""
    ListingFault(strike).attach_to(exchange.scope)
    if await exchange.wait(strike.delay):
        await exchange.carry_out()


for _name in LISTING_KINDS:
    _kind(_name)(_listing_fault)
