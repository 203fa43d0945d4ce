# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files outlive the job of an automation controller, and so may be named to whoever reads its output.

AWX runs each job in a container of its own. What the job writes is gone with it, except on volumes that are mounted for
jobs. The job's private directory, with a copy of the project, is a mount as well, and removed after the job. AWX puts
its path on the execution node into the environment; in the container it is /runner (AWX 24.6.1).
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
    """Return which of these files are gone when the controller's job has ended; none of them elsewhere.

    Args:
        paths: of files that a task writes; None for a file that it does not write.
        environment: variables of the process; its own by default.
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
