# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports the CSV of a transaction or of the history: streamed to a temporary file, then moved into place."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import Any, BinaryIO, NamedTuple, Protocol

from .._errors import InputError, RefusedError, reason_of
from .._options import ConnectionOptions, secret_receiver
from .._report.files import beside, check_writable
from .._service.api import SentinelAPI
from .._transport.session import Session
from .._wire import Table, read_table, unexpected_answer_error

_CHUNK = 1 << 20


class Machine(Protocol):
    """The part of AnsibleModule that is used here: parameters, and functions for files."""

    params: Mapping[str, Any]
    check_mode: bool
    no_log_values: set[str]

    def load_file_common_arguments(self, params: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return mode, owner and so on from the parameters."""

    def set_fs_attributes_if_different(self, file_args: dict[str, Any], changed: bool) -> bool:
        """Apply these, except in check mode; return whether anything changed or would change."""

    def atomic_move(self, src: str, dest: str, unsafe_writes: bool = False) -> None:
        """Move a file into place, with the attributes of the file that it replaces."""

    def backup_local(self, fn: str) -> str:
        """Copy a file to a name with a date; return that name."""


class _Copied(NamedTuple):
    """What was downloaded: number of rows below the header, number of bytes, and their SHA-256."""

    rows: int
    size: int
    checksum: str


def export(module: Machine) -> dict[str, Any]:
    """Return the result of `sentinel_transactions_export`. Raises InputError if the file cannot be written."""
    problems = check_writable("dest", module.params["dest"], regular=True)
    if module.params.get("transaction_id") is not None and not module.params["transaction_id"].strip():
        problems.append("transaction_id: must not be empty; omit it for the whole history")
    if problems:
        raise InputError(problems)
    # A link is kept: its target is replaced.
    place = os.path.realpath(module.params["dest"])
    try:
        return _exported(module, place)
    except OSError as error:
        raise InputError([f"dest: {place}: {reason_of(error)}; the file was not replaced"]) from None


def _exported(module: Machine, place: str) -> dict[str, Any]:
    params = module.params
    result: dict[str, Any] = {}
    with closing(Session(ConnectionOptions.read(params.get), secret_receiver(module))) as session:
        api = SentinelAPI(session)
        if module.check_mode:
            copied = _download(api, params, None)
            changed = copied.checksum != _checksum(place)
        else:
            with beside(place) as aside:
                copied = _download(api, params, aside)
                aside.close()  # a full disk may raise only here
                changed = copied.checksum != _checksum(place)
                if changed:
                    if params["backup"] and os.path.exists(place):
                        result["backup_file"] = module.backup_local(place)
                    _move(module, aside.name, place)
    if os.path.exists(place):
        wanted = module.load_file_common_arguments(params, place)
        changed = module.set_fs_attributes_if_different(wanted, changed)
    file = {"dest": place, "lines": copied.rows, "size": copied.size, "checksum": copied.checksum}
    return {"changed": changed, **file, **result}


def _download(api: SentinelAPI, params: Mapping[str, Any], sink: BinaryIO | None) -> _Copied:
    """Stream the requested CSV to `sink`, if there is one."""
    transaction_id = (params.get("transaction_id") or "").strip()
    name = f"the CSV of the transaction {transaction_id}" if transaction_id else "the CSV of the history"

    def read(lines: Iterator[str]) -> _Copied:
        copy = _Copy(sink)

        def count(table: Table | None) -> _Copied:
            if table is not None or transaction_id:
                _check_header(table.header if table else [], name, api)
            return _Copied(sum(1 for row in table.rows) if table else 0, copy.size, copy.digest.hexdigest())

        return read_table(copy.through(lines), name, count)

    if not transaction_id:
        return api.history_csv(params.get("sort_dir") or "DESC", read)
    try:
        return api.transaction_csv(transaction_id, read)
    except RefusedError as error:
        if error.status != 404:
            raise
        cure = "Check the id, and that it is a transaction of this account; sentinel_transactions_info lists them."
        text = f"the service does not know transaction {transaction_id}"
        raise RefusedError(text, cure, error.method, error.path, 404) from None


class _Copy:
    """Passes lines on and writes them to `sink`, from its start."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self._sink = sink
        if sink is not None:
            # An earlier download may have been cut off.
            sink.seek(0)
            sink.truncate()

    def through(self, lines: Iterator[str]) -> Iterator[str]:
        """Yield the lines, each after it was written."""
        for line in lines:
            data = line.encode("utf-8")
            self.digest.update(data)
            self.size += len(data)
            if self._sink is not None:
                self._sink.write(data)
            yield line


def _check_header(header: list[str], name: str, api: SentinelAPI) -> None:
    """Raise UnexpectedAnswerError if this cannot be a header, so that an error in JSON does not replace a file.

    The column names are not published, so any names are accepted.
    """
    text = ",".join(header)
    if len(header) < 2 or text.lstrip().startswith(("{", "[", "<")):
        raise unexpected_answer_error(name, "a header of several columns", api.session.redacted(text))


def _move(module: Machine, aside: str, place: str) -> None:
    """Move the new file into place with the permissions of the old one. A new file is readable only by its owner.

    Raises OSError.
    """
    created = False
    with suppress(FileExistsError):
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        created = True  # Ansible gives the mode of this file to the new one
    try:
        module.atomic_move(aside, place, unsafe_writes=bool(module.params.get("unsafe_writes")))
    except OSError:
        raise
    except Exception as error:  # Ansible raises no more specific type
        raise OSError(errno.EIO, str(error)) from error
    finally:
        if created and os.path.exists(aside):
            os.unlink(place)
    mode = stat.S_IMODE(os.stat(place).st_mode)
    if mode & ~0o777:  # downloaded content must not have setuid or setgid
        os.chmod(place, mode & 0o777)


def _checksum(path: str) -> str | None:
    """Return the SHA-256 of a file, or None if it does not exist."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
