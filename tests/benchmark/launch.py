# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one command and writes what it took to a file, as JSON: launch.py FILE COMMAND [ARGUMENT...]

A program of its own, and a small one: a process starts with the peak memory of the one that started it, and the rest of
the benchmark is large. The exit code is the command's.
"""

from __future__ import annotations

import json
import os
import sys
import time

started = time.monotonic()
pid = os.fork()
if pid == 0:
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    finally:
        os._exit(127)
_pid, status, used = os.wait4(pid, 0)
wall = time.monotonic() - started
# The peak is in KiB, but in bytes on macOS; it is that of the largest process.
unit = 1 if sys.platform == "darwin" else 1024
taken = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * unit}
with open(sys.argv[1], "w", encoding="utf-8") as stream:
    json.dump(taken, stream)
sys.exit(os.waitstatus_to_exitcode(status))
