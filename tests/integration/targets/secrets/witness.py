# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy in front of a simulator that collects tokens, and can return secrets in its answers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from typing_extensions import Self

PAGE = "<html><body><h1>Bad gateway</h1><pre>Authorization: {}\nX-Token: {}\n\n{}</pre></body></html>"


class Witness:
    """Passes requests on to `target`, and collects tokens.

    `tokens`: from headers and answers to logins. `echoing`: requests that it answers itself, with an HTML page that
    contains the request's secrets: "calls", "logins", or "" for none.
    """

    def __init__(self, target: str) -> None:
        self.tokens: set[str] = set()
        self.echoing = ""
        self._target = target
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, str, bytes]:
        authorization = headers.get("Authorization", "")
        token = authorization.partition(" ")[2]
        self.tokens.update({token} - {""})
        login = path.endswith("/auth/token")
        if self.echoing == ("logins" if login else "calls"):
            return 502, "text/html", PAGE.format(authorization, token, body.decode()).encode()
        kept = {name: headers[name] for name in ("Authorization", "Content-Type") if name in headers}
        with requests.Session() as session:
            session.trust_env = False
            reply = session.request(method, self._target + path, headers=kept, data=body, timeout=10)
        if login and reply.ok:
            self.tokens.add(json.loads(reply.content)["token"])
        return reply.status_code, reply.headers.get("Content-Type", ""), reply.content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            """Passes each request to the witness."""

            def do_GET(self) -> None:
                """Answers a request."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, content = witness._answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_PUT = do_GET  # noqa: N815  names that http.server looks for

            def log_message(self, *_arguments: Any) -> None:
                """Logs nothing."""

        return Handler
