# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_lines
short_description: What became of each device of a fleet
version_added: 0.1.0
description:
  - Puts the result files of the activation modules for the kinds of a fleet together, with the kind and the nickname of
    each device.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - Paths of the result files on the controller, JSON lines, by the name of the kind.
    type: dict
    required: true
  plan:
    description:
      - A fleet's plan, or the path of its file on the controller. It tells the nicknames.
    type: raw
  planned:
    description:
      - Paths of the result files of the plan, by the name of the kind. Where an activation ended before it wrote its
        own, they tell of the devices, and what was to be submitted is C(unknown).
    type: dict
    default: {}
  results:
    description:
      - Results of the activation modules by the name of the kind. They tell why an activation ended early.
    type: dict
    default: {}
  path:
    description:
      - The name of the file that the text is for, a C(.csv), or JSON lines in C(.jsonl), C(.ndjson) or C(.json).
      - In a C(.csv), what a spreadsheet would run as a formula begins with an apostrophe, which the collection takes
        off where it reads a CSV. Numbers do not, such as C(-12.5) and C(+15551234567).
      - Without it, the devices themselves are returned.
    type: str
seealso:
  - plugin: kajeet.sentinel.fleet_outcome
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Activate the SIMs
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: sims.plan.json
    result_file: sims.jsonl
  register: sims

- name: Keep what became of each device
  ansible.builtin.copy:
    content: "{{ {'sim': 'sims.jsonl'} | kajeet.sentinel.fleet_lines(path='result.csv') }}"
    dest: result.csv
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text, or the list of devices.
  type: raw
  sample: "kind,iccid,imei,nickname,outcome"
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.plan import Files, as_text, entries


def fleet_lines(files, plan=None, path=None, planned=None, results=None):
    """The text or the devices. Raises AnsibleTemplatePluginError where a file cannot be read."""
    try:
        devices = list(entries(Files.read(files, planned, results), plan))
        return as_text(devices, path) if path else devices
    except (SentinelError, OSError, ValueError) as error:
        raise AnsibleTemplatePluginError(f"{error}") from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_lines``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_lines": fleet_lines}
