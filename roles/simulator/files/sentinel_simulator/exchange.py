# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP exchange in the gate: carry it out, capture its answer, send another answer, or cut the connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Optional

from .connections import Connections
from .late import LateRequests
from .requestlog import Entry

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Captured:
    """An answer that was not sent to the client."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        """The whole body."""
        if len(self._parts) != 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]

    @body.setter
    def body(self, value: bytes) -> None:
        self._parts = [value]

    async def take(self, message: Message) -> None:
        """Receive a message from the application, as its ``send``."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", [])]
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))


class Exchange:
    """A request and the ways to end it. Its body is set once it has been read."""

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        entry: Entry,
        connections: Connections,
        late: LateRequests,
    ) -> None:
        self.scope = scope
        self.body = b""
        self.entry = entry
        self._app = app
        self._receive = receive
        self._send = send
        self._connections = connections
        self._late = late
        self._replayed = False
        self.gone = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self.scope["method"])

    @property
    def token(self) -> Optional[str]:
        """The bearer token of the request, or None."""
        for name, value in self.scope["headers"]:
            if name == b"authorization":
                scheme, _sep, token = value.decode("latin-1").partition(" ")
                return token.strip() if scheme.lower() == "bearer" else None
        return None

    async def _replay(self) -> Message:
        if not self._replayed:
            self._replayed = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        return await self._receive()

    async def _recording_send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.entry.status = message["status"]
        await self._send(message)

    async def carry_out(self) -> None:
        """Let the application answer."""
        await self._app(self.scope, self._replay, self._recording_send)

    async def capture(self) -> Captured:
        """Let the application carry out the request, and return its answer without sending it."""
        captured = Captured()
        await self._app(self.scope, self._replay, captured.take)
        return captured

    def capture_later(self, seconds: float) -> asyncio.Task[Captured]:
        """Do the same after some seconds, even if the client has disconnected by then."""
        return self._late.start(seconds, self.capture)

    async def answer(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send this answer (``content-length`` is added)."""
        kept = [(name, value) for name, value in headers if name not in (b"content-length", b"transfer-encoding")]
        kept.append((b"content-length", str(len(body)).encode()))
        await self._recording_send({"type": "http.response.start", "status": status, "headers": kept})
        await self._recording_send({"type": "http.response.body", "body": body})

    async def answer_json(self, status: int, message: str, headers: Optional[dict[str, str]] = None) -> None:
        """Send an error in the format of the service."""
        pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        pairs.append((b"content-type", b"application/json"))
        await self.answer(status, pairs, json.dumps({"message": message, "status": status}).encode())

    async def send_part(self, status: int, headers: list[tuple[bytes, bytes]], length: int, part: bytes) -> None:
        """Start an answer of ``length`` bytes and send its first ``part``."""
        kept = [(name, value) for name, value in headers if name not in (b"content-length", b"transfer-encoding")]
        kept.append((b"content-length", str(length).encode()))
        await self._recording_send({"type": "http.response.start", "status": status, "headers": kept})
        await self._recording_send({"type": "http.response.body", "body": part, "more_body": True})

    async def send_rest(self, part: bytes, more: bool) -> None:
        """Continue an answer that ``send_part`` has started."""
        await self._recording_send({"type": "http.response.body", "body": part, "more_body": more})

    async def sleep_until(self, when: float) -> bool:
        """Sleep until a time of the event loop's clock; return False if the client has disconnected by then."""
        # epoll counts whole milliseconds and wakes up half a millisecond late on average.
        await asyncio.sleep(when - asyncio.get_running_loop().time() - 0.0005)
        self.gone = self.gone or not self._connections.is_open(self.scope.get("client"))
        return not self.gone

    async def wait(self, seconds: float) -> bool:
        """Wait for some seconds; return False as soon as the client has disconnected."""
        if seconds <= 0:
            return not self.gone
        try:
            message = await asyncio.wait_for(self._receive(), seconds)
        except asyncio.TimeoutError:
            return True
        self.gone = message["type"] == "http.disconnect"
        return not self.gone

    async def refuse(self, seconds: float) -> None:
        """Reset this connection and all others of the API, and refuse new ones for a while."""
        self.gone = True
        await self._connections.refuse(self.scope.get("client"), seconds)

    async def cut(self, reset: bool) -> None:
        """End the connection with a TCP reset, or in order, so that sent data still arrives."""
        self.gone = True
        await self._connections.cut(self.scope.get("client"), reset)
