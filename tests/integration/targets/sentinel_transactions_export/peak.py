# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module's story in a process of its own, and prints its peak memory in KiB and its lines.

Arguments: a directory that has ansible_collections, and the module's parameters as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

sys.path.insert(0, sys.argv[1])

from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.export import export


class Machine:
    """A module's way with files, without a module."""

    check_mode = False

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.no_log_values: set[str] = set()

    def load_file_common_arguments(self, *_arguments: Any) -> dict[str, Any]:
        """None are given."""
        return {}

    def set_fs_attributes_if_different(self, _wanted: dict[str, Any], changed: bool) -> bool:
        """Nothing to do."""
        return changed

    def atomic_move(self, src: str, dest: str, **_how: Any) -> None:
        """Moves the file."""
        os.replace(src, dest)


lines = export(Machine(json.loads(sys.argv[2])))["lines"]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, lines)
