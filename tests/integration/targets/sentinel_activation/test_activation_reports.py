# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diff, the message, the listed devices and the files of a task."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from harness.devices import BLOCKED, NEVER, UNKNOWN_ICCID, csv_of, device, iccid, imei
from harness.playbooks import Playbooks, activation
from harness.simulators import ACTIVE
from openpyxl import load_workbook

pytestmark = pytest.mark.usefixtures("sentinel")

GOOD, STRANGER, BARRED, STUCK = device(4), device(2, UNKNOWN_ICCID), device(3, BLOCKED), device(1, NEVER)
KNOWN = {**device(0), **ACTIVE}
MIXED = [GOOD, STRANGER, BARRED, KNOWN]
ALWAYS = {"plan", "summary", "devices", "devices_omitted", "transactions", "requests", "elapsed"}
REASONS = {
    STRANGER["iccid"]: "ICCID is unknown to the carrier",
    BARRED["iccid"]: "IMEI is on the carrier's block list",
}


def test_the_diff_has_one_line_per_device(playbook: Playbooks) -> None:
    run = playbook(activation("diff", devices=[GOOD, STUCK, KNOWN]), check=True, diff=True)
    names = [f"iccid {iccid(number, digits)} imei {imei(number)}" for number, digits in ((4, "000"), (1, NEVER))]
    lines = [
        *(f"+ {name}, Verizon / Transportation" for name in names),
        "Plan: 2 to activate, 1 active.",
        f"Digest: {run.only['plan']['digest']}",
    ]
    assert run.only["diff"] == {"prepared": "".join(f"{line}\n" for line in lines)}
    assert "\n".join(lines) in run.output
    assert run.output.count("Digest: ") == 1


def test_the_message_in_check_mode_counts_what_would_happen(playbook: Playbooks) -> None:
    outcome = playbook(activation("plan", devices=[GOOD, KNOWN]), check=True).only
    assert outcome.msg == "Would activate 1; 1 already active"


def test_refused_devices_are_reported_and_the_others_are_activated(playbook: Playbooks) -> None:
    run = playbook([activation(form, devices=MIXED, request_format=form) for form in ("single", "batch")])
    single, batch = run["single"], run["batch"]
    assert single["summary"] == {"failed": 2, "activated": 1, "already_active": 1}
    assert batch["summary"] == {"failed": 2, "already_active": 2}
    for outcome in run:
        assert outcome.failed
        assert outcome.changed
        title, *lines, last = outcome.msg.splitlines()
        assert title == "2 of 4 devices need attention:"
        assert lines[0].startswith(f"device 2 (iccid {STRANGER['iccid']} imei {imei(2)}): failed: ")
        assert re.fullmatch(r"(1 activated, 1|2) already active, 2 failed in \d+(\.\d)? s", last)
        assert set(outcome.outcomes()) == set(REASONS)
        for iccid_, reason in REASONS.items():
            assert reason in outcome.msg
            assert outcome.by_iccid[iccid_]["reason"] == reason
            assert outcome.by_iccid[iccid_]["line_status"] == "FAILED"
        # A failure has the same keys as a success.
        assert outcome.data.keys() >= ALWAYS
        assert outcome["invocation"]["module_args"]["devices"] == "4 devices"


def test_result_devices_and_result_limit_decide_which_devices_are_listed(playbook: Playbooks) -> None:
    which = ("changed", "all", "attention", "none")
    well, bad = [GOOD, KNOWN], MIXED
    run = playbook(
        [
            *(activation(f"well {each}", devices=well, result_devices=each, check_mode=True) for each in which),
            *(activation(f"bad {each}", devices=bad, result_devices=each) for each in which),
            activation("limited", devices=bad, result_devices="all", result_limit=1),
        ]
    )
    known, good = KNOWN["iccid"], GOOD["iccid"]
    assert [set(run[f"well {each}"].outcomes()) for each in which] == [{good}, {known, good}, set(), set()]
    # A failed task lists the devices that need attention.
    assert [set(run[f"bad {each}"].outcomes()) for each in which] == [set(REASONS)] * 3 + [set()]
    limited = run["limited"]
    assert list(limited.outcomes().values()) == ["failed"]
    assert limited["devices_omitted"] == 1
    assert sum(limited["summary"].values()) == len(MIXED)


def test_the_failed_file_can_be_corrected_and_declared_again(playbook: Playbooks, tmp_path: Path) -> None:
    fleet, failed = tmp_path / "fleet.csv", tmp_path / "failed.csv"
    fleet.write_text(csv_of([GOOD, STRANGER, KNOWN]), encoding="utf-8")
    run = playbook(activation("apply", src=str(fleet), failed_file=str(failed)))
    assert run.only.failed
    header, row = failed.read_text(encoding="utf-8").splitlines()
    assert header == fleet.read_text(encoding="utf-8").splitlines()[0] + ",outcome,reason"
    assert row.endswith(f",failed,{REASONS[STRANGER['iccid']]}")
    correct = device(2)
    text = failed.read_text(encoding="utf-8").replace(STRANGER["iccid"], correct["iccid"])
    failed.write_text(text, encoding="utf-8")
    again = tmp_path / "again.csv"
    second = playbook(activation("correct", ignore=False, src=str(failed), failed_file=str(again)))
    assert second.only["summary"] == {"activated": 1}
    assert not again.exists()


def test_one_failure_in_a_thousand_is_a_short_result(playbook: Playbooks) -> None:
    many = [device(number) for number in range(1000, 1999)]
    run = playbook(activation("apply", devices=[*many, STRANGER], request_format="batch", result_devices="all"))
    assert run.only["summary"] == {"activated": 999, "failed": 1}
    assert len(run.raw) < 20_000
    assert list(run.only.outcomes()) == [STRANGER["iccid"]]
    assert len(run.output.splitlines()) < 30


def test_the_plan_file_is_the_same_with_and_without_check_mode(playbook: Playbooks, tmp_path: Path) -> None:
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


def test_the_result_file_has_all_devices_in_order(playbook: Playbooks, tmp_path: Path) -> None:
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
    keys = ["kind", "imei", "iccid", "nickname", "carrier", "device_group", "outcome", "transaction_id", "line_status"]
    assert list(apply[0]) == list(again[0]) == [*keys, "device_status", "reason", "mdn", "ip", "seconds"]
    assert apply[1]["reason"] == REASONS[STRANGER["iccid"]]
    assert again[2]["reason"].endswith(REASONS[BARRED["iccid"]])


def test_a_workbook_as_result_file_keeps_all_digits(playbook: Playbooks, tmp_path: Path) -> None:
    path = tmp_path / "fleet.xlsx"
    playbook(activation("apply", devices=MIXED, result_file=str(path), result_devices="none"))
    header, *rows = load_workbook(path).worksheets[0].values
    entries = [dict(zip(header, row)) for row in rows]
    assert [(row["imei"], row["iccid"]) for row in entries] == [(entry["imei"], entry["iccid"]) for entry in MIXED]
    assert [row["outcome"] for row in entries] == ["activated", "failed", "failed", "already_active"]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
