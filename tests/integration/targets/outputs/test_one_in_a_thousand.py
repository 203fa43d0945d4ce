# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output and the size of the result if one device of 1,000 fails."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from harness.fleets import MODULE, QUICK, ROLE, connection_env
from harness.playbooks import GROUP, Outcome, Playbooks
from harness.simulators import Simulator
from screens import Screen, assert_for_people, plain, thousand, yaml_play

#: Maximum characters of a result, as the harness records it.
MOST_CHARACTERS = 20_000
CURE = "Fix what the reasons name and run the task again: failed devices are submitted again."


def assert_small(raw: str, outcome: Outcome) -> None:
    """Asserts that a failed result lists one device and is small."""
    assert outcome.failed
    assert len(outcome["devices"]) == 1
    assert max(map(len, raw.splitlines())) < MOST_CHARACTERS


def test_module_and_role_show_only_the_failed_device(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    thousand(tmp_path / "module.csv", 1000)
    thousand(tmp_path / "role.csv", 3000)
    options = {"src": "module.csv", "failed_file": "failed.csv", "request_format": "batch"}
    role = {"fleet_src": "role.csv", "fleet_report": "report", **QUICK}
    tasks: list[dict[str, Any]] = [
        {"name": "module", MODULE: options, "ignore_errors": True},
        {
            "name": "role",
            "ansible.builtin.include_role": {"name": ROLE, "apply": {"ignore_errors": True}},
            "vars": role,
        },
    ]
    play = yaml_play(tmp_path / "play.yml", tasks, {GROUP: sentinel.connection})
    run = playbook(play, env=plain(tmp_path))
    screen = Screen(run.output)
    reason = "failed: IMEI is on the carrier's block list"
    lines = screen.of("module", ("role",))
    assert_for_people(lines, "1 of 1000 devices needs attention:", "Bus 1499 (module.csv, line 501, ", reason, CURE)
    assert "Rows of these devices, to correct and use as src: failed.csv" in lines
    with open(tmp_path / "failed.csv", encoding="utf-8", newline="") as stream:
        assert [row["nickname"] for row in csv.DictReader(stream)] == ["Bus 1499"]
    assert_small(run.raw, run["module"])

    lines = screen.of("role", ())
    assert_for_people(lines, "Bus 3499 (role.csv, line 501, ", reason, f"use as src: {tmp_path}/report/failed.csv")
    report = [number for number, line in enumerate(lines) if "; report: " in line]
    assert len(report) == 1
    assert report[0] > next(number for number, line in enumerate(lines) if line.startswith("fatal: "))
    assert lines[report[0]].startswith("999 activated, 1 failed in ")


def test_the_playbook_shows_only_the_failed_device(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    thousand(tmp_path / "fleet.csv", 5000)
    given = {"fleet_src": "fleet.csv", "fleet_directory": str(tmp_path), **QUICK}
    env = {**plain(tmp_path), **connection_env(sentinel)}
    playbook("kajeet.sentinel.plan", extra_vars=given, env=env, defaults={})
    given = {**given, "approved_plan": "fleet.plan.json", "fleet_report": "report"}
    run = playbook("kajeet.sentinel.activate", extra_vars=given, env=env, defaults={}, expect_rc=2)
    assert_for_people(
        Screen(run.output).lines, "Bus 5499 (fleet.csv, line 501, ", CURE, f"; report: {tmp_path}/report/report.html"
    )
    assert_small(run.raw, run["Activate the fleet"])
