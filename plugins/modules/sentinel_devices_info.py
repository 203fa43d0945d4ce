#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_devices_info
short_description: List the devices of the account
version_added: 0.1.0
description:
  - Returns the account's devices as they are now, with their status, device group, carrier and usage. For the history
    of activations, use M(kajeet.sentinel.sentinel_transactions_info).
  - Reads the list in one request, as CSV. If the account does not allow that, it reads the pages, which have no ICCIDs,
    and warns.
  - The service applies O(search). The module applies the other filters.
  - Automation controllers discard a result of more than 700,000 characters, which is about a thousand devices. For a
    large account, use the filters, or O(limit) with O(result_file).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.listing
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  search:
    description:
      - Only devices that the service finds for this text. It searches MDN, IMEI, ESN, ICCID, EID, IMSI, MSISDN, MAC
        address, serial number and nickname.
    type: str
  columns:
    description:
      - >-
        More columns of the list to return, as text. Either the published names of columns, such as C(SUMMER_STATUS) or
        C(OEM_SERIAL_NUMBER), in any case, or the names under which they are returned, V(summer_status),
        V(media_center_status), V(effective_vpn_status), V(note), V(apn), V(mdn_custom_field), V(mac),
        V(oem_serial_number), V(name), V(description), V(plan_id) and V(sim_type).
      - V(online) adds RV(devices[].online). Only the pages of the list have it, which takes one request per 95 devices.
    type: list
    elements: str
  limit:
    description:
      - Maximum number of devices returned. RV(devices_omitted) counts the rest.
    type: int
  result_file:
    description:
      - Write every matching device to this file on the machine that runs the module, regardless of O(limit). It is also
        written in check mode. Its directory must exist.
      - V(.csv) is a CSV. V(.jsonl), V(.ndjson) and V(.json) are JSON lines, with one object per device as in
        RV(devices). The filter P(kajeet.sentinel.fleet_drift#filter) reads JSON lines.
      - The file is replaced atomically. It is not written if the list was not read.
    type: path
  listing:
    description:
      - What to do if the device list cannot be read at all, for example because a scope or the account is missing.
      - V(required) fails. V(auto) warns and returns no devices. V(none) does not read the list. The choices are those
        of O(kajeet.sentinel.sentinel_activation#module:listing).
    type: str
    choices: [auto, required, none]
    default: required
attributes:
  check_mode:
    support: full
    details:
      - Only reads, also in check mode.
  diff_mode:
    support: none
    details:
      - The module changes nothing.
  idempotent:
    support: full
    details:
      - Only reads. The result is what the service reports at that moment.
notes:
  - The device list needs O(corp_id), or a login that reports it.
  - How soon the list shows a device that was just activated or changed is not published.
seealso:
  - module: kajeet.sentinel.sentinel_transactions_info
  - plugin: kajeet.sentinel.sentinel_devices
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: List the suspended devices of two device groups
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    statuses: [suspended]
    device_groups: [Transportation, Field Staff]
  register: suspended

- name: Show their MDNs
  ansible.builtin.debug:
    msg: "{{ suspended.devices | map(attribute='mdn') }}"

- name: Find a device by its IMEI, with its serial number and online status
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    search: "355737361044124"
    columns: [online, OEM_SERIAL_NUMBER]
  register: found

- name: Write the whole list to a file
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    result_file: devices.csv
    limit: 1

- name: Count the active devices of a carrier
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    statuses: [active]
    carriers: [Verizon]
    limit: 1
  register: active

- name: Show the number
  ansible.builtin.debug:
    var: active.total
"""

RETURN = r"""
available:
  description:
    - Whether the list was read. V(false) with O(listing=none), and with O(listing=auto) if a warning says why.
  returned: success
  type: bool
  sample: true
devices:
  description:
    - The matching devices, in the service's order. Values that the account does not report are V(null).
    - Each device also has the values of O(columns).
  returned: success
  type: list
  elements: dict
  contains:
    mdn:
      description: The phone number that the carrier assigned. A North American number looks like V(521-267-1508).
      type: str
      sample: 201-555-0056
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737361044124"
    iccid:
      description: ICCID of the SIM; V(null) if the list was read from its pages.
      type: str
      sample: "89148000003100412076"
    sim_id:
      description: Id of the SmartSIM. The published columns do not include it.
      type: str
      sample: null
    eid:
      description: EID of the eSIM.
      type: str
      sample: null
    status:
      description: The service's word for the status.
      type: str
      sample: active
    state:
      description: Meaning of that word, V(active), V(suspended) or V(deactivated); V(null) for any other.
      type: str
      sample: active
    carrier:
      description: The carrier.
      type: str
      sample: Verizon
    device_group:
      description: Id of the device group, or its name if the list has only that.
      type: str
      sample: Transportation
    device_group_name:
      description: Name of the device group.
      type: str
      sample: Transportation
    filter_group:
      description: The filter group.
      type: str
      sample: Student_K8
    nickname:
      description: The nickname.
      type: str
      sample: null
    device_name:
      description: Name of the device.
      type: str
      sample: Device 0056
    online:
      description: Whether the device is online; V(null) unless O(columns) has V(online) or the pages were read.
      type: bool
      sample: null
    last_30_days_used:
      description: Usage in the last 30 days, in the service's unit.
      type: float
      sample: 2952
    monthly_amount_used:
      description: Usage in this month, in the service's unit.
      type: float
      sample: 1476
    day_amount_used:
      description: Usage today, in the service's unit.
      type: float
      sample: null
    monthly_limit:
      description: Monthly limit, in the service's unit.
      type: float
      sample: null
    daily_limit:
      description: Daily limit, in the service's unit.
      type: float
      sample: null
    labels:
      description: Labels of the device.
      type: list
      elements: str
      sample: []
devices_omitted:
  description: Number of matching devices not listed because of O(limit).
  returned: success
  type: int
  sample: 0
total:
  description: Number of matching devices.
  returned: success
  type: int
  sample: 1
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: scope
    method: GET
    path: /v1.0/devices/SOUTHSTAR-ISD
    status: 403
    cure: Grant the missing scope to this user or token, or use one that has it.
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.devices import devices

SPEC = {
    "search": {"type": "str"},
    "statuses": {"type": "list", "elements": "str"},
    "carriers": {"type": "list", "elements": "str"},
    "device_groups": {"type": "list", "elements": "str"},
    "columns": {"type": "list", "elements": "str"},
    "limit": {"type": "int"},
    "result_file": {"type": "path"},
    "listing": {"type": "str", "choices": ["auto", "required", "none"], "default": "required"},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: devices(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
