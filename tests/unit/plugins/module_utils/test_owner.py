# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The owner: whether the process that started this run, and the reader of its result, still exist."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out import owner as _owner
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.owner import Owner, stopping_without_owner
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.processes import start_time

FORK = multiprocessing.get_context("fork")
#: Code of a module that waits until its owner is gone; `end` is when it gives up.
ASKS = (
    "import sys, time\n"
    "from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.owner import Owner\n"
    "owner = Owner.of_this_process(1)\n"
    "print(owner.is_alive(), flush=True)\n"
    "end = time.monotonic() + 60\n"
    "while owner.is_alive() and time.monotonic() < end: time.sleep(0.01)\n"
)
PATIENCE = 60


def as_ansible(worker, *arguments):
    """A process that forks a worker with its own session, as ansible-playbook does, and is killed by the test."""

    def run():
        if os.fork() == 0:
            try:
                os.setsid()
                worker(*arguments)
            finally:
                os._exit(0)
        time.sleep(PATIENCE)

    process = FORK.Process(target=run)
    process.start()
    return process


def asked(pipe):
    """A worker that answers whether its owner is alive."""
    owner = Owner.of_this_process()
    with suppress(EOFError):
        while pipe.recv():
            pipe.send(owner.is_alive())


def ask(pipe):
    """Asks it."""
    pipe.send(True)
    assert pipe.poll(PATIENCE)
    return pipe.recv()


def test_a_worker_knows_at_the_next_check_that_its_parent_was_killed():
    here, there = FORK.Pipe()
    parent = as_ansible(asked, there)
    try:
        assert [ask(here), ask(here)] == [True, True]
        parent.kill()
        parent.join()
        assert [ask(here), ask(here)] == [False, False]
    finally:
        parent.kill()
        here.send(False)


def submit_until_alone(pipe):
    """A worker that submits as long as its owner is alive."""
    owner = Owner.of_this_process()
    number = 0
    while owner.is_alive():
        number += 1
        pipe.send(number)
        time.sleep(0.001)


def test_a_worker_stops_submitting_when_its_parent_is_killed():
    here, there = FORK.Pipe(duplex=False)
    parent = as_ansible(submit_until_alone, there)
    there.close()
    while here.recv() < 10:
        pass
    parent.kill()
    parent.join()
    killed = time.monotonic()
    with suppress(EOFError):  # the worker's end is closed
        while here.poll(PATIENCE):
            here.recv()
    assert time.monotonic() - killed < 10


def test_a_parent_with_another_start_time_is_another_process():
    started = start_time(os.getppid())
    assert Owner(os.getppid(), started).is_alive()
    assert Owner(os.getppid()).is_alive()
    if started is not None:
        assert not Owner(os.getppid(), b"1").is_alive()


def test_without_a_start_time_a_parent_is_judged_by_its_id(monkeypatch):
    owner = Owner.of_this_process()
    monkeypatch.setattr(_owner, "start_time", lambda pid: None)
    assert owner.is_alive()


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="this system has no /proc")
def test_a_module_of_the_local_connection_detects_that_ansible_was_killed():
    """Ansible, its worker and a shell, which is the parent of the module. The worker and the shell survive."""
    code = f"{ASKS}print(time.monotonic() < end, flush=True)\n"
    # Each shell has another command after it, so that it does not exec the next program.
    module = f"'{sys.executable}' -c '{code}'; :"
    worker = """( /bin/sh -c "$MODULE"; : ) & echo $$; wait"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "MODULE": module}
    ansible = ["ansible-playbook", "-c", worker]
    with subprocess.Popen(ansible, executable="/bin/sh", stdout=subprocess.PIPE, env=environment) as process:
        assert int(process.stdout.readline()) == process.pid
        assert process.stdout.readline() == b"True\n"
        process.kill()
        assert process.stdout.readline() == b"True\n"


def test_ancestors_that_do_not_begin_with_the_parent_are_ignored():
    assert Owner(os.getppid(), line=[2**30, 2**30 + 1]).is_alive()


# -- Readers of the result ---------------------------------------------------------------------------------------------


def pipe():
    """The two ends of a pipe: reader, writer."""
    return os.pipe()


def connection():
    """The two ends of a socket, as sshd has them."""
    return [end.detach() for end in socket.socketpair()]


@pytest.mark.parametrize("make", [pipe, connection])
def test_a_module_detects_that_its_reader_is_gone(make):
    reading, writing = make()
    try:
        owner = Owner.of_this_process(writing)
        assert owner.is_alive()
        os.write(writing, b"x")
        assert owner.is_alive()
        os.close(reading)
        assert [owner.is_alive(), owner.is_alive()] == [False, False]
    finally:
        os.close(writing)


def test_a_file_and_a_closed_descriptor_are_ignored(tmp_path):
    with open(tmp_path / "log", "w") as stream:
        assert Owner.of_this_process(stream.fileno()).is_alive()
        closed = os.dup(stream.fileno())
    os.close(closed)
    assert Owner.of_this_process(closed).is_alive()


def test_a_module_behind_a_shell_detects_that_ansible_has_ended(tmp_path):
    code = f"{ASKS}open(sys.argv[1], 'w').write(str(time.monotonic() < end))\n"
    shell = ["/bin/sh", "-c", '"$@"; :', "sh", sys.executable, "-c", code, str(tmp_path / "alone")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with subprocess.Popen(shell, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout.readline() == b"True\n"
        process.stdout.close()  # the shell lives on, as under ssh
        process.wait(PATIENCE)
    assert (tmp_path / "alone").read_text() == "True"


def test_many_threads_may_check_at_once():
    reading, writing = os.pipe()
    owner = Owner(os.getppid(), reader=writing)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda _number: owner.is_alive(), range(4000)))
        os.close(reading)
        with ThreadPoolExecutor(8) as pool:
            assert not any(pool.map(lambda _number: owner.is_alive(), range(400)))
    finally:
        os.close(writing)


def test_waiting_calls_are_stopped_once_the_owner_is_gone():
    owned, stopped = [True], threading.Event()
    with stopping_without_owner(lambda: bool(owned), stopped.set, 0.01):
        assert not stopped.wait(0.1)
        owned.clear()
        assert stopped.wait(PATIENCE)
    assert "owner" not in [thread.name for thread in threading.enumerate()]


def test_a_block_that_ends_normally_stops_nothing():
    stopped = threading.Event()
    with stopping_without_owner(lambda: True, stopped.set, 0.01):
        time.sleep(0.05)
    assert not stopped.is_set()
    assert "owner" not in [thread.name for thread in threading.enumerate()]
