#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_devices_info
short_description: List the devices that the account has now
version_added: 0.1.0
description:
  - Returns the devices of the account's list as they are now, with their status, device group, carrier and usage. The
    history of activations (M(kajeet.sentinel.sentinel_transactions_info)) reports what was done; this module reports
    what is.
  - The list is read in one request, as CSV. Where the account does not allow that, its pages are read, which have no
    ICCIDs, and a warning says so.
  - O(search) is done by the service. The other filters are applied to what was read.
  - Automation controllers empty a result of more than 700,000 characters, which about a thousand devices exceed. Use
    the filters, or O(limit) with O(result_file), for a large account.
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
      - Only devices that the service finds by this text. It looks at MDN, IMEI, ESN, ICCID, EID, IMSI, MSISDN, MAC
        address, serial number and nickname.
    type: str
  columns:
    description:
      - >-
        What else to read of each device. Either the published names of the list's columns, such as C(SUMMER_STATUS) or
        C(OEM_SERIAL_NUMBER), in any case, or the names under which the values are returned: V(summer_status),
        V(media_center_status), V(effective_vpn_status), V(note), V(apn), V(mdn_custom_field), V(mac),
        V(oem_serial_number), V(name), V(description), V(plan_id), V(sim_type). They are returned as text.
      - V(online) reads RV(devices[].online) as well. Only the list's pages have it, so that takes a request for each
        95 devices.
    type: list
    elements: str
  limit:
    description:
      - List at most this number of devices. RV(devices_omitted) counts the others.
    type: int
  result_file:
    description:
      - Write every device that matches to this file on the machine that runs the module, whatever O(limit) says. It
        is written in check mode, too. Its directory must exist.
      - The ending selects the format. V(.csv) is a CSV, and V(.jsonl), V(.ndjson) or V(.json) is JSON lines, one
        object for each device, as in RV(devices). The filter P(kajeet.sentinel.fleet_drift#filter) reads JSON lines.
      - A file is replaced whole or not at all, and is not written where the list was not read.
    type: path
  listing:
    description:
      - What to do where the device list cannot be read at all, such as for a missing scope or without an account.
      - V(required) fails. V(auto) issues a warning and returns no devices. V(none) does not read the list. The words
        are those of the option O(kajeet.sentinel.sentinel_activation#module:listing) of the activation modules.
    type: str
    choices: [auto, required, none]
    default: required
attributes:
  check_mode:
    support: full
    details:
      - Only reads, in check mode, too.
  diff_mode:
    support: none
    details:
      - Nothing is changed.
  idempotent:
    support: full
    details:
      - Only reads. What it returns is what the service reports at that moment.
notes:
  - The list is that of an account. It needs O(corp_id), or a login that reports it.
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

- name: Find a device by its IMEI, with its serial number, and whether it is online
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

- name: Show how many there are
  ansible.builtin.debug:
    var: active.total
"""

RETURN = r"""
available:
  description:
    - Whether the list was read. V(false) with O(listing=none), and with O(listing=auto) where a warning says why.
  returned: success
  type: bool
  sample: true
devices:
  description:
    - The devices that match, in the service's order. What the account does not report is V(null).
    - Each also has the values of O(columns), under the names that are listed there.
  returned: success
  type: list
  elements: dict
  contains:
    mdn:
      description: The phone number that the carrier assigned. A North American one is written like V(521-267-1508).
      type: str
      sample: 201-555-0056
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737361044124"
    iccid:
      description: ICCID of the SIM; V(null) where the list was read from its pages.
      type: str
      sample: "89148000003100412076"
    sim_id:
      description: ID of the SmartSIM. The published columns have none.
      type: str
      sample: null
    eid:
      description: EID of the eSIM.
      type: str
      sample: null
    status:
      description: The service's word for its status.
      type: str
      sample: active
    state:
      description: V(active), V(suspended) or V(deactivated) by that word; V(null) where it says none of them.
      type: str
      sample: active
    carrier:
      description: The carrier.
      type: str
      sample: Verizon
    device_group:
      description: Id of its device group; the group's name where the list has only that.
      type: str
      sample: Transportation
    device_group_name:
      description: Name of its device group.
      type: str
      sample: Transportation
    filter_group:
      description: Its filter group.
      type: str
      sample: Student_K8
    nickname:
      description: Its nickname.
      type: str
      sample: null
    device_name:
      description: Its name.
      type: str
      sample: Device 0056
    online:
      description: Whether it is online; V(null) unless O(columns) has V(online), or the list was read from its pages.
      type: bool
      sample: null
    last_30_days_used:
      description: What it used in the last 30 days, as the service counts it.
      type: float
      sample: 2952
    monthly_amount_used:
      description: What it used in this month, as the service counts it.
      type: float
      sample: 1476
    day_amount_used:
      description: What it used today, as the service counts it.
      type: float
      sample: null
    monthly_limit:
      description: Its limit for a month, as the service counts it.
      type: float
      sample: null
    daily_limit:
      description: Its limit for a day, as the service counts it.
      type: float
      sample: null
    labels:
      description: Its labels.
      type: list
      elements: str
      sample: []
devices_omitted:
  description: How many more match, and are not listed because of O(limit).
  returned: success
  type: int
  sample: 0
total:
  description: How many devices match.
  returned: success
  type: int
  sample: 1
error:
  description: What kind of error ended the task, in which call, and what can be done about it.
  returned: when the task failed
  type: dict
  sample:
    kind: scope
    method: GET
    path: /v1.0/devices/SOUTHSTAR-ISD
    status: 403
    cure: Have a scope granted to this user or token, or use one that has it.
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
