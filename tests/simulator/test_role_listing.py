# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variable simulator_listing: devices in the list at the start, and errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FILES
from service import iccid, imei, pair

Play = Callable[..., str]
_RUN = {"ansible.builtin.include_role": {"name": "kajeet.sentinel.simulator"}}
_READ = {
    "ansible.builtin.uri": {
        "url": "{{ simulator_api_url }}/v1.0/devices/NORTHSTAR-ISD?export=CSV&columns=UICC,IMEI,STATUS&searchValue="
        + iccid(1),
        "headers": {"Authorization": "Bearer simulator-token"},
        "return_content": True,
    }
}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Run the role, then read the device list; return the output."""

    def run(listing: list[dict[str, Any]], *options: str) -> str:
        variables = {
            "ansible_python_interpreter": sys.executable,
            "simulator_listing": listing,
            "simulator_directory": str(tmp_path / "simulator"),
            "simulator_lifetime": 60,
            "simulator_port": 0,
            "simulator_venv": sys.prefix,
        }
        tasks = [_RUN] if options else [_RUN, _READ]
        (tmp_path / "play.json").write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}])
        )
        command = ["ansible-playbook", "-v", "-i", "localhost,", "-c", "local", str(tmp_path / "play.json"), *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.stdout + done.stderr

    yield run
    subprocess.run([sys.executable, FILES / "launcher.py", "stop", tmp_path / "simulator"], check=True, timeout=30)


def test_devices_from_the_start(play: Play) -> None:
    listing = [{**pair(1), "status": "Summer suspended", "history": True}]
    assert f"{iccid(1)},{imei(1)},Summer suspended" in play(listing)
    # The same devices start nothing, other devices restart the simulator.
    assert "changed=0" in play(listing, "--check")
    assert f"{iccid(1)},{imei(2)},active" in play([{"iccid": iccid(1), "imei": imei(2)}])


def test_an_invalid_device_is_reported(play: Play) -> None:
    shown = play([pair(1), {**pair(2), "state": "suspended"}])
    assert "simulator_listing: device 2: state: Extra inputs are not permitted" in shown
