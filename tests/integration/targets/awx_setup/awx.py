# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake AWX: records calls of the modules of awx.awx and the objects that they would create."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from harness.places import collection_root
from harness.playbooks import Playbooks, Run

HERE = Path(__file__).resolve().parent
ROLE = "kajeet.sentinel.awx_setup"


@functools.cache
def collections() -> Path:
    """A path with the collection awx.awx. All tests share it, so that Ansible packs the modules only once."""
    path = Path(tempfile.mkdtemp(prefix="awx-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    modules = path / "ansible_collections" / "awx" / "awx" / "plugins" / "modules"
    modules.mkdir(parents=True)
    for name in json.loads((HERE / "awx_options.json").read_text(encoding="utf-8")):
        shutil.copyfile(HERE / "recorder.py", modules / f"{name}.py")
    return path


class Awx:
    """Runs the role or a playbook with modules of awx.awx that only record their arguments.

    Args:
        directory: for the records and the playbooks.
    """

    def __init__(self, directory: Path) -> None:
        self._records = directory / "records"
        self._records.mkdir()
        shutil.copyfile(HERE / "awx_options.json", self._records / "options.json")
        paths = [str(collections()), os.environ["ANSIBLE_COLLECTIONS_PATH"]]
        self._env = {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths), "AWX_RECORDS": str(self._records)}
        self._playbook = Playbooks(directory)

    def copy(self, directory: Path) -> Awx:
        """A copy of this AWX in another directory, to change without a further set-up."""
        copied = Awx(directory)
        shutil.copytree(self._records, copied._records, dirs_exist_ok=True)
        return copied

    def __call__(self, playbook: str | None = None, expect_rc: int = 0, check: bool = False, **variables: Any) -> Run:
        """Runs the role, or the playbook of that name, with variables whose names lack the role's prefix."""
        given = {f"awx_setup_{name}": value for name, value in variables.items()}
        role = {"name": "Set up", "ansible.builtin.include_role": {"name": ROLE}}
        return self._playbook(
            playbook or role, check=check, extra_vars=given, env=self._env, expect_rc=expect_rc, verbosity=3
        )

    def has(self, kind: str, name: str, organization: str | None = None) -> None:
        """Adds an existing object."""
        things = self._things()
        number = max((thing["id"] for thing in things), default=100) + 1
        things.append({"kind": kind, "id": number, "name": name, "parent": organization, "given": {"name": name}})
        (self._records / "state.json").write_text(json.dumps(things), encoding="utf-8")

    def _things(self) -> list[dict[str, Any]]:
        path = self._records / "state.json"
        things: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        return things

    def state(self, organization: str | None = None) -> dict[str, dict[str, Any]]:
        """The objects of an organization, or of the only one: kind → name → arguments."""
        kinds: dict[str, dict[str, Any]] = {}
        for thing in self._things():
            if organization is None or thing["given"].get("organization", organization) == organization:
                names = kinds.setdefault(thing["kind"], {})
                assert thing["name"] not in names, f"two organizations have a {thing['kind']} {thing['name']}"
                names[thing["name"]] = thing["given"]
        return kinds

    def calls(self) -> list[dict[str, Any]]:
        """The calls so far, each with `module` and its arguments, `given`."""
        lines = (self._records / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def only(self, kind: str) -> dict[str, Any]:
        """The only object of a kind."""
        objects = list(self.state().get(kind, {}).values())
        assert len(objects) == 1, objects
        only: dict[str, Any] = objects[0]
        return only

    def nodes(self, organization: str | None = None) -> dict[str, dict[str, Any]]:
        """The nodes of the only workflow of an organization, by identifier."""
        return {node["identifier"]: node for node in self.state(organization)["workflow_job_template_node"].values()}


def role_options(role: str) -> dict[str, dict[str, Any]]:
    """The options that a role of the collection declares."""
    path = collection_root() / "roles" / role / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    options: dict[str, dict[str, Any]] = specs["main"]["options"]
    return options


def playbook_variables(name: str) -> set[str]:
    """The variables that the comment at the top of a playbook describes."""
    text = (collection_root() / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    head = text.partition("\n- name:")[0]
    lines = re.findall(r"^#   ((?:\w+, )*\w+) {2,}\S", head, re.MULTILINE)
    return {variable for line in lines for variable in line.split(", ")}


def survey(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The questions of a template's survey, by variable."""
    assert template["survey_enabled"]
    return {question["variable"]: question for question in template["survey_spec"]["spec"]}


def launch_problems(template: Mapping[str, Any], variables: Mapping[str, Any]) -> list[str]:
    """Why AWX (24.6.1) refuses to launch a template with these extra variables, by API, schedule or rulebook.

    Such a launch does not use the survey's defaults. Without ask_variables_on_launch, AWX accepts only variables of
    the survey.
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
