# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has a warm server run a command: warm_client.py SOCKET COMMAND [ARGUMENT...]

The command gets this process's standard streams, directory and environment; its exit code becomes this one's.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> int:
    """The command's exit code."""
    request = json.dumps({"command": sys.argv[2:], "cwd": os.getcwd(), "env": dict(os.environ)}).encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(sys.argv[1])
        socket.send_fds(server, [len(request).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(request)
        answer = server.recv(4)
    return int.from_bytes(answer, "big", signed=True) if answer else 70


if __name__ == "__main__":
    sys.exit(main())
