# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces a module of awx.awx: has the same options, records its arguments, and refuses missing references.

It finds objects as the real modules do: by name or id, within the given organization if the module uses it, otherwise
in all organizations, where an ambiguous name is an error. It is copied into a collection under the name of each module.
AWX_RECORDS names a directory with options.json, the options of each module; state.json, the existing objects; and
calls.jsonl, the arguments of each call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

#: Option that refers to another object → kind of that object.
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
    # Of the module role: objects, and those who get the role
    "workflows": "workflow_job_template",
    "job_templates": "job_template",
    "teams": "team",
    "users": "user",
}
#: (module, option) of references within an organization → option that names the organization.
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
#: References that do not accept an id.
BY_NAME = {("schedule", "unified_job_template")}
#: Module → option within whose value names are unique. Names of other kinds are unique in the whole of AWX.
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
    """A name that does not exist, or is ambiguous."""


def find(things: list[Thing], kind: str, name: str, *parents: int | str | None) -> Thing:
    """The only object of a kind with that name or id, within one of these parents if given."""
    matches = [
        thing
        for thing in things
        if thing["kind"] == kind
        and name in (thing["name"], str(thing["id"]))
        and (not parents or thing["parent"] in parents)
    ]
    matches = [thing for thing in matches if str(thing["id"]) == name] or matches
    if not matches:
        raise NotOne(f"there is no {kind} {name!r}")
    if len(matches) > 1:
        raise NotOne(f"Request to {kind} {name!r} returned {len(matches)} items, expected 1")
    return matches[0]


def referred(things: list[Thing], module: str, option: str, name: str, given: Mapping[str, Any]) -> Thing:
    """The object that an option refers to by this name."""
    scope = IN_ORGANIZATION.get((module, option))
    if (module, option) in BY_NAME and name.isdecimal():
        raise NotOne(f"{module} looks for its {option} by name, and the name {name!r} does not exist")
    return find(things, REFERENCES[option], name, *([given[scope]] if scope in given else []))


def parent_of(things: list[Thing], module: str, given: Mapping[str, Any]) -> int | str | None:
    """The scope of the name: an organization's name, the id of another object, or None."""
    option = WITHIN.get(module)
    if option not in REFERENCES:
        return given.get(option or "")
    parent: int = referred(things, module, option, given[option], given)["id"]
    return parent


def with_names(things: list[Thing], module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with names instead of ids. All references must exist."""
    named = dict(given)
    for option, value in given.items():
        if option in REFERENCES and isinstance(value, list):
            named[option] = [referred(things, module, option, name, given)["name"] for name in value]
        elif option in REFERENCES:
            named[option] = referred(things, module, option, value, given)["name"]
        for name in value if option in LINKS else ():
            find(things, NODE, name, parent_of(things, module, given))
    return named


def permit(things: list[Thing], given: Mapping[str, Any]) -> dict[str, Any]:
    """Grants a role on objects to teams and users; returns the module's result."""
    named = with_names(things, "role", given)
    objects = [name for option in ("workflows", "job_templates") for name in named.get(option, ())]
    grantees = [name for option in ("teams", "users") for name in named.get(option, ())]
    wanted = [f"{grantee}: {given['role']} {name}" for grantee in grantees for name in objects]
    known = {thing["name"] for thing in things if thing["kind"] == "role"}
    new = [name for name in wanted if name not in known]
    number = max((thing["id"] for thing in things), default=100)
    for place, name in enumerate(new, 1):
        things.append({"kind": "role", "id": number + place, "name": name, "parent": None, "given": {"name": name}})
    return {"changed": bool(new)}


def carry_out(things: list[Thing], module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Applies a module's arguments to the existing objects; returns the module's result."""
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
    named = with_names(things, module, given)
    if not known:
        number = max((thing["id"] for thing in things), default=100) + 1
        known = {"kind": module, "id": number, "name": name, "parent": parent, "given": {}}
        things.append(known)
    old = known["given"]
    # With update_secrets=false, AWX keeps the secrets that it has.
    kept = {"inputs": old["inputs"]} if given.get("update_secrets") is False and "inputs" in old else {}
    known["given"] = {**old, **named, **kept}
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
        # An object that is not really created has no id.
        result.pop("id", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
