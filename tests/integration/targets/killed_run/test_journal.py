# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs with a journal: killed while the history is late, two at the same time, and in check mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness.devices import fleet
from harness.playbooks import Playbooks, activation
from harness.processes import kill_family, wait_until
from harness.simulators import Simulator

FLEET = fleet(range(60))


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Arguments of a task with a journal, with a settle time for a late history."""
    return {
        "devices": FLEET,
        "journal": str(tmp_path / "fleet.journal"),
        "settle_timeout": 8,
        "concurrency": 2,
        "batch_size": 10,
    }


def start_and_kill(playbook: Playbooks, sentinel: Simulator, task: dict[str, Any], submissions: int) -> None:
    """Start a run, and kill it after this number of submissions."""
    process, _results = playbook.start([task])
    try:
        wait_until(lambda: sentinel.count_writes() >= submissions, "submissions", patience=60, pause=0.005)
    finally:
        kill_family(process)


@pytest.mark.parametrize(("form", "submissions"), [("single", 20), ("batch", 3)])
def test_submissions_of_a_killed_run_that_the_history_does_not_show_yet_are_not_repeated(
    sentinel: Simulator, playbook: Playbooks, options: dict[str, Any], form: str, submissions: int
) -> None:
    sentinel.settings(history_lag=4, line_latency=0.5, request_latency=0.1, duplicates="second_success")
    task = activation("activate", ignore=False, request_format=form, **options)
    start_and_kill(playbook, sentinel, task, submissions)
    outcome = playbook([task]).only
    assert set(outcome["summary"]) <= {"activated", "already_active"}
    assert outcome["plan"]["activate"] < len(FLEET), "the killed run had submitted devices"
    sentinel.assert_each_once(FLEET)
    again = playbook([task]).only
    assert not again.changed
    sentinel.assert_each_once(FLEET)


def test_check_mode_reads_the_journal_and_does_not_change_it(
    sentinel: Simulator, playbook: Playbooks, options: dict[str, Any]
) -> None:
    sentinel.settings(history_lag=4, request_latency=0.05)
    task = activation("activate", ignore=False, **options)
    start_and_kill(playbook, sentinel, task, 20)
    journal = Path(options["journal"])
    before = journal.read_bytes()
    planned = playbook([{**task, "check_mode": True}]).only
    assert journal.read_bytes() == before
    assert 0 < planned["plan"]["activate"] < len(FLEET)
    sentinel.assert_wrote_nothing(planned)
    outcome = playbook([task]).only
    assert outcome["plan"]["activate"] <= planned["plan"]["activate"]
    sentinel.assert_each_once(FLEET)


def test_a_second_run_with_the_same_journal_is_refused(
    sentinel: Simulator, playbook: Playbooks, options: dict[str, Any]
) -> None:
    """It has other devices. With the same ones, it would wait."""
    sentinel.settings(line_latency=60)
    first, _results = playbook.start([activation("first", **{**options, "devices": FLEET[:2]})])
    try:
        wait_until(lambda: sentinel.count_writes() >= 1, "the first run waits", patience=60)
        second = playbook([activation("second", **{**options, "devices": FLEET[2:]})]).only
    finally:
        kill_family(first)
    assert second.failed
    assert "is in use by another run" in second.msg
    sentinel.assert_wrote_nothing(second)


def test_a_file_that_is_not_a_journal_is_refused_and_not_changed(
    sentinel: Simulator, playbook: Playbooks, options: dict[str, Any]
) -> None:
    path = Path(options["journal"])
    path.write_text("imei,iccid\n", encoding="utf-8")
    outcome = playbook([activation("activate", **options)]).only
    assert outcome.failed
    assert "line 1: is not a line of a journal" in outcome.msg
    assert path.read_text(encoding="utf-8") == "imei,iccid\n"
    sentinel.assert_wrote_nothing(outcome)


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 200, "body": []}], ids=["unknown", "empty"])
def test_an_accepted_submission_that_nothing_shows_is_not_repeated(
    sentinel: Simulator, playbook: Playbooks, options: dict[str, Any], answer: dict[str, Any]
) -> None:
    devices = FLEET[:2]
    sentinel.settings(history_lag=3600, duplicates="second_success")
    sentinel.faults({"kind": "status", "method": "GET", "path": "/transactions/", "count": 0, **answer})
    given = {**options, "devices": devices, "settle_timeout": 1, "poll_interval": 0.2}
    for outcome in playbook([activation(name, **given) for name in ("first", "second")]):
        assert outcome["summary"] == {"unknown": 2}
        assert "which does not show it yet" in outcome.msg
    sentinel.assert_each_once(devices)
    sentinel.control("DELETE", "faults")
    sentinel.advance(3600)
    assert set(playbook([activation("third", **given)]).only["summary"]) <= {"activated", "already_active"}
    sentinel.assert_each_once(devices)
