# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.demo, as a user starts it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from harness.playbooks import Playbooks
from harness.processes import none_of


def test_the_demo(tmp_path: Path) -> None:
    run = Playbooks(tmp_path)("kajeet.sentinel.demo", extra_vars={"demo_directory": str(tmp_path / "demo")})

    plan, first, second = (
        run[name]
        for name in (
            "Plan the fleet in check mode",
            "Activate what was planned, and nothing else",
            "Activate the fleet again, without another try for what failed",
        )
    )
    assert plan["requests"]["post"] == 0
    assert first["plan"]["digest"] == plan["plan"]["digest"]
    assert first["summary"] == {"failed": 2, "activated": 37, "already_active": 1}
    assert not second.changed
    assert second["requests"]["post"] == 0
    assert second["summary"] == {"failed": 2, "already_active": 38}

    with open(tmp_path / "demo" / "fleet.result.csv", encoding="utf-8", newline="") as stream:
        assert Counter(row["outcome"] for row in csv.DictReader(stream)) == first["summary"]
    assert run["Stop the simulator's process"].changed
    started = [outcome for outcome in run if outcome.name.endswith("Publish where it is")]
    assert none_of([int(started[0]["ansible_facts"]["simulator_pid"])])
