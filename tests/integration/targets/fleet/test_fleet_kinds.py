# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet: devices of every kind in one declaration."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from harness.devices import BLOCKED, COMMON, csv_of, device, fleet, pair
from harness.fleets import csv_file, esim, mixed, posted, result, role, smartsim
from harness.playbooks import Playbooks
from harness.simulators import Simulator


def test_three_kinds_in_one_file(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """Check → apply → apply → check."""
    src = csv_file(tmp_path / "fleet.csv", mixed())
    task = role(src=str(src), directory=str(tmp_path), plan_file="plan.json", result_file="result.csv")

    check = playbook(task, check=True)
    checked = result(check)
    assert checked["summary"] == {"would_activate": 7}
    assert checked["changed"]
    assert not checked["failed"]
    assert [outcome.name for outcome in check if outcome.changed] == [
        "Fleet, SIMs: plan",
        "Fleet, SmartSIMs: plan",
        "Fleet, eSIMs: plan",
    ]
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert Counter(entry["kind"] for entry in plan["devices"]) == {"sim": 3, "smartsim": 2, "esim": 2}
    assert checked["plan"] == {**plan["counts"], "digest": plan["digest"]}
    sentinel.assert_wrote_nothing()

    applied = result(playbook(task))
    assert applied["plan"] == checked["plan"], "what check mode said is not what was done"
    assert applied["summary"] == {"activated": 7}
    assert applied["msg"].splitlines() == [
        "SIMs: 3 devices: 3 activated",
        "SmartSIMs: 2 devices: 2 activated",
        "eSIMs: 2 devices: 2 activated",
    ]
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}
    seen = sentinel.activations()
    assert (len(seen["devices"]), seen["max_submitted"], seen["max_activated"]) == (7, 1, 1)
    with open(tmp_path / "result.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["kind"], row["outcome"]) for row in rows] == [
        *[("sim", "activated")] * 3,
        *[("smartsim", "activated")] * 2,
        *[("esim", "activated")] * 2,
    ]
    assert [row["nickname"] for row in rows][:3] == ["Bus 1", "Bus 2", "Bus 3"]

    for check_mode in (False, True):
        run = playbook(task, check=check_mode)
        again = result(run)
        assert again["summary"] == {"already_active": 7}
        assert not again["changed"]
        assert not any(outcome.changed for outcome in run)
        assert again["requests"] == {"reads": 6, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
    assert sum(posted(sentinel).values()) == 3


def test_a_file_of_one_kind_goes_to_the_module_as_it_is(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    """So that what is said about a row has the row's name; and the digest is the module's own."""
    src = tmp_path / "fleet.csv"
    rows = [*(pair(number) for number in (1, 2)), pair(3, BLOCKED)]
    src.write_text("\n" + csv_of(rows), encoding="utf-8")
    check = playbook(role(src=str(src), defaults=COMMON), check=True)
    assert check["Fleet, SIMs: plan"]["plan"]["digest"] == result(check)["plan"]["digest"]
    run = playbook(role(src=str(src), defaults=COMMON), expect_rc=2)
    assert "fleet.csv, line 5 (iccid" in run["Fail where devices need attention"].msg
    assert result(run)["summary"] == {"failed": 1, "activated": 2}
    assert posted(sentinel) == {"sim": 1}


def test_another_kind_for_the_whole_file(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    devices = [{name: value for name, value in esim(number).items() if name != "kind"} for number in (1, 2)]
    run = playbook(role(src=str(csv_file(tmp_path / "esims.csv", devices)), kind="esim"))
    assert result(run)["summary"] == {"activated": 2}
    assert posted(sentinel) == {"esim": 1}


def test_yaml_keeps_its_zeros(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    text = yaml.safe_dump([device(1, service_zip_code="XX"), smartsim(1)]).replace("XX", "02134").replace("'", "")
    assert "service_zip_code: 02134" in text
    (tmp_path / "fleet.yml").write_text(text, encoding="utf-8")
    playbook(role(src=str(tmp_path / "fleet.yml"), request_format="single"))
    body = next(request["body"] for request in sentinel.writes() if request["path"].endswith("/transaction"))
    assert "02134" in json.dumps(body)


def test_defaults_by_carrier_and_group(sentinel: Simulator, playbook: Playbooks) -> None:
    devices: list[dict[str, Any]] = [
        pair(1),
        {**pair(2), "carrier": "at&t"},
        {**pair(3), "device_group": "Library"},
        {**pair(4), "device_group": "Library", "filter_group": "Fleet", "nickname": "Own"},
    ]
    task = role(
        devices=devices,
        request_format="single",
        defaults={**COMMON, "nickname": "Any"},
        carrier_defaults={"AT&T": {"nickname": "Of the carrier", "service_zip_code": "22102"}},
        group_defaults={"Library": {"carrier": "AT&T", "filter_group": "Staff"}},
    )
    playbook(task)
    seen = {
        body["imei"]: [body[name] for name in ("carrier", "deviceGroup", "filterGroup", "nickname")]
        for body in sentinel.bodies()
    }
    assert seen == {
        pair(1)["imei"]: ["Verizon", "Transportation", "Student_K8", "Any"],
        pair(2)["imei"]: ["at&t", "Transportation", "Student_K8", "Of the carrier"],
        pair(3)["imei"]: ["AT&T", "Library", "Staff", "Of the carrier"],
        pair(4)["imei"]: ["AT&T", "Library", "Fleet", "Own"],
    }


def test_what_is_wrong_is_told_all_at_once_and_by_row(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    devices = mixed()
    devices[1]["imei"] = "123"
    devices[3]["iccid"] = ""
    devices[4]["kind"] = "SmartCard"
    src = csv_file(tmp_path / "fleet.csv", devices)
    run = playbook(role(src=str(src)), expect_rc=2)
    message = run["Read the fleet, and check each device"].msg
    assert "fleet.csv, line 6: kind: 'SmartCard' is no kind of device" in message
    devices[4]["kind"] = "smartsim"
    csv_file(src, devices)
    run = playbook(role(src=str(src)), expect_rc=2)
    message = run["Read the fleet, and check each device"].msg
    assert "The list of devices has 2 errors; nothing was written" in message
    assert "fleet.csv, line 3: imei 123" in message
    assert "fleet.csv, line 5: iccid is missing" in message
    assert sentinel.requests() == []


def test_two_declarations_and_none(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(role(src="fleet.csv", devices=[]), expect_rc=2)
    assert "Both fleet_src and fleet_devices are given" in run["Refuse two declarations"].msg
    run = playbook(role(), expect_rc=2)
    assert "No fleet is declared" in run["Read the fleet, and check each device"].msg
    assert result(playbook(role(devices=[])))["summary"] == {}
    assert sentinel.requests() == []


def test_what_fails_is_told_when_all_is_done_and_reported(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    devices = [*fleet([1, 2], nickname="<b>Bus</b>"), device(3, BLOCKED), esim(4), smartsim(1)]
    task = role(devices=devices, directory=str(tmp_path), report="out", report_title="Buses of the north")
    run = playbook(task, expect_rc=2)
    summary = {"failed": 1, "activated": 4}
    assert result(run)["summary"] == summary
    assert [entry["iccid"] for entry in result(run)["failed_devices"]] == [device(3, BLOCKED)["iccid"]]
    assert [outcome.name for outcome in run if outcome.failed] == ["Fail where devices need attention"]
    names = [outcome.name for outcome in run]
    assert names.index("Write the report") < names.index("Fail where devices need attention")
    assert names[-3:] == ["Fail where devices need attention", "Remove what was written on the way", "End the turn"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Buses of the north" in page
    assert "<b>Bus" not in page
    with open(tmp_path / "out" / "report.csv", encoding="utf-8-sig", newline="") as stream:
        assert Counter(row["outcome"] for row in csv.DictReader(stream)) == summary
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}


def test_no_plan_for_one_kind_is_none_for_all(sentinel: Simulator, playbook: Playbooks) -> None:
    """The SIMs could be activated. But the plan of the fleet is none."""
    devices = [device(1), esim(2, carrier="Verizn")]
    run = playbook(role(devices=devices), expect_rc=2)
    assert "the account has no carrier 'Verizn'" in run["Fail where there is no plan"].msg
    assert not run["Fleet, SIMs: plan"].changed
    sentinel.assert_wrote_nothing()


def test_options_reach_the_modules(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    options = {
        "history": "none",
        "wait": False,
        "concurrency": 1,
        "journal": "fleet.journal",
        "extra_body": {"reference": "R-1"},
    }
    run = playbook(role(devices=[device(1), esim(2)], directory=str(tmp_path), **options))
    assert result(run)["summary"] == {"pending": 2}
    assert not result(run)["failed"]
    assert {body["reference"] for body in sentinel.bodies()} == {"R-1"}
    assert (tmp_path / "fleet.journal").exists()
    assert not any("v2.0" in call for call in sentinel.calls())


def test_names_and_words_that_only_the_user_knows(sentinel: Simulator, playbook: Playbooks) -> None:
    """Every activation module gets them."""
    sentinel.settings(
        dialect={
            "history_csv": {
                "headings": {
                    "transaction_id": "Wimble",
                    "imei": "Zorp",
                    "iccid": "Bleep",
                    "sim_id": "Splat",
                    "status": "Flurb",
                }
            },
            "status_words": {"line": {"active": ["Groovy"]}},
        }
    )
    names = {"transaction_id": "wimble", "imei": "zorp", "iccid": "bleep", "sim_id": "splat", "status": "flurb"}
    task = role(devices=mixed(), field_names=names, status_words={"success": "groovy"})
    assert result(playbook(task))["summary"] == {"activated": 7}
    again = result(playbook(task))
    assert (again["summary"], again["changed"]) == ({"already_active": 7}, False)
