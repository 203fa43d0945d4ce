# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.awx_setup. The target awx_setup tests the objects that it creates."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "awx_setup"))

from awx import Awx


def test_a_second_run_makes_the_same_calls_and_changes_nothing(tmp_path: Path) -> None:
    awx = Awx(tmp_path)
    changed = []
    for dummy in range(2):
        run = awx("kajeet.sentinel.awx_setup", project_url="https://git.example.com/fleet.git", api_token="a-token")
        changed.append(sum(outcome.changed for outcome in run))
    assert changed[0] > 10
    assert changed[1] == 0
    calls = awx.calls()
    assert calls[: len(calls) // 2] == calls[len(calls) // 2 :]
    assert list(awx.nodes()) == ["activate", "approve", "plan"]
