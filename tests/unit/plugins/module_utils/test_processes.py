# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of other processes: program and playbook, and never a possible secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.processes import (
    ansible_line,
    describe,
    parent_of,
    short_command,
    start_time,
)

proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="this system has no /proc")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("ansible-playbook site.yml", "ansible-playbook site.yml"),
        ("/usr/bin/python3 /usr/bin/ansible-playbook -i hosts play/site.yaml", "ansible-playbook site.yaml"),
        ("/opt/python3.12 -I -X dev -u /bin/ansible-playbook -vv -C site.yml", "ansible-playbook site.yml"),
        (
            "ansible-playbook kajeet.sentinel.plan -e api_token=s3cret.yml",
            "ansible-playbook kajeet.sentinel.plan",
        ),
        ("ansible-playbook -e token=s3cret.yml -e @s3cret.yml site.yml", "ansible-playbook site.yml"),
        ("ansible-playbook -i s3cret.yml --vault-id s3cret.yml --check site.yml", "ansible-playbook site.yml"),
        ("ansible-playbook --extra s3.cr.et", "ansible-playbook"),
        ("ansible-playbook eyJ0.eyJz.S3cret", "ansible-playbook"),
        ("ansible-playbook @s3cret.yml token=s3cret.yml", "ansible-playbook"),
        ("ansible all -m uri -a s3cret.yml", "ansible"),
        ("python3 -c s3cret", "python3"),
        ("python3 -Ic s3cret", "python3"),
        ("python3 -m s3cret.cli site.yml", "python3"),
        ("python3 -W ignore /tmp/AnsiballZ_sentinel_activation.py s3cret", "AnsiballZ_sentinel_activation.py"),
        ("python3", "python3"),
        ("", ""),
    ],
)
def test_a_command_is_shown_by_its_program_and_playbook(line, name):
    assert short_command(line.split()) == name


def test_a_name_is_cut_and_has_no_control_characters():
    name = short_command(["/bin/\x1b[2J" + "x" * 500])
    assert name.isprintable()
    assert len(name) == 60


@proc
def test_a_process_without_ansible_is_shown_itself():
    assert describe(os.getpid()).startswith(f"process {os.getpid()} (")


def test_a_process_that_has_ended_is_shown_by_its_id():
    assert describe(2**30) == "process 1073741824"
    assert start_time(2**30) is None


#: A shell that starts the next one, the last one a sleep; each prints its id.
CHAIN = 'echo $$; if [ $# -gt 0 ]; then n=$1; shift; "$n" -c "$CHAIN" sh "$@" & else sleep 60 & echo $!; fi; wait'


@contextmanager
def started_by(folder, *programs):
    """Start processes of these names, each from the previous one; yield their ids, that of a `sleep` last."""
    for program in set(programs):
        (folder / program).symlink_to("/bin/sh")
    first, *rest = [str(folder / program) for program in programs]
    how = {"stdout": subprocess.PIPE, "env": {**os.environ, "CHAIN": CHAIN}}
    with subprocess.Popen([first, "-c", CHAIN, "sh", *rest], **how) as process:
        ids = [int(process.stdout.readline()) for _program in (*programs, "sleep")]
        try:
            # A process is a copy of the shell that started it until it runs another program.
            while not Path(f"/proc/{ids[-1]}/cmdline").read_bytes().startswith(b"sleep"):
                time.sleep(0.001)
            yield ids
        finally:
            for number in ids:
                os.kill(number, signal.SIGKILL)


@proc
@pytest.mark.parametrize(
    ("programs", "line"),
    [
        (["sh"], []),
        (["ansible-playbook"], [0]),
        (["sh", "ansible-playbook", "sh"], [2, 1]),
        (["ansible-playbook", "ansible-playbook", "sh"], [2, 1, 0]),
        (["ansible-playbook", "sh", "ansible-playbook", "sh"], [3, 2]),
        (["ansible-pull", "ansible-playbook", "sh"], [2, 1]),
        (["ansible-playbook", "async_wrapper.py"], []),
    ],
)
def test_a_module_is_shown_as_the_ansible_command_that_started_it(tmp_path, programs, line):
    with started_by(tmp_path, *programs) as ids:
        assert ansible_line(ids[-1]) == [ids[place] for place in line]
        command = f"{ids[line[-1]]} ({programs[line[-1]]})" if line else f"{ids[-1]} (sleep)"
        assert describe(ids[-1]) == f"process {command}"
        assert parent_of(ids[-1]) == ids[-2]


@proc
def test_a_process_keeps_its_start_time_and_another_one_has_another():
    first = start_time(os.getpid())
    time.sleep(0.05)  # start times are in hundredths of a second
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert start_time(other.pid) != first
        other.kill()
    assert start_time(os.getpid()) == first
