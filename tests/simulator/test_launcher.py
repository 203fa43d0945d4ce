# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's launcher and installer, which run on the target with the standard library alone."""

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


class Place:
    """A directory with a simulator installed as the role does it."""

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
def place(tmp_path: Path) -> Iterator[Place]:
    """A place whose simulator is stopped whatever happens."""
    made = Place(tmp_path)
    yield made
    made.launch("stop")


ARGUMENTS = ("--port", "0", "--profile", "instant", "--lifetime", "60")


def test_start_status_stop(place: Place) -> None:
    assert place.launch("status")["running"] is False
    started = place.launch("start", *ARGUMENTS)
    assert started["changed"]
    assert started["running"]
    assert place.launch("start", *ARGUMENTS) == {**started, "changed": False}
    assert place.launch("status")["pid"] == started["pid"]
    stopped = place.launch("stop")
    assert (stopped["changed"], stopped["pid"]) == (True, started["pid"])
    assert not (place.root / "ready.json").exists()
    assert place.launch("stop") == {"changed": False, "running": False, "pid": 0}


def test_other_parameters_or_files_start_it_anew(place: Place) -> None:
    first = place.launch("start", *ARGUMENTS)
    second = place.launch("start", *ARGUMENTS, "--control")
    assert second["changed"]
    assert second["pid"] != first["pid"]
    place.digest = "another"
    third = place.launch("start", *ARGUMENTS, "--control")
    assert third["changed"]
    assert third["pid"] != second["pid"]


def test_what_a_killed_one_left_is_no_obstacle(place: Place) -> None:
    first = place.launch("start", *ARGUMENTS)
    os.kill(first["pid"], 9)
    assert place.launch("start", *ARGUMENTS)["pid"] != first["pid"]


def test_a_stale_process_id_is_never_killed(place: Place) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        try:
            for name in ("ready.json", "started.json"):
                (place.root / name).write_text(json.dumps({"pid": bystander.pid, "url": "http://127.0.0.1:1"}))
            assert place.launch("status")["running"] is False
            assert place.launch("stop")["changed"] is False
            assert bystander.poll() is None
            assert not (place.root / "ready.json").exists()
        finally:
            bystander.kill()


def test_one_that_hangs_is_killed(place: Place) -> None:
    started = place.launch("start", *ARGUMENTS)
    os.kill(started["pid"], 19)
    assert place.launch("stop")["changed"] is True
    assert place.launch("status")["running"] is False


def test_why_it_did_not_start(place: Place) -> None:
    running = place.launch("start", *ARGUMENTS)
    other = Place(place.root / "other")
    failed = other.launch("start", "--port", str(running["port"]), status=1)
    assert "exit code 2" in failed["why"]
    assert "is in use" in failed["log"][-1]
    assert other.launch("status")["running"] is False
    late = other.launch("start", *ARGUMENTS, timeout=0.01, status=1)
    assert "did not answer within 0.01 seconds" in late["why"]


def test_a_python_that_cannot_be_run_is_told(place: Place) -> None:
    plan = {"python": str(place.root / "gone/bin/python"), "arguments": [], "digest": "d", "timeout": 5}
    command = [sys.executable, str(FILES / "launcher.py"), "start", str(place.root), json.dumps(plan)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    failed = json.loads(done.stdout)
    assert failed["why"] == f"{plan['python']}: No such file or directory"
    assert failed["log"] == []


def test_installing(place: Place) -> None:
    assert place.install()["changed"] is False
    (place.root / "app/sentinel_simulator/old.py").write_text("")
    assert place.install("--check")["changed"] is True
    assert (place.root / "app/sentinel_simulator/old.py").exists()
    assert place.install()["changed"] is True
    assert not (place.root / "app/sentinel_simulator/old.py").exists()
    place.files["sentinel_simulator/cli.py"] += "\n"
    assert place.install("--check")["changed"] is True
    assert place.install()["digest"] != place.digest
    assert place.install()["changed"] is False
