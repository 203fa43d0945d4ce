# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs each EXAMPLES block of the documentation unchanged, against the simulator, which is polled often."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from harness.devices import csv_of, device, fleet
from harness.inventories import Inventories
from harness.places import collection_root
from harness.playbooks import GROUP, Playbooks
from harness.simulators import PASSWORD, USERNAME, Simulator
from harness.waits import DEFAULTS


def documented(*folders: str) -> list[str]:
    """The plugins in these folders of plugins/, as relative paths."""
    plugins = collection_root() / "plugins"
    return sorted(
        path.relative_to(plugins).as_posix()
        for folder in folders
        for path in (plugins / folder).glob("*.py")
        if not path.name.startswith("_")
    )


def examples(name: str) -> str:
    """The EXAMPLES of a plugin."""
    text = (collection_root() / "plugins" / name).read_text(encoding="utf-8")
    return text.split('EXAMPLES = r"""', 1)[1].split('"""', 1)[0]


@pytest.fixture
def fleet_csv(workspace: Path) -> list[dict[str, Any]]:
    """Write the files that the examples read; return their devices."""
    devices = [{**entry, "nickname": f"Bus {number}"} for number, entry in enumerate(fleet(range(1, 4)), 1)]
    (workspace / "fleet.csv").write_text(csv_of(devices), encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (list(devices[0]), *(list(entry.values()) for entry in devices)):
        book.active.append(row)
    book.save(workspace / "fleet.xlsx")
    (workspace / "exceptions.csv").write_text(csv_of([{"imei": devices[0]["imei"]}]), encoding="utf-8")
    return devices


@pytest.mark.parametrize("name", documented("modules", "lookup", "filter", "test"))
def test_the_examples_of_a_plugin_run(
    sentinel: Simulator, playbook: Playbooks, workspace: Path, fleet_csv: list[dict[str, Any]], name: str
) -> None:
    connection = {option: sentinel.connection[option] for option in ("api_url", "api_token", "corp_id")}
    variables = {f"sentinel_{option}": value for option, value in connection.items()}
    # Examples of logins read these. Other examples use the token, which has precedence.
    variables.update(sentinel_api_username=USERNAME, sentinel_api_password=PASSWORD)
    variables.update(sentinel_client_secret="simulator-client-secret")
    if name == "modules/sentinel_device_status.py":
        # It changes the status of listed devices, so list the fleet as active.
        known = ("imei", "iccid", "carrier", "device_group", "filter_group", "nickname")
        listed = [{field: entry[field] for field in known} for entry in fleet_csv]
        sentinel.control("POST", "listing", listed)
    if name == "modules/sentinel_fleet.py":
        # The host of the play is a device.
        variables.update({f"sentinel_{field}": value for field, value in device(4).items()})
    tasks = yaml.safe_load(examples(name))
    play = {"hosts": "localhost", "gather_facts": False, "module_defaults": {**DEFAULTS, GROUP: connection}}
    path = workspace / "examples.yml"
    path.write_text(json.dumps([{"name": name, **play, "tasks": tasks}]), encoding="utf-8")
    run = playbook(path, extra_vars=variables)
    assert [outcome.name for outcome in run if outcome.status != "skipped"]
    assert {outcome.name for outcome in run} == {task["name"] for task in tasks}


def test_each_example_of_the_inventory_makes_hosts(
    sentinel: Simulator, workspace: Path, fleet_csv: list[dict[str, Any]]
) -> None:
    """Each configuration is in its own file."""
    login = {"SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}
    inventory = Inventories(workspace, {"SENTINEL_API_URL": sentinel.api_url, **login})
    configs = list(yaml.safe_load_all(examples("inventory/sentinel.py")))
    assert len(configs) == examples("inventory/sentinel.py").count("plugin: kajeet.sentinel.sentinel") == 6
    assert documented("inventory") == ["inventory/sentinel.py"]
    # The example for suspended devices needs one.
    suspended_now = {**{name: fleet_csv[0][name] for name in ("iccid", "imei")}, "status": "suspended"}
    sentinel.control("POST", "listing", suspended_now)
    merged, named, active, listed, suspended, declared = map(inventory, configs)
    assert {"network_Verizon", "network_AT_T", "sentinel_device_status_suspended"} < set(listed.groups)
    assert set(suspended.hosts) == {fleet_csv[0]["iccid"]}
    known = {entry["iccid"] for entry in fleet_csv}
    assert set(declared.hosts) == known < set(merged.hosts)
    assert {"Bus_1", "Bus_2", "Bus_3"} < set(named.hosts)
    assert set(active.of("sentinel_status").values()) == {"active"}
    assert all(name.startswith("router-") and variables["ansible_host"] for name, variables in active.hosts.items())
    assert "zip_30301" in active.groups
