# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters for plans, drift and reports of fleets. The targets of the playbooks test their use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.devices import device
from harness.fleets import esim
from harness.playbooks import Outcome, Playbooks, activation
from harness.simulators import Simulator


def evaluated(playbook: Playbooks, expression: str, **variables: Any) -> Outcome:
    """The outcome of an expression. Its value is the fact `value`."""
    fact = {"value": f"{{{{ {expression} }}}}"}
    task = {"name": "Evaluate", "ansible.builtin.set_fact": fact, "ignore_errors": True}
    return playbook(task, defaults={}, extra_vars=variables).only


def value(playbook: Playbooks, expression: str, **variables: Any) -> Any:
    """The value of an expression."""
    return evaluated(playbook, expression, **variables)["ansible_facts"]["value"]


ENTRY = {"action": "activate", "reason": "not in the history", "fingerprint": "f" * 32}


def plan(*devices: dict[str, Any]) -> dict[str, Any]:
    """The content of a plan file that activates these devices."""
    counts = {"activate": len(devices), "wait": 0, "unchanged": 0, "conflict": 0}
    listed = [{"kind": "sim", **entry, **ENTRY} for entry in devices]
    return {"format": 1, "digest": "d" * 64, "counts": counts, "devices": listed}


def test_fleet_table_makes_a_table_of_a_plan_or_its_file(playbook: Playbooks, tmp_path: Path) -> None:
    one = plan(device(1), esim(2))
    table = value(playbook, "plan | kajeet.sentinel.fleet_table(named=1)", plan=one)
    assert any(device(1)["iccid"] in line for line in table)
    assert table[-2:] == ["  and 1 more to activate", f"Digest: {one['digest']}"]
    (tmp_path / "plan.json").write_text(json.dumps(one), encoding="utf-8")
    assert value(playbook, "path | kajeet.sentinel.fleet_table(named=1)", path=str(tmp_path / "plan.json")) == table


def test_plan_approval_makes_a_short_approval_of_a_plan(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    """It allows the same as the plan file."""
    path = str(tmp_path / "plan.json")
    devices = [device(number) for number in range(1, 4)]
    playbook(activation("plan", ignore=False, devices=devices, plan_file=path, check_mode=True))
    approval = value(playbook, "path | kajeet.sentinel.plan_approval", path=path)
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    assert (approval["digest"], approval["counts"]) == (content["digest"], content["counts"])
    assert approval["approved"] == {
        "sim": {"activate": {entry["iccid"]: entry["fingerprint"] for entry in content["devices"]}}
    }
    assert value(playbook, "content | kajeet.sentinel.plan_approval", content=content) == approval
    approved = {"approved_plan": json.dumps(approval)}
    run = playbook(
        [
            activation("other", devices=[{**device(1), "device_group": "Spares"}], **approved),
            activation("stranger", devices=[device(9)], **approved),
            activation("part", devices=devices[1:], **approved),
        ]
    )
    assert "its declaration has changed since the approval" in run["other"].msg
    assert "is not in the approved plan" in run["stranger"].msg
    assert run["part"]["summary"] == {"activated": 2}
    sentinel.assert_each_once(devices[1:])


def test_wrong_arguments_are_reported(playbook: Playbooks) -> None:
    expressions = {
        "{} | kajeet.sentinel.fleet_table": "it has no 'devices'",
        "{} | kajeet.sentinel.fleet_table(named='x')": "named: 'x' is not a whole number",
        "{} | kajeet.sentinel.plan_approval": "the given plan is not a plan file; write one with plan_file",
        "'nowhere.json' | kajeet.sentinel.plan_approval": "nowhere.json cannot be read",
        "{'drift': 1, 'devices': 3} | kajeet.sentinel.fleet_table": "is neither a plan nor a drift",
    }
    for expression, message in expressions.items():
        assert message in evaluated(playbook, expression).msg


def test_fleet_drift_compares_a_fleet_with_a_history_file(playbook: Playbooks, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("ICCID,Status\n", encoding="utf-8")
    expression = "fleet | kajeet.sentinel.fleet_drift(history=path)"
    drift = value(playbook, expression, fleet=[device(1)], path=str(history))
    assert (drift["drift"], drift["counts"]["missing"]) == (1, 1)
    history.write_text("no,history\n", encoding="utf-8")
    wrong = evaluated(playbook, expression, fleet=[device(1)], path=str(history))
    assert "a CSV with a status column" in wrong.msg


def test_fleet_drift_reads_a_history_with_given_names_and_words(playbook: Playbooks, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text(f"Bleep,Flurb\n{device(1)['iccid']},Groovy\n", encoding="utf-8")
    expression = "fleet | kajeet.sentinel.fleet_drift(history=path, field_names=names, status_words=words)"
    given = {"fleet": [device(1)], "path": str(history)}
    names, words = {"iccid": "bleep", "status": ["Flurb"]}, {"success": "groovy"}
    assert value(playbook, expression, names=names, words=words, **given)["counts"]["active"] == 1
    as_json = value(playbook, expression, names=json.dumps(names), words=json.dumps(words), **given)
    assert as_json["counts"]["active"] == 1
    wrong = evaluated(playbook, expression, names={"icid": "Bleep"}, words={"good": []}, **given)
    assert "field_names: unknown key 'icid'; did you mean iccid?" in wrong.msg
    assert "status_words: unknown key 'good'" in wrong.msg


def test_fleet_report_makes_a_csv_without_formulas(playbook: Playbooks) -> None:
    entry = {"outcome": "activated", "imei": device(1)["imei"], "nickname": "=1+1"}
    text = value(playbook, "devices | kajeet.sentinel.fleet_report('csv')", devices=[entry])
    assert device(1)["imei"] in text
    assert "'=1+1" in text
    assert "format 'pdf' is not one of" in evaluated(playbook, "[] | kajeet.sentinel.fleet_report('pdf')").msg
