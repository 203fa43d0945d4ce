# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.awx_setup, run again. The target awx_setup tests the objects that it creates."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "awx_setup"))

from awx import Awx

#: The organization of each run.
RUNS = ("Default", "School buses", "Default")


@pytest.fixture(scope="module")
def awx_and_changes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, list[list[str]]]:
    """An AWX after a run for each of `RUNS`, and the names of the tasks that changed something in each run."""
    awx = Awx(tmp_path_factory.mktemp("awx"))
    given = {"project_url": "https://git.example.com/fleet.git", "api_token": "a-token"}
    runs = [awx("kajeet.sentinel.awx_setup", organization=organization, **given) for organization in RUNS]
    return awx, [[outcome.name for outcome in run if outcome.changed] for run in runs]


def test_a_second_run_makes_the_same_calls_and_changes_nothing(awx_and_changes: tuple[Awx, list[list[str]]]) -> None:
    awx, (first, _other, second) = awx_and_changes
    assert len(first) > 10
    assert second == []
    calls = awx.calls()
    number = len(calls) // len(RUNS)
    assert calls[:number] == calls[-number:]
    assert list(awx.nodes("Default")) == ["activate", "approve", "plan"]


def test_two_organizations_have_separate_objects_with_the_same_names(
    awx_and_changes: tuple[Awx, list[list[str]]],
) -> None:
    awx, (_first, other, again) = awx_and_changes
    assert len(other) > 10
    assert again == []
    mine, others = (awx.state(organization) for organization in RUNS[:2])
    assert {kind: list(names) for kind, names in mine.items()} == {kind: list(names) for kind, names in others.items()}
    assert {len(names) for kind, names in mine.items() if kind != "job_template"} == {1, 3}
