# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet over an inventory: a host is a device, and the hosts of a job are one task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness.devices import COMMON, device, fleet, imei, pair
from harness.fleets import QUICK, ROLE, Hosts, esim, posted, result, results
from harness.playbooks import Playbooks
from harness.simulators import Simulator


@pytest.fixture
def hosts(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> Hosts:
    """Runs the role over hosts."""
    return Hosts(tmp_path, playbook, sentinel)


def buses(numbers: list[int]) -> dict[str, dict[str, Any]]:
    """Hosts that are devices with these numbers."""
    return {f"bus-{entry['imei'][-4:]}": entry for entry in fleet(numbers)}


def test_many_hosts_are_one_request(sentinel: Simulator, hosts: Hosts) -> None:
    declared = {**buses([1, 2, 3, 4, 5, 6, 7, 8]), "tablet": esim(9)}
    check = hosts(declared, check=True)
    assert result(check)["summary"] == {"would_activate": 9}
    sentinel.assert_wrote_nothing()

    run = hosts(declared)
    assert result(run)["summary"] == {"activated": 9}
    assert result(run)["plan"] == result(check)["plan"]
    assert [outcome.name for outcome in run].count("Fleet, SIMs: activate") == 1
    assert posted(sentinel) == {"sim": 1, "esim": 1}
    assert len(sentinel.activations()["devices"]) == 9

    again = hosts(declared)
    assert not result(again)["changed"]
    assert posted(sentinel) == {"sim": 1, "esim": 1}


def test_a_part_of_the_hosts_is_its_own_task(sentinel: Simulator, hosts: Hosts) -> None:
    """What a sliced job sees is what it activates."""
    declared = buses([1, 2, 3, 4, 5])
    some = ":".join(list(declared)[:2])
    run = hosts(declared, of_play={"hosts": some})
    assert result(run)["summary"] == {"activated": 2}
    assert len(sentinel.activations()["devices"]) == 2


def test_batches_of_hosts(sentinel: Simulator, hosts: Hosts) -> None:
    """With serial, the first hosts are tried before the rest."""
    run = hosts(buses([1, 2, 3, 4, 5]), of_play={"serial": [1, 4]})
    assert [found["summary"] for found in results(run)[1::2]] == [{"activated": 1}, {"activated": 4}]
    assert posted(sentinel) == {"sim": 2}


def test_a_host_that_has_failed_before_is_left_out(sentinel: Simulator, hosts: Hosts) -> None:
    refuse = {
        "name": "Refuse a host",
        "ansible.builtin.fail": {"msg": "not this one"},
        "when": "inventory_hostname.endswith('" + imei(2)[-4:] + "')",
    }
    run = hosts(buses([1, 2, 3]), of_play={"pre_tasks": [refuse]}, expect_rc=2)
    assert result(run)["summary"] == {"activated": 2}
    assert imei(2) not in {entry["imei"] for entry in sentinel.activations()["devices"]}


def test_hosts_in_another_order(hosts: Hosts) -> None:
    run = hosts(buses([1, 2, 3]), of_play={"order": "reverse_sorted"})
    assert result(run)["summary"] == {"activated": 3}


@pytest.mark.parametrize("declared", [{}, {"fleet_devices": fleet([1, 2])}])
def test_hosts_that_go_their_own_ways_are_refused(sentinel: Simulator, hosts: Hosts, declared: dict[str, Any]) -> None:
    """The strategy free knows no run_once: each host would act for all."""
    play = {"strategy": "free", "vars": {**QUICK, **declared}}
    run = hosts(buses([1, 2, 3]), of_play=play, expect_rc=2)
    refused = [outcome for outcome in run if outcome.failed]
    assert {outcome.name for outcome in refused} == {"Refuse to act for each host by itself"}
    assert all("Set strategy to linear for the play of the fleet" in outcome.msg for outcome in refused)
    assert sentinel.requests() == []


def test_the_last_of_them_is_refused_too(sentinel: Simulator, hosts: Hosts) -> None:
    """One refusal is that of all, whoever comes first."""
    run = hosts(buses([1, 2, 3]), of_play={"strategy": "free"}, env={"ANSIBLE_FORKS": "1"}, expect_rc=2)
    assert {outcome.name for outcome in run if outcome.failed} == {"Refuse to act for each host by itself"}
    assert sentinel.requests() == []


def test_the_last_that_has_not_failed_acts(sentinel: Simulator, hosts: Hosts) -> None:
    refuse = {"name": "Refuse", "ansible.builtin.fail": None, "when": "inventory_hostname != ansible_play_hosts_all[1]"}
    run = hosts(buses([1, 2, 3]), of_play={"pre_tasks": [refuse]}, expect_rc=2)
    assert result(run)["summary"] == {"activated": 1}
    assert {entry["imei"] for entry in sentinel.activations()["devices"]} == {imei(2)}


def test_one_after_the_other(sentinel: Simulator, hosts: Hosts) -> None:
    run = hosts(buses([1, 2, 3]), of_play={"serial": 1})
    assert [found["summary"] for found in results(run)[1::2]] == [{"activated": 1}] * 3
    assert posted(sentinel) == {"sim": 3}


def test_one_host_may_go_its_own_way(hosts: Hosts) -> None:
    run = hosts(buses([1]), of_play={"strategy": "free"})
    assert result(run)["summary"] == {"activated": 1}


@pytest.mark.parametrize("chosen", [[1], [0, 2]])
def test_a_condition_does_not_choose_the_hosts(sentinel: Simulator, hosts: Hosts, chosen: list[int]) -> None:
    """Neither all of them nor none must be taken for what somebody meant."""
    declared = buses([1, 2, 3])
    some = [list(declared)[number] for number in chosen]
    include = {
        "name": "Activate",
        "ansible.builtin.include_role": {"name": ROLE},
        "when": f"inventory_hostname in {some}",
    }
    run = hosts(declared, of_play={"roles": [], "tasks": [include]}, expect_rc=2)
    message = run["Read the fleet, and check each device"].msg
    assert f"here it is used for {len(some)} of 3 ({', '.join(some)})" in message
    assert "name them in fleet_hosts" in message
    assert sentinel.requests() == []


@pytest.mark.parametrize("text", [True, False])
def test_hosts_by_name(sentinel: Simulator, hosts: Hosts, text: bool) -> None:
    """Whichever host acts for them."""
    declared = buses([1, 2, 3])
    last = list(declared)[2]
    wanted: Any = list(declared)[:2]
    include = {
        "name": "Activate",
        "ansible.builtin.include_role": {"name": ROLE},
        "when": f"inventory_hostname == '{last}'",
        "vars": {"fleet_hosts": ", ".join(wanted) if text else wanted},
    }
    run = hosts(declared, of_play={"roles": [], "tasks": [include]})
    assert result(run)["summary"] == {"activated": 2}
    assert posted(sentinel) == {"sim": 1}


def test_a_host_may_act_for_a_list(hosts: Hosts) -> None:
    include = {
        "name": "Activate",
        "ansible.builtin.include_role": {"name": ROLE},
        "when": "inventory_hostname == 'gateway'",
        "vars": {"fleet_devices": fleet([4, 5])},
    }
    run = hosts({**buses([1]), "gateway": {}}, of_play={"roles": [], "tasks": [include]})
    assert result(run)["summary"] == {"activated": 2}


def test_what_an_ini_file_says_is_not_declared(sentinel: Simulator, hosts: Hosts) -> None:
    """There, false is a text."""
    declared = buses([1, 2])
    run = hosts({**declared, "stranger": {**device(3), "declared": "false"}})
    assert result(run)["summary"] == {"activated": 2}
    run = hosts({**declared, "strange": {**device(3), "declared": "nope"}}, expect_rc=2)
    told = run["Read the fleet, and check each device"].msg
    assert "host strange: sentinel_declared: 'nope' is neither true nor false" in told
    assert imei(3) not in {entry["imei"] for entry in sentinel.activations()["devices"]}


@pytest.mark.parametrize("once", [True, False])
def test_included(sentinel: Simulator, hosts: Hosts, once: bool) -> None:
    """With run_once, Ansible checks the role's arguments once, not for each host."""
    include = {"name": "Activate", "ansible.builtin.include_role": {"name": ROLE}, "run_once": once}
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result.summary }}"}}
    run = hosts(buses([1, 2, 3]), of_play={"roles": [], "tasks": [include, shown]})
    assert [outcome["msg"] for outcome in run if outcome.name == "Show"] == [{"activated": 3}] * 3
    assert [outcome.name.startswith("Validating arguments") for outcome in run].count(True) == (1 if once else 3)
    assert posted(sentinel) == {"sim": 1}


