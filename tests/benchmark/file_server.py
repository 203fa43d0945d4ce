# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serves one file on a free port of 127.0.0.1 for any path, until it is ended: file_server.py FILE READY_FILE

It is faster than any reader, so that only the reader is measured.
"""

from __future__ import annotations

import os
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers all GET requests with the file."""

    def do_GET(self) -> None:
        """Sends the file."""
        with open(sys.argv[1], "rb") as stream:
            self.send_response(200)
            self.send_header("Content-Type", "text/csv; charset=utf-8")
            self.send_header("Content-Length", str(os.fstat(stream.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(stream, self.wfile, 1 << 20)

    def log_message(self, *_arguments: object) -> None:
        """Logs nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
ready = Path(sys.argv[2])
part = ready.with_suffix(".part")
part.write_text(f"http://127.0.0.1:{server.server_port}", encoding="utf-8")
part.rename(ready)
server.serve_forever()
