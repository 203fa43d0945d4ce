# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: an in-process service with its control interface, and real processes that end with the test."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "roles" / "simulator" / "files"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from role_play import RolePlay
from service import Service

ROLE = Path(__file__).resolve().parents[2] / "roles" / "simulator"
FILES = ROLE / "files"


@pytest.fixture
def service() -> Iterator[Service]:
    """A simulator of profile instant whose lines end at once."""
    with Service(profile="instant", settings={"line_latency": 0}) as running:
        yield running


@pytest.fixture
def slow() -> Iterator[Service]:
    """A simulator whose lines end after ten seconds of its own clock, which the tests move."""
    with Service(profile="instant", settings={"line_latency": 10}) as running:
        yield running


@pytest.fixture
def role(tmp_path: Path) -> Iterator[RolePlay]:
    """The role, whose simulator ends with the test."""
    with RolePlay(tmp_path) as running:
        yield running


class Process:
    """A simulator in a process of its own, with a client for the API and one for the control interface."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        ready = directory / "ready.json"
        # Another process of the same test may have left its ready file.
        ready.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "sentinel_simulator",
            "--ready-file",
            str(ready),
            "--lifetime",
            "60",
            *arguments,
        ]
        if "--port" not in arguments:
            command += ["--port", "0"]
        self.popen = subprocess.Popen(command, cwd=FILES, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready_file = ready
        self.ready: dict[str, Any] = {}
        self.ended: tuple[str, str] | None = None

    def wait_ready(self) -> Process:
        """Wait until it is listening."""
        end = time.monotonic() + 20
        while not self.ready_file.exists():
            assert self.popen.poll() is None, self.end()
            assert time.monotonic() < end, "not ready in time"
            time.sleep(0.02)
        self.ready = json.loads(self.ready_file.read_text())
        return self

    def client(self, **options: Any) -> httpx.Client:
        """Return a client of the API, with the token that has all scopes."""
        headers = {"authorization": "Bearer simulator-token"}
        return httpx.Client(base_url=self.ready["api_url"], headers=headers, timeout=10, trust_env=False, **options)

    def control(self, method: str, path: str, **options: Any) -> Any:
        """Call the control interface."""
        reply = httpx.request(method, f"{self.ready['url']}/_simulator/{path}", timeout=10, trust_env=False, **options)
        assert reply.is_success, reply.text
        return reply.json()

    def end(self) -> tuple[str, str]:
        """End it if it still runs; return its stdout and stderr."""
        if self.ended is None:
            if self.popen.poll() is None:
                self.popen.terminate()
            try:
                self.ended = self.popen.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.ended = self.popen.communicate()
        return self.ended


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start simulators; they end with the test."""
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        processes.append(Process(tmp_path, *arguments))
        return processes[-1]

    yield start
    for process in processes:
        process.end()
