# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server: uvicorn with connections that faults can cut, a ready file, outages, and a fast shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import uvicorn
from fastapi import FastAPI

from . import API_BASE
from .connections import Connections

try:
    # Saves a third of the time of a request.
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as HTTPProtocol
except ImportError:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HTTPProtocol  # type: ignore[assignment]

HOST = "127.0.0.1"
_BACKLOG = 2048


def protocol_class(connections: Connections) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol class, extended to report each connection to ``connections``."""

    class TrackedProtocol(HTTPProtocol):
        """A connection that can be looked up by its client's address."""

        _address: Optional[tuple[str, int]] = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Add the connection."""
            super().connection_made(transport)
            self._address = connections.opened(transport)

        def connection_lost(self, exc: Optional[Exception]) -> None:
            """Remove the connection."""
            super().connection_lost(exc)
            if self._address is not None:
                connections.closed(self._address)

    return TrackedProtocol


def bind(port: int) -> socket.socket:
    """Bind a port of the loopback interface, which refuses connections until the socket listens."""
    # With an explicit protocol, asyncio turns off Nagle's algorithm, which would cost 40 ms per answer.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    sock.set_inheritable(False)
    return sock


def listen(port: int) -> socket.socket:
    """Open the listening socket. Raises OSError if the port is in use."""
    sock = bind(port)
    try:
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


class Server(uvicorn.Server):
    """Uvicorn's server for one simulator."""

    def __init__(
        self,
        app: FastAPI,
        sock: socket.socket,
        connections: Connections,
        certfile: Optional[str] = None,
        keyfile: Optional[str] = None,
        ready_file: Optional[str] = None,
        lifetime: float = 0.0,
        greeting: str = "",
    ) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=protocol_class(connections),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            # The gate writes it, by the simulator's clock.
            date_header=False,
            # Marks answers in bug reports as not those of the real service.
            headers=[("X-Sentinel-Simulator", "1")],
            backlog=_BACKLOG,
            # Long enough that an idle connection in a client's pool is not closed during its next request.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            ssl_certfile=certfile,
            ssl_keyfile=keyfile,
        )
        super().__init__(config)
        self._sock = sock
        self._connections = connections
        self._ready_file = Path(ready_file) if ready_file else None
        self._lifetime = lifetime
        self._greeting = greeting
        self.port = int(sock.getsockname()[1])
        self.url = f"{'https' if certfile else 'http'}://{HOST}:{self.port}"
        self.api_url = self.url + API_BASE
        self._outage: Optional[asyncio.Task[None]] = None
        connections.close_port = self._close_port

    def run_until_stopped(self) -> None:
        """Serve until a signal or the end of the lifetime."""
        try:
            asyncio.run(self.serve(sockets=[self._sock]))
        finally:
            self._retract()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in order on SIGTERM and SIGINT, with exit code 0 (uvicorn would raise the signal again)."""
        loop = asyncio.get_running_loop()
        wanted = (signal.SIGTERM, signal.SIGINT)
        for number in wanted:
            loop.add_signal_handler(number, self._stop)
        if self._lifetime > 0:
            loop.call_later(self._lifetime, self._stop)
        yield
        for number in wanted:
            loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: Optional[list[socket.socket]] = None) -> None:
        """Start serving, then write the ready file."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    def _announce(self) -> None:
        if self._ready_file is not None:
            ready = {"pid": os.getpid(), "port": self.port, "url": self.url, "api_url": self.api_url}
            side = self._ready_file.with_name(f"{self._ready_file.name}.{os.getpid()}")
            side.write_text(json.dumps(ready) + "\n", encoding="utf-8")
            os.replace(side, self._ready_file)
        print(f"{self._greeting} ready: api_url {self.api_url}", flush=True)

    def _retract(self) -> None:
        """Remove the ready file, unless it belongs to another simulator."""
        if self._ready_file is None:
            return
        with contextlib.suppress(OSError, ValueError):
            if json.loads(self._ready_file.read_text(encoding="utf-8")).get("pid") == os.getpid():
                self._ready_file.unlink()

    # -- outages --

    def _close_port(self, seconds: float) -> None:
        """Refuse connections for some seconds. This replaces a running outage."""
        if self._outage is not None:
            self._outage.cancel()
        for server in self.servers:
            server.close()
        # Keep the port bound, so that the system gives it neither to a server nor to a client (which would then
        # connect to itself).
        self._sock.close()
        self._sock = bind(self.port)
        self._connections.reset_all()
        self._outage = asyncio.get_running_loop().create_task(self._open_port(seconds))

    async def _open_port(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(self._protocol, sock=self._sock, ssl=self.config.ssl, backlog=_BACKLOG)
        ]

    async def shutdown(self, sockets: Optional[list[socket.socket]] = None) -> None:
        """Stop serving, even during an outage."""
        if self._outage is not None:
            self._outage.cancel()
        await super().shutdown(sockets)
        self._sock.close()

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol
