# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that report sent and received bytes, with one shared TLS context."""

from __future__ import annotations

import http.client
import io
import os
import ssl
import threading
from collections.abc import Callable
from typing import Any

from .exchange import Exchange, current_exchange


class _Incoming(io.RawIOBase):
    """Bytes of an answer from the socket. Each piece is reported to the exchange."""

    def __init__(self, raw: io.RawIOBase, exchange: Exchange) -> None:
        super().__init__()
        self._raw = raw
        self._exchange = exchange

    def readable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor of the socket."""
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        """Fill the buffer with available bytes and return their number, 0 at the end."""
        size = self._raw.readinto(buffer)
        self._exchange.receive(size or 0)
        return size

    def close(self) -> None:
        """Close the stream of the socket."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A counted answer that skips interim answers (1xx), which would leave the final answer unread."""

    def __init__(self, sock: Any, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self._exchange = current_exchange()
        if self._exchange is not None:
            self.fp = io.BufferedReader(_Incoming(self.fp.detach(), self._exchange))

    def begin(self) -> None:
        """Read the header of the final answer. The exchange limits the time and the bytes before it."""
        super().begin()
        while self.status < 200:
            if self.status == http.client.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("the answer has the unexpected status 101")
            vars(self)["headers"] = None  # otherwise begin() returns at once
            super().begin()
        if self._exchange is not None:
            self._exchange.head_read()


class _LastResponse(_Response):
    """The only answer on a connection, which is closed after it."""

    def begin(self) -> None:
        """Read the header of the answer."""
        super().begin()
        self.will_close = True


class _Connection(http.client.HTTPConnection):
    """Mixin for connections of urllib3. Reports when the first bytes of a request are sent."""

    sock: Any
    auto_open: int
    _connecting = False

    def connect(self) -> None:
        """Connect. Bytes for a proxy (CONNECT) do not count as the request."""
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        """Send bytes of the request."""
        if self.sock is None and self.auto_open:
            self.connect()
        exchange = current_exchange()
        if exchange is not None and self.sock is not None and not self._connecting:
            exchange.leave()
        super().send(data)


def _watch(manager: Any, response: type) -> None:
    """Make a pool manager of urllib3 use connections with the mixin, for every scheme."""
    watched = {}
    for scheme, pool in manager.pool_classes_by_scheme.items():
        kind = type(pool.ConnectionCls.__name__, (_Connection, pool.ConnectionCls), {"response_class": response})
        watched[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": kind})
    manager.pool_classes_by_scheme = watched


try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:  # Session raises MissingLibraryError
    pass
else:

    def tls_context(verify: bool | str) -> ssl.SSLContext:
        """Return a TLS context for all connections of a session, because loading the CA certificates is slow.

        Args:
            verify: as for requests: whether certificates are checked, or a file or folder with CA certificates.

        Raises OSError, which includes ssl.SSLError, if the CA certificates cannot be read.
        """
        if not verify:
            return create_urllib3_context(cert_reqs=ssl.CERT_NONE)
        context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        utils: Any = requests.utils
        place = utils.extract_zipped_paths(utils.DEFAULT_CA_BUNDLE_PATH) if verify is True else verify
        if os.path.isdir(place):
            context.load_verify_locations(capath=place)
        else:
            context.load_verify_locations(cafile=place)
        return context

    class Adapter(HTTPAdapter):
        """Adapter of requests with reporting connections and one TLS context.

        Args:
            context: returns the TLS context when the first request needs it.
            connections: maximum number of connections kept open.
            keep: whether a connection serves several requests. A server may close an idle connection at any time; a
                request at that moment looks like one with a lost answer.
        """

        def __init__(self, context: Callable[[], ssl.SSLContext], connections: int, keep: bool) -> None:
            self._context = context
            self._response = _Response if keep else _LastResponse
            self._lock = threading.Lock()
            super().__init__(pool_connections=2, pool_maxsize=connections)

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            """Create the manager of direct connections."""
            super().init_poolmanager(*args, **kwargs)
            _watch(self.poolmanager, self._response)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            """Return the manager of connections through a proxy."""
            with self._lock:  # no other thread may get a manager without reporting connections
                known = proxy in self.proxy_manager
                if not known and proxy.lower().startswith("https"):
                    kwargs["proxy_ssl_context"] = self._context()
                manager = super().proxy_manager_for(proxy, **kwargs)
                if not known:
                    _watch(manager, self._response)
                return manager

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002  requests names them
            """Set the shared TLS context of a pool."""
            if url.lower().startswith("https"):
                conn.conn_kw["ssl_context"] = self._context()
                conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"
                conn.ca_certs = conn.ca_cert_dir = None
