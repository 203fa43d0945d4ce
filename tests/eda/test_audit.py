# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices that an automation controller counts in a result, by the queries applied to real results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jq
import pytest
import yaml
from harness.devices import NEVER, UNKNOWN_ICCID, fleet, imei
from harness.places import collection_root
from harness.playbooks import Playbooks

SIM = "kajeet.sentinel.sentinel_activation"
SMARTSIM = "kajeet.sentinel.sentinel_smartsim_activation"
ESIM = "kajeet.sentinel.sentinel_esim_activation"
FLEET = "kajeet.sentinel.sentinel_fleet"
QUERIES: dict[str, dict[str, str]] = yaml.safe_load(
    (collection_root() / "extensions" / "audit" / "event_query.yml").read_text(encoding="utf-8")
)


@pytest.fixture
def run(sentinel, tmp_path) -> Callable[..., dict[str, Any]]:
    """Runs an activation: run(module, argument=…) → the task's result."""
    playbook = Playbooks(tmp_path, sentinel.connection)

    def task(module: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
        outcome = playbook({"name": "Activate", module: arguments, "ignore_errors": True}, check=check)["Activate"]
        return outcome.data

    return task


def counted(module: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a controller for a result. Those with the same canonical facts are one."""
    entries = jq.compile(QUERIES[module]["query"]).input(result).all()
    for entry in entries:
        assert set(entry) == {"name", "canonical_facts", "facts"}
        # The controller ignores an entry with a null fact.
        assert all(isinstance(value, str) for value in (entry["name"], *entry["canonical_facts"].values()))
        assert entry["facts"]["device_type"]
    return list({tuple(sorted(entry["canonical_facts"].items())): entry for entry in entries}.values())


def test_each_activation_module_has_a_query():
    modules = (collection_root() / "plugins" / "modules").glob("*_activation.py")
    assert sorted(QUERIES) == sorted([FLEET, *(f"kajeet.sentinel.{path.stem}" for path in modules)])


def test_each_sim_is_an_entry(run):
    devices = fleet([1, 2, 3])
    found = counted(SIM, run(SIM, devices=devices))
    assert sorted(entry["name"] for entry in found) == sorted(device["iccid"] for device in devices)
    # The same devices in the next job, with nothing left to do.
    again = counted(SIM, run(SIM, devices=devices, result_devices="all"))
    assert sorted(entry["name"] for entry in again) == sorted(entry["name"] for entry in found)


def test_the_listed_devices_of_a_failed_task_are_counted(run):
    failing = fleet([4], digits=UNKNOWN_ICCID) + fleet([5], digits=NEVER)
    result = run(SIM, devices=fleet([1, 2, 3]) + failing, wait_timeout=2)
    assert result["summary"] == {"activated": 3, "failed": 1, "pending": 1}
    assert {entry["name"] for entry in counted(SIM, result)} == {device["iccid"] for device in failing}


def test_check_mode_manages_nothing(run):
    result = run(SIM, check=True, devices=fleet([1, 2, 3]))
    assert len(result["devices"]) == 3
    assert counted(SIM, result) == []


def test_a_result_without_devices_gives_nothing(run):
    assert counted(SIM, run(SIM, devices=fleet([1, 2]), result_devices="none")) == []
    assert counted(SIM, run(SIM, devices=[{"iccid": "1"}])) == []


def test_each_smartsim_is_an_entry(run):
    devices = [{"sim_id": f"891480000050000000{number}1"} for number in range(10, 13)]
    result = run(SMARTSIM, devices=devices, carrier="AT&T", device_group="Transportation", filter_group="Student_K8")
    assert result["summary"] == {"activated": 3}, result
    assert [entry["name"] for entry in counted(SMARTSIM, result)] == [device["sim_id"] for device in devices]


def test_each_esim_is_an_entry_with_any_iccid(run):
    devices = [{"imei": imei(number)} for number in range(1, 4)]
    common = {"carrier": "AT&T", "device_group": "Field Staff", "filter_group": "Staff", "service_zip_code": "22102"}
    result = run(ESIM, devices=devices, **common)
    assert result["summary"] == {"activated": 3}, result
    assert all(device["iccid"] for device in result["devices"])
    assert [entry["canonical_facts"] for entry in counted(ESIM, result)] == devices


def test_each_device_of_a_fleet_is_the_same_entry_as_of_the_module_of_its_kind(run):
    common = {"carrier": "AT&T", "device_group": "Field Staff", "filter_group": "Staff", "service_zip_code": "22102"}
    sim, smartsim, esim = fleet([1])[0], {"sim_id": "891480000050000000101"}, {"imei": imei(2)}
    devices = [sim, {**common, **smartsim, "kind": "smartsim"}, {**common, **esim, "kind": "esim"}]
    found = counted(FLEET, run(FLEET, devices=devices))
    assert [(entry["canonical_facts"], entry["facts"]["device_type"]) for entry in found] == [
        ({"iccid": sim["iccid"]}, "SIM"),
        (smartsim, "SmartSIM"),
        (esim, "eSIM"),
    ]
    again = [
        *counted(SIM, run(SIM, devices=[sim], result_devices="all")),
        *counted(SMARTSIM, run(SMARTSIM, devices=[smartsim], result_devices="all", **common)),
        *counted(ESIM, run(ESIM, devices=[esim], result_devices="all", **common)),
    ]
    assert again == found
