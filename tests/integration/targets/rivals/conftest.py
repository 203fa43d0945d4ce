# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts jobs, and ends their processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from harness.simulators import Simulator
from jobs import Job


@pytest.fixture
def start(sentinel: Simulator, tmp_path: Path) -> Iterator[Callable[..., Job]]:
    """Starts a job: start(name, devices, connection="local", hosts=(…), in_terminal=False, **arguments) → `Job`."""
    with ExitStack() as started:

        def job(
            name: str,
            devices: list[dict[str, Any]],
            connection: str = "local",
            hosts: tuple[str, ...] = ("localhost",),
            in_terminal: bool = False,
            **arguments: Any,
        ) -> Job:
            given = {**sentinel.connection, "devices": devices, **arguments}
            running = Job(tmp_path, name, connection, given, hosts, in_terminal)
            started.callback(running.end)
            return running

        yield job
