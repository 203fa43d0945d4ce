# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: Make a report of a fleet
version_added: 0.1.0
description:
  - Returns a report of devices, as the activation modules return them, as text for a file.
  - V(html) is one page that loads nothing else. It has the devices that need attention first and what to do about them,
    the outcomes by carrier and by device group, how long lines took, and a list of all devices that can be sorted and
    searched. It works on a screen, light or dark, and on paper.
  - Text from devices is shown and never run. The page runs no script except its own. Control characters, and characters
    that hide or reverse text, become C(U+FFFD).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
positional: _input, format
options:
  _input:
    description:
      - The devices, each with at least its RV(kajeet.sentinel.sentinel_activation#module:devices[].outcome). The list
        should be complete. O(kajeet.sentinel.sentinel_activation#module:result_file) has every device. A task's result
        has at most 1000, and all of these only with
        O(kajeet.sentinel.sentinel_activation#module:result_devices=all).
      - Optional keys include C(kind), C(nickname), and C(seconds), the time from the submission of a line to its end.
        If no device has C(seconds), the report leaves out the durations.
    type: list
    elements: dict
    required: true
  format:
    description:
      - V(html) is the page.
      - V(csv) has one line per device. Text that a spreadsheet would run as a formula gets an apostrophe in front,
        which the collection removes when it reads the CSV. Numbers such as C(-12.5) and C(+15551234567) do not.
      - V(json) has the figures of the page and every device.
    type: str
    choices: [html, csv, json]
    default: html
  title:
    description: Title of the report.
    type: str
    default: Fleet report
  generated:
    description:
      - Time of the report, in ISO 8601 with a zone, such as C(2026-01-31T12:00:00Z). It is shown in UTC.
      - The default is now.
    type: str
  plan:
    description: Whether the devices are those of a plan. The report then says that nothing was submitted.
    type: bool
    default: false
seealso:
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
- name: Activate the fleet and keep the outcome of each device
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    result_file: "{{ playbook_dir }}/fleet.jsonl"

- name: Write the report as a page and as a CSV
  ansible.builtin.copy:
    content: >-
      {{ lookup('ansible.builtin.file', playbook_dir ~ '/fleet.jsonl').splitlines() | map('from_json')
         | kajeet.sentinel.fleet_report(item, title='Buses of the north') }}
    dest: "{{ playbook_dir }}/report.{{ item }}"
    mode: "0644"
  loop: [html, csv]
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The text of the report.
  type: str
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._report.page import as_html
from ..plugin_utils._report.report import as_csv, as_json, make_report

_FORMATS = {"html": as_html, "csv": as_csv, "json": as_json}


def fleet_report(devices, format="html", title="Fleet report", generated=None, plan=False):  # noqa: A002  a public name
    """Returns the text of the report. Raises AnsibleTemplatePluginError for invalid devices or arguments."""
    render = _FORMATS.get(format)
    if render is None:
        raise AnsibleTemplatePluginError(f"fleet_report: format {format!r} is not one of {', '.join(_FORMATS)}")
    try:
        return render(make_report(devices, title, generated, plan))
    except SentinelError as error:
        raise AnsibleTemplatePluginError(f"fleet_report: {error}") from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_report``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"fleet_report": fleet_report}
