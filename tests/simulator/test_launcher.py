# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's launcher and installer, which use only the standard library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FILES


class Installation:
    """A directory with a simulator, installed like by the role."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = {
            f"sentinel_simulator/{path.name}": path.read_text() for path in (FILES / "sentinel_simulator").glob("*.py")
        }
        self.digest = self.install()["digest"]

    def install(self, *arguments: str) -> dict[str, Any]:
        """Run the installer."""
        command = [sys.executable, str(FILES / "install.py"), str(self.root / "app"), *arguments]
        done = subprocess.run(command, input=json.dumps(self.files), capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def launch(self, action: str, *arguments: str, timeout: float = 20, status: int = 0) -> dict[str, Any]:
        """Run the launcher."""
        command = [sys.executable, str(FILES / "launcher.py"), action, str(self.root)]
        if action == "start":
            plan = {"python": sys.executable, "arguments": list(arguments), "digest": self.digest, "timeout": timeout}
            command.append(json.dumps(plan))
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == status, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A directory whose simulator is stopped at the end."""
    made = Installation(tmp_path)
    yield made
    made.launch("stop")


ARGUMENTS = ("--port", "0", "--profile", "instant", "--lifetime", "60")


def test_start_status_stop(installation: Installation) -> None:
    assert installation.launch("status")["running"] is False
    started = installation.launch("start", *ARGUMENTS)
    assert started["changed"]
    assert started["running"]
    assert installation.launch("start", *ARGUMENTS) == {**started, "changed": False}
    assert installation.launch("status")["pid"] == started["pid"]
    stopped = installation.launch("stop")
    assert (stopped["changed"], stopped["pid"]) == (True, started["pid"])
    assert not (installation.root / "ready.json").exists()
    assert installation.launch("stop") == {"changed": False, "running": False, "pid": 0}


def test_changed_parameters_or_files_restart_it(installation: Installation) -> None:
    first = installation.launch("start", *ARGUMENTS)
    second = installation.launch("start", *ARGUMENTS, "--control")
    assert second["changed"]
    assert second["pid"] != first["pid"]
    installation.digest = "another"
    third = installation.launch("start", *ARGUMENTS, "--control")
    assert third["changed"]
    assert third["pid"] != second["pid"]


def test_it_starts_after_a_killed_one(installation: Installation) -> None:
    first = installation.launch("start", *ARGUMENTS)
    os.kill(first["pid"], 9)
    assert installation.launch("start", *ARGUMENTS)["pid"] != first["pid"]


def test_a_stale_process_id_is_never_killed(installation: Installation) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        try:
            for name in ("ready.json", "started.json"):
                (installation.root / name).write_text(json.dumps({"pid": bystander.pid, "url": "http://127.0.0.1:1"}))
            assert installation.launch("status")["running"] is False
            assert installation.launch("stop")["changed"] is False
            assert bystander.poll() is None
            assert not (installation.root / "ready.json").exists()
        finally:
            bystander.kill()


def test_a_process_that_hangs_is_killed(installation: Installation) -> None:
    started = installation.launch("start", *ARGUMENTS)
    os.kill(started["pid"], 19)
    assert installation.launch("stop")["changed"] is True
    assert installation.launch("status")["running"] is False


def test_a_failed_start_is_explained(installation: Installation) -> None:
    running = installation.launch("start", *ARGUMENTS)
    other = Installation(installation.root / "other")
    failed = other.launch("start", "--port", str(running["port"]), status=1)
    assert "exit code 2" in failed["why"]
    assert "is in use" in failed["log"][-1]
    assert other.launch("status")["running"] is False
    late = other.launch("start", *ARGUMENTS, timeout=0.01, status=1)
    assert "did not answer within 0.01 seconds" in late["why"]


def test_a_python_that_does_not_run_is_reported(installation: Installation) -> None:
    plan = {"python": str(installation.root / "gone/bin/python"), "arguments": [], "digest": "d", "timeout": 5}
    command = [sys.executable, str(FILES / "launcher.py"), "start", str(installation.root), json.dumps(plan)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    failed = json.loads(done.stdout)
    assert failed["why"] == f"{plan['python']}: No such file or directory"
    assert failed["log"] == []


def test_installing(installation: Installation) -> None:
    assert installation.install()["changed"] is False
    (installation.root / "app/sentinel_simulator/old.py").write_text("")
    assert installation.install("--check")["changed"] is True
    assert (installation.root / "app/sentinel_simulator/old.py").exists()
    assert installation.install()["changed"] is True
    assert not (installation.root / "app/sentinel_simulator/old.py").exists()
    installation.files["sentinel_simulator/cli.py"] += "\n"
    assert installation.install("--check")["changed"] is True
    assert installation.install()["digest"] != installation.digest
    assert installation.install()["changed"] is False
