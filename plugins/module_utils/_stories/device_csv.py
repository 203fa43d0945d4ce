# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Device CSVs: the devices that Sentinel reads from a file, and where the collection's own reader differs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from .._declare.content import ZIP
from .._declare.devices import load
from .._declare.files import FORMATS, read_bytes
from .._errors import InputError, reason_of
from .._identity import Identity
from .._options import ConnectionOptions
from .._report.files import check_writable, csv_lines, named_twice, write_whole
from .._service.api import SentinelAPI
from .._text import printable
from .._transport.session import Session

#: Fields that a device CSV must have for each device.
_PAIR = Identity("sim", "iccid", "imei", ("imei", "iccid"), ("imei", "iccid"))


#: Our fields → columns of a device CSV.
_HEADINGS = {"imei": "IMEI", "iccid": "ICCID"}


def read_device_csv(params: Mapping[str, Any], on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Upload the file `src` for Sentinel to read; return the module's result.

    A CSV is sent unchanged, unless `columns` or `dest` is given. Any other file is converted to a device CSV first.

    Args:
        params: the module's parameters. With `compare_local`, the collection's own reader reads the file as well.
        on_secret: receives each token.

    Raises InputError if the file cannot be read or `dest` cannot be written, and RefusedError with the service's text
    if it refuses the file.
    """
    path, dest = params["src"], params.get("dest")
    name, content = os.path.basename(path), read_bytes(path, "src")
    warnings: list[str] = []
    if dest or params.get("columns") or not _is_csv(path, content):
        name = f"{os.path.splitext(name)[0]}.csv"
        content, warnings = _made(params)
        if dest:
            _write(dest, content, params)
    with closing(Session(ConnectionOptions.read(params.get), on_secret)) as session:
        devices = SentinelAPI(session).upload_csv(name, content)
    result: dict[str, Any] = {"changed": False, "devices": devices}
    if warnings:
        result["warnings"] = warnings
    if params["compare_local"]:
        result.update(_compare(params, devices))
    return {**result, "dest": dest} if dest else result


def _is_csv(path: str, content: bytes) -> bool:
    return FORMATS.get(os.path.splitext(path)[1].lower(), "csv") == "csv" and not content.startswith(ZIP)


def _made(params: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """Return a device CSV with the pairs that a file declares, and warnings."""
    declared = load({name: params.get(name) for name in ("src", "columns", "sheet")}, _PAIR)
    rows = ({_HEADINGS[name]: getattr(device, name) for name in _HEADINGS} for device in declared.devices)
    text = "".join(csv_lines(list(_HEADINGS.values()), rows))
    return text.encode(), declared.warnings


def _write(dest: str, content: bytes, params: Mapping[str, Any]) -> None:
    problems = check_writable("dest", dest) + named_twice({"src": params["src"], "dest": dest})
    if not problems:
        try:
            write_whole(dest, [content])
        except OSError as error:
            problems = [f"dest: {printable(dest)} cannot be written: {reason_of(error)}"]
    if problems:
        raise InputError(problems)


def _compare(params: Mapping[str, Any], devices: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the problems that our reader finds in the file, and the pairs that only one of the two readers has."""
    try:
        declared = load({name: params.get(name) for name in ("src", "columns", "sheet")}, _PAIR).devices
    except InputError as error:
        return {"local_problems": [printable(problem) for problem in error.problems], "differences": []}
    local = {(device.iccid or "", device.imei or ""): device.where for device in declared}
    remote = {(device["iccid"], device["imei"]) for device in devices}
    only_local = [_difference(pair, "local", where) for pair, where in local.items() if pair not in remote]
    only_remote = [_difference(pair, "sentinel", None) for pair in sorted(remote) if pair not in local]
    return {"local_problems": [], "differences": only_local + only_remote}


def _difference(pair: tuple[str, str], only_in: str, where: str | None) -> dict[str, Any]:
    return {"iccid": pair[0], "imei": pair[1], "only_in": only_in, "where": where}
