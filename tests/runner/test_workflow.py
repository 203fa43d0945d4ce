# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of a controller: a job plans the fleet, its artifact is approved, and slices activate the fleet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from harness.devices import fleet
from harness.simulators import ACTIVE, Simulator
from harness.snippets import blocks
from jobs import ACTIVATE, LIMIT, LOCALHOST, QUICK, Hosts, Job, by_token, hosts_of, sliced

DEVICES, SLICES = 10_000, 4
#: Maximum bytes of artifacts that a controller stores with each job that gets them.
APPROVAL = 640_000
GUIDE = "docs/docsite/rst/awx.rst"
BANNER = f"TASK [kajeet.sentinel.fleet : Activate the fleet] {'*' * 30}"
NewJob = Callable[..., Job]


def playbook(name: str) -> dict[str, str]:
    """A play that imports a playbook of the collection."""
    return {"name": name, "import_playbook": f"kajeet.sentinel.{name}"}


def test_a_large_plan_is_passed_on_as_an_artifact(sentinel: Simulator, new_job: NewJob) -> None:
    """It is not in the result of any event, which would be too long."""
    devices = fleet(range(DEVICES))
    hosts: Hosts = {**hosts_of(devices), "already": {f"sentinel_{name}": text for name, text in ACTIVE.items()}}
    variables = {**QUICK, "fleet_hosts_pattern": "all:!localhost", "plan_publish_content": True}
    plan = new_job({**LOCALHOST, **hosts}, by_token(sentinel), play=playbook("plan"), variables=variables)
    plan.start()
    plan.finish()
    assert plan.largest().size < LIMIT
    sentinel.assert_wrote_nothing()

    artifacts = plan.published()
    assert artifacts["fleet_plan_counts"] == {
        "activate": DEVICES,
        "restore": 0,
        "wait": 0,
        "unchanged": 1,
        "conflict": 0,
        "inactive": 0,
    }
    approved = artifacts["fleet_plan"]["approved"]["sim"]["activate"]
    assert len(approved) == DEVICES, "devices that are already active need no approval"
    assert len(json.dumps(artifacts)) < APPROVAL

    def activate(part: Hosts) -> Job:
        # A controller passes artifacts on as extra variables.
        given: dict[str, Any] = {**QUICK, **artifacts}
        assert len(json.dumps(given)) < APPROVAL
        return new_job({**LOCALHOST, **part}, by_token(sentinel), play=playbook("activate_hosts"), variables=given)

    slices = [activate(sliced(hosts, number, SLICES)) for number in range(1, SLICES + 1)]
    for job in slices:
        job.start()
    for job in slices:
        job.finish()
        assert job.largest().size < LIMIT
    sentinel.assert_each_once(devices)

    # A device whose declaration has changed, and one that was not approved
    stranger = hosts_of(fleet([DEVICES + 1]))["bus-00000"]
    sentinel.reset()
    changed = {**hosts["bus-00000"], "sentinel_device_group": "Spares"}
    refused = activate({"bus-new": stranger, "bus-00000": changed, "bus-00001": hosts["bus-00001"]})
    refused.start()
    refused.finish(rc=2)
    assert "2 devices that the approved plan does not approve" in refused.output
    assert "is not in the approved plan" in refused.output
    assert "its declaration has changed since the approval" in refused.output
    sentinel.assert_wrote_nothing()


def test_the_last_line_of_each_slice_counts_its_own_devices(sentinel: Simulator, new_job: NewJob) -> None:
    """No other line is about a single host of the slice."""
    sentinel.settings(line_latency=2.0)
    hosts = hosts_of(fleet(range(7)))
    quick = {**QUICK, "fleet_progress_interval": 0.5}
    plan = new_job(
        {**LOCALHOST, **hosts},
        in_controller(sentinel),
        play=playbook("plan"),
        variables={**quick, "fleet_hosts_pattern": "all:!localhost", "plan_publish_content": True},
    )
    plan.start()
    plan.finish()
    assert "This job is not part of a workflow, so nothing is activated after it." in plan.shown()
    jobs = [
        new_job(
            {**LOCALHOST, **sliced(hosts, number, 2)},
            in_controller(sentinel),
            play=playbook("activate_hosts"),
            variables={**quick, **plan.published()},
        )
        for number in (1, 2)
    ]
    for job in jobs:
        job.start()
    for job, count in zip(jobs, (4, 3)):
        job.finish()
        lines = lines_of(job)
        activating = lines[lines.index(BANNER) :]
        # Only Ansible's own line for a task that runs once names a host.
        own = activating[1 : next(number for number, line in enumerate(activating) if line.startswith("changed: "))]
        assert re.fullmatch(rf"{count} activated in N s", own[-1])
        assert own[:-1]
        assert all(line.startswith(f"0 of {count} done after ") for line in own[:-1])