def test_every_host_knows_the_result(sentinel: Simulator, hosts: Hosts) -> None:
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result.summary }}"}}
    run = hosts(buses([1, 2, 3]), of_play={"tasks": [shown]})
    assert [outcome["msg"] for outcome in run if outcome.name == "Show"] == [{"activated": 3}] * 3
    assert posted(sentinel) == {"sim": 1}


def test_hosts_of_the_inventory_plugin(sentinel: Simulator, hosts: Hosts) -> None:
    """What a file declares outranks what the history tells; what nobody declares is left alone."""
    none = dict.fromkeys(("sim_id", "eid", "nickname"))
    declared = {
        "declared": {**none, **device(1, carrier="old"), "device": device(1), "declared": True, "kind": "sim"},
        "stranger": {**none, **device(2), "device": None, "declared": False},
        "tablet": {**none, **device(3), "device": esim(3, kind=None), "declared": True, "kind": "esim"},
    }
    declared["tablet"]["device"] = {name: text for name, text in declared["tablet"]["device"].items() if text}
    run = hosts(declared)
    assert result(run)["summary"] == {"activated": 2}
    assert {entry["imei"] for entry in sentinel.activations()["devices"]} == {imei(1), imei(3)}


def test_a_host_is_named_where_it_is_wrong(sentinel: Simulator, hosts: Hosts) -> None:
    declared = {**buses([1]), "broken": {**device(2), "imei": "12"}, "empty": dict(COMMON)}
    run = hosts(declared, expect_rc=2)
    message = run["Read the fleet, and check each device"].msg
    assert "host broken: imei 12" in message
    assert "host empty: iccid is missing" in message
    assert sentinel.requests() == []


def test_variables_of_a_group_of_hosts(sentinel: Simulator, hosts: Hosts, tmp_path: Path) -> None:
    """A template in a variable of a host is evaluated for that host, as everywhere in Ansible."""
    (tmp_path / "group_vars").mkdir()
    fields = {**COMMON, "nickname": "{{ inventory_hostname }} of {{ sentinel_device_group }}"}
    variables = {f"sentinel_{name}": value for name, value in fields.items()}
    (tmp_path / "group_vars" / "fleet.json").write_text(json.dumps(variables), encoding="utf-8")
    hosts({"bus-1": pair(1), "bus-2": pair(2)})
    told = str(sentinel.bodies())
    assert "bus-1 of Transportation" in told
    assert "bus-2 of Transportation" in told
