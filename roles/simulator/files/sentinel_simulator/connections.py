# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open TCP connections by the client's address, so that faults can cut the one that a request came on, or all."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Optional

_LINGER_ZERO = struct.pack("ii", 1, 0)

Address = tuple[str, int]


class Connections:
    """Knows the transports of all connections; the server's protocol class keeps it up to date."""

    def __init__(self) -> None:
        self._transports: dict[Address, asyncio.Transport] = {}
        #: Those whose last request was none of the API's; an outage spares them.
        self._spared: set[Address] = set()
        #: Closes the port for so many seconds; set by the server.
        self.close_port: Optional[Callable[[float], None]] = None

    def opened(self, transport: asyncio.Transport) -> Address:
        """Remember a new connection; return its address, which is gone from the transport once it has ended."""
        host, port = transport.get_extra_info("peername")[:2]
        self._transports[(host, port)] = transport
        return (host, port)

    def closed(self, address: Address) -> None:
        """Forget a connection that has ended."""
        self._transports.pop(address, None)
        self._spared.discard(address)

    def used(self, client: Optional[Any], api: bool) -> None:
        """Note what a connection was last used for: the API, or the control surface and the documentation."""
        if api:
            self._spared.discard(tuple(client or ()))
        elif client:
            self._spared.add(tuple(client))

    def is_open(self, client: Optional[Any]) -> bool:
        """Tell whether the connection of ``client`` (host, port) is still there; yes, where there is no server."""
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
        # The protocol learns of the end from the event loop; until then it would try to answer with a 500.
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
    # Lingering for zero seconds is what makes the kernel send RST instead of an orderly end.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
