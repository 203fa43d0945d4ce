# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.apply: plan, ask, activate, report."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness.fleets import PLAN, QUICK, connection_env, csv_file, mixed, result
from harness.playbooks import Playbooks, Run, environment
from harness.simulators import Simulator
from harness.terminals import Started, at_a_terminal, has_terminals

PLAYBOOK = "kajeet.sentinel.apply"
QUESTION = "Activate 7 devices in account NORTHSTAR-ISD of the simulator? Only 'yes' is accepted"


@pytest.fixture
def apply(sentinel: Simulator, tmp_path: Path) -> Callable[..., Run]:
    """Runs the playbook without a terminal, in the test's directory."""
    playbook = Playbooks(tmp_path)
    csv_file(tmp_path / "fleet.csv", mixed())

    def start(variables: dict[str, Any], **options: Any) -> Run:
        merged = {**QUICK, "fleet_src": "fleet.csv", **variables}
        return playbook(PLAYBOOK, extra_vars=merged, env=connection_env(sentinel), **options)

    return start


needs_terminal = pytest.mark.skipif(not has_terminals(), reason="the machine has no pseudo-terminals")


def answered(directory: Path, sentinel: Simulator, answer: str) -> tuple[int, str]:
    """Run the playbook and answer its question; return exit status and output."""
    csv_file(directory / "fleet.csv", mixed())
    variables = json.dumps({**QUICK, "fleet_src": "fleet.csv"})
    command = ["ansible-playbook", PLAYBOOK, "-e", variables]
    env = environment(directory / "run.results", connection_env(sentinel))

    def act(started: Started) -> None:
        time.sleep(0.5)  # the question is shown before the terminal is read
        started.answer(answer)

    return at_a_terminal(directory, command, env, "Only 'yes' is accepted", act)


@needs_terminal
def test_yes_activates_the_plan_that_was_shown_and_writes_a_report(sentinel: Simulator, tmp_path: Path) -> None:
    status, screen = answered(tmp_path, sentinel, "yes")
    assert status == 0, screen
    assert QUESTION in " ".join(screen.split())
    assert re.search(r"Plan: 7 to activate", screen)
    assert re.search(r"7 activated in", screen)
    assert len(sentinel.activations()["devices"]) == 7
    assert (tmp_path / "report" / "report.html").exists()


@needs_terminal
@pytest.mark.parametrize("answer", ["y", "YES", "", "no"])
def test_other_answers_than_yes_submit_nothing(sentinel: Simulator, tmp_path: Path, answer: str) -> None:
    status, screen = answered(tmp_path, sentinel, answer)
    assert status == 2, screen
    assert "nothing was submitted" in screen
    sentinel.assert_wrote_nothing()


def test_without_a_terminal_an_approved_plan_is_required(sentinel: Simulator, apply: Callable[..., Run]) -> None:
    refused = apply({}, expect_rc=2)
    digest = refused[PLAN]["plan"]["digest"]
    message = refused["Stop unless the answer is yes"].msg
    assert "without a terminal; nothing was submitted" in message
    assert f"-e approved_plan={digest}" in message
    sentinel.assert_wrote_nothing()
    for blank in ("", " "):
        assert "must not be blank" in apply({"approved_plan": blank}, expect_rc=2)["Refuse a blank approval"].msg
    assert "The plan is not the approved one" in apply({"approved_plan": "0" * 64}, expect_rc=2)[PLAN].msg
    sentinel.assert_wrote_nothing()

    assert result(apply({"approved_plan": digest}))["summary"] == {"activated": 7}
    # A plan that submits nothing needs no approval.
    assert result(apply({}))["summary"] == {"already_active": 7}


def test_fleet_state_as_an_extra_variable_does_not_skip_the_question(
    sentinel: Simulator, apply: Callable[..., Run]
) -> None:
    """Extra variables override those of a playbook."""
    apply({"fleet_state": "active"}, expect_rc=2)
    sentinel.assert_wrote_nothing()


def test_check_mode_asks_no_question(sentinel: Simulator, apply: Callable[..., Run]) -> None:
    assert result(apply({}, check=True))["summary"] == {"would_activate": 7}
    sentinel.assert_wrote_nothing()


def test_not_even_a_user_who_insists_goes_without_the_question(sentinel: Simulator, apply: Callable[..., Run]) -> None:
    apply({"fleet_state": "active"}, expect_rc=2)
    sentinel.assert_wrote_nothing()
