# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of a device CSV that Sentinel reads: the devices in it, and where our own reader differs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from .._declare.devices import load
from .._declare.files import read_bytes
from .._errors import InputError
from .._identity import Identity
from .._options import ConnectionOptions
from .._service.api import SentinelAPI
from .._text import printable
from .._transport.session import Session

#: What a device CSV must tell of each device, for the service and for the comparison.
_PAIR = Identity("sim", "iccid", "imei", ("imei", "iccid"), ("imei", "iccid"))


def read_device_csv(params: Mapping[str, Any], on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Has Sentinel read the file `src`; returns the module's result.

    Args:
        params: the module's parameters; `compare_local` reads the file with the collection's own reader, too.
        on_secret: is told each token obtained.

    Raises InputError where the file cannot be read, RefusedError with the service's words where it refuses the file.
    """
    path = params["src"]
    content = read_bytes(path, "src")
    with closing(Session(ConnectionOptions.read(params.get), on_secret)) as session:
        devices = SentinelAPI(session).upload_csv(os.path.basename(path), content)
    result: dict[str, Any] = {"changed": False, "devices": devices}
    if params["compare_local"]:
        result.update(_compare(path, devices))
    return result


def _compare(path: str, devices: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What our reader finds wrong in the file, and the pairs that only one of the two has read."""
    try:
        declared = load({"src": path}, _PAIR).devices
    except InputError as error:
        return {"local_problems": [printable(problem) for problem in error.problems], "differences": []}
    local = {(device.iccid or "", device.imei or ""): device.where for device in declared}
    remote = {(device["iccid"], device["imei"]) for device in devices}
    only_local = [_difference(pair, "local", where) for pair, where in local.items() if pair not in remote]
    only_remote = [_difference(pair, "sentinel", None) for pair in sorted(remote) if pair not in local]
    return {"local_problems": [], "differences": only_local + only_remote}


def _difference(pair: tuple[str, str], only_in: str, where: str | None) -> dict[str, Any]:
    return {"iccid": pair[0], "imei": pair[1], "only_in": only_in, "where": where}
