# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-runner for machines without pseudo-terminals: without_terminal.py ARGUMENT...

ansible-runner needs a pseudo-terminal to answer password prompts, and some containers and chroots have no /dev/pts. The
jobs of the tests have no prompts, so they use ansible-runner's mode `subprocess`.
"""

from __future__ import annotations

import functools
import importlib
import sys

if __name__ == "__main__":
    # The command line has no option for the mode.
    config = importlib.import_module("ansible_runner.config._base").BaseConfig
    config.prepare_env = functools.partialmethod(config.prepare_env, runner_mode="subprocess")
    sys.exit(importlib.import_module("ansible_runner.__main__").main(sys.argv[1:]))
