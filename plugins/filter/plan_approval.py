# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_approval
short_description: Shorten a plan to its approval, for job artifacts
version_added: 0.1.0
description:
  - Returns the part of a plan file that O(kajeet.sentinel.sentinel_fleet#module:approved_plan) needs, which is 60 bytes
    per device to activate or restore. The file itself has about 400 bytes per device, and also has all other devices.
  - It is meant for the artifacts of a job, which a controller passes to later jobs as variables, and keeps with each of
    them. Devices are checked against it one by one, so that each slice of a job can pass.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The path of a plan file (O(kajeet.sentinel.sentinel_fleet#module:plan_file)) on the controller, or its content.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Plan the fleet
  kajeet.sentinel.sentinel_fleet:
    src: fleet.csv
    plan_file: fleet.plan.json
    state: planned

- name: Pass the plan to the next jobs of the workflow
  ansible.builtin.set_stats:
    data:
      fleet_plan: "{{ 'fleet.plan.json' | kajeet.sentinel.plan_approval }}"
  no_log: true
"""

RETURN = r"""
_value:
  description:
    - The approval. Its C(approved) has the fingerprint of each device by its identifier, for each kind of device and
      action (C(activate) or C(restore)).
  type: dict
  sample:
    format: 1
    digest: 8f6e0a1d9c3b5e7f2a4d6c8b0e1f3a5be3b0c44298fc1c149afbf4c8996fb924
    counts: {activate: 1, restore: 0, wait: 0, unchanged: 0, conflict: 0, inactive: 0}
    approved:
      sim:
        activate:
          "89014103211118510720": 0d6f3c1b2a4e58697f8d9ca0b1c2d3e4
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._decide.approved import read_approved
from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.documents import read_json


def plan_approval(document):
    """Returns the approval. Raises AnsibleTemplatePluginError if the document is not a plan file."""
    try:
        content = read_json(document, "plan_approval")
        name = document if isinstance(document, str) else "the given plan"
        return read_approved(content, name, "plan_approval").as_approval()
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.plan_approval``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"plan_approval": plan_approval}
