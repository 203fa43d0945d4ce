# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for a module of awx.awx: takes the same options, keeps what it is told, and refuses what does not exist.

It is put into a collection under each of the modules' names. AWX_RECORDS names a directory with options.json, the
options of each module; state.json, what there is; and calls.jsonl, the arguments of each call.
"""

from __future__ import annotations

import json
import os
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
}
NODE = "workflow_job_template_node"
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


def key_of(module: str, given: dict[str, Any]) -> str:
    """What an object is known by."""
    return f"{module}/{given['workflow_job_template']}/{given['identifier']}" if module == NODE else given["name"]


def missing(state: dict[str, dict[str, Any]], module: str, given: dict[str, Any]) -> list[str]:
    """What is referred to and does not exist."""
    wanted = [
        (REFERENCES[option], name)
        for option, value in given.items()
        if option in REFERENCES
        for name in (value if isinstance(value, list) else [value])
    ]
    if module == NODE:
        workflow = given["workflow_job_template"]
        wanted += [(NODE, f"{NODE}/{workflow}/{name}") for link in LINKS for name in given.get(link, ())]
    return [f"there is no {kind} {name!r}" for kind, name in wanted if name not in state.get(kind, {})]


def main() -> None:
    """Runs the module."""
    name = __spec__.name.rpartition(".")[2]
    records = Path(os.environ["AWX_RECORDS"])
    specs = json.loads((records / "options.json").read_text(encoding="utf-8"))
    module = AnsibleModule(argument_spec=specs[name])
    given = {option: value for option, value in module.params.items() if value is not None}
    with open(records / "calls.jsonl", "a", encoding="utf-8") as calls:
        calls.write(json.dumps({"module": name, "given": given}) + "\n")

    path = records / "state.json"
    state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    absent = missing(state, name, given)
    if absent:
        module.fail_json(msg="; ".join(absent))
    objects = state.setdefault(name, {})
    known = objects.get(key_of(name, given), {})
    # AWX tells nobody the secrets that it has: it may be told to leave them.
    kept = {"inputs": known["inputs"]} if given.get("update_secrets") is False and "inputs" in known else {}
    objects[key_of(name, given)] = {**known, **given, **kept}
    changed = objects[key_of(name, given)] != known
    path.write_text(json.dumps(state), encoding="utf-8")
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
