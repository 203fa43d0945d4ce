# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on a loopback port with scripted answers and failures."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Request(NamedTuple):
    """A received request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


#: Self-signed certificate for TLS on 127.0.0.1, valid until 2126, used only here.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBrTCCAVKgAwIBAgIUbXMGLz8opC+in5L/ZRiAOzfwnBYwCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwaa2FqZWV0LnNlbnRpbmVsIHVuaXQgdGVzdHMwIBcNMjYxMTIz
MDQ0OTM4WhgPMjEyNjEwMzAwNDQ5MzhaMCUxIzAhBgNVBAMMGmthamVldC5zZW50
aW5lbCB1bml0IHRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKfW7dvUj
tegfSGFAD/U+2b7A8AEnRec3ehDLxAacJ3sV9Uah1K4Cr3OYHjRS28Mo51W9OG5j
FnYg8XutG58DhqNeMFwwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAoQw
HQYDVR0OBBYEFKxkncLhgWaN0qupHs4jOcYGI3HaMBoGA1UdEQQTMBGHBH8AAAGC
CWxvY2FsaG9zdDAKBggqhkjOPQQDAgNJADBGAiEAs9MZrB0opCsYwm5decauhoZg
U63FD4QcETZLEoTy3PcCIQC6STCsGC0I9exbG0jSRogdI4MMD/CupGZQbIQ5lQAe
1w==
-----END CERTIFICATE-----
"""
KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtQ9uLqKxg7ykIohl
kPdUc32PDLfXNMLAHUngXPDoj9uhRANCAAQp9bt29SO16B9IYUAP9T7ZvsDwASdF
5zd6EMvEBpwnexX1RqHUrgKvc5geNFLbwyjnVb04bmMWdiDxe60bnwOG
-----END PRIVATE KEY-----
"""


class Answer:
    """An HTTP answer. `data`: JSON, or bytes to send unchanged."""

    def __init__(self, data=None, status=200, headers=None, content_type=None):
        raw = isinstance(data, bytes)
        self.body = data if raw else json.dumps(data).encode()
        self.status = status
        self.headers = {"Content-Type": content_type or ("text/csv" if raw else "application/json"), **(headers or {})}

    def send(self, handler):
        """Send the answer."""
        handler.send_response(self.status)
        for name, value in {"Content-Length": str(len(self.body)), **self.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body)


class Broken(Answer):
    """An answer that is shorter than announced."""

    def send(self, handler):
        handler.send_response(self.status)
        handler.send_header("Content-Type", self.headers["Content-Type"])
        handler.send_header("Content-Length", str(len(self.body) + 100))
        handler.end_headers()
        handler.wfile.write(self.body)
        handler.close_connection = True


class Reset:
    """Resets the connection after the request was read."""

    def send(self, handler):
        """Reset the connection."""
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Both of the handler's files hold the socket open.
        handler.rfile.close()
        handler.connection.close()
        handler.close_connection = True


class Silence:
    """Does not answer while the server runs."""

    def send(self, handler):
        """Wait for the end of the server."""
        handler.server.over.wait(10)
        handler.close_connection = True


class Wire:
    """Sends raw bytes piece by piece, then closes or keeps the connection."""

    def __init__(self, *pieces, pause=0.0, keep=False, repeat=1):
        self._pieces = [piece.encode("latin-1") if isinstance(piece, str) else piece for piece in pieces]
        self._pause = pause
        self._keep = keep
        self._repeat = repeat

    def send(self, handler):
        """Send the pieces, the last one repeatedly."""
        for piece in (*self._pieces[:-1], *([self._pieces[-1]] * self._repeat)):
            handler.wfile.write(piece)
            handler.wfile.flush()
            if self._pause and handler.server.over.wait(self._pause):
                break
        handler.close_connection = not self._keep


class Garbage:
    """Sends bytes that are not HTTP, and over TLS not TLS, after the request was read."""

    def send(self, handler):
        """Write below the TLS layer."""
        with socket.socket(fileno=socket.dup(handler.connection.fileno())) as plain:
            plain.sendall(b"\x00garbage\r\n" * 8)
        handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Send each answer in one piece. Otherwise it waits until the client acknowledges the header.
    wbufsize = -1

    def log_message(self, *args):
        """Print nothing."""

    def do_GET(self):
        """Answer as scripted."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.peers.append(self.client_address)
        self.server.answer(Request(self.command, self.path, dict(self.headers), body)).send(self)

    def do_POST(self):
        """The same."""
        self.do_GET()

    def do_PUT(self):
        """The same."""
        self.do_GET()


class Server(ThreadingHTTPServer):
    """Answers with the entries of `script` in order, the last one repeated. An entry may be a function of the request.

    `requests` has all requests in order, `peers` the address of the connection of each.
    """

    daemon_threads = True

    def __init__(self, *script, port=0, tls_files=None):
        self.over = threading.Event()
        self.requests = []
        self.peers = []
        self._script = list(script)
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        if tls_files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls_files)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls_files else 'http'}://127.0.0.1:{self.server_address[1]}/api"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def answer(self, request):
        """Return the answer to a request."""
        with self._lock:
            self.requests.append(request)
            entry = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return entry(request) if callable(entry) else entry

    def handle_error(self, request, client_address):
        """Ignore clients that close the connection."""

    def stop(self):
        """Stop the server."""
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


@contextlib.contextmanager
def serving(*script, **how):
    """Run a server while the block runs."""
    server = Server(*script, **how)
    try:
        yield server
    finally:
        server.stop()


def closed_port():
    """Return a port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
