# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a task writes."""

from __future__ import annotations

import csv
import errno
import io
import os
import select
import socket
import stat
import tempfile
import threading
import time
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.files import CsvRows, Source
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.sources import vocabulary
from ansible_collections.kajeet.sentinel.plugins.module_utils._report import files
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.files import (
    check_writable,
    csv_lines,
    is_stream,
    named_twice,
    write_whole,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._text import guarded, printable, unwrap


def test_a_path_that_can_be_written_has_no_problem(tmp_path):
    assert check_writable("plan_file", str(tmp_path / "plan.json")) == []


def test_an_unwritable_path_is_reported_with_its_option(tmp_path, monkeypatch):
    (problem,) = check_writable("plan_file", str(tmp_path))
    assert problem == f"plan_file: {tmp_path} is a directory: give a file"
    (problem,) = check_writable("plan_file", str(tmp_path / "none" / "plan.json"))
    assert problem.startswith(f"plan_file: the directory {tmp_path / 'none'} does not exist")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (problem,) = check_writable("result_file", str(tmp_path / "plan.json"))
    assert problem == f"result_file: the directory {tmp_path} cannot be written"


def test_a_new_file_is_utf_8_and_private(tmp_path):
    mask = os.umask(0)
    try:
        write_whole(str(tmp_path / "plan.json"), ["schön\n"])
    finally:
        os.umask(mask)
    assert (tmp_path / "plan.json").read_bytes() == "schön\n".encode()
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old and longer")
    path.chmod(0o604)
    write_whole(str(path), ["new"])
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_failed_write_keeps_the_old_file_and_leaves_no_temporary_one(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(str(path), ["new"])
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_half_a_character_from_the_service_does_not_prevent_writing(tmp_path):
    write_whole(str(tmp_path / "plan.json"), ["bad \ud83d ZIP"])
    assert (tmp_path / "plan.json").read_text() == "bad \\ud83d ZIP"


# -- Links, pipes and devices ------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the wait for the reader of a pipe."""
    monkeypatch.setattr(files, "_READER_TIMEOUT", 0.1)


@pytest.fixture
def pipe(tmp_path):
    """A FIFO."""
    os.mkfifo(tmp_path / "pipe")
    return str(tmp_path / "pipe")


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path):
    (tmp_path / "store").mkdir()
    real, link = tmp_path / "store" / "plan.json", tmp_path / "plan.json"
    real.write_text("old")
    link.symlink_to(real)
    write_whole(str(link), ["new"])
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_dangling_link_creates_its_target(tmp_path):
    (tmp_path / "plan.json").symlink_to(tmp_path / "real.json")
    assert check_writable("plan_file", str(tmp_path / "plan.json")) == []
    write_whole(str(tmp_path / "plan.json"), ["new"])
    assert (tmp_path / "real.json").read_text() == "new"
    (tmp_path / "other.json").symlink_to(tmp_path / "none" / "real.json")
    assert "does not exist" in check_writable("plan_file", str(tmp_path / "other.json"))[0]


def test_a_link_to_itself_is_a_clear_error(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (problem,) = check_writable("plan_file", str(tmp_path / "loop"))
    assert problem == f"plan_file: {tmp_path}/loop cannot be written: too many levels of symbolic links"


def test_a_hard_linked_file_is_replaced_under_one_name_only(tmp_path):
    (tmp_path / "other").write_text("old")
    os.link(tmp_path / "other", tmp_path / "plan.json")
    write_whole(str(tmp_path / "plan.json"), ["new"])
    assert ((tmp_path / "plan.json").read_text(), (tmp_path / "other").read_text()) == ("new", "old")


def test_special_bits_of_an_old_file_are_not_copied(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o7751)
    write_whole(str(path), ["new"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


def test_a_pipe_is_written_to_and_stays_a_pipe(pipe):
    read = []

    def reader():
        with open(pipe, encoding="utf-8") as stream:
            read.append(stream.read())

    thread = threading.Thread(target=reader)
    thread.start()
    assert check_writable("plan_file", pipe) == []
    write_whole(pipe, ["schön\n" * 100_000])
    thread.join()
    assert read == ["schön\n" * 100_000]
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)


def test_checking_a_pipe_does_not_end_its_reader(pipe):
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        check_writable("plan_file", pipe)
        assert select.select([handle], [], [], 0)[0] == []
    finally:
        os.close(handle)


@pytest.mark.usefixtures("impatient")
def test_a_pipe_without_a_reader_times_out(pipe):
    started = time.monotonic()
    with pytest.raises(OSError, match="no process is reading it"):
        write_whole(pipe, ["new"])
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="its reader accepts no data"):
            write_whole(pipe, ["new" * 1_000_000])
    finally:
        os.close(handle)
    assert time.monotonic() - started < 5


def test_a_reader_that_closes_the_pipe_is_a_clear_error(pipe):
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    threading.Timer(0.1, os.close, [handle]).start()
    with pytest.raises(OSError, match="its reader has closed it"):
        write_whole(pipe, ["new" * 1_000_000])


def test_devices_are_written_to():
    assert check_writable("plan_file", "/dev/null") == []
    write_whole("/dev/null", ["new"])
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert is_stream("/dev/null")
    assert named_twice({"plan_file": "/dev/null", "result_file": "/dev/null"}) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_device_is_an_error():
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_whole("/dev/full", ["new"])
    assert files.reason_of(caught.value) == "no space left on device"


def test_the_tasks_own_output_is_not_written_to(tmp_path, monkeypatch):
    path = tmp_path / "output"
    path.write_text("")
    monkeypatch.setattr(os, "fstat", lambda descriptor: os.stat(path))
    (problem,) = check_writable("plan_file", str(path))
    assert problem == f"plan_file: {path} is the task's own output, which carries its result: give another file"


def test_a_socket_is_refused_and_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert check_writable("plan_file", "socket") == ["plan_file: socket is a socket; give a regular file"]
        with pytest.raises(OSError, match="it is a socket"):
            write_whole("socket", ["new"])
        assert stat.S_ISSOCK(os.stat("socket").st_mode)


def test_a_file_that_is_read_again_must_be_a_regular_file(pipe):
    assert check_writable("state_file", pipe, regular=True) == [f"state_file: {pipe} is a FIFO; give a regular file"]
    (problem,) = check_writable("state_file", "/dev/null", regular=True)
    assert problem == "state_file: /dev/null is a character device; give a regular file"


# -- Invalid paths -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("a\x00b", "a\ufffdb is not a path: it contains a NUL character"),
        ("a\ud83db", "a\ufffdb is not a path: it contains an incomplete character"),
    ],
)
def test_an_invalid_path_is_a_clear_error(tmp_path, path, why):
    assert check_writable("plan_file", path) == [f"plan_file: {why}"]
    assert named_twice({"plan_file": path, "result_file": path}) == []
    with pytest.raises(OSError, match="it is not a path"):
        write_whole(str(tmp_path / path), ["new"])


