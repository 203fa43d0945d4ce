# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role awx_setup: the objects that it creates. The target playbook_awx_setup runs it again.

A run of the role is slow, so tests share the AWX of module-scoped fixtures. They do not change it, but a copy.
"""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx import Awx, survey
from harness.playbooks import Run

URL = "https://git.example.com/fleet.git"
SECRETS = {"api_token": "tok-Xr5dWq0", "api_password": "pas-Lk9vBn3"}
OTHER_SECRETS = {"api_token": "tok-Zn2sRf7", "api_password": "pas-Hd6mTc4"}
HOOK_SECRET = "xoxb-Qw8rTy5"
NOTIFICATIONS: list[dict[str, Any]] = [
    {"name": "On call"},
    {"name": "Fleet channel", "type": "slack", "configuration": {"channels": ["#fleet"], "token": HOOK_SECRET}},
    {
        "name": "Fleet mail",
        "type": "email",
        "configuration": {"host": "mail.example.com", "recipients": ["a@b.example"]},
    },
    {
        "name": "Hook",
        "type": "webhook",
        "configuration": {"url": "https://hooks.example.com/x"},
        "messages": {"error": {}},
    },
]
SLICED: dict[str, Any] = {
    "project_url": URL,
    "project_branch": "trial",
    "slices": 4,
    "requests_per_minute": 100,
    "concurrency": 12,
    "approval_timeout": 600,
}
#: Existing objects of `equipped`.
OURS: dict[str, Any] = {"organization": "School buses", "project_name": "Ours"}
EQUIPPED: dict[str, Any] = {
    **OURS,
    "execution_environment_name": "Ours EE",
    "drift_rrule": "",
    "variables": {"fleet_defaults": {"carrier": "Verizon"}},
    "slices": 4,
    "requests_per_minute": 4,
    "concurrency": 8,
    "max_new_activations": 7,
    "request_format": "batch",
    "waiting": "node",
    "wait_timeout": 7200,
    "approvers": {"teams": ["Managers"], "users": ["ada"]},
    "launchers": {"teams": ["Drivers"]},
    "notifications": NOTIFICATIONS,
}
CREDENTIAL = {"corp_id": "NORTHSTAR-ISD", "api_username": "fleet@northstar.example", **SECRETS}


@pytest.fixture
def awx(tmp_path: Path) -> Awx:
    """An empty AWX."""
    return Awx(tmp_path)


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX that is set up for jobs with four slices."""
    awx = Awx(tmp_path_factory.mktemp("sliced"))
    awx(**SLICED)
    return awx


@pytest.fixture(scope="module")
def by_file(sliced: Awx, tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """The sliced AWX after a switch to a fleet in a file, with an inventory without a source."""
    awx = sliced.copy(tmp_path_factory.mktemp("by_file"))
    image = {"execution_environment_name": "EE", "execution_environment_image": "ees/sentinel:1"}
    given = {"fleet": "file", "fleet_file": "buses.csv", "inventory_name": "No hosts", "drift_rrule": ""}
    awx(project_url=URL, slices=4, requests_per_minute=3, **given, **image)
    return awx


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, Run]:
    """An AWX with existing objects that is set up with most options; and the run."""
    awx = Awx(tmp_path_factory.mktemp("equipped"))
    for kind, name, organization in (
        ("project", "Ours", "School buses"),
        ("execution_environment", "Ours EE", None),
        ("team", "Managers", "School buses"),
        ("team", "Drivers", "School buses"),
        ("user", "ada", None),
        ("notification_template", "On call", "School buses"),
    ):
        awx.has(kind, name, organization)
    return awx, awx(**EQUIPPED, **CREDENTIAL)


@pytest.fixture(scope="module")
def repeated(equipped: tuple[Awx, Run], tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, Run]:
    """The equipped AWX after the same run with other secrets; and that run."""
    awx = equipped[0].copy(tmp_path_factory.mktemp("repeated"))
    return awx, awx(**EQUIPPED, **OTHER_SECRETS)


@pytest.fixture(scope="module")
def stripped(equipped: tuple[Awx, Run], tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, Run]:
    """The equipped AWX after a run without its options that overwrites the secrets; and that run."""
    awx = equipped[0].copy(tmp_path_factory.mktemp("stripped"))
    return awx, awx(**OURS, **OTHER_SECRETS, update_secrets=True)


@pytest.fixture(scope="module")
def reduced(equipped: tuple[Awx, Run], tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, Run]:
    """The equipped AWX after a run without waiting and notifications; and that run, whose last step fails."""
    awx = equipped[0].copy(tmp_path_factory.mktemp("reduced"))
    return awx, awx(**OURS, waiting="none", notifications=[], approvers={"teams": ["Nobody"]}, expect_rc=2)


