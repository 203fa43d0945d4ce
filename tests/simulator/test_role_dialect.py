# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variable simulator_dialect: a file in YAML or JSON, a seed, and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest
from role_play import RolePlay

CARRIERS = "/v1.0/activation/carriers"


def test_evidence_in_yaml(role: RolePlay, tmp_path: Path) -> None:
    path = tmp_path / "evidence.yml"
    text = "format: 1\ndialect:\n  carriers: {list: [data], name: [%s]}\n"
    path.write_text(text % "wirelessName")
    shown = role.run(CARRIERS, dialect=str(path))
    assert '"wirelessName": "Verizon"' in shown
    assert "Start the simulator's process" in shown
    # An unchanged file starts nothing, a changed one restarts the simulator.
    assert "changed=0" in role.run(check=True, dialect=str(path))
    path.write_text(text % "provider")
    assert '"provider": "Verizon"' in role.run(CARRIERS, dialect=str(path))


def test_a_seed(role: RolePlay) -> None:
    assert "failed=0" in role.run(CARRIERS, dialect="random:5")


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
def test_an_invalid_file_is_reported(
    role: RolePlay, tmp_path: Path, name: str, content: Optional[str], said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    shown = role.run(dialect=str(path))
    assert f"simulator_dialect: {path}" in shown
    assert said in shown