def test_messages_do_not_name_files_that_are_gone_when_the_job_has_ended(sentinel: Simulator, new_job: NewJob) -> None:
    devices = fleet(range(3))
    sentinel.devices({"iccid": devices[0]["iccid"], "outcome": "fail", "reason": "blocked"})
    files = {"fleet_failed_file": "failed.csv", "fleet_journal": "journal.jsonl", "fleet_report": "report"}
    variables = {**QUICK, **files, "fleet_hosts_pattern": "all:!localhost"}

    def done(name: str, hosts: Hosts, rc: int = 0, **given: Any) -> Job:
        job = new_job({**LOCALHOST, **hosts}, in_controller(sentinel), play=playbook(name), variables=given)
        job.start()
        job.finish(rc)
        return job

    plan = done("plan", hosts_of(devices), **variables)
    approved = plan.published()["fleet_plan_digest"]
    activation = done("activate_hosts", hosts_of(devices), 2, **variables, approved_plan=approved)
    drift = done("drift", {}, 2, fleet_devices=devices)
    assert any("The counts are in the artifacts of this job" in line for line in lines_of(drift))
    assert any("the report is deleted when this job ends" in line for line in lines_of(activation))
    nothing = done("plan", {}, **variables, fleet_devices=[])
    assert any("It submits nothing." in line for line in lines_of(nothing))
    for job in (plan, activation, drift):
        # The line that begins with "fatal" has the whole result, including temporary_files.
        shown = "\n".join(line for line in lines_of(job) if not line.startswith("fatal: "))
        for name in ("fleet.plan.json", "result.jsonl", "failed.csv", "report.html", "drift.json", "drift.xml"):
            assert name not in shown
    (result,) = activation.results(ACTIVATE)
    assert len(result["temporary_files"]) == 3
    # A journal cannot work there: one warning names it.
    warnings = [text for text in result["warnings"] if "is deleted when this job ends" in text]
    assert len(warnings) == 1
    assert "journal.jsonl" in warnings[0]
    assert "host bus-00000 (iccid" in activation.shown()


def test_the_guide_shows_the_output_of_a_real_run(sentinel: Simulator, new_job: NewJob) -> None:
    """Plan, activation in slices, and a slice with a device that was added after the approval."""
    sentinel.settings(line_latency=7.0)
    named = [{**entry, "nickname": f"Bus {number}"} for number, entry in enumerate(fleet(range(5)), 11)]
    hosts = {name: values for name, values in hosts_of(named).items() if values["sentinel_nickname"] != "Bus 15"}
    answers = {"fleet_request_format": "batch", "fleet_max_new_activations": 100, "fleet_carrier_defaults": ""}
    variables = {**answers, "fleet_hosts_pattern": "all:!localhost", "plan_publish_content": True}
    plan = new_job(
        {**LOCALHOST, **hosts},
        in_controller(sentinel),
        play=playbook("plan"),
        variables={**variables, "awx_workflow_job_id": 16},
    )
    plan.start()
    plan.finish()
    given = {**answers, **plan.published()}
    late = {"bus-15": {f"sentinel_{name}": value for name, value in named[4].items()}}
    slices = [
        new_job({**LOCALHOST, **part}, in_controller(sentinel), play=playbook("activate_hosts"), variables=given)
        for part in (sliced(hosts, 1, 2), {**sliced(hosts, 2, 2), **late})
    ]
    for job in slices:
        job.start()
    for job, rc in zip(slices, (0, 2)):
        job.finish(rc)
    shown = [block.text for block in blocks(GUIDE) if block.key.startswith("A run, from launch to end ")]
    assert len(shown) == 3
    for text, job in zip(shown, (plan, *slices)):
        wanted, lines = [alike(line) for line in text.splitlines()], lines_of(job)
        first = lines.index(wanted[0])
        assert lines[first : first + len(wanted)] == wanted


def in_controller(sentinel: Simulator) -> dict[str, str]:
    """The environment of a job: its credential, a controller's variable, and skipped tasks in the output."""
    return {**by_token(sentinel), "AWX_PRIVATE_DATA_DIR": "/runner", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true"}


def lines_of(job: Job) -> list[str]:
    """The lines of a job's output, with placeholders for digests, transactions and times."""
    return [alike(line) for line in job.shown().splitlines()]


def alike(line: str) -> str:
    """A line without colours, and with placeholders for what differs between runs."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rstrip()
    plain = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", plain)
    plain = re.sub(r"\bACT-\d{4}-\d{4}-\d+\b", "ACT", plain)
    return re.sub(r"\b[\d.]+ (?:ms|s)\b", "N s", plain)
