# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet: one task, a report, and a result on every host."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.devices import BLOCKED, device, fleet, iccid, imei
from harness.fleets import ACTIVATE, PLAN, QUICK, ROLE, Hosts, csv_file, esim, mixed, posted, result, role, smartsim
from harness.places import collection_root
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator

SHOW = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result }}"}}


@pytest.fixture
def hosts(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> Hosts:
    """Runs the role over hosts."""
    return Hosts(tmp_path, playbook, sentinel)


def buses(numbers: list[int]) -> dict[str, dict[str, Any]]:
    """Hosts for the devices with these numbers."""
    return {f"bus-{entry['imei'][-4:]}": entry for entry in fleet(numbers)}


def shown(run: Run) -> list[str]:
    """The names of the role's tasks, without the validation of its arguments."""
    others = ("Validating arguments", "Use the role")
    return [outcome.name for outcome in run if not outcome.name.startswith(others)]


def test_a_file_with_three_kinds_is_activated_and_reported(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    """Check, apply, apply, check."""
    csv_file(tmp_path / "fleet.csv", mixed())
    task = role(src="fleet.csv", directory=str(tmp_path), report="report")

    check = playbook(task, check=True)
    assert result(check)["summary"] == {"would_activate": 7}
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["plan"], report["summary"]) == (True, {"would_activate": 7})
    sentinel.assert_wrote_nothing()

    run = playbook(task)
    assert result(run)["plan"] == result(check)["plan"]
    assert posted(sentinel) == {"sim": 1, "smartsim": 1, "esim": 1}
    assert shown(run) == ["Create the report directory", ACTIVATE, "Write the report"]
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["plan"], report["summary"]) == (False, {"activated": 7})
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        *("report.html", "report.csv", "report.json", "result.jsonl"),
    }

    for check_mode in (False, True):
        again = playbook(task, check=check_mode)
        assert result(again)["summary"] == {"already_active": 7}
        assert not any(outcome.changed for outcome in again)
    assert sum(posted(sentinel).values()) == 3


@pytest.mark.usefixtures("sentinel")
def test_a_failed_device_is_reported_and_fails_the_role(playbook: Playbooks, tmp_path: Path) -> None:
    devices = [*fleet([1, 2], nickname="<b>Bus</b>"), device(3, BLOCKED), esim(4), smartsim(1)]
    task = role(devices=devices, directory=str(tmp_path), report="out", report_title="Buses of the north")
    run = playbook([{"name": "Try", "block": [task], "rescue": [SHOW]}])
    summary = {"failed": 1, "activated": 4}
    shown_result = run["Show"]["msg"]
    assert (shown_result["failed"], shown_result["summary"]) == (True, summary)
    assert [entry["iccid"] for entry in shown_result["devices"]] == [device(3, BLOCKED)["iccid"]]
    assert [outcome.name for outcome in run if outcome.failed] == [ACTIVATE]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Buses of the north" in page
    assert "<b>Bus" not in page
    with open(tmp_path / "out" / "report.csv", encoding="utf-8-sig", newline="") as stream:
        assert Counter(row["outcome"] for row in csv.DictReader(stream)) == summary


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"src": "/nowhere.csv"}, "/nowhere.csv: cannot be read"),
        ({"devices": [device(2, carrier="Verizn")]}, "the account has no carrier 'Verizn'"),
        ({"devices": fleet([1, 2]), "max_new_activations": 1}, "The plan activates 2 devices"),
        ({"devices": fleet([1]), "max_new_activations": ""}, "max_new_activations: must not be blank"),
        ({"devices": fleet([1]), "approved_plan": ""}, "approved_plan: must not be blank"),
        ({"devices": fleet([1]), "journal": ""}, "journal: must not be blank"),
        ({"src": ""}, "src: must not be blank"),
        ({"src": "fleet.csv", "devices": []}, "devices and src cannot be used together"),
        ({}, "no host of the play declares a device"),
        (
            {"devices": fleet([1]), "requests_per_minute": 3, "slices": 4},
            "requests_per_minute: must be at least 1, not 0",
        ),
    ],
)
def test_a_mistake_is_in_the_message_of_the_task_and_in_the_result(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, wrong: dict[str, Any], message: str
) -> None:
    task = role(directory=str(tmp_path), report="report", **wrong)
    run = playbook([{"name": "Try", "block": [task], "rescue": [SHOW]}])
    assert message in run[ACTIVATE].msg
    assert message in run["Show"]["msg"]["msg"]
    assert "Write the report" not in [outcome.name for outcome in run if outcome.status == "ok"]
    sentinel.assert_wrote_nothing()


