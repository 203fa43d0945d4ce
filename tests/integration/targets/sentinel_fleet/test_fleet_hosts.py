# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sentinel_fleet with the hosts of a play as devices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness.devices import COMMON, device, fleet, imei, pair
from harness.fleets import Hosts, esim, posted, task
from harness.playbooks import Outcome, Playbooks, Run
from harness.simulators import Simulator

#: Devices that nothing connects to.
SSH = {"ansible_connection": "ssh"}


@pytest.fixture
def hosts(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> Hosts:
    """Runs tasks over hosts, by default the module with the play's hosts."""
    return Hosts(tmp_path, playbook, sentinel, {"tasks": [task(hosts=True)]})


def buses(numbers: list[int]) -> dict[str, dict[str, Any]]:
    """Hosts that are devices with these numbers."""
    return {f"bus-{entry['imei'][-4:]}": entry for entry in fleet(numbers)}


def fleets(run: Run) -> list[Outcome]:
    """The tasks of the module that were not skipped."""
    return [outcome for outcome in run if outcome.name == "Fleet" and outcome.status != "skipped"]


def test_many_hosts_are_one_task(sentinel: Simulator, hosts: Hosts) -> None:
    """Check → apply → apply, whatever connects to the hosts."""
    declared = {**buses([1, 2, 3, 4, 5, 6, 7, 8]), "tablet": esim(9)}
    (check,) = fleets(hosts(declared, check=True, extra_vars=SSH))
    assert check["summary"] == {"would_activate": 9}
    sentinel.assert_wrote_nothing()

    (run,) = fleets(hosts(declared, extra_vars=SSH))
    assert run["summary"] == {"activated": 9}
    assert run["plan"] == check["plan"]
    assert run["source"] == "9 hosts of the play"
    assert posted(sentinel) == {"sim": 1, "esim": 1}
    assert len(sentinel.activations()["devices"]) == 9

    (again,) = fleets(hosts(declared, extra_vars=SSH))
    assert not again.changed
    assert posted(sentinel) == {"sim": 1, "esim": 1}


def test_a_part_of_the_hosts_is_its_own_task(sentinel: Simulator, hosts: Hosts) -> None:
    """A sliced job sees its part of the hosts, and activates that."""
    declared = buses([1, 2, 3, 4, 5])
    (run,) = fleets(hosts(declared, {"hosts": ":".join(list(declared)[:2])}))
    assert run["summary"] == {"activated": 2}
    assert len(sentinel.activations()["devices"]) == 2


def test_batches_of_hosts(sentinel: Simulator, hosts: Hosts) -> None:
    """With serial, the first hosts are tried before the rest."""
    found = fleets(hosts(buses([1, 2, 3, 4, 5]), {"serial": [1, 4]}))
    assert [outcome["summary"] for outcome in found] == [{"activated": 1}, {"activated": 4}]
    assert posted(sentinel) == {"sim": 2}


@pytest.mark.parametrize("left", [[0, 2], [1]])
def test_hosts_that_have_failed_before_are_left_out(sentinel: Simulator, hosts: Hosts, left: list[int]) -> None:
    declared = buses([1, 2, 3])
    kept = [list(declared)[number] for number in left]
    refuse = {"name": "Refuse", "ansible.builtin.fail": None, "when": f"inventory_hostname not in {kept}"}
    (run,) = fleets(hosts(declared, {"pre_tasks": [refuse], "order": "reverse_sorted"}, expect_rc=2))
    assert run["summary"] == {"activated": len(kept)}
    assert {entry["imei"] for entry in sentinel.activations()["devices"]} == {declared[name]["imei"] for name in kept}


def test_hosts_that_go_their_own_ways_are_refused(sentinel: Simulator, hosts: Hosts) -> None:
    """The strategy free knows no task that runs once: each host would act for all."""
    run = hosts(buses([1, 2, 3]), {"strategy": "free"}, expect_rc=1)
    assert "bypasses the host loop, which is currently not supported in the free strategy" in run.output
    assert sentinel.requests() == []


@pytest.mark.parametrize("how", ["task", "block", "include"])
def test_a_condition_does_not_choose_the_hosts(sentinel: Simulator, hosts: Hosts, tmp_path: Path, how: str) -> None:
    """Neither all of them nor these must be taken for what somebody meant."""
    declared = buses([1, 2, 3])
    some = [list(declared)[number] for number in (0, 2)]
    condition = {"when": f"inventory_hostname in {some}"}
    own = task(hosts=True)
    (tmp_path / "included.yml").write_text(json.dumps([own]), encoding="utf-8")
    tasks = {
        "task": {**own, **condition},
        "block": {"block": [own], **condition},
        "include": {"ansible.builtin.include_tasks": "included.yml", **condition},
    }
    (run,) = fleets(hosts(declared, {"tasks": [tasks[how]]}))
    assert f"selects only 2 of the play's 3 hosts ({', '.join(some)}), but the task is for all of them" in run.msg
    assert sentinel.requests() == []


def test_a_condition_for_one_host_makes_the_task_run_once(hosts: Hosts) -> None:
    condition = {"when": "inventory_hostname == ansible_play_hosts_all[0]"}
    (run,) = fleets(hosts(buses([1, 2, 3]), {"tasks": [{**task(hosts=True), **condition}]}))
    assert run["summary"] == {"activated": 3}


@pytest.mark.parametrize("text", [True, False])
def test_hosts_by_name(sentinel: Simulator, hosts: Hosts, text: bool) -> None:
    declared = buses([1, 2, 3])
    wanted: Any = list(declared)[:2]
    (run,) = fleets(hosts(declared, {"tasks": [task(hosts=", ".join(wanted) if text else wanted)]}))
    assert run["summary"] == {"activated": 2}
    assert posted(sentinel) == {"sim": 1}


def test_hosts_by_name_are_not_those_that_a_condition_leaves(hosts: Hosts) -> None:
    """Whichever host acts for them, also where they are all hosts of the play."""
    declared = buses([1, 2, 3])
    acts = {"when": f"inventory_hostname in {list(declared)[:2]}"}
    (run,) = fleets(hosts(declared, {"tasks": [{**task(hosts=list(declared)), **acts}]}))
    assert run["summary"] == {"activated": 3}


def test_hosts_that_nobody_declares_and_mistakes(sentinel: Simulator, hosts: Hosts) -> None:
    """In an INI file, false is a text."""
    declared = buses([1, 2])
    (run,) = fleets(hosts({**declared, "stranger": {**device(3), "declared": "false"}}))
    assert run["summary"] == {"activated": 2}
    wrong = {"strange": {**device(3), "declared": "nope"}}
    (run,) = fleets(hosts({**declared, **wrong}))
    assert "host strange: sentinel_declared: 'nope' is neither true nor false" in run.msg
    wrong = {"broken": {**device(3), "imei": "12"}, "empty": dict(COMMON)}
    (run,) = fleets(hosts({**declared, **wrong}))
    assert "host broken: imei 12" in run.msg
    assert "host empty: iccid is required" in run.msg
    assert len(sentinel.activations()["devices"]) == 2


def test_hosts_of_the_inventory_plugin(sentinel: Simulator, hosts: Hosts) -> None:
    """What a file declares outranks what the history tells; what nobody declares is left alone."""
    none = dict.fromkeys(("sim_id", "eid", "nickname"))
    declared = {
        "declared": {**none, **device(1, carrier="old"), "device": device(1), "declared": True, "kind": "sim"},
        "stranger": {**none, **device(2), "device": None, "declared": False},
        "tablet": {**none, **device(3), "device": esim(3, kind=None), "declared": True, "kind": "esim"},
    }
    declared["tablet"]["device"] = {name: text for name, text in declared["tablet"]["device"].items() if text}
    (run,) = fleets(hosts(declared))
    assert run["summary"] == {"activated": 2}
    assert {entry["imei"] for entry in sentinel.activations()["devices"]} == {imei(1), imei(3)}


def test_variables_of_a_group_of_hosts(sentinel: Simulator, hosts: Hosts, tmp_path: Path) -> None:
    """A template in a variable of a host is evaluated for that host, as everywhere in Ansible."""
    (tmp_path / "group_vars").mkdir()
    fields = {**COMMON, "nickname": "{{ inventory_hostname }} of {{ sentinel_device_group }}"}
    variables = {f"sentinel_{name}": value for name, value in fields.items()}
    (tmp_path / "group_vars" / "fleet.json").write_text(json.dumps(variables), encoding="utf-8")
    hosts({"bus-1": pair(1), "bus-2": pair(2)})
    assert {body["nickname"] for body in sentinel.bodies() for body in body["activationLines"]} == {
        "bus-1 of Transportation",
        "bus-2 of Transportation",
    }


def test_hosts_where_the_task_cannot_run_in_ansibles_process(sentinel: Simulator, hosts: Hosts, tmp_path: Path) -> None:
    """It is sent to the controller with the hosts' devices, where the task says so, and knows them by their hosts."""
    later = {"async": 60, "poll": 1}
    (run,) = fleets(hosts(buses([1, 2]), {"tasks": [{**task(hosts=True), **later}]}, extra_vars=SSH))
    assert "cannot run in Ansible's own process: the task uses async; add delegate_to: localhost" in run.msg
    sentinel.assert_wrote_nothing()
    delegated = {**task(hosts=True), **later, "delegate_to": "localhost"}
    env = {"ANSIBLE_ASYNC_DIR": str(tmp_path)}
    wrong = {**buses([1]), "broken": {**pair(2), "imei": "12"}}
    run = fleets(hosts(wrong, {"tasks": [delegated]}, env=env))[-1]
    assert "host broken: imei 12: has 2 digits" in run.msg
    sentinel.assert_wrote_nothing()
    run = fleets(hosts(buses([1, 2]), {"tasks": [delegated]}, env=env))[-1]
    assert run.data.get("summary") == {"activated": 2}, run.data
