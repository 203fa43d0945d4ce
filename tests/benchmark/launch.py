# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command and writes its time and peak memory to a file, as JSON: launch.py FILE COMMAND [ARGUMENT...]

It is a separate, small program because a process inherits the peak memory of its parent, and the benchmark is large.
The exit code is the command's.
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
# ru_maxrss is that of the largest process, in bytes on macOS and in KiB elsewhere.
unit = 1 if sys.platform == "darwin" else 1024
usage = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * unit}
with open(sys.argv[1], "w", encoding="utf-8") as stream:
    json.dump(usage, stream)
sys.exit(os.waitstatus_to_exitcode(status))
