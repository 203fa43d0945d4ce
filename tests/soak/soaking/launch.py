# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executes a command with default signal handlers, as if a person had started it: launch.py [--terminal] COMMAND...

make, nohup and Python ignore some signals, and so would the processes that they start. `--terminal`: make standard
input the controlling terminal, so that the command gets a signal when it closes.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios

if __name__ == "__main__":
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    command = sys.argv[1:]
    if command[0] == "--terminal":
        command.pop(0)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execvp(command[0], command)