def test_the_defaults_create_all_objects_of_the_workflow(sliced: Awx) -> None:
    awx = sliced
    assert {kind: len(objects) for kind, objects in awx.state().items()} == {
        "credential_type": 1,
        "credential": 1,
        "project": 1,
        "inventory": 1,
        "inventory_source": 1,
        "job_template": 3,
        "schedule": 1,
        "workflow_job_template": 1,
        "workflow_job_template_node": 3,
    }
    owned = [thing for kind, objects in awx.state().items() if kind != "credential_type" for thing in objects.values()]
    assert {thing["organization"] for thing in owned} == {"Default"}
    for template in awx.state()["job_template"].values():
        assert template["credentials"] == [awx.only("credential")["name"]]
    schedule = awx.only("schedule")
    assert schedule["unified_job_template"] == "Sentinel: drift"
    assert "RRULE:FREQ=DAILY" in schedule["rrule"]
    # People fill in the credential, and the role must not overwrite it.
    assert "inputs" not in awx.only("credential")


def test_the_workflow_asks_for_approval_between_plan_and_activation(sliced: Awx) -> None:
    awx = sliced
    nodes = awx.nodes()
    assert {name: node.get("success_nodes") for name, node in nodes.items()} == {
        "plan": ["approve"],
        "approve": ["activate"],
        "activate": [],
    }
    assert not any(link in node for node in nodes.values() for link in ("failure_nodes", "always_nodes"))
    assert {node["workflow_job_template"] for node in nodes.values()} == {awx.only("workflow_job_template")["name"]}
    assert nodes["plan"]["unified_job_template"] == "Sentinel: plan"
    assert nodes["activate"]["unified_job_template"] == "Sentinel: activate"
    assert "unified_job_template" not in nodes["approve"]
    assert nodes["approve"]["approval_node"]["timeout"] == 600
    templates = awx.state()["job_template"]
    # The workflow and its jobs have the same survey.
    for name in ("Sentinel: plan", "Sentinel: activate"):
        assert survey(templates[name]) == survey(awx.only("workflow_job_template"))


@pytest.mark.parametrize("fixture", ["sliced", "by_file"])
def test_a_launch_can_only_answer_the_survey(request: pytest.FixtureRequest, fixture: str) -> None:
    """Variables of a launch override artifacts in AWX, and could replace an approved plan."""
    awx: Awx = request.getfixturevalue(fixture)
    state = awx.state()
    launched = [*state["job_template"].values(), *state["workflow_job_template"].values()]
    assert len(launched) == 4
    for template in launched:
        assert template["ask_variables_on_launch"] is False
        assert not [option for option, value in template.items() if option.startswith("ask_") and value]
        answers = set(survey(template)) if template.get("survey_enabled") else set()
        assert answers <= {"fleet_src", "fleet_carrier_defaults", "fleet_max_new_activations", "fleet_request_format"}
    assert not [node for node in awx.nodes().values() if "extra_data" in node]


def test_only_the_activation_is_sliced_and_its_slices_share_the_rate(sliced: Awx) -> None:
    """Two activation jobs do not run at the same time."""
    awx = sliced
    templates = awx.state()["job_template"]
    assert {name: template["job_slice_count"] for name, template in templates.items()} == {
        "Sentinel: plan": 1,
        "Sentinel: activate": 4,
        "Sentinel: drift": 1,
    }
    activate = templates["Sentinel: activate"]
    assert activate["extra_vars"] == {
        "fleet_hosts_pattern": "all:!localhost",
        "fleet_requests_per_minute": 100,
        "fleet_concurrency": 12,
        "fleet_slices": 4,
    }
    assert activate["allow_simultaneous"] is False
    assert templates["Sentinel: plan"]["extra_vars"] == {
        "fleet_hosts_pattern": "all:!localhost",
        "plan_publish_content": True,
    }
    # With a file, each slice would activate all devices.
    assert "fleet_src" not in survey(activate)
    source = awx.only("inventory_source")
    assert (source["source"], source["source_path"]) == ("scm", "fleet.sentinel.yml")
    assert source["overwrite"]
    assert source["update_on_launch"]


def test_with_a_fleet_in_a_file_the_survey_asks_for_it_and_nothing_is_sliced(by_file: Awx) -> None:
    awx = by_file
    assert awx.only("execution_environment")["image"] == "ees/sentinel:1"
    activate = awx.state()["job_template"]["Sentinel: activate"]
    assert activate["job_slice_count"] == 1
    assert activate["extra_vars"] == {
        "fleet_hosts_pattern": "localhost",
        "fleet_requests_per_minute": 3,
        "fleet_slices": 1,
    }
    assert survey(activate)["fleet_src"]["default"] == "buses.csv"
    assert awx.state()["job_template"]["Sentinel: plan"]["extra_vars"] == {"plan_publish_content": True}


