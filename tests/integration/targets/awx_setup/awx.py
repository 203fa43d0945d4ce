# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AWX that is none: the modules of awx.awx as they are called, with what they would have made."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from harness.places import collection_root
from harness.playbooks import Playbooks, Run

HERE = Path(__file__).resolve().parent
ROLE = "kajeet.sentinel.awx_setup"


class Awx:
    """Runs the role, or a playbook, where the modules of awx.awx only note what they are told.

    Args:
        directory: for the collection awx.awx, the notes and the playbooks.
    """

    def __init__(self, directory: Path) -> None:
        self._records = directory / "records"
        self._records.mkdir()
        shutil.copyfile(HERE / "awx_options.json", self._records / "options.json")
        modules = directory / "collections" / "ansible_collections" / "awx" / "awx" / "plugins" / "modules"
        modules.mkdir(parents=True)
        for name in json.loads((HERE / "awx_options.json").read_text(encoding="utf-8")):
            shutil.copyfile(HERE / "recorder.py", modules / f"{name}.py")
        paths = [str(directory / "collections"), os.environ["ANSIBLE_COLLECTIONS_PATH"]]
        self._env = {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths), "AWX_RECORDS": str(self._records)}
        self._playbook = Playbooks(directory)

    def __call__(self, playbook: str | None = None, expect_rc: int = 0, check: bool = False, **variables: Any) -> Run:
        """Runs the role with these variables, without their prefix; or the playbook of that name."""
        given = {f"awx_setup_{name}": value for name, value in variables.items()}
        role = {"name": "Set up", "ansible.builtin.include_role": {"name": ROLE}}
        return self._playbook(
            playbook or role, check=check, extra_vars=given, env=self._env, expect_rc=expect_rc, verbosity=3
        )

    def has(self, kind: str, name: str, organization: str | None = None) -> None:
        """Has something exist beforehand."""
        things = self._things()
        number = max((thing["id"] for thing in things), default=100) + 1
        things.append({"kind": kind, "id": number, "name": name, "parent": organization, "given": {"name": name}})
        (self._records / "state.json").write_text(json.dumps(things), encoding="utf-8")

    def _things(self) -> list[dict[str, Any]]:
        path = self._records / "state.json"
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        return found

    def state(self, organization: str | None = None) -> dict[str, dict[str, Any]]:
        """What there is, of one organization or of the only one: kind → name → what was said of it."""
        found: dict[str, dict[str, Any]] = {}
        for thing in self._things():
            if organization is None or thing["given"].get("organization", organization) == organization:
                names = found.setdefault(thing["kind"], {})
                assert thing["name"] not in names, f"which organization's {thing['kind']} {thing['name']}?"
                names[thing["name"]] = thing["given"]
        return found

    def calls(self) -> list[dict[str, Any]]:
        """The calls so far, each with `module` and what was `given`."""
        lines = (self._records / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def only(self, kind: str) -> dict[str, Any]:
        """The only thing of a kind."""
        found = list(self.state().get(kind, {}).values())
        assert len(found) == 1, found
        only: dict[str, Any] = found[0]
        return only

    def nodes(self) -> dict[str, dict[str, Any]]:
        """The nodes of the only workflow, by identifier."""
        return {node["identifier"]: node for node in self.state()["workflow_job_template_node"].values()}


def role_options(role: str) -> dict[str, dict[str, Any]]:
    """The options that a role of the collection declares."""
    path = collection_root() / "roles" / role / "meta" / "argument_specs.yml"
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"][
        "options"
    ]
    return found


def playbook_variables(name: str) -> set[str]:
    """The variables that a playbook of the collection describes at its top."""
    text = (collection_root() / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    head = text.partition("\n- name:")[0]
    lines = re.findall(r"^#   ((?:\w+, )*\w+) {2,}\S", head, re.MULTILINE)
    return {variable for line in lines for variable in line.split(", ")}


def survey(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The questions of a template's survey, by variable."""
    assert template["survey_enabled"]
    return {question["variable"]: question for question in template["survey_spec"]["spec"]}


def launch_problems(template: Mapping[str, Any], variables: Mapping[str, Any]) -> list[str]:
    """Why AWX (24.6.1) refuses to launch a template with these extra variables: by API, by a schedule, by a rulebook.

    Required answers have no default there, and where variables are not asked for, only those of the survey are taken.
    """
    questions = survey(template) if template.get("survey_enabled") else {}
    problems = [
        f"variables_needed_to_start: {name}"
        for name, question in questions.items()
        if question["required"] and name not in variables
    ]
    for name, value in variables.items():
        question = questions.get(name)
        if question is None:
            if not template["ask_variables_on_launch"]:
                problems.append(f"not allowed on launch: {name}")
        elif question["type"] == "integer":
            if not isinstance(value, int) or not question["min"] <= value <= question["max"]:
                problems.append(f"{name}: must be a whole number from {question['min']} to {question['max']}")
        elif not isinstance(value, str) or not question["min"] <= len(value) <= question["max"]:
            problems.append(f"{name}: must be a text of {question['min']} to {question['max']} characters")
        elif value not in question.get("choices", [value]):
            problems.append(f"{name}: must be one of {question['choices']}")
    return problems
