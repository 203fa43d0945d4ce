# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and account states that the blocks of a page require."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
from harness.devices import csv_of, device, fleet, pair
from stage import Stage, repository_file
from steps import SCREEN, Prepare

#: An inventory with devices in the groups buses and fleet.
BUSES = "buses.json"


def fleet_csv(numbers: Sequence[int] = range(1, 4)) -> Prepare:
    """A fleet in the file fleet.csv, which all pages use."""

    def prepare(stage: Stage) -> None:
        devices = [device(number, nickname=f"Bus {number}") for number in numbers]
        stage.save("fleet.csv", csv_of(devices))

    return prepare


def approved(stage: Stage) -> None:
    """A plan of the fleet, with which the playbook that activates asks no question."""
    stage.run("ansible-playbook kajeet.sentinel.plan -e fleet_src=fleet.csv")


def active_fleet(stage: Stage) -> None:
    """A fleet in fleet.csv that is active in the account as declared."""
    fleet_csv()(stage)
    known = ("carrier", "device_group", "filter_group", "nickname")
    devices = [device(number, nickname=f"Bus {number}") for number in range(1, 4)]
    listed = [{**pair(number), **{name: entry[name] for name in known}} for number, entry in enumerate(devices, 1)]
    stage.sentinel.list_devices(*({**entry, "history": True} for entry in listed))


def nothing_undeclared(stage: Stage) -> None:
    """A fleet in fleet.csv that is active as declared, in an account without other devices."""
    stage.sentinel.reset(settings={"seeded_history": False})
    active_fleet(stage)


def suspended(stage: Stage) -> None:
    """Suspend the first device of the fleet in the account."""
    stage.sentinel.change_listed(pair(1)["imei"], status="suspended")


def exceptions(stage: Stage) -> None:
    """A file of exceptions with one device of the account."""
    listed = stage.sentinel.control("GET", "devices")["devices"]
    stage.save("exceptions.csv", csv_of([{"IMEI": listed[0]["imei"]}]))


def activate_playbook(stage: Stage) -> None:
    """The playbook of the README and of the guide to getting started."""
    stage.save("activate.yml", json.dumps([_ACTIVATE]))


def inventory_of_buses(stage: Stage) -> None:
    """An inventory whose hosts are devices."""
    hosts = {
        f"bus{number}": {f"sentinel_{name}": value for name, value in entry.items()}
        for number, entry in enumerate(fleet(range(21, 23)), 1)
    }
    stage.save(BUSES, json.dumps({"all": {"children": {"buses": {"hosts": hosts}, "fleet": {"hosts": hosts}}}}))


def files_of_people(stage: Stage) -> None:
    """Files as exports and spreadsheets write them, and the output of one task per file, named after the file."""
    for path in (Path(__file__).parent / "files").iterdir():
        stage.save(path.name, path.read_text(encoding="utf-8"))
    stage.save("demo_mistakes.csv", repository_file("playbooks/files/demo_mistakes.csv"))
    text = (stage.directory / "unicode.txt").read_text(encoding="utf-8")
    (stage.directory / "unicode.txt").write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    _make_workbook(stage)
    stage.save("vault.pass", "for this page\n")
    stage.run("ansible-vault encrypt --vault-password-file vault.pass --output encrypted.csv report.csv")
    names = sorted(path.name for path in stage.directory.iterdir() if path.suffix in (".csv", ".txt", ".xlsx"))
    stage.save("files.yml", json.dumps([{**_ACTIVATE, "tasks": list(map(_plan_of, names))}]))
    stage.run("ansible-playbook files.yml")
    stage.save(SCREEN, stage.output)


def _plan_of(name: str) -> dict[str, Any]:
    """A task that plans the devices of a file."""
    common = {"carrier": "Verizon", "device_group": "Transportation", "filter_group": "Student_K8"}
    options = {"src": name, **common, "service_zip_code": "20191"}
    return {"name": name, "kajeet.sentinel.sentinel_fleet": options, "check_mode": True, "ignore_errors": True}


def _make_workbook(stage: Stage) -> None:
    """Write a workbook with a sheet of notes and a sheet with the rows of a CSV."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Notes"
    book.worksheets[0].append(["Ask Ruth before ordering more."])
    sheet = book.create_sheet("Devices")
    with (stage.directory / "workbook.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            sheet.append(row)
    book.save(stage.directory / "workbook.xlsx")


def role_with_variables(stage: Stage) -> None:
    """Run the play of the role's README with the variables that the README shows."""
    stage.save("evidence.json", json.dumps({"dialect": {}}))
    stage.run("ansible-playbook role.yml -e @simulator.json -e @listing.yml -e @dialect.yml")


def only_the_declared(stage: Stage) -> None:
    """Assert that the inventory has only the devices of the file."""
    stage.run("ansible-inventory -i fleet.sentinel.yml --list --output hosts.json")
    listed = json.loads((stage.directory / "hosts.json").read_text(encoding="utf-8"))
    assert len(listed["_meta"]["hostvars"]) == 3


def reset_simulator(stage: Stage) -> None:
    """Reset the simulator, so that nothing is activated yet."""
    stage.sentinel.reset()


_ACTIVATE = {
    "name": "Activate the fleet",
    "hosts": "localhost",
    "gather_facts": False,
    "tasks": [
        {
            "name": "Every device in the file is active",
            "kajeet.sentinel.sentinel_activation": {"src": "fleet.csv", "max_new_activations": 100},
        }
    ],
}
