# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a comparison to files: JSON with every device, and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...module_utils._errors import InputError, reason_of
from ...module_utils._report.files import write_whole
from ...module_utils._text import printable
from .junit import junit
from .task import Paths


def write_files(paths: Paths, found: Mapping[str, Any], suite: str) -> None:
    """Write the comparison. Raises InputError if a file cannot be written.

    Args:
        paths: of the files to write.
        found: the comparison, as `drift` returns it.
        suite: name of the test suite.
    """
    if paths.drift_file:
        _write("drift_file", paths.drift_file, json_parts(found))
    if paths.junit:
        _write("junit", paths.junit, [junit(found, suite)])


def json_parts(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a comparison as JSON with one line per device, so that it is never in memory as a whole."""
    head = {name: value for name, value in found.items() if name != "devices"}
    yield json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}") + ',\n  "devices": ['
    separator = "\n    "
    for device in found["devices"]:
        yield separator + json.dumps(device, ensure_ascii=False)
        separator = ",\n    "
    yield "\n  ]\n}\n"


def _write(option: str, path: str, parts: Iterable[str]) -> None:
    try:
        write_whole(path, parts)
    except OSError as error:
        raise InputError([f"{option}: {printable(path)} cannot be written: {reason_of(error)}"]) from None
