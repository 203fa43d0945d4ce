# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lost answers to submissions: no device is activated twice, and none is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import device
from harness.playbooks import Outcome, Playbooks, activation
from harness.simulators import Simulator

#: Ways to lose an answer. After each, the run does not know whether the service accepted the submission.
LOST: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset"},
    "HTTP 500": {"kind": "status", "status": 500},
    "HTTP 502": {"kind": "html", "status": 502},
    "HTTP 503": {"kind": "status", "status": 503, "retry_after": 1},
    "HTTP 504": {"kind": "html", "status": 504},
    "HTTP 408": {"kind": "status", "status": 408},
    "timeout": {"kind": "delay", "delay": 5},
    "truncated": {"kind": "truncated"},
    "broken off": {"kind": "broken"},
    "empty": {"kind": "empty"},
    "HTML with HTTP 200": {"kind": "html", "status": 200},
    "no transaction id": {"kind": "status", "status": 200, "body": {"message": "Thank you"}},
    "a redirect": {"kind": "status", "status": 302, "headers": {"location": "/login"}, "body": ""},
}
FORMATS = ("single", "batch")
CASES = [(name, form) for name in LOST for form in FORMATS]


def declared(number: int, form: str) -> list[dict[str, Any]]:
    """The devices of a case, all in one request."""
    return [device(10 * number + line) for line in range(3 if form == "batch" else 1)]


def task(name: str, number: int, form: str, **arguments: Any) -> dict[str, Any]:
    """A task that makes one submission, with short timeouts."""
    options = {"request_format": form, "request_timeout": 1, "settle_timeout": 0.3, **arguments}
    return activation(name, devices=declared(number, form), **options)


EVERYTHING = [entry for number, (_name, form) in enumerate(CASES) for entry in declared(number, form)]


class Results:
    """One task per case, then one task for all devices without faults.

    Args:
        commit: whether the service accepts the submissions.
    """

    def __init__(self, simulator: Simulator, playbook: Playbooks, commit: bool) -> None:
        simulator.reset()
        simulator.submission_faults(*({**LOST[name], "commit": commit} for name, _form in CASES))
        tasks = [task(f"{name} {form}", number, form) for number, (name, form) in enumerate(CASES)]
        self.run = playbook([*tasks, activation("again", devices=EVERYTHING, result_devices="all")])
        simulator.assert_faults_struck()
        self.again = self.run["again"].outcomes()
        self.requests = {outcome.name: len(simulator.writes(outcome)) for outcome in self.run}
        activations = simulator.activations()["devices"]
        self.counts = {entry["iccid"]: (entry["submitted"], entry["activated"]) for entry in activations}

    def assert_each_once(self, devices: list[dict[str, Any]]) -> None:
        """Asserts that each of the devices was submitted once and activated once."""
        assert [self.counts.get(entry["iccid"]) for entry in devices] == [(1, 1)] * len(devices)


@pytest.fixture(scope="module")
def accepted(simulator: Simulator, playbook: Playbooks) -> Results:
    """The service accepted each submission, and its answer was lost."""
    return Results(simulator, playbook, commit=True)


@pytest.fixture(scope="module")
def not_accepted(simulator: Simulator, playbook: Playbooks) -> Results:
    """The service did not accept the submissions."""
    return Results(simulator, playbook, commit=False)


def summary_of(outcome: Outcome) -> Any:
    """The summary of a task, or its message if it has none."""
    return outcome.data.get("summary", outcome.msg)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_an_accepted_submission_is_found_in_the_history(accepted: Results, name: str, form: str) -> None:
    devices = declared(CASES.index((name, form)), form)
    outcome = accepted.run[f"{name} {form}"]
    assert summary_of(outcome) == {"activated": len(devices)}, "found in the history and adopted"
    assert not outcome.failed
    assert outcome.changed
    assert accepted.requests[outcome.name] == 1
    assert [accepted.again[entry["iccid"]] for entry in devices] == ["already_active"] * len(devices)
    accepted.assert_each_once(devices)


def test_a_second_run_submits_nothing(accepted: Results) -> None:
    assert not accepted.run["again"].changed
    assert accepted.requests["again"] == 0


@pytest.mark.parametrize(("name", "form"), CASES)
def test_a_submission_that_is_not_found_is_unknown_until_the_next_run(
    not_accepted: Results, name: str, form: str
) -> None:
    devices = declared(CASES.index((name, form)), form)
    outcome = not_accepted.run[f"{name} {form}"]
    assert outcome.failed
    assert outcome.changed, "the service may have changed something"
    assert summary_of(outcome) == {"unknown": len(devices)}
    assert "the service may have accepted it" in outcome.msg
    assert "did not show up in the history within 0.3 s" in outcome.msg
    assert "Run again" in outcome.msg
    assert not_accepted.requests[outcome.name] == 1, "not submitted again in this run"
    assert [not_accepted.again[entry["iccid"]] for entry in devices] == ["activated"] * len(devices)
    not_accepted.assert_each_once(devices)


def test_the_next_run_submits_what_the_history_does_not_show(not_accepted: Results) -> None:
    again = not_accepted.run["again"]
    assert not again.failed
    assert not_accepted.requests["again"] == len(EVERYTHING)
