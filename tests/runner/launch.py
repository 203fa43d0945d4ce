# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-runner: launch.py ARGUMENT...

It starts ansible-playbook in a pseudo-terminal. Some containers and chroots have none: there, it starts it without one,
as its Python interface can. NO_TERMINAL in the environment has it do so anywhere.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ansible_runner import __main__ as command
from ansible_runner.config.runner import RunnerConfig


def has_terminals() -> bool:
    """Whether this machine has pseudo-terminals."""
    if os.environ.get("NO_TERMINAL"):
        return False
    try:
        ends = os.openpty()
    except OSError:
        return False
    for end in ends:
        os.close(end)
    return True


if __name__ == "__main__":
    config: Any = RunnerConfig
    if not has_terminals():
        config.runner_mode = "subprocess"
    sys.exit(command.main(sys.argv[1:]))
