# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines with the progress of an activation, at default verbosity, while it runs on the controller."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from harness.devices import UNKNOWN_ICCID, csv_of, device, fleet
from harness.playbooks import MODULE, Playbooks, activation, environment
from harness.simulators import TOKEN, Simulator

LISTED = fleet(range(30))
STRUCTURED = """
DOCUMENTATION = "{name: structured, type: stdout, short_description: Writes nothing, description: [Nothing]}"
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "structured"
"""
LINE = re.compile(r"^(\d+) of 30 done after \d+ s: (.+)$", re.MULTILINE)


@pytest.fixture
def slow(sentinel: Simulator) -> Simulator:
    """A simulator whose lines end one after another, within three seconds."""
    sentinel.settings(line_latency=[0.2, 3.0])
    return sentinel


def task(**options: Any) -> dict[str, Any]:
    """A task that activates the fleet, with a line of progress every half second."""
    given = {"progress_interval": 0.5, "poll_interval": 0.3, "poll_max_interval": 0.3, "result_devices": "all"}
    return activation("Activate the fleet", ignore=False, devices=LISTED, **{**given, **options})


def test_a_long_activation_shows_its_progress(slow: Simulator, playbook: Playbooks) -> None:
    run = playbook([task()])
    lines = LINE.findall(run.output)
    assert len(lines) >= 3, run.output
    done = [int(count) for count, _rest in lines]
    assert done == sorted(done)
    assert done[-1] > done[0]
    assert any("slowest: ACT-" in rest for _count, rest in lines)
    assert any(" left" in rest for _count, rest in lines)
    assert "\x1b" not in run.output
    assert "\r" not in run.output
    assert TOKEN not in run.output
    assert re.search(r"^30 activated in \d+(\.\d)? s$", run.output, re.MULTILINE)
    assert run.only["summary"] == {"activated": 30}
    assert all(0.2 <= entry["seconds"] <= 10 for entry in run.only["devices"])
    slow.assert_each_once(LISTED)


def test_lines_are_shown_while_the_task_runs(slow: Simulator, playbook: Playbooks) -> None:
    slow.settings(line_latency=600)
    process, _results = playbook.start([task(wait_timeout=3)])
    try:
        assert process.stdout is not None
        seen = next(line for line in process.stdout if LINE.match(line))
        assert process.poll() is None, "the task still runs"
        assert "30 pending" in seen
    finally:
        process.communicate(timeout=60)


@pytest.mark.parametrize(
    "options", [{"progress_interval": 0}, {"progress_interval": 60}, {"no_log": True}], ids=["off", "short", "no_log"]
)
def test_no_lines_are_shown_if_they_are_off_or_the_run_is_short_or_no_log_is_set(
    slow: Simulator, playbook: Playbooks, options: dict[str, Any]
) -> None:
    secret = {"no_log": options["no_log"]} if "no_log" in options else {}
    given = {name: value for name, value in options.items() if name != "no_log"}
    run = playbook([{**task(**given), **secret}])
    assert not LINE.search(run.output)
    assert " done after " not in run.output
    assert "\n30 activated in " in run.output, "the counts are shown with no_log as well"
    slow.assert_each_once(LISTED)


def test_a_module_on_another_machine_activates_without_lines(slow: Simulator, tmp_path: Path) -> None:
    elsewhere = Playbooks(tmp_path, slow.connection, "elsewhere")
    run = elsewhere([task()])
    assert not LINE.search(run.output)
    assert run.only["summary"] == {"activated": 30}
    assert all(entry["seconds"] for entry in run.only["devices"])
    slow.assert_each_once(LISTED)


def test_a_task_in_ansibles_process_has_the_working_directory_and_environment_of_a_module(
    slow: Simulator, playbook: Playbooks, workspace: Path
) -> None:
    """Relative paths start at the playbook's directory, and the task's keyword `environment` is used."""
    (workspace / "relative.csv").write_text(csv_of(LISTED), encoding="utf-8")
    environment = {"SENTINEL_TOKEN": TOKEN, "SENTINEL_CONCURRENCY": "2"}
    options = {"src": "relative.csv", "result_file": "relative.jsonl", "check_mode": True}
    defaults = {name: value for name, value in slow.connection.items() if name != "api_token"}
    run = playbook([{**activation("Plan", ignore=False, **options), "environment": environment}], defaults=defaults)
    assert run.only["summary"] == {"would_activate": 30}
    assert run.only["invocation"]["module_args"]["concurrency"] == 2
    assert TOKEN not in run.raw
    assert len((workspace / "relative.jsonl").read_text(encoding="utf-8").splitlines()) == 30


def test_check_mode_shows_the_plan_and_a_summary(slow: Simulator, playbook: Playbooks) -> None:
    run = playbook(task(), check=True)
    lines = run.output.splitlines()
    at = lines.index("Plan: 30 to activate.")
    assert sum(line.startswith("+ iccid ") for line in lines) == 10
    assert lines[at - 1] == "  and 20 more to activate"
    assert lines[at + 1 : at + 3] == [f"Digest: {run.only['plan']['digest']}", "Would activate 30"]
    slow.assert_wrote_nothing()


def test_the_message_of_a_failure_ends_with_the_summary(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(activation("Activate", devices=[device(1), device(2, UNKNOWN_ICCID)]))
    last = run.only.msg.splitlines()[-1]
    assert re.fullmatch(r"1 activated, 1 failed in \d+(\.\d)? s", last)
    assert f"\n{last}\n" in run.output
    assert sentinel.submitted()


def test_with_a_callback_for_programs_lines_go_to_stderr(sentinel: Simulator, workspace: Path) -> None:
    """An unknown callback is regarded as one for programs."""
    (workspace / "callback_plugins").mkdir()
    (workspace / "callback_plugins" / "structured.py").write_text(STRUCTURED, encoding="utf-8")
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{MODULE: {**sentinel.connection, **device(1)}}]}
    (workspace / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    variables = environment(workspace / "results", {"ANSIBLE_STDOUT_CALLBACK": "structured"})
    variables["ANSIBLE_CALLBACK_PLUGINS"] += f":{workspace / 'callback_plugins'}"
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "play.yml"]
    run = subprocess.run(command, cwd=workspace, env=variables, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert re.search(r"^1 activated in ", run.stderr, re.MULTILINE)


def test_an_interrupted_run_shows_its_progress(slow: Simulator, playbook: Playbooks) -> None:
    slow.settings(line_latency=600)
    process, _results = playbook.start([task(request_format="batch")])
    try:
        assert process.stdout is not None
        next(line for line in process.stdout if "30 pending" in line)
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    message = "interrupted: 30 of 30 devices were submitted and are under way or done. Run the task again: it picks"
    assert f"\n{message} them up and submits only the rest\n" in f"\n{rest}"
    assert process.returncode == 99


def test_wrong_arguments_are_reported_as_by_a_module(slow: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    elsewhere = Playbooks(tmp_path, slow.connection, "elsewhere")
    tasks = [
        activation("unknown", iccids="1"),
        activation("choice", history="all"),
        activation("device", devices=[{"imei": "1"}]),
        activation("none"),
    ]
    local, remote = playbook(tasks), elsewhere(tasks)
    for outcome in local:
        message = remote[outcome.name].msg
        assert outcome.failed
        assert outcome.msg.replace("kajeet.sentinel.", "") == message.replace("kajeet.sentinel.", "")
