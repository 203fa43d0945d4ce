# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open TCP connections by the client's address, so that a fault can cut the one that a request came on."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Optional

_LINGER_ZERO = struct.pack("ii", 1, 0)


class Connections:
    """Knows the transports of all connections; the server's protocol class keeps it up to date."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def opened(self, transport: asyncio.Transport) -> tuple[str, int]:
        """Remember a new connection; return its address, which is gone from the transport once it has ended."""
        host, port = transport.get_extra_info("peername")[:2]
        self._transports[(host, port)] = transport
        return (host, port)

    def closed(self, address: tuple[str, int]) -> None:
        """Forget a connection that has ended."""
        self._transports.pop(address, None)

    async def cut(self, client: Optional[Any], reset: bool) -> None:
        """End the connection of ``client`` (host, port), as ASGI names it."""
        transport = self._transports.get(tuple(client)) if client else None
        if transport is None:
            raise ConnectionResetError("the simulator has cut this connection")
        if reset:
            _reset(transport)
        else:
            transport.close()
        # The protocol learns of the end from the event loop; until then it would try to answer with a 500.
        for _turn in range(10):
            if tuple(client or ()) not in self._transports:
                return
            await asyncio.sleep(0.01)

    def reset_all(self) -> None:
        """Reset every open connection."""
        for transport in list(self._transports.values()):
            _reset(transport)


def _reset(transport: asyncio.Transport) -> None:
    # Lingering for zero seconds is what makes the kernel send RST instead of an orderly end.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
