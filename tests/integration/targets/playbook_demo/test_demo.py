# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.demo of the installed collection."""

from __future__ import annotations

import csv
import json
import re
import socket
from collections import Counter
from pathlib import Path

import pytest
from harness.playbooks import Playbooks, Run


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the demo's files."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(installed: Path, directory: Path) -> Run:
    """The demo, run once."""
    return Playbooks(directory)(
        "kajeet.sentinel.demo",
        extra_vars={"demo_directory": str(directory)},
        env={"ANSIBLE_COLLECTIONS_PATH": str(installed)},
    )


def test_the_demo_plans_activates_and_reports_its_fleet(demo: Run, directory: Path) -> None:
    run = demo
    planned, first, second = (
        run[name].data
        for name in (
            "Plan the fleet",
            "Activate exactly that plan",
            "Run again without retrying failed devices",
        )
    )
    assert (planned["plan"]["activate"], planned["plan"]["restore"]) == (35, 3)
    assert first["plan"]["digest"] == planned["plan"]["digest"]
    # One device was pending before. Its outcome depends on the speed of the machine.
    assert first["summary"]["failed"] == 2
    assert first["summary"]["restored"] == 3
    assert first["summary"]["activated"] + first["summary"]["already_active"] == 35
    assert not second["changed"]
    assert second["requests"]["writes"] == 0
    assert second["summary"] == {"failed": 2, "already_active": 38}
    assert re.search(r"\d+ of 40 done after", run.output), "no progress was shown"

    with open(directory / "fleet.result.csv", encoding="utf-8", newline="") as stream:
        assert Counter(row["outcome"] for row in csv.DictReader(stream)) == first["summary"]
    assert (
        json.loads((directory / "fleet.plan.json").read_text(encoding="utf-8"))["digest"] == planned["plan"]["digest"]
    )
    drift = json.loads((directory / "fleet.drift.json").read_text(encoding="utf-8"))
    assert (drift["listing"], drift["counts"]["failed"]) == (True, 2)
    assert "The sample fleet" in (directory / "report.html").read_text(encoding="utf-8")
    assert f"{directory}/report.html" in run.outcomes[-1].name


def test_the_output_of_the_demo_is_short_and_shows_no_failures(demo: Run) -> None:
    assert 10 <= demo.output.count("\nTASK [") <= 15
    assert "fatal" not in demo.output
    assert "[ERROR]" not in demo.output
    assert demo.output.partition("PLAY [")[2].startswith("This demo ")


def test_the_simulator_of_the_demo_is_stopped(demo: Run) -> None:
    started = next(outcome for outcome in demo if outcome.name == "Start the simulator" and "stdout" in outcome.data)
    (port,) = re.findall(r"SENTINEL_API_URL=http://127.0.0.1:(\d+)/", started["stdout"])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()