def test_the_state_planned_only_plans(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run = playbook(role(devices=mixed(), state="planned", plan_file=str(plan)))
    assert run[PLAN]["summary"] == {"would_activate": 7}
    assert json.loads(plan.read_text(encoding="utf-8"))["digest"] == result(run)["plan"]["digest"]
    sentinel.assert_wrote_nothing()


def test_every_option_of_the_module_is_a_variable() -> None:
    """Except those of the connection."""
    specs = yaml.safe_load((collection_root() / "roles/fleet/meta/argument_specs.yml").read_text(encoding="utf-8"))
    variables = specs["argument_specs"]["main"]["options"]
    tasks = yaml.safe_load((collection_root() / "roles/fleet/tasks/main.yml").read_text(encoding="utf-8"))
    (given,) = [task["kajeet.sentinel.sentinel_fleet"] for task in tasks[1]["block"]]
    own = {"fleet_slices", "fleet_report", "fleet_report_title"}
    assert {f"fleet_{name}" for name in given} == set(variables) - own
    for name, value in given.items():
        assert f"fleet_{name}" in value


@pytest.mark.parametrize(("concurrency", "slices", "own"), [(8, 1, 8), (8, 4, 2), (10, 4, 2), (3, 4, 1)])
def test_slices_share_the_concurrency_and_each_has_at_least_one_request(
    playbook: Playbooks, tmp_path: Path, concurrency: int, slices: int, own: int
) -> None:
    run = playbook(role(devices=[], directory=str(tmp_path), concurrency=concurrency, slices=slices))
    assert run[ACTIVATE]["invocation"]["module_args"]["concurrency"] == own


def test_options_reach_the_module(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    options = {
        "history": "none",
        "wait": False,
        "concurrency": 1,
        "journal": "fleet.journal",
        "extra_body": {"reference": "R-1"},
        "carrier_defaults": "{Verizon: {nickname: Of a survey}}",
    }
    run = playbook(role(devices=[device(1), esim(2)], directory=str(tmp_path), **options))
    assert result(run)["summary"] == {"pending": 2}
    assert {body["reference"] for body in sentinel.bodies()} == {"R-1"}
    assert "Of a survey" in str(sentinel.bodies())
    assert (tmp_path / "fleet.journal").exists()
    assert not any("v2.0" in call for call in sentinel.calls())


# -- Plays -------------------------------------------------------------------------------------------------------------


def play(playbook: Playbooks, sentinel: Simulator, path: Path, keywords: dict[str, Any], **options: Any) -> Run:
    """Run the role in a play with these keywords."""
    content = {
        "name": "Test",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/kajeet.sentinel.sentinel": sentinel.connection},
        "vars": {**QUICK, "fleet_directory": str(path)},
        "roles": [ROLE],
        **keywords,
    }
    (path / "play.yml").write_text(json.dumps([content]), encoding="utf-8")
    return playbook(path / "play.yml", **options)


def test_false_on_the_command_line_is_false(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """Extra variables of the command line are text: strict is off, so an odd ICCID only warns, and wait is off."""
    odd = iccid(1)[:-1] + str((int(iccid(1)[-1]) + 1) % 10)
    texts = {"fleet_wait": "false", "fleet_strict": "false", "fleet_devices": [device(1, iccid=odd)]}
    run = play(playbook, sentinel, tmp_path, {}, extra_vars={**texts, "fleet_history": "none"})
    assert result(run)["summary"] == {"pending": 1}


@pytest.mark.parametrize("by_command", [True, False])
def test_a_pending_device_does_not_fail_check_mode(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, by_command: bool
) -> None:
    """Check mode of the command line and of the play."""
    playbook(role(devices=fleet([1]), wait=False))
    declared = {"fleet_devices": fleet([1, 2]), "fleet_report": "report"}
    written = len(sentinel.writes())
    keywords = {} if by_command else {"check_mode": True}
    checked = result(play(playbook, sentinel, tmp_path, keywords, extra_vars=declared, check=by_command))
    assert (checked["summary"]["would_activate"], checked["changed"]) == (1, True)
    assert json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))["plan"] is True
    assert len(sentinel.writes()) == written


def test_hosts_are_devices_and_every_host_gets_the_result(sentinel: Simulator, hosts: Hosts) -> None:
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result.summary }}"}}
    run = hosts({**buses([1, 2]), "tablet": esim(9)}, {"tasks": [show]})
    assert [outcome["msg"] for outcome in run if outcome.name == "Show"] == [{"activated": 3}] * 3
    assert posted(sentinel) == {"sim": 1, "esim": 1}


@pytest.mark.parametrize("once", [True, False])
def test_an_included_role_activates_all_hosts_in_one_task(sentinel: Simulator, hosts: Hosts, once: bool) -> None:
    """With run_once, Ansible validates the role's arguments once instead of for each host."""
    include = {"name": "Activate", "ansible.builtin.include_role": {"name": ROLE}, "run_once": once}
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result.summary }}"}}
    run = hosts(buses([1, 2, 3]), {"roles": [], "tasks": [include, show]})
    assert [outcome["msg"] for outcome in run if outcome.name == "Show"] == [{"activated": 3}] * 3
    assert [outcome.name.startswith("Validating arguments") for outcome in run].count(True) == (1 if once else 3)
    assert posted(sentinel) == {"sim": 1}


def test_a_condition_that_skips_some_hosts_is_refused(sentinel: Simulator, hosts: Hosts) -> None:
    declared = buses([1, 2, 3])
    some = list(declared)[1:]
    include = {
        "name": "Activate",
        "ansible.builtin.include_role": {"name": ROLE},
        "when": f"inventory_hostname in {some}",
    }
    run = hosts(declared, {"roles": [], "tasks": [include]}, expect_rc=2)
    assert f"selects only 2 of the play's 3 hosts ({', '.join(some)})" in run[ACTIVATE].msg
    assert sentinel.requests() == []


def test_one_host_can_activate_others(sentinel: Simulator, hosts: Hosts) -> None:
    declared = buses([1, 2, 3])
    wanted = list(declared)[:2]
    include = {
        "name": "Activate",
        "ansible.builtin.include_role": {"name": ROLE},
        "when": f"inventory_hostname == '{list(declared)[2]}'",
    }
    run = hosts(declared, {"roles": [], "tasks": [{**include, "vars": {"fleet_hosts": ", ".join(wanted)}}]})
    assert result(run)["summary"] == {"activated": 2}
    run = hosts(declared, {"roles": [], "tasks": [{**include, "vars": {"fleet_devices": fleet([4, 5])}}]})
    assert result(run)["summary"] == {"activated": 2}
    assert imei(3) not in {entry["imei"] for entry in sentinel.activations()["devices"]}
