# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variable simulator_dialect: a file in YAML or JSON, a seed, and errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FILES

Play = Callable[..., str]
_RUN = {"ansible.builtin.include_role": {"name": "kajeet.sentinel.simulator"}}
_READ = {
    "ansible.builtin.uri": {
        "url": "{{ simulator_api_url }}/v1.0/activation/carriers",
        "headers": {"Authorization": "Bearer simulator-token"},
        "return_content": True,
    }
}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Run the role, then read the carriers; return the output."""

    def run(dialect: str, *options: str) -> str:
        variables = {
            "ansible_python_interpreter": sys.executable,
            "simulator_dialect": dialect,
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


def test_evidence_in_yaml(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "evidence.yml"
    text = "format: 1\ndialect:\n  carriers: {list: [data], name: [%s]}\n"
    path.write_text(text % "wirelessName")
    shown = play(str(path))
    assert '"wirelessName": "Verizon"' in shown
    assert "Start the simulator's process" in shown
    # An unchanged file starts nothing, a changed one restarts the simulator.
    assert "changed=0" in play(str(path), "--check")
    path.write_text(text % "provider")
    assert '"provider": "Verizon"' in play(str(path))


def test_a_seed(play: Play) -> None:
    assert "failed=0" in play("random:5")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "d.json",
            '{"carriers": {"lst": []}}',
            ': carriers: unknown key \\"lst\\"; did you mean list? Valid: list, name',
        ),
        ("d.yml", "a: [b", "d.yml is not valid JSON or YAML; correct it. while parsing"),
        ("d.yml", None, "d.yml cannot be read on the controller; give the path of a dialect or evidence file"),
    ],
)
def test_an_invalid_file_is_reported(play: Play, tmp_path: Path, name: str, content: str | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    shown = play(str(path))
    assert f"simulator_dialect: {path}" in shown
    assert said in shown
