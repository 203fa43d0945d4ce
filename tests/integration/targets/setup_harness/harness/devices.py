# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Valid devices to declare; what becomes of them on the simulator is in their ICCID."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: The digits before an ICCID's last one that have the simulator refuse the device, or leave it pending forever.
UNKNOWN_ICCID, BLOCKED, NEVER = "901", "904", "908"

#: What every test device declares besides its identifiers, unless it says otherwise.
COMMON = {
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


def iccid(number: int, digits: str = "000") -> str:
    """The ICCID of the device with this number; `digits` decide its fate."""
    body = f"891480{5_000_000_000_000 + number * 10_000 + 7000 + int(digits)}"
    return body + check_digit(body)


def imei(number: int) -> str:
    """The IMEI of the device with this number."""
    body = f"35209900{number:06d}"
    return body + check_digit(body)


def pair(number: int, digits: str = "000") -> dict[str, str]:
    """The device's identifiers alone."""
    return {"imei": imei(number), "iccid": iccid(number, digits)}


def device(number: int, digits: str = "000", **fields: Any) -> dict[str, Any]:
    """A whole device; a field that is None is left out."""
    values = {**pair(number, digits), **COMMON, **fields}
    return {name: value for name, value in values.items() if value is not None}


def fleet(numbers: Sequence[int], **fields: Any) -> list[dict[str, Any]]:
    """Devices with these numbers."""
    return [device(number, **fields) for number in numbers]


def csv_of(devices: Sequence[dict[str, Any]]) -> str:
    """The devices as the text of a CSV, without any quoting."""
    names = list(dict.fromkeys(name for entry in devices for name in entry))
    rows = [names, *([str(entry.get(name, "")) for name in names] for entry in devices)]
    return "".join(",".join(row) + "\n" for row in rows)
