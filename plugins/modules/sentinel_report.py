#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_report
short_description: Write the report of a fleet for people and pipelines
version_added: 0.1.0
description:
  - Writes the outcome of an activation, or the drift of a fleet, as a page of HTML, a CSV, an Excel workbook, JSON,
    JUnit XML or Markdown.
  - The page is one file that loads nothing else, and can be printed. It has the account and the service, the number of
    devices that are new on the bill, devices that need attention and what to do about them, outcomes by carrier and
    device group, how long lines took, and every device.
  - Text from devices is shown and never run. Control characters, and characters that hide or reverse text, become
    C(U+FFFD). Text that a spreadsheet would run as a formula gets an apostrophe in front in a CSV, and is text in a
    workbook.
  - Each file is written atomically. A new file has mode C(0600), because it names devices. Missing directories are
    created.
  - Runs on the controller, whatever the host and its connection. It needs neither an account nor the network.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.attributes
requirements:
  - openpyxl >= 3.1, for O(xlsx) and a O(result_file) in C(.xlsx), on the controller
options:
  result_file:
    description:
      - Path of a result file with every device, as O(kajeet.sentinel.sentinel_activation#module:result_file) writes it.
        It is a CSV if it ends in C(.csv), an Excel workbook if it ends in C(.xlsx), otherwise JSON lines.
      - Exactly one of O(result_file) and O(drift) is required.
    type: path
  drift:
    description:
      - The drift that P(kajeet.sentinel.fleet_drift#filter) returns, or the path of a JSON file of it.
    type: raw
  result:
    description:
      - The registered result of the activation, for the head of the report. Ignored for a drift.
      - The keys are C(account), with C(corp_id), C(api_url) and C(simulator); C(source), text such as C(fleet.csv);
        C(plan.digest); C(started_at), a time in ISO 8601 with a zone; and C(elapsed), in seconds. Missing keys are not
        shown.
    type: dict
  dest:
    description:
      - Directory for C(report.html), C(report.csv) and C(report.json), or for a drift, C(drift.json) and C(drift.csv).
      - At least one of O(dest), O(html), O(csv), O(xlsx), O(json), O(junit) and O(markdown) is required. A format that
        has a path of its own is written there instead of O(dest).
    type: path
  html:
    description:
      - Path of the page. Not available for a drift.
    type: path
  csv:
    description:
      - Path of the CSV, with one line per device. A spreadsheet that opens it loses the last digits of an ICCID. For
        spreadsheets, use O(xlsx).
    type: path
  xlsx:
    description:
      - Path of an Excel workbook with the columns of O(csv), and one row per device. Identifiers are text, and keep all
        digits and leading zeros.
      - O(dest) does not include a workbook. It needs the Python library openpyxl, and holds up to 1,048,575 devices.
    type: path
  json:
    description:
      - Path of the JSON, with the figures and every device. For a drift, it is in the format that O(drift) takes.
    type: path
  junit:
    description:
      - Path of the JUnit XML, with one test case per device. Devices that need attention, or that drift, are failures.
        Skipped devices, tolerated drift, and pending devices in a plan are skipped.
    type: path
  markdown:
    description:
      - Path of the Markdown, a table for a comment. Text from devices is escaped, so that it cannot become markup, a
        mention or a link.
    type: path
  title:
    description:
      - Title of the report. The default is C(Fleet report), or C(Fleet drift) for a drift.
    type: str
  suite:
    description:
      - Name of the test suite in the JUnit XML.
    type: str
    default: fleet
  plan:
    description:
      - Whether the devices are those of a plan. The report of a plan says that nothing was submitted. Ignored for a
        drift.
      - The default is V(true) if a device would be activated or restored, and in check mode, unless a device was
        activated or restored.
    type: bool
  directory:
    description:
      - Base directory of relative paths. The default is the directory of the playbook.
    type: path
  generated:
    description:
      - Time of the report, in ISO 8601 with a zone, such as C(2026-01-31T12:00:00Z). The default is now. Ignored
        for a drift.
    type: str
attributes:
  check_mode:
    support: full
    details:
      - The files are also written in check mode, and then report the plan.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - RV(ignore:changed) is always V(false), because a report does not change the fleet.
notes:
  - This is an action plugin. Asynchronous tasks are not supported.
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - plugin: kajeet.sentinel.fleet_drift
    plugin_type: filter
  - plugin: kajeet.sentinel.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Activate the fleet and keep the outcome of each device
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    result_file: "{{ playbook_dir }}/fleet.jsonl"
  register: activation

- name: Write the report and the test cases for the pipeline
  kajeet.sentinel.sentinel_report:
    result_file: fleet.jsonl
    result: "{{ activation | combine({'source': 'fleet.csv'}) }}"
    title: Buses of the north
    dest: report
    junit: report/fleet.xml

- name: Get the history
  kajeet.sentinel.sentinel_transactions_export:
    dest: "{{ playbook_dir }}/history.csv"
    sort_dir: ASC
    mode: "0600"

- name: Write the drift as a comment
  kajeet.sentinel.sentinel_report:
    drift: "{{ 'fleet.csv' | kajeet.sentinel.fleet_drift(history=playbook_dir ~ '/history.csv') }}"
    markdown: drift.md
"""

RETURN = r"""
msg:
  description: The outcomes, and the path of the report for people, in one line.
  returned: always
  type: str
  sample: "38 activated, 2 already active, 2 failed in 41 s; report: report/report.html"
files:
  description: Absolute path of each file by its format.
  returned: success
  type: dict
  sample:
    html: /srv/fleet/report/report.html
    csv: /srv/fleet/report/report.csv
    json: /srv/fleet/report/report.json
summary:
  description: Number of devices by outcome, or by state for a drift. Those without a device are left out.
  returned: success
  type: dict
  sample:
    failed: 2
    activated: 38
    already_active: 2
"""

from ..module_utils._options import SentinelModule
from ..module_utils._report.arguments import REPORT_RULES, REPORT_SPEC


def main() -> None:
    """Fails, because the action plugin of the same name does the work."""
    module = SentinelModule(REPORT_SPEC, supports_check_mode=True, **REPORT_RULES)
    module.fail_json("sentinel_report is an action plugin: use it in a task, as kajeet.sentinel.sentinel_report.")


if __name__ == "__main__":
    main()