def test_a_name_that_is_too_long_is_a_clear_error(tmp_path):
    (problem,) = check_writable("plan_file", str(tmp_path / ("x" * 300)))
    assert problem.endswith("… cannot be written: file name too long")
    assert len(problem) < 300


def test_the_longest_name_can_be_written(tmp_path):
    path = str(tmp_path / ("é" * 127))
    assert check_writable("plan_file", path) == []
    write_whole(path, ["new"])
    assert os.listdir(tmp_path) == ["é" * 127]


def test_a_file_instead_of_a_directory_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    (problem,) = check_writable("plan_file", str(tmp_path / "file" / "plan.json"))
    assert problem == f"plan_file: {tmp_path}/file/plan.json cannot be written: not a directory"


def test_a_read_only_file_system_is_a_clear_error(tmp_path, monkeypatch):
    class Flags:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda path: Flags)
    (problem,) = check_writable("plan_file", str(tmp_path / "plan.json"))
    assert problem == f"plan_file: the directory {tmp_path} cannot be written: read-only file system"


def test_a_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def full(_text):
        yield b"half"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_encoded", full)
    with pytest.raises(OSError, match="No space left on device"):
        write_whole(str(path), ["new"])
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["plan.json"]


# -- CSV ---------------------------------------------------------------------------------------------------------------


def test_a_csv_has_a_cell_for_each_field_and_no_formula():
    text = "".join(csv_lines(["imei", "=x"], [{"imei": "355", "=x": "=1", "other": 1}, {"imei": None, "=x": "-7"}, {}]))
    assert text == "imei,'=x\n355,'=1\n,-7\n,\n"


def test_a_row_is_a_line():
    assert "".join(csv_lines(["reason"], [{"reason": "a\r\nb\x1b[31m\u202e"}])) == "reason\na b\ufffd\ufffd\n"


@pytest.mark.parametrize("nickname", ["=1+1", "-Bus", "@home", "＝x", "-12.5", "+15551234567", "O'Brien, Jr.", 'a "b"'])
def test_our_own_csv_can_be_read_as_devices(nickname):
    text = "".join(csv_lines(["imei", "nickname"], [{"imei": "355", "nickname": nickname}]))
    (row,) = CsvRows(io.StringIO(text, newline=""), "all.csv", Source(vocabulary()))
    assert row.values == {"imei": "355", "nickname": nickname}


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_csv_is_read_back_as_it_was(rows):
    values = [[unwrap(unwrap(printable(cell))) for cell in row] for row in rows]
    text = "".join(csv_lines(["a", "b"], [dict(zip("ab", row)) for row in values]))
    read = list(csv.reader(text.split("\n"), strict=True))
    assert [[unwrap(cell) for cell in row] for row in read[1:] if row] == [
        [unwrap(guarded(cell)) for cell in row] for row in values
    ]


@given(st.lists(st.text(max_size=5)), st.integers(1, 8))
def test_a_text_in_parts_is_written_as_a_whole(parts, chunk):
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(files, "_CHUNK", chunk):
        path = os.path.join(folder, "all.jsonl")
        write_whole(path, iter(parts))
        with open(path, "rb") as stream:
            assert stream.read() == "".join(parts).encode("utf-8", "backslashreplace")


def test_a_text_that_ends_in_an_error_keeps_the_old_file(tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text("old")

    def parts():
        yield "new" * 1_000_000
        raise OSError(errno.EIO, "a device failed")

    with pytest.raises(OSError, match="a device failed"):
        write_whole(str(path), parts())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["all.jsonl"]
