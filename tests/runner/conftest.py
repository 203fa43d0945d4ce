# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulator for all tests, and jobs that end with the test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "targets" / "setup_harness"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "targets" / "secrets"))

from harness.simulators import Simulator
from jobs import Job


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The simulator."""
    with Simulator(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def sentinel(running: Simulator) -> Simulator:
    """The simulator, reset for this test."""
    running.reset()
    return running


@pytest.fixture
def new_job(tmp_path: Path) -> Iterator[Callable[..., Job]]:
    """Creates jobs, each in its own directory. They end with the test."""
    jobs: list[Job] = []

    def make(*arguments: object, **options: object) -> Job:
        jobs.append(Job(tmp_path / f"job-{len(jobs) + 1}", *arguments, **options))  # type: ignore[arg-type]
        return jobs[-1]

    yield make
    for job in jobs:
        job.end()
