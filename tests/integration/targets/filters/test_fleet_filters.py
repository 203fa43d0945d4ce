# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role fleet and its playbooks, on their own. What they are for is in the targets of those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.devices import device
from harness.fleets import esim, mixed
from harness.playbooks import Outcome, Playbooks


def evaluated(playbook: Playbooks, expression: str, **variables: Any) -> Outcome:
    """The outcome of an expression; its value is the fact `found`."""
    task = {"name": "It", "ansible.builtin.set_fact": {"found": f"{{{{ {expression} }}}}"}, "ignore_errors": True}
    return playbook(task, defaults={}, extra_vars=variables).only


def value(playbook: Playbooks, expression: str, **variables: Any) -> Any:
    """The value of an expression."""
    return evaluated(playbook, expression, **variables)["ansible_facts"]["found"]


def test_a_fleet_is_split_by_kind(playbook: Playbooks) -> None:
    found = value(playbook, "fleet | kajeet.sentinel.fleet_split", fleet=mixed())
    assert {kind: len(arguments["devices"]) for kind, arguments in found.items()} == {
        "sim": 3,
        "smartsim": 2,
        "esim": 2,
    }
    assert all("kind" not in entry for arguments in found.values() for entry in arguments["devices"])
    wrong = evaluated(playbook, "[{'kind': 'sim'}] | kajeet.sentinel.fleet_split(carrier_defaults={'a': {'zip': 1}})")
    assert 'carrier_defaults: a: unknown field "zip"' in wrong.msg


def test_a_group_that_nobody_is_in_is_noticed(playbook: Playbooks) -> None:
    expression = "fleet | kajeet.sentinel.fleet_split(group_defaults={'Transport': {'nickname': 'x'}})"
    outcome = evaluated(playbook, expression, fleet=[device(1)])
    assert any("no device has the device_group 'Transport'" in warning for warning in outcome.warnings)


ENTRY = {"action": "activate", "reason": "not in the history", "fingerprint": "f" * 32}


def plan(*devices: dict[str, Any]) -> dict[str, Any]:
    """A plan file's content that submits these devices."""
    listed = [{name: text for name, text in {**entry, **ENTRY}.items() if name != "kind"} for entry in devices]
    counts = {"activate": len(devices), "wait": 0, "unchanged": 0, "conflict": 0}
    return {"format": 1, "digest": "", "counts": counts, "devices": listed}


def test_plans_become_one_and_are_objected_to(playbook: Playbooks) -> None:
    plans = {"sim": plan(device(1)), "esim": plan(esim(2))}
    one = value(playbook, "plans | kajeet.sentinel.fleet_plan", plans=plans)
    assert one["counts"]["activate"] == 2
    assert [entry["kind"] for entry in one["devices"]] == ["sim", "esim"]
    expression = "plan | kajeet.sentinel.fleet_objections(max_new_activations=1, approved_plan='0' * 64)"
    assert len(value(playbook, expression, plan=one)) == 2
    expression = "plan | kajeet.sentinel.fleet_objections(approved_plan=plan.digest)"
    assert value(playbook, expression, plan=one) == []
    table = value(playbook, "plan | kajeet.sentinel.fleet_table(named=1)", plan=one)
    assert table[-2:] == ["  and 1 more to activate", f"Digest: {one['digest']}"]
    assert "it has no 'devices'" in evaluated(playbook, "{} | kajeet.sentinel.fleet_table").msg


def test_a_file_is_named_once(playbook: Playbooks, tmp_path: Path) -> None:
    expression = "{'fleet': 'fleet.csv', 'plan': path} | kajeet.sentinel.fleet_paths(directory)"
    found = value(playbook, expression, path="plan.json", directory=str(tmp_path))
    assert found == {"fleet": f"{tmp_path}/fleet.csv", "plan": f"{tmp_path}/plan.json"}
    wrong = evaluated(playbook, expression, path="./fleet.csv", directory=str(tmp_path))
    assert f"plan: {tmp_path}/fleet.csv is the file of fleet, too" in wrong.msg


def test_wrong_arguments_are_named(playbook: Playbooks) -> None:
    expressions = {
        "{} | kajeet.sentinel.fleet_table(named='x')": "named: 'x' is no whole number",
        "{'drift': 1, 'devices': 3} | kajeet.sentinel.fleet_table": "is neither a plan nor a drift",
        "{} | kajeet.sentinel.fleet_objections(max_new_activations='x')": "max_new_activations: 'x' is no whole number",
        "'x' | kajeet.sentinel.fleet_lines": "files: is no mapping of kinds to paths",
    }
    for expression, told in expressions.items():
        assert told in evaluated(playbook, expression).msg


def test_results_become_one(playbook: Playbooks, tmp_path: Path) -> None:
    files = {}
    for kind in ("sim", "esim"):
        files[kind] = str(tmp_path / f"{kind}.jsonl")
        Path(files[kind]).write_text('{"imei": "1", "outcome": "failed"}\n', encoding="utf-8")
    results = {kind: {"changed": True, "summary": {"failed": 1}, "msg": kind} for kind in files}
    expression = "results | kajeet.sentinel.fleet_outcome(files, {'digest': 'd'})"
    found = value(playbook, expression, results=results, files=files)
    assert (found["failed"], found["summary"], found["msg"]) == (True, {"failed": 2}, "SIMs: sim\neSIMs: esim")
    assert value(playbook, "(files | kajeet.sentinel.fleet_lines) | map(attribute='kind')", files=files) == [
        "sim",
        "esim",
    ]
    text = value(playbook, "files | kajeet.sentinel.fleet_lines(path='x.csv')", files=files)
    assert text.splitlines()[1] == "sim,,,1,,,failed"


def test_drift_of_a_history(playbook: Playbooks, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("ICCID,Status\n", encoding="utf-8")
    expression = "fleet | kajeet.sentinel.fleet_drift(history=path)"
    found = value(playbook, expression, fleet=[device(1)], path=str(history))
    assert (found["drift"], found["counts"]["missing"]) == (1, 1)
    history.write_text("no,history\n", encoding="utf-8")
    wrong = evaluated(playbook, expression, fleet=[device(1)], path=str(history))
    assert "a CSV with a status column" in wrong.msg


def test_drift_of_a_history_with_names_and_words_of_its_own(playbook: Playbooks, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text(f"Bleep,Flurb\n{device(1)['iccid']},Groovy\n", encoding="utf-8")
    expression = "fleet | kajeet.sentinel.fleet_drift(history=path, field_names=names, status_words=words)"
    given = {"fleet": [device(1)], "path": str(history)}
    names, words = {"iccid": "bleep", "status": ["Flurb"]}, {"success": "groovy"}
    assert value(playbook, expression, names=names, words=words, **given)["counts"]["active"] == 1
    as_json = value(playbook, expression, names=json.dumps(names), words=json.dumps(words), **given)
    assert as_json["counts"]["active"] == 1
    wrong = evaluated(playbook, expression, names={"icid": "Bleep"}, words={"good": []}, **given)
    assert "field_names: unknown key 'icid': did you mean iccid?" in wrong.msg
    assert "status_words: unknown key 'good'" in wrong.msg


def test_a_report_is_made(playbook: Playbooks) -> None:
    entry = {"outcome": "activated", "imei": device(1)["imei"], "nickname": "=1+1"}
    text = value(playbook, "devices | kajeet.sentinel.fleet_report('csv')", devices=[entry])
    assert device(1)["imei"] in text
    assert "'=1+1" in text
    assert "format 'pdf' is none of" in evaluated(playbook, "[] | kajeet.sentinel.fleet_report('pdf')").msg
