# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands as a user types them into a shell."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def run_in_shell(command: str, cwd: Path, env: Mapping[str, str], rc: int = 0, timeout: float = 180.0) -> str:
    """Runs a command in bash, which stops at its first failure; returns its output.

    Args:
        command: one line or several.
        cwd: working directory.
        env: all environment variables.
        rc: the expected exit code.
        timeout: seconds after which it is killed.
    """
    done = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=timeout,
    )
    assert done.returncode == rc, f"exit code {done.returncode}, expected {rc}: {command}\n{done.stdout}"
    return done.stdout
