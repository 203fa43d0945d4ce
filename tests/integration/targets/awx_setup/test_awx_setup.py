# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role awx_setup: the objects that it creates. The target playbook_awx_setup runs it twice."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx import Awx, survey

URL = "https://git.example.com/fleet.git"
SECRETS = {"api_token": "tok-Xr5dWq0", "api_password": "pas-Lk9vBn3"}


@pytest.fixture
def awx(tmp_path: Path) -> Awx:
    """An empty AWX."""
    return Awx(tmp_path)


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX that is set up for jobs with four slices."""
    awx = Awx(tmp_path_factory.mktemp("sliced"))
    awx(project_url=URL, slices=4, requests_per_minute=100, concurrency=12, approval_timeout=600)
    return awx


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


@pytest.mark.parametrize("declared_by", ["inventory", "file"])
def test_a_launch_can_only_answer_the_survey(awx: Awx, declared_by: str) -> None:
    """Variables of a launch override artifacts in AWX, and could replace an approved plan."""
    awx(project_url=URL, fleet=declared_by)
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


def test_with_a_fleet_in_a_file_the_survey_asks_for_it_and_nothing_is_sliced(awx: Awx) -> None:
    image = {"execution_environment_name": "EE", "execution_environment_image": "ees/sentinel:1"}
    awx(project_url=URL, fleet="file", fleet_file="buses.csv", slices=4, requests_per_minute=3, **image)
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
    assert "inventory_source" not in awx.state()


def test_options_that_are_switched_off_remove_their_objects(awx: Awx) -> None:
    awx(project_url=URL, project_branch="trial", slices=4, requests_per_minute=60, concurrency=8, waiting="node")
    off: dict[str, Any] = {"project_url": URL, "drift_rrule": ""}
    awx(**off)
    assert "schedule" not in awx.state()
    assert awx.only("project")["scm_branch"] == ""
    activate = awx.state()["job_template"]["Sentinel: activate"]
    assert activate["job_slice_count"] == 1
    assert activate["extra_vars"] == {"fleet_hosts_pattern": "all:!localhost", "fleet_slices": 1}
    assert "Sentinel: wait" not in awx.state()["job_template"]
    assert awx.nodes()["activate"]["success_nodes"] == []
    assert "wait" not in awx.nodes()
    assert not [outcome.name for outcome in awx(**off) if outcome.changed]


def test_switching_to_a_file_is_refused_while_the_inventory_has_a_source(awx: Awx) -> None:
    """AWX keeps the hosts of a source that its modules remove, and a later plan would count them."""
    awx(project_url=URL)
    before = awx.state()
    run = awx(project_url=URL, fleet="file", expect_rc=2)
    message = run["Check the variables"].msg
    assert "the inventory 'Sentinel fleet' already has a source" in message
    assert "delete the source in AWX (Inventories, the inventory, Sources), which also deletes its hosts" in message
    assert awx.state() == before
    awx(project_url=URL, fleet="file", inventory_name="No hosts")
    assert [source["inventory"] for source in awx.state()["inventory_source"].values()] == ["Sentinel fleet"]


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


def test_approvers_and_launchers_can_read_the_jobs_but_not_launch_them_alone(awx: Awx) -> None:
    for kind, name in (("team", "Managers"), ("team", "Drivers"), ("user", "ada")):
        awx.has(kind, name, "Default" if kind == "team" else None)
    people: dict[str, Any] = {
        "approvers": {"teams": ["Managers"], "users": ["ada"]},
        "launchers": {"teams": ["Drivers"]},
    }
    awx(project_url=URL, **people)
    everybody = ("Managers", "Drivers", "ada")
    assert set(awx.state()["role"]) == {
        "Managers: approval Sentinel: plan, approve, activate",
        "ada: approval Sentinel: plan, approve, activate",
        "Drivers: execute Sentinel: plan, approve, activate",
        *(f"{name}: read Sentinel: {job}" for name in everybody for job in ("plan", "activate")),
    }
    assert not [outcome.name for outcome in awx(project_url=URL, **people) if outcome.changed]
    # Without names, no permissions change.
    awx(project_url=URL)
    assert len(awx.state()["role"]) == 9
    run = awx(project_url=URL, approvers={"teams": ["Nobody"]}, expect_rc=2)
    assert "team 'Nobody'" in run["Grant permission to approve"].msg


def test_a_separate_job_can_wait_for_the_activation(awx: Awx) -> None:
    awx.has("team", "Managers", "Default")
    awx(
        project_url=URL,
        waiting="node",
        wait_timeout=7200,
        variables={"fleet_kind": "sim"},
        approvers={"teams": ["Managers"]},
    )
    templates = awx.state()["job_template"]
    assert templates["Sentinel: activate"]["extra_vars"]["fleet_wait"] is False
    wait = templates["Sentinel: wait"]
    assert wait["extra_vars"] == {"wait_timeout": 7200, "fleet_kind": "sim"}
    assert (wait["playbook"], wait["job_slice_count"]) == ("wait.yml", 1)
    assert wait["ask_variables_on_launch"] is False
    assert awx.nodes()["activate"]["success_nodes"] == ["wait"]
    assert awx.nodes()["wait"]["unified_job_template"] == "Sentinel: wait"
    assert "Managers: read Sentinel: wait" in awx.state()["role"]
    awx(project_url=URL, waiting="none")
    assert awx.state()["job_template"]["Sentinel: activate"]["extra_vars"]["fleet_wait"] is False
    assert "Sentinel: wait" not in awx.state()["job_template"]
    assert "wait" not in awx.nodes()


def test_notifications_are_created_or_attached_to_all_jobs(awx: Awx) -> None:
    secret = "xoxb-Qw8rTy5"
    awx.has("notification_template", "On call", "Default")
    named: list[dict[str, Any]] = [
        {"name": "On call"},
        {"name": "Fleet channel", "type": "slack", "configuration": {"channels": ["#fleet"], "token": secret}},
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
    run = awx(project_url=URL, notifications=named, waiting="node")
    assert secret not in run.output + run.raw
    made = awx.state()["notification_template"]
    assert made["Fleet channel"]["notification_type"] == "slack"
    assert made["Fleet channel"]["notification_configuration"]["token"] == secret
    assert made["On call"] == {"name": "On call"}
    for template in awx.state()["job_template"].values():
        assert template["notification_templates_error"] == [entry["name"] for entry in named]
    assert not [
        outcome.name for outcome in awx(project_url=URL, notifications=named, waiting="node") if outcome.changed
    ]
    # Without the variable, the notifications stay. An empty list detaches them.
    awx(project_url=URL)
    assert awx.state()["job_template"]["Sentinel: plan"]["notification_templates_error"]
    awx(project_url=URL, notifications=[])
    assert awx.state()["job_template"]["Sentinel: plan"]["notification_templates_error"] == []
    run = awx(project_url=URL, notifications=[{"name": "Nowhere"}], expect_rc=2)
    assert '"Nowhere" does not exist in the organization' in run["Check the variables"].msg


def test_existing_objects_and_other_names_can_be_used(awx: Awx) -> None:
    awx.has("project", "Ours", "School buses")
    awx.has("execution_environment", "Ours EE")
    names: dict[str, Any] = {
        "organization": "School buses",
        "project_name": "Ours",
        "execution_environment_name": "Ours EE",
        "drift_rrule": "",
        "variables": {"fleet_defaults": {"carrier": "Verizon"}},
        "slices": 4,
        "requests_per_minute": 4,
        "max_new_activations": 7,
        "request_format": "batch",
    }
    awx(**names)
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


def test_values_of_the_credential_are_overwritten_only_on_request(awx: Awx) -> None:
    awx(project_url=URL, corp_id="NORTHSTAR-ISD", api_token=SECRETS["api_token"])
    assert awx.only("credential")["inputs"] == {"corp_id": "NORTHSTAR-ISD", "api_token": SECRETS["api_token"]}
    awx(project_url=URL, api_token="another")
    assert awx.only("credential")["inputs"]["api_token"] == SECRETS["api_token"]
    awx(project_url=URL, api_token="another", update_secrets=True)
    assert awx.only("credential")["inputs"] == {"api_token": "another"}


def test_secrets_are_not_shown(awx: Awx) -> None:
    run = awx(project_url=URL, update_secrets=True, api_username="fleet@northstar.example", **SECRETS)
    assert set(SECRETS.values()) < set(awx.only("credential")["inputs"].values())
    for secret in SECRETS.values():
        assert secret not in run.output
        assert secret not in run.raw


def test_two_organizations_have_separate_objects_with_the_same_names(awx: Awx) -> None:
    organizations = ("Default", "School buses")
    for organization in organizations:
        awx(project_url=URL, organization=organization)
    run = awx(project_url=URL, organization="Default")
    assert not [outcome.name for outcome in run if outcome.changed]
    mine, other = (awx.state(organization) for organization in organizations)
    assert {kind: list(names) for kind, names in mine.items()} == {kind: list(names) for kind, names in other.items()}
    assert {len(names) for kind, names in mine.items() if kind != "job_template"} == {1, 3}


def test_check_mode_reports_changes_and_makes_none(awx: Awx) -> None:
    """Objects that do not exist yet have no id, so the role refers to them by name."""
    awx(project_url=URL)
    before = awx.state()
    run = awx(check=True, project_url=URL, credential_name="Another", slices=3, expect_rc=2)
    assert "there is no credential 'Another'" in run["Create the inventory source"].msg
    run = awx(check=True, project_url=URL, slices=3)
    assert [outcome.name for outcome in run if outcome.changed] == ["Create the activation job template"]
    assert awx.state() == before


def test_a_missing_project_is_reported_before_anything_is_created(awx: Awx) -> None:
    run = awx(expect_rc=2)
    message = run["Check the variables"].msg
    assert "the organization 'Default' has no project 'Sentinel fleet'; use the name of an existing project" in message
    assert awx.state() == {}


def test_all_mistakes_are_reported_at_once_before_anything_is_created(awx: Awx) -> None:
    awx.has("project", "Sentinel fleet", "School buses")
    before = awx.state()
    wrong: dict[str, Any] = {"execution_environment_image": "ees/sentinel:1", "slices": 4}
    run = awx(expect_rc=2, **wrong, requests_per_minute=3, concurrency=2)
    message = run["Check the variables"].msg
    assert "the organization 'Default' has no project 'Sentinel fleet'" in message
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
