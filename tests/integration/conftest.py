# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all targets. Their types are in targets/setup_harness.

Each target names setup_harness and this file in its aliases, so that ansible-test copies them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "targets" / "setup_harness"))

from harness.places import collection_root
from harness.playbooks import Playbooks
from harness.proofs import CheckApplyApplyCheck
from harness.simulators import Simulator

#: Targets whose tests run both in the task's own process and sent to the host.
BOTH_WAYS = (
    "sentinel_activation",
    "sentinel_smartsim_activation",
    "sentinel_esim_activation",
    "exactly_once",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for the files of a test module."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def shared_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A simulator on a free port, with its control interface, for all tests of this process."""
    with Simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture(scope="module")
def simulator(shared_simulator: Simulator) -> Simulator:
    """The simulator, started afresh for this test module."""
    shared_simulator.reset()
    return shared_simulator


@pytest.fixture
def sentinel(simulator: Simulator) -> Simulator:
    """The module's simulator, reset for this test: initial history, no faults, empty log."""
    simulator.reset()
    return simulator


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path with only this collection, built and installed as users do it."""
    build = tmp_path_factory.mktemp("build")
    path = tmp_path_factory.mktemp("collections")
    galaxy = ["ansible-galaxy", "collection"]
    # ansible-galaxy does not install collections that are already on its path.
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(path)}
    subprocess.run([*galaxy, "build", str(collection_root()), "--output-path", str(build)], check=True, env=env)
    (archive,) = build.iterdir()
    subprocess.run([*galaxy, "install", str(archive), "--offline", "-p", str(path)], check=True, env=env, cwd=build)
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrizes the tests of these targets: run in the task's own process, and sent to the host."""
    if "playbook" in metafunc.fixturenames and Path(metafunc.definition.path).parent.name in BOTH_WAYS:
        metafunc.parametrize("playbook", ["local", "elsewhere"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def playbook(request: pytest.FixtureRequest, workspace: Path, simulator: Simulator) -> Playbooks:
    """Runs playbooks against the test module's simulator."""
    connection = getattr(request, "param", "local")
    directory = workspace if connection == "local" else workspace / connection
    directory.mkdir(exist_ok=True)
    return Playbooks(directory, simulator.connection, connection)


@pytest.fixture
def assert_wrote_nothing(sentinel: Simulator) -> Callable[[], None]:
    """Asserts that only GET requests and logins were sent since the reset."""
    return sentinel.assert_wrote_nothing


@pytest.fixture
def check_apply_apply_check(sentinel: Simulator, playbook: Playbooks) -> Callable[..., Any]:
    """Runs a task four times: check, apply, apply, check. See `CheckApplyApplyCheck`."""
    return CheckApplyApplyCheck(sentinel, playbook)
