# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_plan
short_description: The plan of a fleet, of the plans of its kinds
version_added: 0.1.0
description:
  - Puts the plan files that the activation modules write for the kinds of a fleet together to one, which the modules
    take as O(kajeet.sentinel.sentinel_activation#module:approved_plan).
  - Its digest stands for all that would be submitted. For a fleet of one kind it is the module's own.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - Paths of plan files on the controller, or their contents, by the name of the kind.
    type: dict
    required: true
seealso:
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
- name: Plan the SIMs
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: sims.plan.json
  check_mode: true

- name: Show the digest of all that would be submitted
  ansible.builtin.debug:
    msg: "{{ ({'sim': 'sims.plan.json'} | kajeet.sentinel.fleet_plan).digest }}"
"""

RETURN = r"""
_value:
  description:
    - C(format), C(digest), C(counts) (devices by action) and C(devices), each with C(kind), C(action), C(reason),
      C(fingerprint) and what it declares.
  type: dict
  sample:
    format: 1
    digest: 9f1b0b6b2d3c7a57f4a3c1f1d7d6f5a9f9e3b7a1d0c2b4e6f8a0c2e4d6b8f0a2
    counts: {activate: 2, wait: 0, unchanged: 38, conflict: 0}
    devices: []
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.plan import combined


def fleet_plan(plans):
    """The plan. Raises AnsibleTemplatePluginError where a file is none."""
    try:
        return combined(plans)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_plan``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_plan": fleet_plan}
