# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.demo, as a user of the installed collection starts it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

from harness.fleets import results
from harness.playbooks import Playbooks
from harness.processes import none_of


def test_the_demo(installed: Path, tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    run = Playbooks(tmp_path)(
        "kajeet.sentinel.demo",
        extra_vars={"demo_directory": str(directory)},
        env={"ANSIBLE_COLLECTIONS_PATH": str(installed)},
    )

    planned, _before, first, _between, second = results(run)
    assert (planned["plan"]["activate"], planned["plan"]["restore"]) == (35, 3)
    assert first["plan"]["digest"] == planned["plan"]["digest"]
    # One device was under way from before: what it is called depends on how fast the machine is.
    assert first["summary"]["failed"] == 2
    assert first["summary"]["restored"] == 3
    assert first["summary"]["activated"] + first["summary"]["already_active"] == 35
    assert first["requests"]["writes"] == 36
    assert not second["changed"]
    assert second["requests"]["writes"] == 0
    assert second["summary"] == {"failed": 2, "already_active": 38}
    assert re.search(r"Fleet, SIMs: activate: \d+ of 40 done after", run.output), "no progress was told"

    with open(directory / "fleet.result.csv", encoding="utf-8", newline="") as stream:
        assert Counter(row["outcome"] for row in csv.DictReader(stream)) == first["summary"]
    assert (
        json.loads((directory / "fleet.plan.json").read_text(encoding="utf-8"))["digest"] == planned["plan"]["digest"]
    )
    drift = json.loads((directory / "fleet.drift.json").read_text(encoding="utf-8"))
    # The device that was under way from before was asked for in another device group.
    counts = [drift["counts"][state] for state in ("active", "other_device_group", "failed")]
    assert (drift["listing"], counts) == (True, [37, 1, 2])
    assert drift["counts"]["undeclared"] > 0
    assert "The sample fleet" in (directory / "report.html").read_text(encoding="utf-8")
    assert run.outcomes[-1].msg == f"The report, for a browser: {directory}/report.html"

    assert run["Stop the simulator's process"].changed
    started = [outcome for outcome in run if outcome.name.endswith("Publish where it is")]
    assert none_of([int(started[0]["ansible_facts"]["simulator_pid"])])
