# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports the history in its own process, and prints the peak memory in KiB and the number of lines.

Arguments: a directory with ansible_collections, and the module's parameters as JSON.
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
    """The methods of AnsibleModule that the export uses for files."""

    check_mode = False

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.no_log_values: set[str] = set()

    def load_file_common_arguments(self, *_arguments: Any) -> dict[str, Any]:
        """Returns no file attributes."""
        return {}

    def set_fs_attributes_if_different(self, _wanted: dict[str, Any], changed: bool) -> bool:
        """Sets nothing."""
        return changed

    def atomic_move(self, src: str, dest: str, **_options: Any) -> None:
        """Moves the file."""
        os.replace(src, dest)


lines = export(Machine(json.loads(sys.argv[2])))["lines"]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, lines)
