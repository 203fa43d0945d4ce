# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sentinel_fleet: devices of all kinds in one task, with one plan, one observation and one result."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from harness.devices import BLOCKED, COMMON, csv_of, device, fleet, pair
from harness.fleets import MODULE, csv_file, esim, mixed, posted, smartsim, task
from harness.playbooks import Playbooks, activation
from harness.simulators import PASSWORD, USERNAME, Simulator


def kinds_read(calls: list[str]) -> Counter[str]:
    """The number of logins, and of requests for history and device list."""
    marks = {"history": r"/activation/transactions\?.*export=CSV", "listing": "/v1.0/devices/", "login": "/token"}
    return Counter(name for call in calls for name, mark in marks.items() if re.search(mark, call))


def test_a_file_with_three_kinds_is_activated_once(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """Check, apply, apply, check."""
    src = csv_file(tmp_path / "fleet.csv", mixed())
    given = task(src=str(src), directory=str(tmp_path), plan_file="plan.json", result_file="result.csv")

    checked = playbook(given, check=True).only
    assert checked["summary"] == {"would_activate": 7}
    assert checked.changed
    assert not checked.failed
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert Counter(entry["kind"] for entry in plan["devices"]) == {"sim": 3, "smartsim": 2, "esim": 2}
    assert checked["plan"] == {**plan["counts"], "digest": plan["digest"]}
    sentinel.assert_wrote_nothing()

    applied = playbook(given).only
    assert applied["plan"] == checked["plan"], "the plans of check mode and of the run differ"
    assert applied["summary"] == {"activated": 7}
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}
    seen = sentinel.activations()
    assert (len(seen["devices"]), seen["max_submitted"], seen["max_activated"]) == (7, 1, 1)
    with open(tmp_path / "result.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["outcome"] for row in rows] == ["activated"] * 7
    assert [row["kind"] for row in rows] == [entry["kind"] for entry in plan["devices"]]
    assert [row["nickname"] for row in rows if row["kind"] == "sim"] == ["Bus 1", "Bus 2", "Bus 3"]

    for check_mode in (False, True):
        again = playbook(given, check=check_mode).only
        assert again["summary"] == {"already_active": 7}
        assert not again.changed
        assert again["requests"]["writes"] == 0
    assert sum(posted(sentinel).values()) == 3


def test_a_mixed_fleet_takes_one_login_one_history_and_one_device_list(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    numbers = [number for number in range(1200) if number % 1000 < 900][:1000]
    devices = [*fleet(numbers), *map(smartsim, numbers), *(esim(5000 + number) for number in numbers)]
    sentinel.control("PUT", "stock", {"carrier": "AT&T", "available": 5000, "esim": True})
    login = {"api_token": None, "corp_id": None, "api_username": USERNAME, "api_password": PASSWORD}
    runs = [(True, "would_activate"), (False, "activated"), (False, "already_active"), (True, "already_active")]
    for check_mode, outcome in runs:
        before = len(sentinel.calls())
        result = playbook(task(devices=devices, **login), check=check_mode).only
        assert result["summary"] == {outcome: 3000}
        seen = kinds_read(sentinel.calls()[before:])
        assert seen == {"history": 1, "listing": 1, "login": 1}, outcome


def test_the_option_kind_sets_the_kind_of_all_devices(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    devices = [{name: value for name, value in esim(number).items() if name != "kind"} for number in (1, 2)]
    result = playbook(task(src=str(csv_file(tmp_path / "esims.csv", devices)), kind="esim")).only
    assert result["summary"] == {"activated": 2}
    assert posted(sentinel) == {"esim": 1}


def test_a_fleet_of_one_kind_has_the_plan_of_its_module(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    """Digest and plan file are the same, so each approves the other's plan."""
    src = tmp_path / "fleet.csv"
    src.write_text("\n" + csv_of([pair(number) for number in (1, 2)]), encoding="utf-8")
    given = {"src": str(src), **COMMON, "request_format": "batch"}
    one = activation("module", plan_file=str(tmp_path / "module.json"), **given)
    run = playbook([one, task("fleet", plan_file=str(tmp_path / "fleet.json"), **given)], check=True)
    assert run["module"]["plan"] == run["fleet"]["plan"]
    assert (tmp_path / "module.json").read_bytes() == (tmp_path / "fleet.json").read_bytes()
    sentinel.assert_wrote_nothing()


def test_unquoted_values_of_a_yaml_file_keep_leading_zeros(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    text = yaml.safe_dump([device(1, service_zip_code="XX"), smartsim(1)]).replace("XX", "02134").replace("'", "")
    assert "service_zip_code: 02134" in text
    (tmp_path / "fleet.yml").write_text(text, encoding="utf-8")
    playbook(task(src=str(tmp_path / "fleet.yml"), request_format="single"))
    body = next(request["body"] for request in sentinel.writes() if request["path"].endswith("/transaction"))
    assert "02134" in json.dumps(body)


def test_defaults_by_carrier_and_group_complete_devices(sentinel: Simulator, playbook: Playbooks) -> None:
    devices: list[dict[str, Any]] = [
        pair(1),
        {**pair(2), "carrier": "at&t"},
        {**pair(3), "device_group": "Library"},
        {**pair(4), "device_group": "Library", "filter_group": "Fleet", "nickname": "Own"},
    ]
    given = task(
        devices=devices,
        request_format="single",
        defaults={"nickname": "Any", "carrier": "T-Mobile"},
        **COMMON,
        carrier_defaults={"AT&T": {"nickname": "Of the carrier", "service_zip_code": "22102"}},
        group_defaults={"Library": {"carrier": "AT&T", "filter_group": "Staff"}},
    )
    playbook(given)
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


def test_all_mistakes_are_reported_at_once_with_their_lines(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    devices = mixed()
    devices[1]["imei"] = "123"
    devices[3]["iccid"] = ""
    devices[4]["kind"] = "SmartCard"
    src = csv_file(tmp_path / "fleet.csv", devices)
    message = playbook(task(src=str(src), wait_timeout=-1)).only.msg
    assert "wait_timeout: must be at least 0, not -1.0" in message
    assert "fleet.csv, line 3: imei 123" in message
    assert "fleet.csv, line 5: iccid is required" in message
    assert "fleet.csv, line 6: kind: 'SmartCard' is not a kind of device" in message
    assert "has 4 errors; nothing was written" in message
    assert sentinel.requests() == []


def test_missing_and_ambiguous_declarations_are_reported(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            task("two", src="fleet.csv", devices=[]),
            task("none"),
            task("empty", devices=[]),
            task("hosts", hosts=True),
            task("unknown", hosts=["bus-9"]),
            task("false", hosts=False, devices=[]),
            task("list", devices=["bus"]),
        ]
    )
    assert "devices and src cannot be used together; set exactly one of devices, src, hosts" in run["two"].msg
    assert "No devices are declared; set exactly one of" in run["none"].msg
    assert run["empty"]["summary"] == run["false"]["summary"] == {}
    assert "no host of the play declares a device" in run["hosts"].msg
    assert "hosts: 'bus-9' is not in the inventory" in run["unknown"].msg
    assert "device 1: must be a mapping" in run["list"].msg
    assert sentinel.requests() == []


def test_blank_options_are_refused(sentinel: Simulator, playbook: Playbooks) -> None:
    """An empty variable must not switch off a safeguard."""
    blank = [
        ("approved_plan", ""),
        ("approved_plan", " "),
        ("approved_plan", None),
        ("max_new_activations", ""),
        ("max_new_activations", None),
        ("journal", ""),
        ("journal", None),
        ("plan_file", ""),
        ("result_file", " "),
        ("src", ""),
    ]
    modules = [MODULE, "kajeet.sentinel.sentinel_activation"]
    tasks = [
        {"name": f"{number} {name}", module: {"devices": [device(1)], name: value}, "ignore_errors": True}
        for module in modules
        for number, (name, value) in enumerate(blank)
    ]
    for outcome in playbook(tasks):
        name = outcome.name.split()[1]
        assert outcome.msg.startswith(f"{name}: must not be blank; give a value or omit {name}"), outcome
    assert sentinel.requests() == []


def test_a_failed_device_is_reported_after_all_others_are_activated(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    devices = [*fleet([1, 2]), device(3, BLOCKED, nickname="Bus 3"), esim(4), smartsim(1)]
    result = playbook(task(devices=devices, result_file=str(tmp_path / "all.jsonl"))).only
    assert result.failed
    assert result["summary"] == {"failed": 1, "activated": 4}
    assert [entry["iccid"] for entry in result["devices"] if entry["outcome"] == "failed"] == [devices[2]["iccid"]]
    assert "Bus 3" in result.msg
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["sim", "sim", "sim", "esim", "smartsim"]
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}


def test_a_failed_preflight_of_one_kind_stops_all_kinds(sentinel: Simulator, playbook: Playbooks) -> None:
    result = playbook(task(devices=[device(1), esim(2, carrier="Verizn")])).only
    assert "the account has no carrier 'Verizn'" in result.msg
    sentinel.assert_wrote_nothing()


def test_the_result_has_account_source_and_time(sentinel: Simulator, playbook: Playbooks) -> None:
    result = playbook(task(devices=mixed()), check=True).only
    assert result["account"] == {"corp_id": "NORTHSTAR-ISD", "api_url": sentinel.api_url, "simulator": True}
    assert (result["source"], result["planned"]) == ("7 devices of the task", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["started_at"])


def test_given_field_names_and_status_words_are_used(sentinel: Simulator, playbook: Playbooks) -> None:
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
    given = {"devices": mixed(), "field_names": names, "status_words": {"success": "groovy"}}
    run = playbook([task("first", **given), task("second", **given)])
    assert run["first"]["summary"] == {"activated": 7}
    assert (run["second"]["summary"], run["second"].changed) == ({"already_active": 7}, False)
