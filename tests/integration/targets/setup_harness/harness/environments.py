# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's virtual environment: made once, for all targets and all runs."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from .places import collection_root, kept


def simulator_python() -> Path:
    """The interpreter of an environment that has what the simulator's requirements ask for."""
    requirements = collection_root() / "roles" / "simulator" / "files" / "requirements.txt"
    wanted = f"{sys.executable} {sys.version}\n{requirements.read_text(encoding='utf-8')}"
    folder = kept() / f"simulator-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    stamp = folder / "complete"
    # Two targets may be run at once.
    with open(kept() / "simulator.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            pip = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet")
            _run(str(folder / "bin" / "python"), *pip, "--requirement", str(requirements))
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin" / "python"


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}"
