# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for a module of awx.awx: takes the same options, keeps what it is told, and refuses what does not exist.

It finds things as those modules do: by name or id, in the given organization where they look there, and elsewhere in
all of them; two of a name are an error then. It is put into a collection under each of the modules' names. AWX_RECORDS
names a directory with options.json, the options of each module; state.json, what there is; and calls.jsonl, the
arguments of each call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

#: Where a module's options name what another module makes.
REFERENCES = {
    "credential_type": "credential_type",
    "credential": "credential",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "default_environment": "execution_environment",
    "project": "project",
    "source_project": "project",
    "inventory": "inventory",
    "unified_job_template": "job_template",
    "workflow_job_template": "workflow_job_template",
    "notification_templates_error": "notification_template",
    # Of the module role: on what, and for whom
    "workflows": "workflow_job_template",
    "job_templates": "job_template",
    "teams": "team",
    "users": "user",
}
#: The references that are looked for in one organization, and the option that says in which.
IN_ORGANIZATION = {
    ("inventory_source", "inventory"): "organization",
    ("inventory_source", "source_project"): "organization",
    ("job_template", "project"): "organization",
    ("schedule", "unified_job_template"): "organization",
    ("workflow_job_template_node", "workflow_job_template"): "organization",
    ("workflow_job_template_node", "unified_job_template"): "lookup_organization",
    ("role", "workflows"): "lookup_organization",
    ("role", "job_templates"): "lookup_organization",
    ("role", "teams"): "lookup_organization",
}
#: The references that take no id.
BY_NAME = {("schedule", "unified_job_template")}
#: What a name is unique in: the organization, a thing that it belongs to, or, for all others, the whole of AWX.
WITHIN = {
    "credential": "organization",
    "project": "organization",
    "inventory": "organization",
    "job_template": "organization",
    "workflow_job_template": "organization",
    "notification_template": "organization",
    "inventory_source": "inventory",
    "schedule": "unified_job_template",
    "workflow_job_template_node": "workflow_job_template",
}
Thing = dict[str, Any]
NODE = "workflow_job_template_node"
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


class NotOne(Exception):
    """Nothing is called so, or several things are."""


def find(things: list[Thing], kind: str, name: str, *parents: int | str | None) -> Thing:
    """The only thing of a kind with that name or id; of these parents, where there are any."""
    found = [
        thing
        for thing in things
        if thing["kind"] == kind
        and name in (thing["name"], str(thing["id"]))
        and (not parents or thing["parent"] in parents)
    ]
    found = [thing for thing in found if str(thing["id"]) == name] or found
    if not found:
        raise NotOne(f"there is no {kind} {name!r}")
    if len(found) > 1:
        raise NotOne(f"Request to {kind} {name!r} returned {len(found)} items, expected 1")
    return found[0]


def referred(things: list[Thing], module: str, option: str, name: str, given: Mapping[str, Any]) -> Thing:
    """What an option refers to by this name."""
    scope = IN_ORGANIZATION.get((module, option))
    if (module, option) in BY_NAME and name.isdecimal():
        raise NotOne(f"{module} looks for its {option} by name, and there is none of the name {name!r}")
    return find(things, REFERENCES[option], name, *([given[scope]] if scope in given else []))


def parent_of(things: list[Thing], module: str, given: Mapping[str, Any]) -> int | str | None:
    """What the name is unique in: an organization's name, or the id of another thing."""
    option = WITHIN.get(module)
    if option not in REFERENCES:
        return given.get(option or "")
    parent: int = referred(things, module, option, given[option], given)["id"]
    return parent


def with_names(things: list[Thing], module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, with names in the place of ids. All that is referred to has to exist."""
    told = dict(given)
    for option, value in given.items():
        if option in REFERENCES and isinstance(value, list):
            told[option] = [referred(things, module, option, name, given)["name"] for name in value]
        elif option in REFERENCES:
            told[option] = referred(things, module, option, value, given)["name"]
        for name in value if option in LINKS else ():
            find(things, NODE, name, parent_of(things, module, given))
    return told


def permit(things: list[Thing], given: Mapping[str, Any]) -> dict[str, Any]:
    """Grants a role on things to teams and users; returns the module's result."""
    told = with_names(things, "role", given)
    on = [(option, name) for option in ("workflows", "job_templates") for name in told.get(option, ())]
    who = [(option, name) for option in ("teams", "users") for name in told.get(option, ())]
    wanted = [f"{name}: {given['role']} {what}" for _kind, name in who for _option, what in on]
    known = {thing["name"] for thing in things if thing["kind"] == "role"}
    new = [name for name in wanted if name not in known]
    number = max((thing["id"] for thing in things), default=100)
    for place, name in enumerate(new, 1):
        things.append({"kind": "role", "id": number + place, "name": name, "parent": None, "given": {"name": name}})
    return {"changed": bool(new)}


def carry_out(things: list[Thing], module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Does to `things` what is asked for; returns the module's result."""
    if module == "role":
        return permit(things, given)
    name = given["identifier"] if module == NODE else given["name"]
    parent = parent_of(things, module, given)
    known = next((t for t in things if (t["kind"], t["parent"]) == (module, parent) and t["name"] == name), None)
    if given["state"] == "absent":
        things[:] = [thing for thing in things if thing is not known]
        return {"changed": known is not None}
    if known and given["state"] == "exists":
        return {"changed": False, "id": known["id"]}
    told = with_names(things, module, given)
    if not known:
        number = max((thing["id"] for thing in things), default=100) + 1
        known = {"kind": module, "id": number, "name": name, "parent": parent, "given": {}}
        things.append(known)
    old = known["given"]
    # AWX tells nobody the secrets that it has: it may be told to leave them.
    kept = {"inputs": old["inputs"]} if given.get("update_secrets") is False and "inputs" in old else {}
    known["given"] = {**old, **told, **kept}
    return {"changed": known["given"] != old, "id": known["id"]}


def main() -> None:
    """Runs the module."""
    name = __spec__.name.rpartition(".")[2]
    records = Path(os.environ["AWX_RECORDS"])
    specs = json.loads((records / "options.json").read_text(encoding="utf-8"))
    module = AnsibleModule(argument_spec=specs[name], supports_check_mode=True)
    given = {option: value for option, value in module.params.items() if value is not None}
    with open(records / "calls.jsonl", "a", encoding="utf-8") as calls:
        calls.write(json.dumps({"module": name, "given": given}) + "\n")

    path = records / "state.json"
    things: list[Thing] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    before = {thing["id"] for thing in things}
    try:
        result = carry_out(things, name, given)
    except NotOne as error:
        module.fail_json(msg=str(error))
    if not module.check_mode:
        path.write_text(json.dumps(things), encoding="utf-8")
    elif result.get("id") not in before:
        # What is only said to be made has no id.
        result.pop("id", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
