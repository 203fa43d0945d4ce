# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: A report of a fleet, for people
version_added: 0.1.0
description:
  - Returns the text of a report about devices, as the activation modules return them, for a file that people open.
  - As V(html), it is one page that needs no other file and nothing from the network, with what needs attention first
    and what to do about it, the outcomes by carrier and by device group, how long lines took, and the list of all
    devices, to be sorted and searched. It reads well on a screen, light or dark, and on paper.
  - Whatever the devices say is shown and never run. The page allows no script but its own. Control characters, and
    those that hide or reverse text, become C(U+FFFD).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
positional: _input, format
options:
  _input:
    description:
      - The devices, each with at least its RV(kajeet.sentinel.sentinel_activation#module:devices[].outcome). The list
        should be whole. That of O(kajeet.sentinel.sentinel_activation#module:result_file) is; that of a task's result
        is for no more than a thousand devices, with O(kajeet.sentinel.sentinel_activation#module:result_devices=all).
      - They may also say their C(kind), C(nickname), and C(seconds), which is how long a line took from its submission
        to its end. Where no device says C(seconds), the report has no such part.
    type: list
    elements: dict
    required: true
  format:
    description:
      - V(html) is the page.
      - V(csv) has a line for each device. What a spreadsheet would run as a formula begins with an apostrophe, which
        the collection takes off where it reads a CSV. Numbers do not, such as C(-12.5) and C(+15551234567).
      - V(json) has the figures of the page and every device.
    type: str
    choices: [html, csv, json]
    default: html
  title:
    description: What the report is called.
    type: str
    default: Fleet report
  generated:
    description:
      - When the report was made, in ISO 8601 with a zone, such as C(2026-01-31T12:00:00Z). It is stated in UTC.
      - The default is now.
    type: str
  plan:
    description: Whether the devices are those of a task in check mode. The report then says that nothing was submitted.
    type: bool
    default: false
seealso:
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
- name: Activate the fleet and keep what became of each device
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    result_file: "{{ playbook_dir }}/fleet.jsonl"

- name: Leave a report, and the same as a CSV
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


def fleet_report(devices, format="html", title="Fleet report", generated=None, plan=False):  # noqa: A002  Its users' word
    """The text of the report. Raises AnsibleTemplatePluginError for what makes none."""
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
        """Its name and what does it."""
        return {"fleet_report": fleet_report}
