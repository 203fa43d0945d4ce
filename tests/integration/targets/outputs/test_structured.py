# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With a callback for programs, stdout has only the callback's output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.devices import BLOCKED, device
from harness.fleets import MODULE, connection_env, csv_file
from harness.playbooks import environment
from harness.simulators import Simulator
from screens import plain, yaml_play

#: Writes all results at the end, as ansible.posix.json does.
STRUCTURED = """
DOCUMENTATION = "{name: structured, type: stdout, short_description: JSON, description: [JSON]}"
import json

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "structured"
    results = []

    def v2_runner_on_ok(self, result, **_options):
        self.results.append(result.result.get("msg"))

    v2_runner_on_failed = v2_runner_on_ok

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(self.results))
"""


def test_plan_progress_failures_and_summary_go_to_stderr(sentinel: Simulator, tmp_path: Path) -> None:
    (tmp_path / "structured.py").write_text(STRUCTURED, encoding="utf-8")
    csv_file(tmp_path / "fleet.csv", [device(1), device(2, BLOCKED)])
    tasks: list[dict[str, Any]] = [
        {"name": "Plan", MODULE: {"src": "fleet.csv", "state": "planned"}},
        {"name": "Activate", MODULE: {"src": "fleet.csv", "result_file": "r.jsonl"}, "ignore_errors": True},
        {"name": "Blank", MODULE: {"src": "fleet.csv", "journal": ""}, "ignore_errors": True},
        {"name": "Report", "kajeet.sentinel.sentinel_report": {"result_file": "r.jsonl", "csv": "report.csv"}},
        {"name": "Compare", "kajeet.sentinel.sentinel_drift_info": {"src": "fleet.csv", "undeclared": False}},
    ]
    play = yaml_play(tmp_path / "play.yml", tasks, {MODULE: sentinel.connection})
    env = environment(
        tmp_path / "results", {**plain(tmp_path), **connection_env(sentinel), "ANSIBLE_STDOUT_CALLBACK": "structured"}
    )
    env["ANSIBLE_CALLBACK_PLUGINS"] += f":{tmp_path}"
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local"]
    command += ["-e", json.dumps({"ansible_python_interpreter": sys.executable}), str(play)]
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    print(run.stdout, run.stderr)
    plan, activate, blank, report, drift = json.loads(run.stdout)
    assert plan == "Would activate 2"
    assert activate.startswith("1 of 2 devices needs attention:")
    assert blank.startswith("journal: must not be blank")
    assert report.endswith("; report: report.csv")
    for line in (
        "Plan: 2 to activate.",
        plan,
        activate.splitlines()[-1],
        report,
        "carrier  device group    failed  active",
        drift,
    ):
        assert f"\n{line}\n" in f"\n{run.stderr}"