def test_options_that_are_switched_off_remove_their_objects(
    sliced: Awx, by_file: Awx, equipped: tuple[Awx, Run], stripped: tuple[Awx, Run]
) -> None:
    assert "schedule" in sliced.state()
    assert "schedule" not in by_file.state()
    assert sliced.only("project")["scm_branch"] == "trial"
    assert by_file.only("project")["scm_branch"] == ""
    assert "wait" in equipped[0].nodes()
    awx, _run = stripped
    activate = awx.state()["job_template"]["Sentinel: activate"]
    assert activate["job_slice_count"] == 1
    assert activate["extra_vars"] == {"fleet_hosts_pattern": "all:!localhost", "fleet_slices": 1}
    assert "Sentinel: wait" not in awx.state()["job_template"]
    assert awx.nodes()["activate"]["success_nodes"] == []
    assert "wait" not in awx.nodes()


def test_a_second_run_with_the_same_options_changes_nothing(repeated: tuple[Awx, Run]) -> None:
    _awx, run = repeated
    assert not [outcome.name for outcome in run if outcome.changed]


def test_switching_to_a_file_is_refused_while_the_inventory_has_a_source(
    sliced: Awx, by_file: Awx, tmp_path: Path
) -> None:
    """AWX keeps the hosts of a source that its modules remove, and a later plan would count them."""
    awx = sliced.copy(tmp_path)
    run = awx(project_url=URL, fleet="file", expect_rc=2)
    message = run["Check the variables"].msg
    assert "the inventory 'Sentinel fleet' already has a source" in message
    assert "delete the source in AWX (Inventories, the inventory, Sources), which also deletes its hosts" in message
    assert awx.state() == sliced.state()
    # Another inventory is accepted, and gets no source.
    assert set(by_file.state()["inventory"]) == {"Sentinel fleet", "No hosts"}
    assert [source["inventory"] for source in by_file.state()["inventory_source"].values()] == ["Sentinel fleet"]


def test_an_update_of_the_inventory_finds_the_collection(sliced: Awx) -> None:
    """AWX 24.6.1 sets only ANSIBLE_COLLECTIONS_PATHS, which ansible-core has ignored since 2.19."""
    variables = sliced.only("inventory_source")["source_vars"]
    places = ["/runner/requirements_collections", "~/.ansible/collections", "/usr/share/ansible/collections"]
    assert variables == {"ANSIBLE_COLLECTIONS_PATH": ":".join(places)}
    # All supported versions of ansible-core read this variable.
    known = {entry["name"] for entry in base_settings()["COLLECTIONS_PATHS"]["env"]}
    assert set(variables) <= known
    assert "ANSIBLE_COLLECTIONS_PATHS" not in known
    # AWX refuses these, and passes on all others.
    assert not set(variables) & {"HOME", "USER", "_", "TERM", "PATH"}


