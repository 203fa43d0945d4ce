# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check, apply, apply, check, for ways to declare devices and for both request formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.devices import COMMON, csv_of, device, pair
from harness.playbooks import Playbooks, activation

NUMBERS = range(1, 6)
FLEET = [device(number, nickname=f"Bus {number}") for number in NUMBERS]
LISTED = [{**pair(number), "nickname": f"Bus {number}"} for number in NUMBERS]

Arguments = Callable[[Path], dict[str, Any]]


def write(path: Path, text: str) -> dict[str, Any]:
    """Write a file of devices; return the arguments that declare it."""
    path.write_text(text, encoding="utf-8")
    return {"src": str(path)}


#: The same fleet, declared in several ways.
SOURCES: dict[str, Arguments] = {
    "devices": lambda folder: {"devices": FLEET},
    "defaults": lambda folder: {"devices": LISTED, **COMMON},
    "csv": lambda folder: write(folder / "fleet.csv", csv_of(FLEET)),
    "yaml": lambda folder: write(folder / "fleet.yml", yaml.safe_dump(FLEET)),
    "json": lambda folder: {**write(folder / "fleet.json", json.dumps(LISTED)), **COMMON},
}


def test_one_device_is_activated_once(check_apply_apply_check: Callable[..., Any]) -> None:
    four = check_apply_apply_check(device(1), [device(1)])
    entry = four.apply["devices"][0]
    assert (entry["outcome"], entry["line_status"]) == ("activated", "COMPLETED")
    assert entry["transaction_id"].startswith("ACT-")
    assert len(entry["mdn"]) == 10
    assert four.apply["requests"]["writes"] == 1
    assert four.again["devices"] == []


@pytest.mark.parametrize("request_format", ["single", "batch"])
@pytest.mark.parametrize("source", ["devices", "csv"])
def test_a_fleet_is_activated_once(
    check_apply_apply_check: Callable[..., Any], tmp_path: Path, source: str, request_format: str
) -> None:
    four = check_apply_apply_check({"request_format": request_format, **SOURCES[source](tmp_path)}, FLEET)
    assert four.apply["requests"]["writes"] == {"single": len(FLEET), "batch": 1}[request_format]
    assert len(four.apply["transactions"]) == four.apply["requests"]["writes"]


@pytest.mark.usefixtures("sentinel")
def test_all_sources_make_the_same_plan(playbook: Playbooks, tmp_path: Path) -> None:
    run = playbook([activation(name, ignore=False, **make(tmp_path)) for name, make in SOURCES.items()], check=True)
    plans = {name: run[name]["plan"] for name in SOURCES}
    assert {plan["digest"] for plan in plans.values()} == {plans["devices"]["digest"]}, plans
    assert plans["devices"]["activate"] == len(FLEET)
    other = playbook(activation("other", devices=FLEET[:-1]), check=True).only
    assert other["plan"]["digest"] != plans["devices"]["digest"]
