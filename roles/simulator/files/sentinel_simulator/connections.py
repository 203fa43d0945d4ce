# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open TCP connections by client address, so that faults can cut the connection of a request, or all of them."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Optional

_LINGER_ZERO = struct.pack("ii", 1, 0)

Address = tuple[str, int]


class Connections:
    """The transports of all connections, kept up to date by the server's protocol class."""

    def __init__(self) -> None:
        self._transports: dict[Address, asyncio.Transport] = {}
        #: Connections whose last request was not for the API. Outages do not reset them.
        self._spared: set[Address] = set()
        #: Closes the port for a number of seconds; set by the server.
        self.close_port: Optional[Callable[[float], None]] = None

    def opened(self, transport: asyncio.Transport) -> Address:
        """Add a new connection; return its address, which the transport no longer has after its end."""
        host, port = transport.get_extra_info("peername")[:2]
        self._transports[(host, port)] = transport
        return (host, port)

    def closed(self, address: Address) -> None:
        """Remove a connection that has ended."""
        self._transports.pop(address, None)
        self._spared.discard(address)

    def used(self, client: Optional[Any], api: bool) -> None:
        """Record the last use of a connection: the API, or the control interface and the documentation."""
        if api:
            self._spared.discard(tuple(client or ()))
        elif client:
            self._spared.add(tuple(client))

    def is_open(self, client: Optional[Any]) -> bool:
        """Return whether the connection of ``client`` (host, port) is still open; True if there is no server."""
        return self.close_port is None or tuple(client or ()) in self._transports

    async def cut(self, client: Optional[Any], reset: bool) -> None:
        """End the connection of ``client`` (host, port), as ASGI names it."""
        transport = self._transports.get(tuple(client)) if client else None
        if transport is None:
            raise ConnectionResetError("the simulator has cut this connection")
        if reset:
            _reset(transport)
        else:
            transport.close()
        await self._has_ended(client)

    async def refuse(self, client: Optional[Any], seconds: float) -> None:
        """Reset every connection of the API and refuse new ones for a while; return once ``client`` is gone."""
        if self.close_port is None:
            raise ConnectionResetError("the simulator has cut this connection")
        self.close_port(seconds)
        await self._has_ended(client)

    async def _has_ended(self, client: Optional[Any]) -> None:
        # The event loop must notify the protocol of the end, or the protocol would try to answer with a 500.
        for _turn in range(10):
            if tuple(client or ()) not in self._transports:
                return
            await asyncio.sleep(0.01)

    def reset_all(self) -> None:
        """Reset every open connection that serves the API."""
        for address, transport in list(self._transports.items()):
            if address not in self._spared:
                _reset(transport)


def _reset(transport: asyncio.Transport) -> None:
    # With a linger time of zero, the kernel sends RST instead of closing the connection in order.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
