# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names in what the role makes: those that the collection itself reads, and those of its documentation."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx import Awx, playbook_variables, role_options, survey
from harness.devices import fleet
from harness.fleets import csv_file, result
from harness.places import collection_root
from harness.playbooks import Playbooks
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME, Simulator
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: The kinds of questions for the types of a role's options.
QUESTIONS = {"str": ("text", "multiplechoice"), "path": ("text",), "int": ("integer",), "raw": ("integer", "textarea")}


@pytest.fixture(scope="module", params=["inventory", "file"])
def awx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Awx:
    """An AWX that was set up, for both ways to declare a fleet."""
    made = Awx(tmp_path_factory.mktemp("awx"))
    made(project_url="https://git.example.com/fleet.git", fleet=request.param, requests_per_minute=60)
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


def blocks(language: str) -> list[Any]:
    """The blocks of that language in the guide, as they are parsed."""
    text = (collection_root() / "docs" / "docsite" / "rst" / "awx.rst").read_text(encoding="utf-8")
    found = []
    for part in text.split(f".. code-block:: {language}\n")[1:]:
        lines = part.splitlines()[1:]
        size = next((number for number, line in enumerate(lines) if line and not line.startswith("   ")), len(lines))
        found.append(yaml.safe_load("\n".join(line[3:] for line in lines[:size])))
    return found


def test_the_guide_shows_the_same(awx: Awx) -> None:
    """What is there for those who click is what the role makes."""
    shown = blocks("yaml")
    made = awx.only("credential_type")
    assert made["inputs"] in shown
    assert made["injectors"] in shown
    project = collection_root() / "roles" / "awx_setup" / "files" / "project"
    for path in ("plan.yml", "activate.yml", "drift.yml", "fleet.sentinel.yml", "collections/requirements.yml"):
        assert yaml.safe_load((project / path).read_text(encoding="utf-8")) in shown
    if "inventory_source" in awx.state():
        for template in awx.state()["job_template"].values():
            # The share of the rate is told in words.
            assert {
                name: value
                for name, value in template["extra_vars"].items()
                if name not in ("fleet_requests_per_minute", "fleet_slices")
            } in shown
