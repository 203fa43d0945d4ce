# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in the objects of the role awx_setup: the collection reads them, and the guides show them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx import Awx, launch_problems, playbook_variables, role_options, survey
from harness.devices import fleet
from harness.fleets import csv_file, result
from harness.places import collection_root
from harness.playbooks import Playbooks
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME, Simulator
from harness.snippets import blocks, commands
from jinja2.sandbox import ImmutableSandboxedEnvironment

GUIDE = "docs/docsite/rst/awx.rst"
BY_HAND = "docs/docsite/rst/awx_by_hand.rst"
EVENTS = "docs/docsite/rst/events.rst"
#: Type of a role's option → types of survey questions for it.
QUESTIONS = {"str": ("text", "multiplechoice"), "path": ("text",), "raw": ("integer", "textarea")}


@pytest.fixture(scope="module")
def by_inventory(tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX after the guide's command with the guide's settings: the inventory declares the fleet."""
    awx = Awx(tmp_path_factory.mktemp("by_inventory"))
    settings = guides_settings()
    for people in ("launchers", "approvers"):
        for team in settings[people]["teams"]:
            awx.has("team", team, "Default")
    playbook, given = guides_command()
    awx(playbook, **{**settings, **given, "concurrency": 8})
    return awx


@pytest.fixture(scope="module")
def by_file(tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX after the role with the guide's notifications: a file declares the fleet."""
    awx = Awx(tmp_path_factory.mktemp("by_file"))
    notifications = guides_notifications()
    for entry in notifications:
        if "type" not in entry:
            awx.has("notification_template", entry["name"], "Default")
    given = {"fleet": "file", "requests_per_minute": 60, "concurrency": 8, "notifications": notifications}
    awx(project_url="https://git.example.com/fleet.git", **given)
    return awx


@pytest.fixture(scope="module", params=["inventory", "file"])
def awx(request: pytest.FixtureRequest) -> Awx:
    """An AWX after the role, for both ways to declare a fleet. Tests do not change it."""
    made: Awx = request.getfixturevalue(f"by_{request.param}")
    return made


@pytest.fixture(scope="module")
def options() -> dict[str, dict[str, Any]]:
    """The options of the inventory plugin by ansible-doc, which include those that all plugins share."""
    command = ["ansible-doc", "-t", "inventory", "--json", "kajeet.sentinel.sentinel"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    documented: dict[str, dict[str, Any]] = json.loads(output)["kajeet.sentinel.sentinel"]["doc"]["options"]
    return documented


def env_of(options: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Environment variable → option."""
    return {entry["name"]: name for name, option in options.items() for entry in option.get("env", ())}


def injected(awx: Awx, values: dict[str, str]) -> dict[str, str]:
    """The environment variables that AWX sets for a job. Inputs without a value make empty ones."""
    sandbox = ImmutableSandboxedEnvironment()
    templates = awx.only("credential_type")["injectors"]["env"]
    return {name: sandbox.from_string(text).render(**values) for name, text in templates.items()}


def test_plugins_read_each_injected_variable(awx: Awx, options: dict[str, dict[str, Any]]) -> None:
    injectors = awx.only("credential_type")["injectors"]
    assert set(injectors) == {"env"}
    known = env_of(options)
    inputs = {field["id"] for field in awx.only("credential_type")["inputs"]["fields"]}
    # Each input has the name of the option that gets its value.
    assert {known[name] for name in injectors["env"]} == inputs
    values = {name: f"<{name}>" for name in inputs}
    assert injected(awx, values) == {name: f"<{known[name]}>" for name in injectors["env"]}
    assert not [name for name in injectors["env"] if name.startswith("ANSIBLE_")]


def test_inputs_for_secrets_are_secret(awx: Awx) -> None:
    fields = awx.only("credential_type")["inputs"]["fields"]
    assert {field["id"] for field in fields if field.get("secret")} == {"api_token", "api_password"}
    assert "required" not in awx.only("credential_type")["inputs"]
    assert awx.only("credential_type")["kind"] == "cloud"


def test_without_a_url_the_published_one_is_injected(awx: Awx, options: dict[str, dict[str, Any]]) -> None:
    assert injected(awx, {})["SENTINEL_API_URL"] == options["api_url"]["default"]


@pytest.mark.parametrize(
    "login", [{"api_token": TOKEN, "corp_id": CORP_ID}, {"api_username": USERNAME, "api_password": PASSWORD}]
)
def test_a_job_logs_in_with_the_injected_variables(
    by_inventory: Awx, by_file: Awx, sentinel: Simulator, tmp_path: Path, login: dict[str, str]
) -> None:
    """The other inputs are empty, and empty variables are ignored."""
    # One run is for both.
    assert by_inventory.only("credential_type") == by_file.only("credential_type")
    csv_file(tmp_path / "fleet.csv", fleet([1, 2]))
    env = injected(by_inventory, {"api_url": sentinel.api_url, **login})
    run = Playbooks(tmp_path)("kajeet.sentinel.plan", extra_vars={"fleet_src": "fleet.csv"}, env=env)
    assert result(run)["summary"] == {"would_activate": 2}


def test_each_survey_question_sets_an_existing_variable(awx: Awx) -> None:
    declared = role_options("fleet")
    templates = awx.state()["job_template"]
    for name, playbook in (("Sentinel: plan", "plan"), ("Sentinel: activate", "activate_hosts")):
        questions = survey(templates[name])
        assert questions
        assert not [variable for variable in questions if variable.startswith("ANSIBLE_")]
        for variable, question in questions.items():
            if variable in declared:
                assert question["type"] in QUESTIONS[declared[variable]["type"]]
                assert question.get("choices") == declared[variable].get("choices")
            else:
                assert variable in playbook_variables(playbook)
                assert question["type"] == "textarea"
            # AWX refuses a default of the wrong type, or that is not among the choices.
            assert question["default"] in question.get("choices", [question["default"]])
            assert isinstance(question["default"], int if question["type"] == "integer" else str)
    assert ("fleet_src" in survey(templates["Sentinel: plan"])) == ("inventory_source" not in awx.state())


def test_each_variable_of_a_template_exists(awx: Awx) -> None:
    templates = awx.state()["job_template"]
    for name, playbook in (
        ("Sentinel: plan", "plan"),
        ("Sentinel: activate", "activate_hosts"),
        ("Sentinel: drift", "drift"),
    ):
        assert templates[name]["extra_vars"]
        assert set(templates[name]["extra_vars"]) <= {*role_options("fleet"), *playbook_variables(playbook)}


def test_only_a_fleet_in_an_inventory_has_a_source(by_inventory: Awx, by_file: Awx) -> None:
    assert "inventory_source" in by_inventory.state()
    assert "inventory_source" not in by_file.state()


def test_the_project_has_the_playbooks_and_sources_of_the_templates(awx: Awx) -> None:
    project = collection_root() / "roles" / "awx_setup" / "files" / "project"
    for template in awx.state()["job_template"].values():
        assert (project / template["playbook"]).is_file()
    for source in awx.state().get("inventory_source", {}).values():
        config = yaml.safe_load((project / source["source_path"]).read_text(encoding="utf-8"))
        assert config["src"] == "fleet.csv"


def shown() -> list[Any]:
    """The parsed YAML blocks of the guides."""
    guides = [*blocks(GUIDE), *blocks(BY_HAND)]
    return [yaml.safe_load(block.text) for block in guides if block.language == "yaml"]


def test_the_guides_show_what_the_role_creates(awx: Awx) -> None:
    """So people who set AWX up by hand get the same objects."""
    credential_type = awx.only("credential_type")
    assert credential_type["inputs"] in shown()
    assert credential_type["injectors"] in shown()
    project = collection_root() / "roles" / "awx_setup" / "files" / "project"
    for path in project.rglob("*.yml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8")) in shown()
    for source in awx.state().get("inventory_source", {}).values():
        assert source["source_vars"] in shown()
        for template in awx.state()["job_template"].values():
            # The guide describes these in its text.
            shared = ("fleet_requests_per_minute", "fleet_concurrency", "fleet_slices")
            assert {name: value for name, value in template["extra_vars"].items() if name not in shared} in shown()


def guides_command() -> tuple[str, dict[str, str]]:
    """The playbook of the guide's command, and its variables without the role's prefix."""
    _install, _export, command = commands(blocks(GUIDE)[0].text)
    words = shlex.split(command)
    assert words[0] == "ansible-playbook"
    given = dict(word.split("=", 1) for word in words[2:] if word != "-e")
    return words[1], {name.removeprefix("awx_setup_"): value for name, value in given.items()}


def guides_settings() -> dict[str, Any]:
    """The guide's settings that most people want, without the role's prefix."""
    (settings,) = (block for block in shown() if "awx_setup_approvers" in block)
    return {name.removeprefix("awx_setup_"): value for name, value in settings.items()}


def guides_notifications() -> list[dict[str, Any]]:
    """The notifications that the guide shows by themselves."""
    (block,) = (block for block in shown() if list(block) == ["awx_setup_notifications"])
    notifications: list[dict[str, Any]] = block["awx_setup_notifications"]
    return notifications


def test_the_guides_command_sets_awx_up_including_the_execution_environment(by_inventory: Awx) -> None:
    playbook, given = guides_command()
    assert playbook == "kajeet.sentinel.awx_setup"
    assert by_inventory.only("execution_environment")["name"] == given["execution_environment_name"]
    for template in by_inventory.state()["job_template"].values():
        assert template["execution_environment"] == given["execution_environment_name"]


def test_the_guides_variables_set_permissions_and_notifications(by_inventory: Awx, by_file: Awx) -> None:
    assert permissions(by_inventory) == guides_permissions()
    (channel,) = guides_settings()["notifications"]
    plan = by_inventory.state()["job_template"]["Sentinel: plan"]
    assert plan["notification_templates_error"] == [channel["name"]]
    names = [entry["name"] for entry in guides_notifications()]
    assert by_file.state()["job_template"]["Sentinel: drift"]["notification_templates_error"] == names


def permissions(awx: Awx) -> set[tuple[str, str, str]]:
    """(grantee, permission, object), with the names of the guide."""
    workflow = awx.only("workflow_job_template")["name"]
    granted = set()
    for name in awx.state()["role"]:
        team, rest = name.split(": ", 1)
        role, on = rest.split(" ", 1)
        grantee = {"Fleet operators": "Launchers", "Fleet managers": "Approvers"}[team]
        granted.add((grantee, role, "the workflow" if on == workflow else on))
    return granted


def guides_permissions() -> set[tuple[str, str, str]]:
    """(grantee, permission, object) of the guide's table."""
    text = (collection_root() / GUIDE).read_text(encoding="utf-8")
    table = text.partition("\nWho may do what\n")[2].partition("\nWithout *read*")[0]
    cells = re.findall(r"^   [* ] - (.+)$", table, re.MULTILINE)
    assert cells[:3] == ["Who", "Permission", "On"]
    granted = set()
    for who, permission, on in zip(cells[3::3], cells[4::3], cells[5::3]):
        grantees = ("Launchers", "Approvers") if who == "Both" else (who,)
        things = re.findall(r"\*(.+?)\*", on) or [on]
        granted |= {(grantee, permission.strip("`"), thing) for grantee in grantees for thing in things}
    return granted


def launches() -> dict[str, Mapping[str, Any]]:
    """Place in guides and examples → variables of the workflow's launch."""
    variables: dict[str, Mapping[str, Any]] = {}
    for block in blocks(GUIDE):
        if block.language == "json":
            variables[block.key] = json.loads(block.text)["extra_vars"]
    rulebooks = [block.text for block in blocks(EVENTS) if "run_workflow_template" in block.text]
    example = (collection_root() / "extensions" / "eda" / "rulebooks" / "transactions.yml").read_text(encoding="utf-8")
    comment = "\n".join(line[2:] for line in example.splitlines() if line.startswith("#   "))
    actions = [rule["action"] for text in rulebooks for play in yaml.safe_load(text) for rule in play["rules"]]
    actions.append(yaml.safe_load(comment[comment.index("  run_workflow_template:") :]))
    for number, action in enumerate(action for action in actions if "run_workflow_template" in action):
        launch = action["run_workflow_template"]
        # With include_events, the launch would have a variable that is not in the survey.
        assert launch["include_events"] is False
        assert launch["name"] == "Sentinel: plan, approve, activate"
        variables[f"rulebook {number}"] = launch["job_args"]["extra_vars"]
    assert len(variables) == 3
    return variables


def test_awx_accepts_each_launch_of_the_guides(awx: Awx) -> None:
    workflow = awx.only("workflow_job_template")
    by_file = "inventory_source" not in awx.state()
    for where, variables in launches().items():
        given = {**variables, **({"fleet_src": "fleet.csv"} if by_file else {})}
        assert launch_problems(workflow, given) == [], where
        for name in given:
            less = {other: value for other, value in given.items() if other != name}
            assert launch_problems(workflow, less) == [f"variables_needed_to_start: {name}"], where
        assert launch_problems(workflow, {**given, "ansible_eda": {}}) == ["not allowed on launch: ansible_eda"]
    # Templates with a schedule must not have a survey with required answers.
    for schedule in awx.state()["schedule"].values():
        template = awx.state()["job_template"][schedule["unified_job_template"]]
        assert launch_problems(template, schedule.get("extra_data", {})) == []
