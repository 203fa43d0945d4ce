# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets of valid devices that the simulator activates successfully."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

#: Field → value of a device, as text.
Device = dict[str, str]

_LARGE = 100_000

#: Fields that all devices of a fleet have in common.
COMMON: Device = {
    "carrier": "Verizon",
    "device_group": "Transportation",
    "filter_group": "Student_K8",
    "service_zip_code": "30301",
}


def check_digit(digits: str) -> str:
    """The Luhn check digit of a string of digits."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 - position % 2)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def device(number: int) -> Device:
    """The device with this number, from 0 to 999,999."""
    # The three digits before an ICCID's last one decide its fate on the simulator: 000 succeeds.
    iccid = f"891480{5_000_000_000_000 + number * 10_000 + 7000}"
    imei = f"35209900{number:06d}"
    return {
        "imei": imei + check_digit(imei),
        "iccid": iccid + check_digit(iccid),
        **COMMON,
        "nickname": f"Bus {number + 1}",
    }


def fleet(size: int) -> list[Device]:
    """A fleet of this size."""
    return [device(number) for number in range(size)]


def write(directory: Path, devices: list[Device]) -> None:
    """Writes a fleet as fleet.csv, fleet.json (a list) and fleet.yml (the variable `fleet`).

    A large fleet is written only as CSV, because nobody would pass it through Ansible.
    """
    with open(directory / "fleet.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, devices[0].keys())
        writer.writeheader()
        writer.writerows(devices)
    if len(devices) > _LARGE:
        return
    (directory / "fleet.json").write_text(json.dumps(devices), encoding="utf-8")
    with open(directory / "fleet.yml", "w", encoding="utf-8") as stream:
        stream.write("---\nfleet:\n")
        for entry in devices:
            fields = [f'{name}: "{text}"\n' for name, text in entry.items()]
            stream.write("  - " + "    ".join(fields))


def write_hosts(directory: Path, devices: list[Device], slices: int = 1) -> list[Path]:
    """Writes an inventory script in which each device is a host of the group `devices`; returns its path.

    With `slices`, writes one inventory per slice. Hosts are distributed by name as in AWX: one to each slice in turn.
    """
    hosts = {
        device["nickname"].replace(" ", "-").lower(): {f"sentinel_{name}": text for name, text in device.items()}
        for device in devices
    }
    paths = []
    for number in range(slices):
        some = {name: hosts[name] for name in sorted(hosts)[number::slices]}
        listed = {
            "devices": {"hosts": list(some), "vars": {"ansible_python_interpreter": sys.executable}},
            "_meta": {"hostvars": some},
        }
        # AWX uses scripts as well.
        paths.append(directory / f"hosts-{number + 1}")
        paths[-1].write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n", encoding="utf-8")
        paths[-1].chmod(0o700)
    return paths
