# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killing runs on machines without ps and kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness.processes import alive, end, family, kill_family, none_of, wait_until

#: Starts a child in its own session, as Ansible does with its workers.
PARENT = (
    "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture(autouse=True)
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH without programs."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_killed_run_leaves_no_descendant_in_another_session() -> None:
    process = subprocess.Popen([sys.executable, "-c", PARENT])
    members = wait_until(lambda: (members := family(process.pid))[1:] and members, "the child has started")
    kill_family(process)
    assert none_of(members)


def test_a_zombie_is_not_a_running_process() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        wait_until(lambda: not alive(pid), "the process has ended")
    finally:
        os.waitpid(pid, 0)
    assert family(pid) == [pid]


def test_a_process_is_alive_until_it_is_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert alive(process.pid)
    end(process)
    assert not alive(process.pid)
