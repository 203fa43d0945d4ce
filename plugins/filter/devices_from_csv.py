# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: devices_from_csv
short_description: Read declared devices from a CSV
version_added: 0.1.0
description:
  - Returns the devices of a CSV, as the option C(devices) of the activation modules takes them. Use it for a CSV that
    is not a file on the machine that runs the module, for example from a URL or a ticket.
  - Reads and checks the CSV like the option C(src) of the modules, and fails with the same messages, all at once.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
requirements:
  - voluptuous >= 0.13
positional: _input, kind
options:
  _input:
    description:
      - The text of the CSV with a header, or its rows as mappings by header, as modules that read CSVs return them.
      - Headers are recognised by their words, like those of the option C(src) of the modules.
    type: raw
    required: true
  kind:
    description:
      - The kind of the devices, which decides the fields that they need.
    type: str
    choices: [sim, smartsim, esim]
    default: sim
  defaults:
    description:
      - >-
        Fields for each device that lacks them, such as C({carrier: Verizon}). The fields are those that the activation
        modules take at the top level of a task.
    type: dict
    default: {}
  strict:
    description:
      - Whether warnings are errors, like the option C(strict) of the modules.
    type: bool
    default: false
  columns:
    description:
      - >-
        The columns to read. Maps a header to a field, such as C({IMEI1: imei}). Only these columns are read.
    type: dict
  carrier_names:
    description:
      - >-
        Maps names of carriers in the CSV to the account's names, such as C({AT&T Mobility: AT&T}).
    type: dict
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_device_csv_info
"""

EXAMPLES = r"""
- name: Activate the devices of a CSV on the controller, wherever the module runs
  kajeet.sentinel.sentinel_activation:
    devices: "{{ lookup('ansible.builtin.file', 'fleet.csv') | kajeet.sentinel.devices_from_csv }}"
  check_mode: true

- name: Show the devices of a CSV without a column for the carrier
  ansible.builtin.debug:
    msg: "{{ csv | kajeet.sentinel.devices_from_csv(defaults={'carrier': 'AT&T'}, strict=false) }}"
  vars:
    csv: |
      ICCID;IMEI;Device Group;Filter Group
      89014103211118510720;355737360073462;Transportation;Student_K8

- name: Show the IMEIs of eSIM devices that are given as rows
  ansible.builtin.debug:
    msg: "{{ rows | kajeet.sentinel.devices_from_csv(kind='esim') | map(attribute='imei') }}"
  vars:
    rows:
      - {IMEI: "355737360073462", Carrier: AT&T, Device Group: Transportation, Filter Group: Student_K8}
"""

RETURN = r"""
_value:
  description: The devices in the order of their rows, with normalized identifiers. Empty cells are left out.
  type: list
  elements: dict
  sample:
    - imei: "355737360073462"
      iccid: "89014103211118510720"
      carrier: AT&T
      device_group: Transportation
      filter_group: Student_K8
"""

from ansible.errors import AnsibleTemplatePluginError
from ansible.utils.display import Display

from ..module_utils._errors import SentinelError
from ..module_utils._text import printable_lines
from ..plugin_utils._fleet.devices import devices_from


def devices_from_csv(content, kind="sim", defaults=None, strict=False, columns=None, carrier_names=None):
    """Returns the devices. Raises AnsibleTemplatePluginError with every problem."""
    try:
        names = {"columns": columns, "carrier_names": carrier_names}
        declared = devices_from(content, kind, defaults, strict, names)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None
    for warning in declared.warnings:
        Display().warning(printable_lines(f"devices_from_csv: {warning}"))
    return [device.declared() for device in declared.devices]


class FilterModule:
    """The filter ``kajeet.sentinel.devices_from_csv``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"devices_from_csv": devices_from_csv}
