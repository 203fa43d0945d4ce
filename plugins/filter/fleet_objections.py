# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_objections
short_description: Why a plan must not be carried out
version_added: 0.1.0
description:
  - Compares a fleet's plan with what was allowed and approved beforehand.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - A plan, or the path of its file on the controller.
    type: raw
    required: true
  max_new_activations:
    description:
      - So many devices may be activated; any number without it.
    type: int
  approved_plan:
    description:
      - The digest of the approved plan, or the path of its file on the controller. With a digest, the plan must submit
        exactly the same; with a file, nothing that is not in it.
    type: str
seealso:
  - plugin: kajeet.sentinel.fleet_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan the SIMs
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: sims.plan.json
  check_mode: true

- name: Refuse a plan that is too large
  ansible.builtin.assert:
    that: plan | kajeet.sentinel.fleet_objections(max_new_activations=100) == []
  vars:
    plan: "{{ {'sim': 'sims.plan.json'} | kajeet.sentinel.fleet_plan }}"
"""

RETURN = r"""
_value:
  description: A text for each objection.
  type: list
  elements: str
  sample: []
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.plan import objections, whole_number


def fleet_objections(plan, max_new_activations=None, approved_plan=None):
    """The objections. Raises AnsibleTemplatePluginError where the plan is none."""
    try:
        most = None if max_new_activations is None else whole_number("max_new_activations", max_new_activations)
        return objections(plan, most, approved_plan)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_objections``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_objections": fleet_objections}
