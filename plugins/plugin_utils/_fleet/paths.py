# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths that variables name: where they begin, and that no file is read as one thing and written as another."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ...module_utils._errors import InputError
from ...module_utils._report.files import named_twice
from ...module_utils._text import path_problem

_DIGEST = re.compile(r"^[0-9a-fA-F]{64}$")


def resolved(paths: Mapping[str, Any], directory: str) -> dict[str, str]:
    """Absolute paths by the names of the variables.

    Args:
        paths: by the variables' names, as they were given. What is empty is left out. The digest of a plan may stand
            where the path of its file may, and stays as it is.
        directory: where relative paths begin.

    Raises InputError for what is not a path, and where two variables name one file.
    """
    found: dict[str, str] = {}
    digests: dict[str, str] = {}
    for name, given in paths.items():
        text = "" if given is None else str(given).strip()
        if _DIGEST.match(text):
            digests[name] = text
        elif text:
            found[name] = os.path.abspath(os.path.join(directory, os.path.expanduser(text)))
    wrong = {name: path_problem(path) for name, path in found.items()}
    problems = [f"{name}: {problem}" for name, problem in wrong.items() if problem] + named_twice(found)
    if problems:
        raise InputError(problems, "The list of paths")
    return {**found, **digests}
