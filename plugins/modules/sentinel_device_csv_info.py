#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_device_csv_info
short_description: Upload a device CSV and return the devices that Sentinel reads from it
version_added: 0.1.0
description:
  - Uploads a CSV of devices and returns the pairs of IMEI and ICCID that the service reads from it, as
    M(kajeet.sentinel.sentinel_activation) takes them.
  - The upload is a POST that stores nothing and activates nothing. It is also sent in check mode.
  - Use it to check how Sentinel reads a file. To declare a fleet, it is not needed, because
    O(kajeet.sentinel.sentinel_activation#module:src) reads such a file itself.
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
      - Path of the file on the machine that runs the module, in any format that
        O(kajeet.sentinel.sentinel_activation#module:src) takes. It needs an IMEI and an ICCID for each device.
      - A CSV is uploaded unchanged. Other files, and any file with O(columns) or O(dest), are first converted to a CSV
        of the pairs.
    type: path
    required: true
  dest:
    description:
      - Write the CSV of the pairs to this file, for example to upload it in the portal. It has the columns IMEI and
        ICCID. It is also written in check mode.
    type: path
  compare_local:
    description:
      - Whether to also read the file with the collection's own reader, and to report the differences.
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
      - The module changes nothing.
seealso:
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
- name: Check how Sentinel reads the file
  kajeet.sentinel.sentinel_device_csv_info:
    src: fleet.csv
    compare_local: true
  register: csv

- name: Convert a workbook to a device CSV
  kajeet.sentinel.sentinel_device_csv_info:
    src: fleet.xlsx
    dest: upload.csv

- name: Activate the devices
  kajeet.sentinel.sentinel_activation:
    devices: "{{ csv.devices }}"
    carrier: Verizon
    device_group: Transportation
    filter_group: Student_K8
    service_zip_code: "30301"
"""

RETURN = r"""
devices:
  description: The devices that the service read.
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
  description: Path of the CSV of the pairs.
  returned: with O(dest)
  type: str
  sample: upload.csv
local_problems:
  description: Problems that the collection's own reader finds in the file, as sentences.
  returned: with O(compare_local=true)
  type: list
  elements: str
  sample:
    - "fleet.csv, line 4: iccid 8914: has 4 digits; an ICCID has 19 or 20"
differences:
  description: Pairs that only one of the two readers found. Empty if there are RV(local_problems).
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
      description: The reader that found it, V(sentinel) or V(local).
      type: str
      sample: local
    where:
      description: The line in the file, if the collection's own reader found it.
      type: str
      sample: fleet.csv, line 7
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: auth
    method: GET
    path: /v1.0/activation/billing-plans
    status: 401
    cure: "Get a new token, or set api_username and api_password: an expired token is then renewed automatically."
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
