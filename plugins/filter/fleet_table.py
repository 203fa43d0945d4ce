# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_table
short_description: Show a plan or a drift as a table
version_added: 0.1.0
description:
  - Returns the lines of a table of devices by carrier and device group, followed by the devices that change or need
    attention, each with the reason.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The content of a plan file (O(kajeet.sentinel.sentinel_fleet#module:plan_file)), the result of
        P(kajeet.sentinel.fleet_drift#filter), or the path of a JSON file of either on the controller, such as
        O(kajeet.sentinel.sentinel_drift_info#module:drift_file).
    type: raw
    required: true
  named:
    description:
      - Maximum number of devices per action or state that are named.
    type: int
    default: 20
  format:
    description:
      - V(text) is for a terminal and for a job's log, V(markdown) for a comment on a change request. In Markdown, text
        from devices is escaped, so that it cannot become markup, a mention or a link. An invisible word joiner (U+2060)
        prevents mentions and links.
    type: str
    choices: [text, markdown]
    default: text
seealso:
  - plugin: kajeet.sentinel.fleet_drift
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan the SIMs
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: fleet.plan.json
  check_mode: true

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ 'fleet.plan.json' | kajeet.sentinel.fleet_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - "carrier  device group    activate  under way  active  conflict"
    - "Verizon  Transportation         1          0       0         0"
    - "all                             1          0       0         0"
    - "to activate:"
    - "  Bus 12 (iccid 89014103211118510720, imei 355737360073462): not in the history"
    - "Digest: 4c25a2d84a5b0d8f0a7e6d0a1c7c4c1f52a0e4f2c7b3d9e8f6a1b0c9d8e7f6a5"
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..module_utils._report.tables import NAMED, TEXT, plan_table
from ..plugin_utils._fleet.documents import read_json, whole_number
from ..plugin_utils._tables import drift_table


def fleet_table(document, named=NAMED, format=TEXT):  # noqa: A002  a public name
    """Returns the lines. Raises AnsibleTemplatePluginError unless the document is a plan or a drift."""
    try:
        content = read_json(document, "fleet_table")
        return (drift_table if "drift" in content else plan_table)(content, whole_number("named", named), format)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None
    except KeyError as error:
        raise AnsibleTemplatePluginError(f"is neither a plan nor a drift: it has no {error}") from None
    except TypeError:
        raise AnsibleTemplatePluginError("is neither a plan nor a drift") from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_table``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"fleet_table": fleet_table}
