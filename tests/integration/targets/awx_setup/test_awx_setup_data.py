# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names in what the role makes: those that the collection itself reads, and those of its documentation."""

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
#: The kinds of questions for the types of a role's options.
QUESTIONS = {"str": ("text", "multiplechoice"), "path": ("text",), "raw": ("integer", "textarea")}


@pytest.fixture(scope="module", params=["inventory", "file"])
def awx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX that was set up, for both ways to declare a fleet."""
    made = Awx(tmp_path_factory.mktemp("awx"))
    given = {"fleet": request.param, "requests_per_minute": 60, "concurrency": 8}
    made(project_url="https://git.example.com/fleet.git", **given)
    return made


@pytest.fixture(scope="module")
def options() -> dict[str, dict[str, Any]]:
    """The options of the inventory plugin, as ansible-doc knows them. All plugins share them."""
    command = ["ansible-doc", "-t", "inventory", "--json", "kajeet.sentinel.sentinel"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    found: dict[str, dict[str, Any]] = told["kajeet.sentinel.sentinel"]["doc"]["options"]
    return found


def env_of(options: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Environment variable → option."""
    return {entry["name"]: name for name, option in options.items() for entry in option.get("env", ())}


def injected(awx: Awx, values: dict[str, str]) -> dict[str, str]:
    """What AWX puts into the environment of a job: an empty text where a template's input has no value."""
    sandbox = ImmutableSandboxedEnvironment()
    templates = awx.only("credential_type")["injectors"]["env"]
    return {name: sandbox.from_string(text).render(**values) for name, text in templates.items()}


def test_each_injected_variable_is_one_that_plugins_read(awx: Awx, options: dict[str, dict[str, Any]]) -> None:
    injectors = awx.only("credential_type")["injectors"]
    assert set(injectors) == {"env"}
    known = env_of(options)
    inputs = {field["id"] for field in awx.only("credential_type")["inputs"]["fields"]}
    # Each input is named after the option that it ends in.
    assert {known[name] for name in injectors["env"]} == inputs
    values = {name: f"<{name}>" for name in inputs}
    assert injected(awx, values) == {name: f"<{known[name]}>" for name in injectors["env"]}
    assert not [name for name in injectors["env"] if name.startswith("ANSIBLE_")]


def test_secrets_are_secret(awx: Awx) -> None:
    fields = awx.only("credential_type")["inputs"]["fields"]
    assert {field["id"] for field in fields if field.get("secret")} == {"api_token", "api_password"}
    assert "required" not in awx.only("credential_type")["inputs"]
    assert awx.only("credential_type")["kind"] == "cloud"


def test_without_a_url_the_published_one(awx: Awx, options: dict[str, dict[str, Any]]) -> None:
    assert injected(awx, {})["SENTINEL_API_URL"] == options["api_url"]["default"]


@pytest.mark.parametrize(
    "login", [{"api_token": TOKEN, "corp_id": CORP_ID}, {"api_username": USERNAME, "api_password": PASSWORD}]
)
def test_what_is_injected_reaches_the_service(
    awx: Awx, sentinel: Simulator, tmp_path: Path, login: dict[str, str]
) -> None:
    """The rest of the inputs is empty, and empty variables are in nobody's way."""
    csv_file(tmp_path / "fleet.csv", fleet([1, 2]))
    env = injected(awx, {"api_url": sentinel.api_url, **login})
    run = Playbooks(tmp_path)("kajeet.sentinel.plan", extra_vars={"fleet_src": "fleet.csv"}, env=env)
    assert result(run)["summary"] == {"would_activate": 2}


def test_each_question_is_about_a_variable_that_there_is(awx: Awx) -> None:
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
            # AWX refuses a default that is none of the choices, or no number.
            assert question["default"] in question.get("choices", [question["default"]])
            assert isinstance(question["default"], int if question["type"] == "integer" else str)
    assert ("fleet_src" in survey(templates["Sentinel: plan"])) == ("inventory_source" not in awx.state())


def test_each_variable_of_a_template_is_one_that_there_is(awx: Awx) -> None:
    templates = awx.state()["job_template"]
    for name, playbook in (
        ("Sentinel: plan", "plan"),
        ("Sentinel: activate", "activate_hosts"),
        ("Sentinel: drift", "drift"),
    ):
        assert templates[name]["extra_vars"]
        assert set(templates[name]["extra_vars"]) <= {*role_options("fleet"), *playbook_variables(playbook)}


def test_the_playbooks_of_the_project_are_those_of_the_templates(awx: Awx) -> None:
    project = collection_root() / "roles" / "awx_setup" / "files" / "project"
    for template in awx.state()["job_template"].values():
        assert (project / template["playbook"]).is_file()
    for source in awx.state().get("inventory_source", {}).values():
        config = yaml.safe_load((project / source["source_path"]).read_text(encoding="utf-8"))
        assert config["src"] == "fleet.csv"


def shown() -> list[Any]:
    """The YAML in the guides, parsed."""
    found = [*blocks(GUIDE), *blocks(BY_HAND)]
    return [yaml.safe_load(block.text) for block in found if block.language == "yaml"]


def test_the_guide_shows_the_same(awx: Awx) -> None:
    """What is there for those who click is what the role makes."""
    made = awx.only("credential_type")
    assert made["inputs"] in shown()
    assert made["injectors"] in shown()
    project = collection_root() / "roles" / "awx_setup" / "files" / "project"
    for path in project.rglob("*.yml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8")) in shown()
    for source in awx.state().get("inventory_source", {}).values():
        assert source["source_vars"] in shown()
        for template in awx.state()["job_template"].values():
            # What slices share is told in words.
            shared = ("fleet_requests_per_minute", "fleet_concurrency", "fleet_slices")
            assert {name: value for name, value in template["extra_vars"].items() if name not in shared} in shown()


