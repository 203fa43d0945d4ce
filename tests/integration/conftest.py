# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all targets; what they offer is described in targets/setup_harness.

Each target names this file and setup_harness in its aliases, so that ansible-test copies them along.
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

#: Targets of what may run in the task's own process.
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


@pytest.fixture(scope="module")
def simulator(workspace: Path) -> Iterator[Simulator]:
    """A simulator of its own for the test module, on a free port, with its control interface."""
    with Simulator(workspace / "simulator") as running:
        yield running


@pytest.fixture
def sentinel(simulator: Simulator) -> Simulator:
    """The module's simulator, started afresh for this test: seeded history, no faults, empty log."""
    simulator.reset()
    return simulator


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path for collections that has nothing but this one, built and installed as users do it."""
    build = tmp_path_factory.mktemp("build")
    path = tmp_path_factory.mktemp("collections")
    galaxy = ["ansible-galaxy", "collection"]
    # It installs nothing that is on the path already.
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(path)}
    subprocess.run([*galaxy, "build", str(collection_root()), "--output-path", str(build)], check=True, env=env)
    (archive,) = build.iterdir()
    subprocess.run([*galaxy, "install", str(archive), "--offline", "-p", str(path)], check=True, env=env, cwd=build)
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Has the tests of these targets run both ways: in the task's own process, and sent to the target."""
    if "playbook" in metafunc.fixturenames and Path(metafunc.definition.path).parent.name in BOTH_WAYS:
        metafunc.parametrize("playbook", ["local", "elsewhere"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def playbook(request: pytest.FixtureRequest, workspace: Path, simulator: Simulator) -> Playbooks:
    """Runs playbooks whose tasks reach the module's simulator; in some targets both ways."""
    connection = getattr(request, "param", "local")
    directory = workspace if connection == "local" else workspace / connection
    directory.mkdir(exist_ok=True)
    return Playbooks(directory, simulator.connection, connection)


@pytest.fixture
def assert_wrote_nothing(sentinel: Simulator) -> Callable[[], None]:
    """Asserts that since the reset nothing was written, and nothing sent but GETs and logins."""
    return sentinel.assert_wrote_nothing


@pytest.fixture
def check_apply_apply_check(sentinel: Simulator, playbook: Playbooks) -> Callable[..., Any]:
    """Check → apply → apply → check for one task: see `CheckApplyApplyCheck`."""
    return CheckApplyApplyCheck(sentinel, playbook)
