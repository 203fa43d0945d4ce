# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the role simulator with this environment's Python, and requests something of the simulator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

from typing_extensions import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "targets" / "setup_harness"))

from harness.places import collection_root
from harness.playbooks import Playbooks

_LAUNCHER = collection_root() / "roles" / "simulator" / "files" / "launcher.py"
_RUN = {"ansible.builtin.include_role": {"name": "kajeet.sentinel.simulator"}}


class RolePlay:
    """The role in a playbook. The simulator ends with the block."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "simulator"
        self._playbook = Playbooks(directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        subprocess.run([sys.executable, _LAUNCHER, "stop", self._directory], check=True, timeout=30)

    def run(self, read: Optional[str] = None, check: bool = False, **variables: Any) -> str:
        """Run the role with variables, whose names lack its prefix; then read a path. Return the output."""
        ours = {"directory": str(self._directory), "lifetime": 60, "port": 0, "venv": sys.prefix}
        request = {
            "url": "{{ simulator_api_url }}" + str(read),
            "headers": {"Authorization": "Bearer simulator-token"},
            "return_content": True,
        }
        return self._playbook(
            [_RUN, {"ansible.builtin.uri": request}] if read else _RUN,
            check=check,
            verbosity=1,
            extra_vars={f"simulator_{name}": value for name, value in {**ours, **variables}.items()},
            expect_rc=None,
        ).output