def base_settings() -> dict[str, Any]:
    """The settings that the installed ansible-core declares."""
    text = (importlib.resources.files("ansible") / "config" / "base.yml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text)
    return settings


def test_approvers_and_launchers_can_read_the_jobs_but_not_launch_them_alone(
    equipped: tuple[Awx, Run], stripped: tuple[Awx, Run], reduced: tuple[Awx, Run]
) -> None:
    everybody = ("Managers", "Drivers", "ada")
    permissions = {
        "Managers: approval Sentinel: plan, approve, activate",
        "ada: approval Sentinel: plan, approve, activate",
        "Drivers: execute Sentinel: plan, approve, activate",
        *(f"{name}: read Sentinel: {job}" for name in everybody for job in ("plan", "activate", "wait")),
    }
    assert set(equipped[0].state()["role"]) == permissions
    # Without names, no permissions change.
    assert set(stripped[0].state()["role"]) == permissions
    assert "team 'Nobody'" in reduced[1]["Grant permission to approve"].msg


def test_a_separate_job_can_wait_for_the_activation(equipped: tuple[Awx, Run], reduced: tuple[Awx, Run]) -> None:
    awx, _run = equipped
    templates = awx.state()["job_template"]
    assert templates["Sentinel: activate"]["extra_vars"]["fleet_wait"] is False
    wait = templates["Sentinel: wait"]
    assert wait["extra_vars"] == {"wait_timeout": 7200, **EQUIPPED["variables"]}
    assert (wait["playbook"], wait["job_slice_count"]) == ("wait.yml", 1)
    assert wait["ask_variables_on_launch"] is False
    assert awx.nodes()["activate"]["success_nodes"] == ["wait"]
    assert awx.nodes()["wait"]["unified_job_template"] == "Sentinel: wait"
    awx, _run = reduced
    assert awx.state()["job_template"]["Sentinel: activate"]["extra_vars"]["fleet_wait"] is False
    assert "Sentinel: wait" not in awx.state()["job_template"]
    assert "wait" not in awx.nodes()


def test_notifications_are_created_or_attached_to_all_jobs(
    equipped: tuple[Awx, Run], stripped: tuple[Awx, Run], reduced: tuple[Awx, Run]
) -> None:
    awx, _run = equipped
    made = awx.state()["notification_template"]
    assert made["Fleet channel"]["notification_type"] == "slack"
    assert made["Fleet channel"]["notification_configuration"]["token"] == HOOK_SECRET
    assert made["On call"] == {"name": "On call"}
    names = [entry["name"] for entry in NOTIFICATIONS]
    assert "Sentinel: wait" in awx.state()["job_template"]
    for template in awx.state()["job_template"].values():
        assert template["notification_templates_error"] == names
    # Without the variable, the notifications stay. An empty list detaches them.
    assert stripped[0].state()["job_template"]["Sentinel: plan"]["notification_templates_error"] == names
    assert reduced[0].state()["job_template"]["Sentinel: plan"]["notification_templates_error"] == []


def test_existing_objects_and_other_names_can_be_used(equipped: tuple[Awx, Run]) -> None:
    awx, _run = equipped
    # The existing project is not changed, and nothing is scheduled.
    assert awx.only("project") == {"name": "Ours"}
    assert "schedule" not in awx.state()
    for template in awx.state()["job_template"].values():
        assert template["extra_vars"]["fleet_defaults"] == {"carrier": "Verizon"}
        assert template["execution_environment"] == "Ours EE"
        assert template["organization"] == "School buses"
    assert awx.state()["job_template"]["Sentinel: activate"]["extra_vars"]["fleet_requests_per_minute"] == 4
    questions = survey(awx.only("workflow_job_template"))
    assert questions["fleet_max_new_activations"]["default"] == 7
    assert questions["fleet_request_format"]["default"] == "batch"


def test_values_of_the_credential_are_overwritten_only_on_request(
    equipped: tuple[Awx, Run], repeated: tuple[Awx, Run], stripped: tuple[Awx, Run]
) -> None:
    assert equipped[0].only("credential")["inputs"] == CREDENTIAL
    assert repeated[0].only("credential")["inputs"] == CREDENTIAL
    assert stripped[0].only("credential")["inputs"] == OTHER_SECRETS


def test_secrets_are_not_shown(equipped: tuple[Awx, Run], repeated: tuple[Awx, Run], stripped: tuple[Awx, Run]) -> None:
    assert set(SECRETS.values()) < set(equipped[0].only("credential")["inputs"].values())
    for _awx, run in (equipped, repeated, stripped):
        for secret in (*SECRETS.values(), *OTHER_SECRETS.values(), HOOK_SECRET):
            assert secret not in run.output
            assert secret not in run.raw


def test_check_mode_reports_changes_and_makes_none(sliced: Awx, tmp_path: Path) -> None:
    """Objects that do not exist yet have no id, so the role refers to them by name."""
    awx = sliced.copy(tmp_path)
    given = {**SLICED, "slices": 3}
    run = awx(check=True, **given, credential_name="Another", expect_rc=2)
    assert "there is no credential 'Another'" in run["Create the inventory source"].msg
    run = awx(check=True, **given)
    assert [outcome.name for outcome in run if outcome.changed] == ["Create the activation job template"]
    assert awx.state() == sliced.state()


def test_all_mistakes_are_reported_at_once_before_anything_is_created(awx: Awx) -> None:
    awx.has("project", "Sentinel fleet", "School buses")
    before = awx.state()
    wrong: dict[str, Any] = {"execution_environment_image": "ees/sentinel:1", "notifications": [{"name": "Nowhere"}]}
    run = awx(expect_rc=2, **wrong, slices=4, requests_per_minute=3, concurrency=2)
    message = run["Check the variables"].msg
    assert "the organization 'Default' has no project 'Sentinel fleet'; use the name of an existing project" in message
    assert '"Nowhere" does not exist in the organization' in message
    assert "awx_setup_execution_environment_name is required with awx_setup_execution_environment_image" in message
    assert "awx_setup_requests_per_minute must be at least 4, one request per minute for each slice, not 3" in message
    assert "awx_setup_concurrency must be at least 4, one request for each slice, not 2" in message
    run = awx(expect_rc=2, organization="School buses", execution_environment_name="EE", slices=0)
    message = run["Check the variables"].msg
    assert "project" not in message
    assert "execution environment 'EE' does not exist; set awx_setup_execution_environment_image" in message
    assert "awx_setup_slices must be at least 1, not 0" in message
    assert awx.state() == before


def test_an_invalid_choice_is_refused(awx: Awx) -> None:
    run = awx(expect_rc=2, project_url=URL, fleet="hosts")
    assert "value of awx_setup_fleet must be one of: inventory, file" in json.dumps([out.data for out in run])
    assert awx.state() == {}
