# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role awx_setup: what it has AWX make. That it can be run again is shown for the playbook."""

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
    """An AWX with nothing in it."""
    return Awx(tmp_path)


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX that was set up for jobs of four slices."""
    awx = Awx(tmp_path_factory.mktemp("sliced"))
    awx(project_url=URL, slices=4, requests_per_minute=100, concurrency=12, approval_timeout=600)
    return awx


def test_the_defaults_make_everything(sliced: Awx) -> None:
    awx = sliced
    assert {kind: len(found) for kind, found in awx.state().items()} == {
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
    owned = [thing for kind, found in awx.state().items() if kind != "credential_type" for thing in found.values()]
    assert {thing["organization"] for thing in owned} == {"Default"}
    for template in awx.state()["job_template"].values():
        assert template["credentials"] == [awx.only("credential")["name"]]
    schedule = awx.only("schedule")
    assert schedule["unified_job_template"] == "Sentinel: drift"
    assert "RRULE:FREQ=DAILY" in schedule["rrule"]
    # Somebody fills it in, and nothing overwrites that.
    assert "inputs" not in awx.only("credential")


def test_the_workflow_asks_between_plan_and_activation(sliced: Awx) -> None:
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
    # The survey of the workflow is that of its jobs.
    for name in ("Sentinel: plan", "Sentinel: activate"):
        assert survey(templates[name]) == survey(awx.only("workflow_job_template"))


@pytest.mark.parametrize("declared_by", ["inventory", "file"])
def test_who_launches_only_answers_the_survey(awx: Awx, declared_by: str) -> None:
    """AWX lets the variables of a launch outrank artifacts: with them, an approved plan could be replaced."""
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


def test_slices(sliced: Awx) -> None:
    """The activation is sliced, the plan is not; the slices share the rate; no job activates beside another one."""
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
    # Each slice would activate all of a file.
    assert "fleet_src" not in survey(activate)
    source = awx.only("inventory_source")
    assert (source["source"], source["source_path"]) == ("scm", "fleet.sentinel.yml")
    assert source["overwrite"]
    assert source["update_on_launch"]


def test_a_fleet_in_a_file(awx: Awx) -> None:
    """The survey asks for the file, and nothing is sliced, whatever is said."""
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


def test_what_is_switched_off_is_gone(awx: Awx) -> None:
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


def test_a_source_from_before_is_not_left_with_its_hosts(awx: Awx) -> None:
    """AWX keeps the hosts of a source that is removed by its modules, and a later plan would count them."""
    awx(project_url=URL)
    before = awx.state()
    run = awx(project_url=URL, fleet="file", expect_rc=2)
    told = run["Check the variables"].msg
    assert "the inventory 'Sentinel fleet' already has a source" in told
    assert "delete the source in AWX (Inventories, the inventory, Sources), which also deletes its hosts" in told
    assert awx.state() == before
    awx(project_url=URL, fleet="file", inventory_name="No hosts")
    assert [source["inventory"] for source in awx.state()["inventory_source"].values()] == ["Sentinel fleet"]


def test_an_update_of_the_inventory_finds_the_collection(sliced: Awx) -> None:
    """AWX 24.6.1 tells it by ANSIBLE_COLLECTIONS_PATHS alone, which ansible-core has ignored since 2.19."""
    variables = sliced.only("inventory_source")["source_vars"]
    places = ["/runner/requirements_collections", "~/.ansible/collections", "/usr/share/ansible/collections"]
    assert variables == {"ANSIBLE_COLLECTIONS_PATH": ":".join(places)}
    # It is a variable that Ansible reads, in all versions of the collection's.
    known = {entry["name"] for entry in base_settings()["COLLECTIONS_PATHS"]["env"]}
    assert set(variables) <= known
    assert "ANSIBLE_COLLECTIONS_PATHS" not in known
    # AWX refuses these, and passes on all others.
    assert not set(variables) & {"HOME", "USER", "_", "TERM", "PATH"}


def base_settings() -> dict[str, Any]:
    """The settings of the ansible-core that is installed, as it declares them."""
    text = (importlib.resources.files("ansible") / "config" / "base.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_permissions(awx: Awx) -> None:
    """Who approves or launches can read what the jobs say, and launch none of them alone."""
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
    # Where nobody is named, nobody's permissions change.
    awx(project_url=URL)
    assert len(awx.state()["role"]) == 9
    run = awx(project_url=URL, approvers={"teams": ["Nobody"]}, expect_rc=2)
    assert "team 'Nobody'" in run["Grant permission to approve"].msg


def test_a_job_that_waits_by_itself(awx: Awx) -> None:
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


def test_notifications(awx: Awx) -> None:
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
    # Left out, they stay; named by an empty list, none is attached.
    awx(project_url=URL)
    assert awx.state()["job_template"]["Sentinel: plan"]["notification_templates_error"]
    awx(project_url=URL, notifications=[])
    assert awx.state()["job_template"]["Sentinel: plan"]["notification_templates_error"] == []
    run = awx(project_url=URL, notifications=[{"name": "Nowhere"}], expect_rc=2)
    assert '"Nowhere" does not exist in the organization' in run["Check the variables"].msg


def test_names_and_variables_of_ones_own(awx: Awx) -> None:
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
    # The project was there, and is left alone; nothing is scheduled.
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


def test_values_of_the_credential(awx: Awx) -> None:
    awx(project_url=URL, corp_id="NORTHSTAR-ISD", api_token=SECRETS["api_token"])
    assert awx.only("credential")["inputs"] == {"corp_id": "NORTHSTAR-ISD", "api_token": SECRETS["api_token"]}
    # What it has stays, unless that is said.
    awx(project_url=URL, api_token="another")
    assert awx.only("credential")["inputs"]["api_token"] == SECRETS["api_token"]
    awx(project_url=URL, api_token="another", update_secrets=True)
    assert awx.only("credential")["inputs"] == {"api_token": "another"}


def test_no_secret_is_shown(awx: Awx) -> None:
    run = awx(project_url=URL, update_secrets=True, api_username="fleet@northstar.example", **SECRETS)
    assert set(SECRETS.values()) < set(awx.only("credential")["inputs"].values())
    for secret in SECRETS.values():
        assert secret not in run.output
        assert secret not in run.raw


def test_two_organizations(awx: Awx) -> None:
    """Each has its own, under the same names, and neither notices the other one."""
    organizations = ("Default", "School buses")
    for organization in organizations:
        awx(project_url=URL, organization=organization)
    run = awx(project_url=URL, organization="Default")
    assert not [outcome.name for outcome in run if outcome.changed]
    mine, other = (awx.state(organization) for organization in organizations)
    assert {kind: list(found) for kind, found in mine.items()} == {kind: list(found) for kind, found in other.items()}
    assert {len(found) for kind, found in mine.items() if kind != "job_template"} == {1, 3}


def test_check_mode(awx: Awx) -> None:
    """It says what a run would do; what is not there has no id, and is called by its name."""
    awx(project_url=URL)
    before = awx.state()
    run = awx(check=True, project_url=URL, credential_name="Another", slices=3, expect_rc=2)
    assert "there is no credential 'Another'" in run["Create the inventory source"].msg
    run = awx(check=True, project_url=URL, slices=3)
    assert [outcome.name for outcome in run if outcome.changed] == ["Create the activation job template"]
    assert awx.state() == before


def test_a_project_that_does_not_exist(awx: Awx) -> None:
    run = awx(expect_rc=2)
    told = run["Check the variables"].msg
    assert "the organization 'Default' has no project 'Sentinel fleet'; use the name of an existing project" in told
    assert awx.state() == {}


def test_all_that_is_wrong_is_said_at_once(awx: Awx) -> None:
    """And before anything is made."""
    awx.has("project", "Sentinel fleet", "School buses")
    before = awx.state()
    wrong: dict[str, Any] = {"execution_environment_image": "ees/sentinel:1", "slices": 4}
    run = awx(expect_rc=2, **wrong, requests_per_minute=3, concurrency=2)
    told = run["Check the variables"].msg
    assert "the organization 'Default' has no project 'Sentinel fleet'" in told
    assert "awx_setup_execution_environment_name is required with awx_setup_execution_environment_image" in told
    assert "awx_setup_requests_per_minute must be at least 4, one request per minute for each slice, not 3" in told
    assert "awx_setup_concurrency must be at least 4, one request for each slice, not 2" in told
    run = awx(expect_rc=2, organization="School buses", execution_environment_name="EE", slices=0)
    told = run["Check the variables"].msg
    assert "project" not in told
    assert "execution environment 'EE' does not exist; set awx_setup_execution_environment_image" in told
    assert "awx_setup_slices must be at least 1, not 0" in told
    assert awx.state() == before


def test_wrong_arguments(awx: Awx) -> None:
    run = awx(expect_rc=2, project_url=URL, fleet="hosts")
    assert "value of awx_setup_fleet must be one of: inventory, file" in json.dumps([out.data for out in run])
    assert awx.state() == {}
