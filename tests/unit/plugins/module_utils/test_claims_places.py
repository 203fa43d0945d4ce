# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of claims: those of this user alone, and warnings if there are none."""

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out import claims as _claims
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out import register as _register
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import StoppedError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.claiming import Time, claim_files, claims


@pytest.fixture
def runtime(where, monkeypatch):
    """The user's runtime directory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(where))
    return where


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary directory."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setattr(_claims, "_TEMPORARY", str(folder))
    return folder


@pytest.fixture
def own(temporary):
    """The user's own directory below the temporary one, which does not exist yet."""
    return temporary / f"kajeet.sentinel-{os.geteuid()}"


def waits(keys, where=None):
    """Whether a run on these devices waits for another one."""
    now = Time()
    try:
        with claims(where, time=now).held(keys, stop=lambda: now.now > 1) as claimed:
            assert claimed.warning is None
    except StoppedError:
        return True
    return False


def test_it_uses_the_users_runtime_directory_and_one_below_the_temporary_one(runtime, own):
    with claims(None).held(["1"]) as claimed:
        assert claimed.warning is None
        assert (len(claim_files(runtime)), len(claim_files(own))) == (1, 1)
    assert own.stat().st_mode & 0o777 == 0o700
    assert (claim_files(runtime), claim_files(own)) == ([], [])


@pytest.mark.usefixtures("temporary")
def test_a_job_without_a_runtime_directory_sees_a_login_with_one(runtime, monkeypatch):
    with claims(None).held(["1"]):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime / "gone"))
        assert waits(["1"])
        assert not waits(["2"])


@pytest.mark.usefixtures("runtime", "temporary")
def test_a_job_with_its_own_temporary_directory_sees_the_others(tmp_path, monkeypatch):
    with claims(None).held(["1"]):
        monkeypatch.setattr(_claims, "_TEMPORARY", str(tmp_path))
        assert waits(["1"])


@pytest.mark.usefixtures("temporary")
def test_a_runtime_directory_that_others_may_use_is_not_used(runtime):
    runtime.chmod(0o755)
    with claims(None).held(["1"]) as claimed:
        assert claimed.warning is None
    assert list(runtime.iterdir()) == []


def make_a_link(own, tmp_path):
    (tmp_path / "victim").mkdir(mode=0o700)
    own.symlink_to(tmp_path / "victim")


def make_a_file(own, _tmp_path):
    own.write_text("")


def make_it_open(own, _tmp_path):
    own.mkdir()
    own.chmod(0o770)


def make_it_another_users(own, _tmp_path):
    own.mkdir(mode=0o700)
    os.chown(own, 12345, -1)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_a_link, "is not a directory"),
        (make_a_file, "is not a directory"),
        (make_it_open, "is open to other users"),
        pytest.param(
            make_it_another_users,
            "belongs to another user",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a directory away"),
        ),
    ],
)
def test_a_directory_that_others_may_have_prepared_is_refused_and_the_run_continues(
    runtime, own, tmp_path, monkeypatch, make, why
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime / "gone"))
    make(own, tmp_path)
    with claims(None).held(["1"]) as claimed:
        assert f"{own}: {why}" in claimed.warning
        assert "may submit the same devices at the same time. Run them one after another, or set XDG" in claimed.warning
    assert not claim_files(tmp_path) or make is make_a_file


def test_another_users_directory_is_refused(where, monkeypatch):
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with claims(where).held(["1"]) as claimed:
        assert "belongs to another user" in claimed.warning


def test_a_system_without_file_locks_gets_a_warning(where, monkeypatch):
    monkeypatch.setattr(_claims, "HAS_LOCKS", False)
    with claims(where).held(["1"]) as claimed:
        assert "this system has no file locks" in claimed.warning


@pytest.mark.parametrize("call", ["write", "listdir", "mkdir", "open"])
def test_a_directory_that_fails_is_a_warning(where, monkeypatch, call):
    def fail(*_arguments, **_how):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with claims(where).held(["1"]) as claimed:
            assert "no space left on device" in claimed.warning
    assert claim_files(where) == []
    with claims(where).held(["1"]) as claimed:
        assert claimed.warning is None


def test_a_file_system_without_locks_is_a_warning(where, monkeypatch):
    def fail(_file, _how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(_register.fcntl, "flock", fail)
    with claims(where).held(["1"]) as claimed:
        assert "no locks available" in claimed.warning


def test_no_descriptor_stays_open(where):
    before = os.listdir("/dev/fd")
    with claims(where).held(["1"]), claims(where).held(["2"]):
        assert waits(["1"], where)
    assert os.listdir("/dev/fd") == before


def test_other_files_in_the_directory_are_left_alone(where):
    with claims(where).held(["1"]):
        pass
    (folder,) = where.iterdir()
    (folder / "notes.txt").write_text("mine")
    with claims(where).held(["1"]) as claimed:
        assert claimed.warning is None
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
