#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_device_csv_info
short_description: Have Sentinel read a device CSV
version_added: 0.1.0
description:
  - Uploads a CSV of devices and returns the pairs of IMEI and ICCID that the service has read from it, ready to be
    given to M(kajeet.sentinel.sentinel_activation).
  - The upload is a POST that stores nothing and activates nothing. It is sent in check mode, too.
  - To declare a fleet there is no need for it; O(kajeet.sentinel.sentinel_activation#module:src) reads such a file
    itself. It shows what Sentinel makes of a file.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.source
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  src:
    description:
      - Path of the file, on the machine that runs the module, in any form that
        O(kajeet.sentinel.sentinel_activation#module:src) takes. It has an IMEI and an ICCID of each device.
      - A CSV is uploaded as it is. Of any other file, and with O(columns) or O(dest), a CSV of the pairs is made first.
    type: path
    required: true
  dest:
    description:
      - Write the CSV of the pairs to this file, in check mode, too. It is in the form that Sentinel reads, with the
        columns IMEI and ICCID, such as for an upload in the portal.
    type: path
  compare_local:
    description:
      - Read the file with the collection's own reader, too, and report where the two differ.
    type: bool
    default: false
requirements:
  - voluptuous >= 0.13, for O(compare_local), O(columns), O(dest), and files other than CSV
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Changes nothing.
seealso:
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
- name: See what Sentinel reads from the file
  kajeet.sentinel.sentinel_device_csv_info:
    src: fleet.csv
    compare_local: true
  register: csv

- name: Make a device CSV of a workbook
  kajeet.sentinel.sentinel_device_csv_info:
    src: fleet.xlsx
    dest: upload.csv

- name: Activate what it has read
  kajeet.sentinel.sentinel_activation:
    devices: "{{ csv.devices }}"
    carrier: Verizon
    device_group: Transportation
    filter_group: Student_K8
    service_zip_code: "30301"
"""

RETURN = r"""
devices:
  description: The devices that the service has read.
  returned: success
  type: list
  elements: dict
  contains:
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737360073462"
    iccid:
      description: ICCID of the SIM.
      type: str
      sample: "89014103211118510720"
dest:
  description: The file that the CSV of the pairs was written to.
  returned: with O(dest)
  type: str
  sample: upload.csv
local_problems:
  description: What the collection's own reader finds wrong in the file, a sentence each.
  returned: with O(compare_local=true)
  type: list
  elements: str
  sample:
    - "fleet.csv, line 4: iccid 8914: is too short: it has 4 digits, an ICCID has 19 or 20"
differences:
  description: The pairs that only one of the two has read. Empty where the own reader found something wrong.
  returned: with O(compare_local=true)
  type: list
  elements: dict
  contains:
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737360073462"
    iccid:
      description: ICCID of the SIM.
      type: str
      sample: "89014103211118510720"
    only_in:
      description: Who has read it, V(sentinel) or V(local).
      type: str
      sample: local
    where:
      description: The line, where the own reader has read it.
      type: str
      sample: fleet.csv, line 7
error:
  description: What kind of error ended the task, in which call, and what can be done about it.
  returned: when the task failed
  type: dict
  sample:
    kind: auth
    method: GET
    path: /v1.0/activation/billing-plans
    status: 401
    cure: "Get a new token, or give api_username and api_password: then an expired token is renewed by itself."
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.device_csv import read_device_csv

SPEC = {
    "src": {"type": "path", "required": True},
    "columns": {"type": "dict"},
    "sheet": {"type": "str"},
    "dest": {"type": "path"},
    "compare_local": {"type": "bool", "default": False},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: read_device_csv(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
