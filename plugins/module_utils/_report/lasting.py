# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Determines which files outlive the job of an automation controller, so that messages may point to them.

AWX runs each job in its own container, which is removed with all files except those on volumes that are mounted for
jobs. The job's private directory, with a copy of the project, is a mount as well, but is removed after the job. AWX
puts its path on the execution node into the environment; in the container it is /runner (AWX 24.6.1).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping

#: Set by AWX and automation controller for each job.
_PRIVATE_DIRECTORY = "AWX_PRIVATE_DATA_DIR"
_IN_CONTAINER = "/runner"


def temporary_files(
    paths: Iterable[str | None],
    environment: Mapping[str, str] | None = None,
    is_mount: Callable[[str], bool] = os.path.ismount,
) -> list[str]:
    """Return which of these files are removed when the controller's job ends; none outside a controller.

    Args:
        paths: of files that a task writes; None for a file that it does not write.
        environment: environment variables; those of this process by default.
        is_mount: whether a file system is mounted at a path.
    """
    private = (os.environ if environment is None else environment).get(_PRIVATE_DIRECTORY)
    if not private:
        return []
    short_lived = {os.path.realpath(path) for path in (private, _IN_CONTAINER, tempfile.gettempdir(), os.sep)}

    def is_temporary(path: str) -> bool:
        place = os.path.realpath(path)
        while place not in short_lived and not is_mount(place):
            place = os.path.dirname(place)
        return place in short_lived

    return [path for path in paths if path and is_temporary(path)]
