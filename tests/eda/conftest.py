# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulator for all tests, and event sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "targets" / "setup_harness"))

from harness.simulators import Simulator
from sources import Source


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option from the environment, and no proxy between a test and its simulator."""
    for name in list(os.environ):
        if name.startswith(("SENTINEL_", "EDA_")) or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The simulator."""
    with Simulator(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def sentinel(running: Simulator) -> Simulator:
    """The simulator, reset. Its seeded pending device stays pending during a test."""
    running.reset(settings={"pending_fixture": 10_000_000})
    return running


@pytest.fixture
def listen(sentinel: Simulator, tmp_path: Path) -> Iterator[Callable[..., Source]]:
    """Starts event sources on the simulator: listen(argument=…) → Source. They share a state file."""
    sources: list[Source] = []

    def start(**arguments: object) -> Source:
        known = {"api_url": sentinel.api_url, "api_token": "simulator-token", "interval": 0.1, "request_retries": 0}
        # Most tests are about the history. Those of the device list enable it.
        known["listing"] = "none"
        given = {**known, "state_file": str(tmp_path / "sentinel.state"), **arguments}
        sources.append(Source({name: value for name, value in given.items() if value is not None}))
        return sources[-1]

    yield start
    for source in sources:
        source.stop()
