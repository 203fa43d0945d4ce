# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the files of a task. Files are replaced as a whole or not at all; pipes and devices are written to.

Files name devices, so only the owner may read a new one. A link is kept: its target is replaced.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any, BinaryIO

from .._errors import reason_of
from .._text import guarded, path_problem, printable, shown_path
from .workbook import is_xlsx, workbook_parts

#: Mode of a new file.
_PRIVATE = 0o600
#: Maximum seconds to wait for the reader of a pipe: until it opens the pipe, and between two parts of the text.
_READER_TIMEOUT = 5.0
#: Seconds between two attempts to open or write a pipe.
_PAUSE = 0.01
#: Number of characters encoded at once.
_CHUNK = 1 << 20
#: Maximum number of characters of a file's name in the name of its temporary file.
_PREFIX = 40
#: File types other than regular files and directories.
_OTHERS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}
_STREAMS = (stat.S_IFIFO, stat.S_IFCHR)


def check_writable(option: str, path: str, regular: bool = False) -> list[str]:
    """Return the problems that would keep a file from being written; empty if there are none.

    Args:
        option: name of the option, for the problem.
        path: of the file. It is not opened, because opening and closing a pipe would end its reader.
        regular: whether the file must be a regular file, because it is also read.
    """
    problem = path_problem(path) or _problem(path, regular)
    return [f"{option}: {problem}"] if problem else []


def _problem(path: str, regular: bool) -> str | None:
    """Return what is wrong with the target of a path, after following links, or None."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return _folder_problem(os.path.dirname(os.path.realpath(path)))
    except OSError as error:
        return f"{shown_path(path)} cannot be written: {reason_of(error)}"
    file_type = stat.S_IFMT(status.st_mode)
    if file_type == stat.S_IFDIR:
        return f"{shown_path(path)} is a directory: give a file"
    if file_type in _OTHERS and (regular or file_type not in _STREAMS):
        return f"{shown_path(path)} is {_OTHERS[file_type]}; give a regular file"
    if file_type != stat.S_IFCHR and _is_own_output(status):
        return f"{shown_path(path)} is the task's own output, which carries its result: give another file"
    if file_type in _STREAMS:
        return None if os.access(path, os.W_OK) else f"{shown_path(path)} cannot be written: permission denied"
    return _folder_problem(os.path.dirname(os.path.realpath(path)))


def _is_own_output(status: os.stat_result) -> bool:
    """Whether it is this process's standard output or error, where Ansible reads the result of a module."""
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.path.samestat(status, os.fstat(descriptor)):
                return True
    return False


def _folder_problem(folder: str) -> str | None:
    """Return why no file can be created in a directory, or None."""
    shown = shown_path(folder)
    try:
        is_folder = stat.S_ISDIR(os.stat(folder).st_mode)
    except FileNotFoundError:
        return f"the directory {shown} does not exist on the machine that runs the module"
    except OSError as error:
        return f"the directory {shown} cannot be used: {reason_of(error)}"
    if not is_folder:
        return f"{shown} is not a directory"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return f"the directory {shown} cannot be written: read-only file system"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"the directory {shown} cannot be written"


def named_twice(paths: Mapping[str, str | None]) -> list[str]:
    """Return a problem for each option that names the file of an earlier option and would overwrite it.

    Devices such as /dev/null may be named many times.

    Args:
        paths: by option.
    """
    files: dict[str, str] = {}
    problems = []
    for name, path in paths.items():
        if not path or path_problem(path) or _type_of(path) == stat.S_IFCHR:
            continue
        first = files.setdefault(os.path.realpath(path), name)
        if first != name:
            problems.append(
                f"{name}: {shown_path(path)} is also the file of {first} and would be overwritten; give another path"
            )
    return problems


def is_stream(path: str) -> bool:
    """Whether a path leads to a pipe or a character device, so that writing to it leaves no file."""
    return path_problem(path) is None and _type_of(path) in _STREAMS


