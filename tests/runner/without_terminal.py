# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program ansible-runner for machines without pseudo-terminals: without_terminal.py ARGUMENT...

It runs playbooks by pexpect, on a pseudo-terminal, which it needs to answer prompts for passwords. Some containers and
chroots have no /dev/pts. No job of the tests has a prompt: they run by ansible-runner's other mode, subprocess.
"""

from __future__ import annotations

import functools
import importlib
import sys

if __name__ == "__main__":
    # Its command line has no option for that.
    config = importlib.import_module("ansible_runner.config._base").BaseConfig
    config.prepare_env = functools.partialmethod(config.prepare_env, runner_mode="subprocess")
    sys.exit(importlib.import_module("ansible_runner.__main__").main(sys.argv[1:]))
