# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a task writes: files are replaced whole or not at all, pipes and devices are written to.

They name devices, so only their owner may read a new one. A link stays a link: the file behind it is replaced.
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

#: Mode of a file that was not there before.
_PRIVATE = 0o600
#: Seconds to wait for the process that reads a pipe, until it opens it and between two parts of the text.
_READER_TIMEOUT = 5.0
#: Seconds between two attempts to write to it.
_PAUSE = 0.01
#: Characters that are encoded at a time.
_CHUNK = 1 << 20
#: Maximum length of what the name of a temporary file takes over from that of its file.
_PREFIX = 40
#: What a path may lead to besides regular files and directories.
_OTHERS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}
_STREAMS = (stat.S_IFIFO, stat.S_IFCHR)


def check_writable(option: str, path: str, regular: bool = False) -> list[str]:
    """Return what will keep a file from being written, as a problem of its option; empty where nothing will.

    Args:
        option: its name, for the problem.
        path: of the file. Nothing is opened: a pipe that is opened and closed again would end its reader.
        regular: whether the file is read as well, so that a pipe or a device will not do.
    """
    problem = path_problem(path) or _problem(path, regular)
    return [f"{option}: {problem}"] if problem else []


def _problem(path: str, regular: bool) -> str | None:
    """Return what is wrong with the place that a path leads to, links followed, or None."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return _folder_problem(os.path.dirname(os.path.realpath(path)))
    except OSError as error:
        return f"{shown_path(path)} cannot be written: {reason_of(error)}"
    what = stat.S_IFMT(found.st_mode)
    if what == stat.S_IFDIR:
        return f"{shown_path(path)} is a directory: give a file"
    if what in _OTHERS and (regular or what not in _STREAMS):
        return f"{shown_path(path)} is {_OTHERS[what]}: give a regular file"
    if what != stat.S_IFCHR and _is_own_output(found):
        return f"{shown_path(path)} is the task's own output, which carries its result: give another file"
    if what in _STREAMS:
        return None if os.access(path, os.W_OK) else f"{shown_path(path)} cannot be written: permission denied"
    return _folder_problem(os.path.dirname(os.path.realpath(path)))


def _is_own_output(found: os.stat_result) -> bool:
    """Whether it is this process's standard output or error: Ansible reads the result of a module there."""
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return True
    return False


def _folder_problem(folder: str) -> str | None:
    """Return why no file can be made in a directory, or None."""
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
    """Options that name one file: one of them would be written over the other. A problem each; `paths`: by option.

    Devices such as /dev/null may be named many times.
    """
    files: dict[str, str] = {}
    problems = []
    for name, path in paths.items():
        if not path or path_problem(path) or _type_of(path) == stat.S_IFCHR:
            continue
        first = files.setdefault(os.path.realpath(path), name)
        if first != name:
            problems.append(
                f"{name}: {shown_path(path)} is the file of {first}, too, and would be overwritten: give another path"
            )
    return problems


def is_stream(path: str) -> bool:
    """Whether a path leads to a pipe or a character device: what is written there goes through, and is no file."""
    return path_problem(path) is None and _type_of(path) in _STREAMS


def _type_of(path: str) -> int | None:
    """Return the type bits of what a path leads to, or None where there is nothing or it cannot be seen."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except OSError:
        return None


def write_whole(path: str, parts: Iterable[str | bytes]) -> None:
    """Write a file whole or not at all, or write to the pipe or device that is there.

    Args:
        path: of the file.
        parts: its content in any number of parts: text, which is written as UTF-8, or bytes.

    A file is written to the side first, then moved into place. An old file's permissions are kept, but for setuid,
    setgid and sticky bits; a new file has mode 0600.

    Raises OSError, for `reason_of`.
    """
    if path_problem(path):
        raise OSError(errno.EINVAL, "it is not a path")
    what = _type_of(path)
    if what in _STREAMS:
        _write_through(path, parts, what == stat.S_IFIFO)
        return
    if what in _OTHERS:
        raise OSError(errno.EINVAL, f"it is {_OTHERS[what]}")
    place = os.path.realpath(path)
    with beside(place) as stream:
        for data in _encoded(parts):
            stream.write(data)
        stream.close()  # a full disk may show only now
        with suppress(FileNotFoundError):
            os.chmod(stream.name, stat.S_IMODE(os.stat(place).st_mode) & 0o777)
        os.replace(stream.name, place)


@contextmanager
def beside(place: str) -> Iterator[BinaryIO]:
    """A file beside `place`, which only its owner may read; in the end it is gone, or has been moved by its `name`."""
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
    """The content as bytes, text in large parts: that of a large fleet is never in memory as a whole."""
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
    # A service may cut a text in the middle of a character.
    return "".join(parts).encode("utf-8", "backslashreplace")


def _write_through(path: str, parts: Iterable[str | bytes], pipe: bool) -> None:
    """Write to a pipe or a device. Nothing waits for longer than _READER_TIMEOUT; raises OSError instead."""
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
                raise OSError(errno.ENXIO, f"no process reads it ({_READER_TIMEOUT:g} seconds waited)") from None
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
                why = f"its reader takes nothing ({_READER_TIMEOUT:g} seconds waited)"
                raise OSError(errno.ETIMEDOUT, why) from None
            time.sleep(_PAUSE)
        except BrokenPipeError:
            raise OSError(errno.EPIPE, "its reader has closed it") from None


def csv_lines(fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV for people and for our own reader: shown safely, and nothing in it is a formula.

    Args:
        fields: the header, and the names of the cells in each row; a name that a row lacks leaves its cell empty.
        rows: by these names. A cell that a spreadsheet would run begins with an apostrophe, which `unwrap` takes off.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for cells in chain([fields], ([row.get(field) for field in fields] for row in rows)):
        writer.writerow(map(_cell, cells))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def row_lines(path: str, fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str] | Iterator[bytes]:
    """Return a file of rows in parts, by its ending: a CSV or a workbook with these fields, otherwise JSON lines."""
    if is_xlsx(path):
        return workbook_parts(fields, rows)
    if path.lower().endswith(".csv"):
        return csv_lines(fields, rows)
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    return guarded(printable(value)) if isinstance(value, str) else value
