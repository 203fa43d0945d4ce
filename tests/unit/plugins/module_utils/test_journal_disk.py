# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal as a file: flushing, full disks, and locking."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, JournalError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import (
    entry,
    left_open,
    opened,
    remembered,
    submitted,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return tmp_path / "fleet.journal"


def is_open(number):
    """Return whether a file descriptor is open."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.fixture(autouse=True)
def no_file_stays_open():
    """Assert that no file stays open, because it could hold the lock."""
    before = list(filter(is_open, range(256)))
    yield
    assert list(filter(is_open, range(256))) == before


def failing(number):
    """Return a system call that fails."""

    def fail(*_arguments):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture
def synced(monkeypatch):
    """The inodes of the synced files and folders, in order."""
    found = []
    sync = os.fsync

    def fsync(file):
        sync(file)
        found.append(os.fstat(file).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def inode(path):
    """Return the inode of a file."""
    return os.stat(path).st_ino


def test_an_intent_is_flushed_to_the_disk_and_an_outcome_is_not(path, synced):
    with opened(path) as journal:
        before = synced.count(inode(path))
        name = journal.intend(submitted("A"))
        assert synced.count(inode(path)) == before + 1
        assert name in path.read_text()
        journal.again(name)
        assert synced.count(inode(path)) == before + 2
        journal.accepted(name, "T1")
        journal.lost(journal.intend(submitted("B")))
        journal.refused(journal.intend(submitted("C")))
        journal.adopted("A", "P", "T2")
        journal.over(["A"])
        assert synced.count(inode(path)) == before + 4


def test_the_written_file_is_synced(path, monkeypatch):
    seen = []
    with opened(path) as journal:
        monkeypatch.setattr(os, "fsync", lambda file: seen.append(path.read_text()))
        name = journal.intend(submitted("A"))
    assert name in seen[0]


def test_an_intent_that_does_not_reach_the_disk_is_removed(path, monkeypatch):
    with opened(path) as journal:
        content = path.read_bytes()
        monkeypatch.setattr(os, "fsync", failing(errno.EIO))
        with pytest.raises(JournalError, match="cannot be written: input/output error"):
            journal.intend(submitted("A"))
        assert journal.entry("A") is None
    assert path.read_bytes() == content


@pytest.mark.parametrize("shortened", [False, True])
def test_a_partly_written_record_is_removed(path, monkeypatch, shortened):
    left_open(path, ["old"])
    with opened(path) as journal:
        if shortened:
            journal.forget(["old"])
        name = journal.intend(submitted("A"))
        content = path.read_bytes()
        write, calls = os.write, []

        def full_soon(file, data):
            calls.append(data)
            return write(file, data[: len(data) // 2]) if len(calls) == 1 else failing(errno.ENOSPC)()

        monkeypatch.setattr(os, "write", full_soon)
        with pytest.raises(JournalError, match="no space left on device"):
            journal.intend(submitted("B"))
        monkeypatch.undo()
        assert path.read_bytes() == content
        journal.accepted(name, "T1")
    assert remembered(path, "A", "B") == [entry("T1"), None]


def test_records_of_several_threads_do_not_mix(path, monkeypatch):
    write = os.write

    def a_few_bytes(file, data):
        time.sleep(0)  # the others may go on
        return write(file, data[:9])

    monkeypatch.setattr(os, "write", a_few_bytes)
    keys = [str(number) for number in range(24)]
    with opened(path) as journal, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: journal.intend(submitted(key)), keys))
    assert remembered(path, *keys) == [entry()] * 24


def test_a_disk_that_is_full_from_the_start_is_a_clear_error(path, monkeypatch):
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC))
    with (
        pytest.raises(InputError, match=r"fleet\.journal cannot be opened: no space left on device"),
        opened(path),
    ):
        pass


def test_a_journal_with_an_incomplete_first_line_is_started_again(path):
    with opened(path):
        pass
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert remembered(path, "A", writable=False) == [None]
        left_open(path)
        assert path.read_bytes().startswith(whole)
        assert remembered(path, "A") == [entry()]


def test_the_first_line_is_written_once(path):
    for key in "ABC":
        left_open(path, [key])
    assert path.read_text().count("kajeet.sentinel") == 1


@pytest.mark.parametrize("writable", [True, False])
def test_a_folder_is_refused_as_a_journal(tmp_path, writable):
    with pytest.raises(InputError, match="cannot be opened: is a directory"), opened(tmp_path, writable=writable):
        pass


# -- Replacement by a shorter file -------------------------------------------------------------------------------------


def test_a_shortened_file_is_on_the_disk_before_it_replaces_the_old_one(path, synced, monkeypatch):
    left_open(path, ["A"])
    replace = os.replace

    def replace_what_is_safe(aside, place):
        assert inode(aside) in synced
        synced.clear()
        replace(aside, place)

    monkeypatch.setattr(os, "replace", replace_what_is_safe)
    with opened(path) as journal:
        journal.forget(["A"])
    # Then its name is synced.
    assert synced == [inode(path.parent)]


def test_the_name_of_a_new_file_is_on_the_disk_too(path, synced):
    with opened(path):
        assert inode(path.parent) in synced


def test_the_shortened_file_is_created_in_the_same_folder(path, monkeypatch):
    left_open(path, ["A"])
    monkeypatch.setattr(tempfile, "tempdir", str(path.parent / "gone"))
    with opened(path) as journal:
        journal.forget(["A"])
    assert '"A"' not in path.read_text()


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_nothing_is_lost_if_the_file_cannot_be_shortened(path, monkeypatch, call):
    left_open(path, ["A"])
    with opened(path) as journal:
        content = path.read_bytes()
        monkeypatch.setattr(os, call, failing(errno.EACCES))
        journal.forget(["A"])
        monkeypatch.undo()
        assert os.listdir(path.parent) == [path.name]
        assert path.read_bytes() == content
        with pytest.raises(InputError, match="in use by another run"), opened(path):
            pass
        journal.intend(submitted("B"))
    assert remembered(path, "B") == [entry()]


def test_the_file_is_unchanged_if_no_entry_is_removed(path):
    left_open(path, ["A"])
    with opened(path) as journal:
        before = inode(path), path.read_bytes()
        journal.forget(["unheard of"])
        journal.over(["unheard of"])
        assert (inode(path), path.read_bytes()) == before


# -- Locking -----------------------------------------------------------------------------------------------------------


def meanwhile(monkeypatch, happens):
    """Call `happens` between opening and locking of the file."""
    lock = fcntl.flock

    def flock(file, how):
        monkeypatch.undo()
        happens()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)


def test_a_run_locks_the_file_that_another_run_has_put_in_place(path, monkeypatch):
    left_open(path, ["A"])

    def another_run():
        with opened(path) as other:
            other.forget(["A"])
            other.intend(submitted("B"))

    meanwhile(monkeypatch, another_run)
    with opened(path) as journal:
        assert [journal.entry("A"), journal.entry("B")] == [None, entry()]
        with pytest.raises(InputError, match="in use by another run"), opened(path):
            pass


def test_a_file_that_is_moved_away_before_the_lock_is_created_again(path, monkeypatch):
    left_open(path, ["A"])
    meanwhile(monkeypatch, path.unlink)
    left_open(path, ["B"])
    assert remembered(path, "A", "B") == [None, entry()]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_kept_and_its_target_is_the_journal(tmp_path, there):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "journal", tmp_path / "link"
    link.symlink_to(target)
    if there:
        left_open(target, ["A"])
    with opened(link) as journal:
        journal.intend(submitted("B"))
        journal.forget(["A", "B"])
        journal.intend(submitted("C"))
        with pytest.raises(InputError, match="in use by another run"), opened(target):
            pass
    assert link.is_symlink()
    assert remembered(target, "A", "B", "C") == [None, None, entry()]


def test_a_failed_lock_is_reported(path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))
    with pytest.raises(InputError, match="cannot be opened: no locks available"), opened(path):
        pass
