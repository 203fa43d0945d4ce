# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that claim devices, in one process and in several."""

from __future__ import annotations

import multiprocessing
import os
import time

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.claims import Claims
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.register import Register

SERVICE = "https://sentinel.example/api"
FORK = multiprocessing.get_context("fork")
#: Seconds after which a test fails, even on a busy machine.
PATIENCE = 60


class Time:
    """A clock that only sleeping advances; `at`: second → function to call."""

    def __init__(self, at=()):
        self.now = 0.0
        self.at = dict(at)

    def clock(self):
        """The present second."""
        return self.now

    def sleep(self, seconds):
        """Advance the clock."""
        self.now += seconds
        for second in [second for second in self.at if second <= self.now]:
            self.at.pop(second)()


def claims(where, service=SERVICE, kind="sim", time=None):
    """The claims of one run."""
    return Claims(service, kind, where, *((time.clock, time.sleep) if time else ()))


def claim_files(where):
    """The claims in the register."""
    return [path for path in where.rglob("*") if path.is_file()]


def until(happened):
    """Wait until a condition is true."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def take_turns(where, places, keys, rounds, log):
    """Log when runs hold and release devices. Each run reads the claims, and enters its own a while later."""
    look = Register.claims

    def look_slowly(register):
        found = look(register)
        time.sleep(0.002)
        return found

    Register.claims = look_slowly  # in a process of its own
    for place in places:
        os.environ["XDG_RUNTIME_DIR"] = place
        for _round in range(rounds):
            with claims(where).held(keys) as claimed:
                for what in "+-":
                    os.write(log, f"{what}{claimed.warning}{','.join(keys)}\n".encode())
                    time.sleep(0.002)


def never_shared(lines):
    """Return the number of runs; fail if two had a device at once."""
    held = []
    for line in lines:
        what, keys = line[0], line[len("+None") :].split(",")
        assert line[1:5] == "None"
        for key in keys:
            if what == "+":
                assert key not in held
                held.append(key)
            else:
                held.remove(key)
    assert held == []
    return len(lines) // 2


def contend(processes, tmp_path, where, fleets, rounds=8, places=("",)):
    """Let processes contend for devices; return the number of runs."""
    path = tmp_path / "log"
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    started = [processes(take_turns, where, places, fleet, rounds, log) for fleet in fleets]
    for process in started:
        process.join(PATIENCE)
        assert process.exitcode == 0
    os.close(log)
    return never_shared(path.read_text().splitlines())
