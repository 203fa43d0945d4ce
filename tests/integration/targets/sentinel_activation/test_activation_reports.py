# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reports: diff, refused devices, and the files that it writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from harness.devices import BLOCKED, NEVER, UNKNOWN_ICCID, device, iccid, imei
from harness.playbooks import Playbooks, activation
from harness.simulators import ACTIVE

pytestmark = pytest.mark.usefixtures("sentinel")

GOOD, STRANGER, BARRED, STUCK = device(4), device(2, UNKNOWN_ICCID), device(3, BLOCKED), device(1, NEVER)
KNOWN = {**device(0), **ACTIVE}
MIXED = [GOOD, STRANGER, BARRED, KNOWN]
ALWAYS = {"plan", "summary", "devices", "devices_omitted", "transactions", "requests", "elapsed"}
REASONS = {
    STRANGER["iccid"]: "ICCID is unknown to the carrier",
    BARRED["iccid"]: "IMEI is on the carrier's block list",
}


def test_the_diff_has_a_line_for_each_device(playbook: Playbooks) -> None:
    run = playbook(activation("diff", devices=[GOOD, STUCK, KNOWN]), check=True, diff=True)
    names = [f"iccid {iccid(number, digits)} imei {imei(number)}: " for number, digits in ((1, NEVER), (4, "000"))]
    target = "active, Verizon / Transportation / Student_K8\n"
    assert run.only["diff"] == {
        "before": "".join(name + "not active\n" for name in names),
        "after": "".join(name + target for name in names),
    }
    assert f"-{names[0]}not active" in run.output
    assert f"+{names[0]}{target.strip()}" in run.output


def test_refused_devices_keep_nobody_else_from_being_activated(playbook: Playbooks) -> None:
    run = playbook([activation(form, devices=MIXED, request_format=form) for form in ("single", "batch")])
    single, batch = run["single"], run["batch"]
    assert single["summary"] == {"failed": 2, "activated": 1, "already_active": 1}
    assert batch["summary"] == {"failed": 2, "already_active": 2}
    for outcome in run:
        assert outcome.failed
        assert outcome.changed
        assert "2 of 4 devices need attention: 2 failed" in outcome.msg
        for iccid_, reason in REASONS.items():
            assert reason in outcome.msg
            assert outcome.by_iccid[iccid_]["reason"] == reason
            assert outcome.by_iccid[iccid_]["line_status"] == "FAILED"
        # A failure carries the same result as a success.
        assert outcome.data.keys() >= ALWAYS
        assert outcome["invocation"]["module_args"]["devices"][0]["iccid"] == GOOD["iccid"]


def test_which_devices_are_listed(playbook: Playbooks) -> None:
    tasks = [
        activation(which, devices=MIXED, result_devices=which, retry_failed=False)
        for which in ("changed", "all", "attention", "none")
    ]
    run = playbook([*tasks, activation("limited", devices=MIXED, result_devices="all", result_limit=3)])
    known, good = KNOWN["iccid"], GOOD["iccid"]
    assert set(run["changed"].outcomes()) == {good, *REASONS}
    assert set(run["all"].outcomes()) == {known, good, *REASONS}
    assert set(run["attention"].outcomes()) == set(REASONS)
    assert run["none"].outcomes() == {}
    limited = run["limited"]
    # Those that need attention first, then the others as they were declared.
    assert list(limited.outcomes().values()) == ["failed", "failed", "already_active"]
    assert limited["devices_omitted"] == 1
    assert sum(limited["summary"].values()) == len(MIXED)


def test_the_plan_file(playbook: Playbooks, tmp_path: Path) -> None:
    checked, applied = tmp_path / "checked.json", tmp_path / "applied.json"
    run = playbook(
        [
            activation("check", devices=MIXED, plan_file=str(checked), check_mode=True),
            activation("apply", devices=MIXED, plan_file=str(applied)),
        ]
    )
    assert checked.read_bytes() == applied.read_bytes()
    plan = json.loads(checked.read_text(encoding="utf-8"))
    assert plan["digest"] == run["check"]["plan"]["digest"]
    assert plan["counts"] == {"activate": 3, "restore": 0, "wait": 0, "unchanged": 1, "conflict": 0, "inactive": 0}
    assert [entry["action"] for entry in plan["devices"]] == ["activate", "activate", "activate", "unchanged"]
    first, last = plan["devices"][0], plan["devices"][3]
    assert first.items() >= {**GOOD, "reason": "not in the history"}.items()
    assert len(first["fingerprint"]) == 32
    assert last["iccid"] == ACTIVE["iccid"]
    assert last["reason"].startswith("active in the account (MDN ")


def test_the_result_file(playbook: Playbooks, tmp_path: Path) -> None:
    def path(name: str) -> str:
        return str(tmp_path / name)

    playbook(
        [
            activation("check", devices=MIXED, result_file=path("check.jsonl"), check_mode=True),
            activation("apply", devices=MIXED, result_file=path("apply.jsonl"), result_devices="none"),
            activation("again", devices=MIXED, result_file=path("again.csv"), retry_failed=False),
        ]
    )
    order = [entry["iccid"] for entry in MIXED]
    check, apply = (_lines(tmp_path / name) for name in ("check.jsonl", "apply.jsonl"))
    with open(path("again.csv"), encoding="utf-8", newline="") as stream:
        again = list(csv.DictReader(stream))
    assert [entry["iccid"] for entry in check] == [entry["iccid"] for entry in apply] == order
    assert [entry["iccid"] for entry in again] == order
    assert [entry["outcome"] for entry in check] == ["would_activate"] * 3 + ["already_active"]
    assert [entry["outcome"] for entry in apply] == ["activated", "failed", "failed", "already_active"]
    assert [entry["outcome"] for entry in again] == ["already_active", "failed", "failed", "already_active"]
    keys = ["imei", "iccid", "nickname", "carrier", "device_group", "outcome", "transaction_id", "line_status"]
    assert list(apply[0]) == list(again[0]) == [*keys, "device_status", "reason", "mdn", "ip", "seconds"]
    assert apply[1]["reason"] == REASONS[STRANGER["iccid"]]
    assert again[2]["reason"].endswith(REASONS[BARRED["iccid"]])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
