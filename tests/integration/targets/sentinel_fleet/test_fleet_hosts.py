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

#: A connection that would fail if it were used.
SSH = {"ansible_connection": "ssh"}


@pytest.fixture
def hosts(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> Hosts:
    """Runs tasks over hosts; default: the module with the play's hosts."""
    return Hosts(tmp_path, playbook, sentinel, {"tasks": [task(hosts=True)]})


def buses(numbers: list[int]) -> dict[str, dict[str, Any]]:
    """Hosts for the devices with these numbers."""
    return {f"bus-{entry['imei'][-4:]}": entry for entry in fleet(numbers)}


def fleets(run: Run) -> list[Outcome]:
    """The outcomes of the module that were not skipped."""
    return [outcome for outcome in run if outcome.name == "Fleet" and outcome.status != "skipped"]


def test_all_hosts_are_activated_in_one_task_without_connecting_to_them(sentinel: Simulator, hosts: Hosts) -> None:
    """Check, apply, apply."""
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


def test_a_play_over_some_hosts_activates_only_these(sentinel: Simulator, hosts: Hosts) -> None:
    """As in a slice of a job."""
    declared = buses([1, 2, 3, 4, 5])
    (run,) = fleets(hosts(declared, {"hosts": ":".join(list(declared)[:2])}))
    assert run["summary"] == {"activated": 2}
    assert len(sentinel.activations()["devices"]) == 2


def test_with_serial_each_batch_of_hosts_is_one_task(sentinel: Simulator, hosts: Hosts) -> None:
    outcomes = fleets(hosts(buses([1, 2, 3, 4, 5]), {"serial": [1, 4]}))
    assert [outcome["summary"] for outcome in outcomes] == [{"activated": 1}, {"activated": 4}]
    assert posted(sentinel) == {"sim": 2}


@pytest.mark.parametrize("left", [[0, 2], [1]])
def test_hosts_that_failed_earlier_are_omitted(sentinel: Simulator, hosts: Hosts, left: list[int]) -> None:
    declared = buses([1, 2, 3])
    kept = [list(declared)[number] for number in left]
    refuse = {"name": "Refuse", "ansible.builtin.fail": None, "when": f"inventory_hostname not in {kept}"}
    (run,) = fleets(hosts(declared, {"pre_tasks": [refuse], "order": "reverse_sorted"}, expect_rc=2))
    assert run["summary"] == {"activated": len(kept)}
    assert {entry["imei"] for entry in sentinel.activations()["devices"]} == {declared[name]["imei"] for name in kept}


def test_the_free_strategy_is_refused(sentinel: Simulator, hosts: Hosts) -> None:
    """Ansible cannot run a task once there, so each host would activate all hosts."""
    run = hosts(buses([1, 2, 3]), {"strategy": "free"}, expect_rc=1)
    assert "bypasses the host loop, which is currently not supported in the free strategy" in run.output
    assert sentinel.requests() == []


@pytest.mark.parametrize("place", ["task", "block", "include"])
def test_a_condition_that_skips_some_hosts_is_refused(
    sentinel: Simulator, hosts: Hosts, tmp_path: Path, place: str
) -> None:
    """It is ambiguous whether all hosts or only these are meant."""
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
    (run,) = fleets(hosts(declared, {"tasks": [tasks[place]]}))
    assert f"selects only 2 of the play's 3 hosts ({', '.join(some)}), but the task is for all of them" in run.msg
    assert sentinel.requests() == []


def test_a_condition_for_one_host_makes_the_task_run_once(hosts: Hosts) -> None:
    condition = {"when": "inventory_hostname == ansible_play_hosts_all[0]"}
    (run,) = fleets(hosts(buses([1, 2, 3]), {"tasks": [{**task(hosts=True), **condition}]}))
    assert run["summary"] == {"activated": 3}


@pytest.mark.parametrize("text", [True, False])
def test_hosts_can_be_selected_by_name(sentinel: Simulator, hosts: Hosts, text: bool) -> None:
    declared = buses([1, 2, 3])
    wanted: Any = list(declared)[:2]
    (run,) = fleets(hosts(declared, {"tasks": [task(hosts=", ".join(wanted) if text else wanted)]}))
    assert run["summary"] == {"activated": 2}
    assert posted(sentinel) == {"sim": 1}


def test_a_condition_does_not_change_hosts_that_are_selected_by_name(hosts: Hosts) -> None:
    """Even if these are all hosts of the play."""
    declared = buses([1, 2, 3])
    acts = {"when": f"inventory_hostname in {list(declared)[:2]}"}
    (run,) = fleets(hosts(declared, {"tasks": [{**task(hosts=list(declared)), **acts}]}))
    assert run["summary"] == {"activated": 3}


def test_undeclared_hosts_are_omitted_and_wrong_ones_are_reported(sentinel: Simulator, hosts: Hosts) -> None:
    """sentinel_declared may be text, as in an INI file."""
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


def test_declared_hosts_of_the_inventory_plugin_are_activated_as_declared(sentinel: Simulator, hosts: Hosts) -> None:
    """The declaration has precedence over the history. Undeclared hosts are omitted."""
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


def test_templates_in_group_variables_are_evaluated_for_each_host(
    sentinel: Simulator, hosts: Hosts, tmp_path: Path
) -> None:
    (tmp_path / "group_vars").mkdir()
    fields = {**COMMON, "nickname": "{{ inventory_hostname }} of {{ sentinel_device_group }}"}
    variables = {f"sentinel_{name}": value for name, value in fields.items()}
    (tmp_path / "group_vars" / "fleet.json").write_text(json.dumps(variables), encoding="utf-8")
    hosts({"bus-1": pair(1), "bus-2": pair(2)})
    assert {body["nickname"] for body in sentinel.bodies() for body in body["activationLines"]} == {
        "bus-1 of Transportation",
        "bus-2 of Transportation",
    }


def test_an_async_task_with_hosts_must_be_delegated_to_localhost(
    sentinel: Simulator, hosts: Hosts, tmp_path: Path
) -> None:
    """The module then gets the hosts' devices as arguments, and still names the hosts in its messages."""
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
