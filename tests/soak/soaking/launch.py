# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Becomes a command that hears signals as if a person had started it: launch.py [--terminal] COMMAND ARGUMENT...

make, nohup and Python itself ignore signals, and so would whatever they start. `--terminal`: standard input becomes the
controlling terminal, whose end the command hears of, too.
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