def test_the_guides_command_sets_awx_up(tmp_path: Path) -> None:
    """It makes all that it says that it makes, the execution environment included."""
    _install, _export, command = commands(blocks(GUIDE)[0].text)
    words = shlex.split(command)
    assert words[:2] == ["ansible-playbook", "kajeet.sentinel.awx_setup"]
    given = dict(word.split("=", 1) for word in words[2:] if word != "-e")
    awx = Awx(tmp_path)
    awx("kajeet.sentinel.awx_setup", **{name.removeprefix("awx_setup_"): value for name, value in given.items()})
    assert awx.only("execution_environment")["name"] == given["awx_setup_execution_environment_name"]
    for template in awx.state()["job_template"].values():
        assert template["execution_environment"] == given["awx_setup_execution_environment_name"]


def test_the_guides_settings_are_taken(tmp_path: Path) -> None:
    """The file of variables, and the notifications; their secrets come from the environment."""
    (settings,) = (found for found in shown() if "awx_setup_approvers" in found)
    (other,) = (found for found in shown() if list(found) == ["awx_setup_notifications"])
    awx = Awx(tmp_path)
    for who in ("awx_setup_launchers", "awx_setup_approvers"):
        for team in settings[who]["teams"]:
            awx.has("team", team, "Default")
    for entry in other["awx_setup_notifications"]:
        if "type" not in entry:
            awx.has("notification_template", entry["name"], "Default")
    awx(**{name.removeprefix("awx_setup_"): value for name, value in settings.items()})
    assert permissions(awx) == guides_permissions()
    (channel,) = settings["awx_setup_notifications"]
    assert awx.state()["job_template"]["Sentinel: plan"]["notification_templates_error"] == [channel["name"]]
    awx(project_url="https://git.example.com/fleet.git", notifications=other["awx_setup_notifications"])
    names = [entry["name"] for entry in other["awx_setup_notifications"]]
    assert awx.state()["job_template"]["Sentinel: drift"]["notification_templates_error"] == names


def permissions(awx: Awx) -> set[tuple[str, str, str]]:
    """Who got which permission on what, by the names that the guide uses."""
    workflow = awx.only("workflow_job_template")["name"]
    found = set()
    for name in awx.state()["role"]:
        team, rest = name.split(": ", 1)
        role, on = rest.split(" ", 1)
        who = {"Fleet operators": "Launchers", "Fleet managers": "Approvers"}[team]
        found.add((who, role, "the workflow" if on == workflow else on))
    return found


def guides_permissions() -> set[tuple[str, str, str]]:
    """The table of permissions in the guide."""
    text = (collection_root() / GUIDE).read_text(encoding="utf-8")
    table = text.partition("\nWho may do what\n")[2].partition("\nWithout *read*")[0]
    cells = re.findall(r"^   [* ] - (.+)$", table, re.MULTILINE)
    assert cells[:3] == ["Who", "Permission", "On"]
    found = set()
    for who, permission, on in zip(cells[3::3], cells[4::3], cells[5::3]):
        people = ("Launchers", "Approvers") if who == "Both" else (who,)
        things = re.findall(r"\*(.+?)\*", on) or [on]
        found |= {(person, permission.strip("`"), thing) for person in people for thing in things}
    return found


def launches() -> dict[str, Mapping[str, Any]]:
    """The variables of each launch of the workflow that guides and examples show, by where it is."""
    found: dict[str, Mapping[str, Any]] = {}
    for block in blocks(GUIDE):
        if block.language == "json":
            found[block.key] = json.loads(block.text)["extra_vars"]
    rulebooks = [block.text for block in blocks(EVENTS) if "run_workflow_template" in block.text]
    example = (collection_root() / "extensions" / "eda" / "rulebooks" / "transactions.yml").read_text(encoding="utf-8")
    comment = "\n".join(line[2:] for line in example.splitlines() if line.startswith("#   "))
    actions = [rule["action"] for text in rulebooks for play in yaml.safe_load(text) for rule in play["rules"]]
    actions.append(yaml.safe_load(comment[comment.index("  run_workflow_template:") :]))
    for number, action in enumerate(action for action in actions if "run_workflow_template" in action):
        launch = action["run_workflow_template"]
        # The events would be a variable that the survey does not ask for.
        assert launch["include_events"] is False
        assert launch["name"] == "Sentinel: plan, approve, activate"
        found[f"rulebook {number}"] = launch["job_args"]["extra_vars"]
    assert len(found) == 3
    return found


def test_each_launch_of_the_guides_is_one_that_awx_accepts(awx: Awx) -> None:
    workflow = awx.only("workflow_job_template")
    by_file = "inventory_source" not in awx.state()
    for where, variables in launches().items():
        given = {**variables, **({"fleet_src": "fleet.csv"} if by_file else {})}
        assert launch_problems(workflow, given) == [], where
        for name in given:
            less = {other: value for other, value in given.items() if other != name}
            assert launch_problems(workflow, less) == [f"variables_needed_to_start: {name}"], where
        assert launch_problems(workflow, {**given, "ansible_eda": {}}) == ["not allowed on launch: ansible_eda"]
    # What is launched by a schedule has no survey, as the schedule answers none.
    for schedule in awx.state()["schedule"].values():
        template = awx.state()["job_template"][schedule["unified_job_template"]]
        assert launch_problems(template, schedule.get("extra_data", {})) == []
