# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of fault does to an exchange. A new kind is one function here and its word in ``faults.Kind``."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Optional

from .auth import Sessions
from .exchange import Captured, Exchange
from .faults import FaultSpec

Handler = Callable[[FaultSpec, Exchange, Sessions], Awaitable[None]]

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


async def strike(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    """Do to the exchange what the fault says."""
    await _HANDLERS[spec.kind](spec, exchange, sessions)


async def _before_answer(spec: FaultSpec, exchange: Exchange) -> bool:
    """Carry the request out if the fault says so, then let its delay pass. False: the client has gone."""
    if spec.commit:
        await exchange.capture()
    return await exchange.wait(spec.delay)


async def _real_answer(spec: FaultSpec, exchange: Exchange) -> Captured:
    """Return the answer that the fault is going to spoil. A GET changes nothing: it is always the true one."""
    if spec.commit or exchange.method == "GET":
        return await exchange.capture()
    captured = Captured()
    captured.status = 200
    captured.headers = [(b"content-type", b"application/json")]
    captured.body = b'{"transactionId": "ACT-0000-0000-000", "status": "SUBMITTED", "totalLines": 1}'
    return captured


def retry_after_value(retry_after: object) -> str:
    """Write a Retry-After header: seconds as a whole number, ``date:SECONDS`` as an HTTP date, other text as it is."""
    if isinstance(retry_after, (int, float)):
        return f"{retry_after:g}"
    text = str(retry_after)
    if text.startswith("date:"):
        return formatdate(time.time() + float(text[len("date:") :]), usegmt=True)
    return text


def _headers(spec: FaultSpec, content_type: Optional[str]) -> list[tuple[bytes, bytes]]:
    headers = {} if content_type is None else {"content-type": content_type}
    if spec.retry_after is not None:
        headers["retry-after"] = retry_after_value(spec.retry_after)
    headers.update({name.lower(): value for name, value in spec.headers.items()})
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


@_kind("status")
async def _status(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(spec, exchange):
        return
    status = spec.status or 503
    body = spec.body
    if body is None:
        body = {"message": f"Simulated fault: {status}", "status": status}
    text = body if isinstance(body, str) else json.dumps(body)
    content_type = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    await exchange.answer(status, _headers(spec, content_type), text.encode())


@_kind("html")
async def _html(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(spec, exchange):
        return
    status = spec.status or 502
    page = spec.body if isinstance(spec.body, str) else None
    if page is None:
        page = _PROXY_PAGE.format(status=status, title=_TITLES.get(status, "Error"))
    await exchange.answer(status, _headers(spec, "text/html"), page.encode())


@_kind("empty")
async def _empty(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if await _before_answer(spec, exchange):
        await exchange.answer(spec.status or 200, _headers(spec, None), b"")


@_kind("truncated")
async def _truncated(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(spec, exchange)
    if await exchange.wait(spec.delay):
        await exchange.answer(spec.status or answer.status, answer.headers, answer.body[: len(answer.body) // 2])


@_kind("broken")
async def _broken(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(spec, exchange)
    if not await exchange.wait(spec.delay):
        return
    half = answer.body[: len(answer.body) // 2]
    await exchange.send_part(spec.status or answer.status, answer.headers, len(answer.body), half)
    await exchange.cut(reset=False)


@_kind("drip")
async def _drip(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    answer = await _real_answer(spec, exchange)
    size = max(1, -(-len(answer.body) // _DRIPS))
    pieces = [answer.body[start : start + size] for start in range(0, len(answer.body), size)] or [b""]
    await exchange.send_part(spec.status or answer.status, answer.headers, len(answer.body), pieces[0])
    for number, piece in enumerate(pieces[1:], start=2):
        if not await exchange.wait(spec.delay / len(pieces)):
            return
        await exchange.send_rest(piece, more=number <= len(pieces) - 1)
    if len(pieces) == 1:
        await exchange.send_rest(b"", more=False)


@_kind("reset")
async def _reset(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if await _before_answer(spec, exchange):
        await exchange.cut(reset=True)


@_kind("delay")
async def _delay(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if spec.commit:
        answer = await exchange.capture()
        if await exchange.wait(spec.delay):
            await exchange.answer(answer.status, answer.headers, answer.body)
    elif await exchange.wait(spec.delay):
        await exchange.carry_out()


@_kind("expire_token")
async def _expire_token(spec: FaultSpec, exchange: Exchange, sessions: Sessions) -> None:
    if not await _before_answer(spec, exchange):
        return
    sessions.expire(exchange.token)
    await exchange.answer_json(401, "Unauthorized: the token has expired")
