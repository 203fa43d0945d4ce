# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as users have it: built, installed by ansible-galaxy, and used by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness.devices import device, fleet
from harness.fleets import QUICK, connection_env, csv_file, result
from harness.places import collection_root
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator


@pytest.fixture
def run(sentinel: Simulator, installed: Path, tmp_path: Path) -> Callable[..., Run]:
    """Runs a playbook of the collection in an empty directory, with only the installed collection."""
    playbook = Playbooks(tmp_path)
    env = {**connection_env(sentinel), "ANSIBLE_COLLECTIONS_PATH": str(installed)}

    def start(name: str, expect_rc: int = 0, **variables: Any) -> Run:
        finished = playbook(f"kajeet.sentinel.{name}", extra_vars={**QUICK, **variables}, env=env, expect_rc=expect_rc)
        assert str(collection_root()) not in finished.output
        return finished

    return start


def test_the_installed_collection_plans_activates_and_compares(
    sentinel: Simulator, run: Callable[..., Run], tmp_path: Path
) -> None:
    csv_file(tmp_path / "fleet.csv", fleet([1, 2, 3]))
    planned = run("plan", fleet_src="fleet.csv")
    digest = json.loads((tmp_path / "fleet.plan.json").read_text(encoding="utf-8"))["digest"]
    assert digest in planned["Show how to carry out the plan"].msg
    sentinel.assert_wrote_nothing()

    first = run("drift", fleet_src="fleet.csv", drift_undeclared=False, expect_rc=2)
    assert first["Fail if there is drift"].msg.startswith("3 devices are not as declared: 3 missing. See ")

    done = run("activate", fleet_src="fleet.csv", approved_plan=digest, fleet_report="report")
    assert result(done)["summary"] == {"activated": 3}
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        *("report.csv", "report.html", "report.json", "result.jsonl")
    ]
    assert device(1)["iccid"] in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")

    run("drift", fleet_src="fleet.csv", drift_undeclared=False)


def test_each_module_runs_from_the_archive_that_ansible_makes_of_it(
    sentinel: Simulator, installed: Path, tmp_path: Path
) -> None:
    modules = sorted(path.stem for path in (collection_root() / "plugins" / "modules").glob("*.py"))
    tasks = [
        {"name": name, f"kajeet.sentinel.{name}": {}, "check_mode": True, "ignore_errors": True} for name in modules
    ]
    playbook = Playbooks(tmp_path, connection="elsewhere")
    run = playbook(tasks, env={**connection_env(sentinel), "ANSIBLE_COLLECTIONS_PATH": str(installed)})
    # Without arguments, a module either succeeds or says in its own words what is missing.
    assert [outcome.name for outcome in run] == modules
    assert not [outcome.name for outcome in run if "module_stderr" in outcome.data or "rc" in outcome.data]
    assert {outcome.data["error"]["kind"] for outcome in run if "error" in outcome.data} <= {"auth", "input"}
    assert "Traceback" not in run.output
    sentinel.assert_wrote_nothing()