def _type_of(path: str) -> int | None:
    """Return the file type bits of a path's target; None if it does not exist or cannot be read."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except OSError:
        return None


def write_whole(path: str, parts: Iterable[str | bytes]) -> None:
    """Write a file as a whole or not at all, or write to an existing pipe or device.

    Args:
        path: of the file.
        parts: its content in any number of parts: text, which is written as UTF-8, or bytes.

    A file is written next to its path first, then moved into place. An existing file keeps its permissions without
    setuid, setgid and sticky bits; a new file has mode 0600.

    Raises OSError, for `reason_of`.
    """
    if path_problem(path):
        raise OSError(errno.EINVAL, "it is not a path")
    file_type = _type_of(path)
    if file_type in _STREAMS:
        _write_stream(path, parts, file_type == stat.S_IFIFO)
        return
    if file_type in _OTHERS:
        raise OSError(errno.EINVAL, f"it is {_OTHERS[file_type]}")
    place = os.path.realpath(path)
    with beside(place) as stream:
        for data in _encoded(parts):
            stream.write(data)
        stream.close()  # a full disk may raise only here
        with suppress(FileNotFoundError):
            os.chmod(stream.name, stat.S_IMODE(os.stat(place).st_mode) & 0o777)
        os.replace(stream.name, place)


@contextmanager
def beside(place: str) -> Iterator[BinaryIO]:
    """Open a temporary file next to `place`, which only its owner may read. It is removed unless it was moved."""
    folder, name = os.path.split(place)
    handle, path = tempfile.mkstemp(prefix=f".{name[:_PREFIX]}.", dir=folder)
    os.close(handle)
    try:
        with open(path, "wb") as stream:
            yield stream
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _encoded(parts: Iterable[str | bytes]) -> Iterator[bytes]:
    """Yield the content as bytes, text in large parts, so that the content of a large fleet is never all in memory."""
    gathered: list[str] = []
    size = 0
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        gathered.append(part)
        size += len(part)
        if size >= _CHUNK:
            yield _bytes(gathered)
            gathered, size = [], 0
    if gathered:
        yield _bytes(gathered)


def _bytes(parts: Iterable[str]) -> bytes:
    # The service may cut a text in the middle of a character.
    return "".join(parts).encode("utf-8", "backslashreplace")


def _write_stream(path: str, parts: Iterable[str | bytes], pipe: bool) -> None:
    """Write to a pipe or a device. Raises OSError after waiting for _READER_TIMEOUT."""
    handle = _opened(path, pipe)
    try:
        for data in _encoded(parts):
            _send(handle, data)
    finally:
        os.close(handle)


def _opened(path: str, pipe: bool) -> int:
    deadline = time.monotonic() + _READER_TIMEOUT
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            if error.errno != errno.ENXIO or not pipe:
                raise
            if time.monotonic() > deadline:
                raise OSError(errno.ENXIO, f"no process is reading it (waited {_READER_TIMEOUT:g} s)") from None
        time.sleep(_PAUSE)


def _send(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    deadline = time.monotonic() + _READER_TIMEOUT
    while rest:
        try:
            rest = rest[os.write(handle, rest) :]
            deadline = time.monotonic() + _READER_TIMEOUT
        except BlockingIOError:
            if time.monotonic() > deadline:
                problem = f"its reader accepts no data (waited {_READER_TIMEOUT:g} s)"
                raise OSError(errno.ETIMEDOUT, problem) from None
            time.sleep(_PAUSE)
        except BrokenPipeError:
            raise OSError(errno.EPIPE, "its reader has closed it") from None


def csv_lines(fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV for people and for our own reader, without control characters and formulas.

    Args:
        fields: the header, and the names of the cells in each row. If a row lacks a name, its cell is empty.
        rows: by these names. Cells that a spreadsheet would run get an apostrophe in front, which `unwrap` removes.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for cells in chain([fields], ([row.get(field) for field in fields] for row in rows)):
        writer.writerow(map(_cell, cells))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def row_lines(path: str, fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str] | Iterator[bytes]:
    """Return a file of rows in parts, by its extension: a CSV or a workbook with these fields, otherwise JSON lines."""
    if is_xlsx(path):
        return workbook_parts(fields, rows)
    if path.lower().endswith(".csv"):
        return csv_lines(fields, rows)
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    return guarded(printable(value)) if isinstance(value, str) else value
