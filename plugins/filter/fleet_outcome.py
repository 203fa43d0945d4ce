# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_outcome
short_description: What became of a fleet, of the results of its kinds
version_added: 0.1.0
description:
  - Puts the results of the activation modules for the kinds of a fleet together.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - Results of the activation modules by the name of the kind.
    type: dict
    required: true
  files:
    description:
      - Paths of the result files on the controller, JSON lines, by the name of the kind.
    type: dict
    required: true
  planned:
    description:
      - Paths of the result files of the plan, by the name of the kind. Where an activation ended before it wrote its
        own, they tell of the devices, and what was to be submitted is C(unknown).
    type: dict
    default: {}
  before:
    description:
      - What ran before these results, each with C(requests) and C(elapsed), which are added to theirs.
    type: list
    elements: dict
    default: []
  plan:
    description:
      - Counts and digest of the plan.
    type: dict
    required: true
  waited:
    description:
      - Whether it was waited until each device had ended, so that one that is pending has failed.
    type: bool
    default: true
seealso:
  - plugin: kajeet.sentinel.fleet_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Activate the SIMs
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: sims.plan.json
    result_file: sims.jsonl
  register: sims

- name: Show what became of the fleet
  ansible.builtin.debug:
    msg: "{{ ({'sim': sims} | kajeet.sentinel.fleet_outcome({'sim': 'sims.jsonl'}, sims.plan)).summary }}"
"""

RETURN = r"""
_value:
  description:
    - C(changed), C(failed), C(msg), C(plan), C(summary) (devices by outcome), C(failed_devices) (1000 at the most, and
      C(failed_devices_omitted)), C(requests), C(elapsed), and C(kinds), the results by kind.
  type: dict
  sample:
    changed: true
    failed: false
    summary: {activated: 2}
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.plan import Files, outcome


def fleet_outcome(results, files, plan, waited=True, planned=None, before=()):
    """The result. Raises AnsibleTemplatePluginError where a file cannot be read."""
    try:
        return outcome(results, Files.read(files, planned, results), plan, waited, before)
    except (SentinelError, OSError, ValueError) as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_outcome``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_outcome": fleet_outcome}
