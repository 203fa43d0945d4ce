# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the plays of the guide to drift unchanged; they find what the guide says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from harness.devices import csv_of, device, fleet, pair
from harness.fleets import connection_env
from harness.places import collection_root
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator

_BLOCKS = re.compile(r"^\.\. code-block:: yaml\+jinja\n\n((?: {3}.*\n|\n)+)", re.MULTILINE)
GUIDE = collection_root() / "docs" / "docsite" / "rst" / "drift.rst"


def plays() -> list[str]:
    """The plays of the guide, as text."""
    return [dedent(block) for block in _BLOCKS.findall(GUIDE.read_text(encoding="utf-8"))]


class Guide:
    """Runs plays of the guide in the test's directory, against a simulator."""

    def __init__(self, sentinel: Simulator, directory: Path) -> None:
        self._env = connection_env(sentinel)
        self._path = directory / "guide.yml"
        self._playbook = Playbooks(directory)

    def __call__(self, *texts: str, expect_rc: int = 0) -> Run:
        listed: list[Any] = [play for text in texts for play in yaml.safe_load(text)]
        self._path.write_text(json.dumps(listed), encoding="utf-8")
        return self._playbook(self._path, env=self._env, expect_rc=expect_rc)


@pytest.fixture
def guide(sentinel: Simulator, tmp_path: Path) -> Guide:
    """The guide for an account with four devices, of which one is suspended and one has another nickname."""
    sentinel.reset(settings={"seeded_history": False})
    sentinel.list_devices(
        {**pair(0), "history": True},
        {**pair(1), "history": True},
        {**pair(2), "history": True, "status": "suspended"},
        {**pair(3), "history": True, "nickname": "Truck 3"},
    )
    return Guide(sentinel, tmp_path)


def test_the_guide_finds_a_missing_device(sentinel: Simulator, guide: Guide, tmp_path: Path) -> None:
    known = [*fleet(range(3)), device(3, nickname="Bus 3")]
    (tmp_path / "fleet.csv").write_text(csv_of(known), encoding="utf-8")
    assert "\ncarrier  device group" in guide(plays()[0]).output
    (tmp_path / "fleet.csv").write_text(csv_of([*known, device(4)]), encoding="utf-8")
    run = guide(plays()[0], expect_rc=2)
    assert run["Fail where devices are missing"].msg == "1 device is not as declared: 1 missing"
    assert (tmp_path / "fleet.drift.json").is_file()
    assert (tmp_path / "fleet.drift.xml").is_file()
    sentinel.assert_wrote_nothing()


def test_the_guide_compares_the_hosts_of_an_inventory(guide: Guide) -> None:
    hosts = [
        {"name": f"bus_{number}", **{f"sentinel_{field}": value for field, value in device(number).items()}}
        for number in (0, 2)
    ]
    add = {"name": "Add hosts", "ansible.builtin.add_host": "{{ item }}", "loop": hosts}
    inventory = json.dumps([{"name": "Inventory", "hosts": "localhost", "gather_facts": False, "tasks": [add]}])
    run = guide(inventory, plays()[1], expect_rc=2)
    assert run["Compare the hosts with the account"].msg == "1 device is not as declared: 1 suspended"
