#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_drift_info
short_description: Compare a declared fleet with the account
version_added: 0.1.0
description:
  - Compares a declared fleet of SIMs, SmartSIMs and eSIMs with the history of activations and the account's device
    list, and returns the devices that are not as declared.
  - Reads the history in one request and the device list in another, and changes nothing. If the CSV of one of them
    cannot be read, it reads the pages, and warns.
  - The state of a declared device is the one that the activation modules would plan with. It is V(active), V(pending),
    V(failed), V(missing), V(suspended), V(deactivated), or V(conflict) if it is active or pending with another partner.
  - A device is V(unlisted) if the history shows it as active but the device list does not have it. It is V(unrecorded)
    if it is listed as active but the history has no activation of it.
  - A device that is active, pending or suspended as declared has the state V(other_device_group),
    V(other_filter_group) or V(other_nickname) if the list has a different value. Groups are compared without case and
    punctuation. Values that are not declared or not listed are not compared.
  - A device that is not declared is V(undeclared) if the history shows it as active or pending. It is V(listed_only) if
    only the device list has it, and not as deactivated.
  - Shows the comparison as a table on the screen, on stderr if the stdout callback is for programs. With C(no_log), it
    shows only the last line.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
requirements:
  - voluptuous >= 0.13
  - PyYAML, for O(src) in YAML
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.source
  - kajeet.sentinel.source.carriers
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  src:
    description:
      - Path of a file that declares the devices, in any format that O(kajeet.sentinel.sentinel_fleet#module:src) takes.
      - Exactly one of O(src), O(devices) and O(hosts) is required.
    type: path
  devices:
    description:
      - The declared devices, as mappings of fields.
      - C(kind) is V(sim), V(smartsim) or V(esim), with O(kind) as the default. A SIM needs C(iccid) and C(imei), a
        SmartSIM C(sim_id), an eSIM the C(imei) of its device. Quote identifiers.
      - The other fields are those of the activation modules, such as C(carrier), C(device_group), C(filter_group) and
        C(nickname).
    type: list
    elements: dict
  hosts:
    description:
      - The hosts that declare the devices. V(true) is all hosts of the play that have not failed. A list of names is
        these hosts of the inventory.
      - A host has variables such as C(sentinel_iccid), C(sentinel_imei) and C(sentinel_carrier), and C(sentinel_kind)
        if it is not of O(kind). For a host with C(sentinel_device), that mapping is the declaration. A host with
        C(sentinel_declared=false) declares nothing.
    type: raw
  kind:
    description:
      - The kind of devices that have no C(kind), and of those that are not declared, V(sim), V(smartsim) or V(esim).
    type: str
    default: sim
  defaults:
    description:
      - >-
        Fields for each device that lacks them, such as C({carrier: Verizon}).
    type: dict
  carrier_defaults:
    description:
      - Fields for the devices of a carrier, by its name. They take precedence over O(defaults).
    type: dict
  group_defaults:
    description:
      - Fields for the devices of a device group, by its name. They take precedence over O(carrier_defaults).
    type: dict
  strict:
    description:
      - Whether warnings about the declared devices are errors.
    type: bool
    default: false
  listing:
    description:
      - Whether to read the device list.
      - V(auto) warns if the list cannot be read at all, for example because a scope or O(corp_id) is missing, and the
        history alone decides. With V(required), that is an error. V(none) does not read the list.
    type: str
    choices: [auto, required, none]
    default: auto
  tolerate:
    description:
      - States that do not count as drift. They are still counted in RV(counts). Any state except V(active).
      - A device that differs in several ways has the first of its states that is not tolerated.
    type: list
    elements: str
    default: []
  undeclared:
    description:
      - Whether to report devices that are not declared. Set it to V(false) if the account also has other fleets.
    type: bool
    default: true
  fail_on_drift:
    description:
      - Whether the task fails if a device is not as declared. The result is the same.
    type: bool
    default: false
  named:
    description:
      - Maximum number of devices per state that RV(lines) names.
    type: int
    default: 20
  drift_file:
    description:
      - Write the whole comparison to this file, as JSON with one line per device. It has RV(drift), RV(listing),
        RV(counts), C(warnings), and every device as in RV(devices). P(kajeet.sentinel.fleet_table#filter) reads it.
      - The file is also written in check mode. It is replaced atomically. A new file has mode 0600; an existing one
        keeps its permissions.
    type: path
  junit:
    description:
      - Write the comparison to this file, as JUnit XML with one test case per device. Drift is a failure, a tolerated
        state is skipped.
      - The file is written like O(drift_file).
    type: path
  suite:
    description:
      - Name of the test suite in the JUnit XML.
    type: str
    default: fleet
  directory:
    description:
      - Base directory of relative paths. The default is the directory of the playbook.
    type: path
attributes:
  check_mode:
    support: full
    details:
      - Only reads. O(drift_file) and O(junit) are also written in check mode.
  diff_mode:
    support: none
    details:
      - The module changes nothing.
  idempotent:
    support: full
    details:
      - Only reads. The result is what the service reports at that moment.
notes:
  - Runs on the controller, whatever the connection of the host, and once for all hosts of the play. A C(when) is
    evaluated for the first host. With C(run_once), the result is registered for every host.
  - The strategy C(free) refuses the task, because it would run it for each host.
  - With C(serial), the hosts of the play are those of the batch. Set O(undeclared=false) then.
  - The device list needs O(corp_id), or a login that reports it.
  - How soon the list shows a device that was just activated or changed is not published.
seealso:
  - plugin: kajeet.sentinel.fleet_drift
    plugin_type: filter
    description: The same comparison, with a history and a device list from files.
  - plugin: kajeet.sentinel.fleet_table
    plugin_type: filter
  - module: kajeet.sentinel.sentinel_devices_info
"""

EXAMPLES = r"""
- name: Compare the fleet with the account
  kajeet.sentinel.sentinel_drift_info:
    corp_id: NORTHSTAR-ISD
    src: fleet.csv
    tolerate: [suspended]
    drift_file: fleet.drift.json
    junit: fleet.drift.xml
  register: compared

- name: Count the devices that an activation would submit
  ansible.builtin.debug:
    msg: "{{ compared.counts.missing + compared.counts.failed }}"

- name: Compare two devices in an account with other devices
  kajeet.sentinel.sentinel_drift_info:
    corp_id: NORTHSTAR-ISD
    undeclared: false
    defaults:
      carrier: Verizon
      device_group: Transportation
    devices:
      - iccid: "89148000003100412076"
        imei: "355737361044124"
      - kind: esim
        imei: "355737362000018"
        carrier: AT&T
"""

RETURN = r"""
drift:
  description: Number of devices that are not as declared.
  returned: when the account was compared
  type: int
  sample: 1
listing:
  description: Whether the device list was compared. V(false) with O(listing=none), and if a warning says why.
  returned: when the account was compared
  type: bool
  sample: true
counts:
  description: Number of devices by state, including tolerated states.
  returned: when the account was compared
  type: dict
  sample:
    missing: 0
    failed: 0
    conflict: 0
    suspended: 1
    deactivated: 0
    pending: 0
    unlisted: 0
    unrecorded: 0
    other_device_group: 0
    other_filter_group: 0
    other_nickname: 0
    undeclared: 0
    listed_only: 0
    active: 39
devices:
  description:
    - The devices that are not as declared, in the order of the states in RV(counts). At most 1000, within the size that
      controllers allow. O(drift_file) has every device.
  returned: when the account was compared
  type: list
  elements: dict
  contains:
    where:
      description: The row or host that declares the device, or the line or entry that shows it.
      type: str
      sample: fleet.csv, line 5 (iccid 89148000004821993519)
    state:
      description: State of the device, the first that is not tolerated.
      type: str
      sample: suspended
    reason:
      description: Reason for the state.
      type: str
      sample: suspended in the account (MDN 201-555-0056), activated in transaction ACT-7140-2210-388
    drift:
      description: Whether the state counts as drift. Always V(true) here; O(drift_file) also has the other devices.
      type: bool
      sample: true
    differences:
      description: Settings with a different value in the list, each with C(field), C(declared) and C(listed).
      type: list
      elements: dict
      sample: []
    kind:
      description: Kind of the device; V(null) for a device that is not declared.
      type: str
      sample: sim
    iccid:
      description:
        - ICCID of the SIM. This value and those down to C(ip) come from the declaration, else the list, else the
          history.
      type: str
      sample: "89148000004821993519"
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737368190938"
    sim_id:
      description: Id of the SmartSIM.
      type: str
      sample: null
    eid:
      description: EID of the eSIM.
      type: str
      sample: null
    carrier:
      description: The carrier.
      type: str
      sample: Verizon
    device_group:
      description: The device group.
      type: str
      sample: Transportation
    filter_group:
      description: The filter group.
      type: str
      sample: Student_K8
    nickname:
      description: The nickname.
      type: str
      sample: Bus 04
    mdn:
      description: The phone number that the carrier assigned.
      type: str
      sample: 201-555-0056
    ip:
      description: The IP address that the carrier assigned.
      type: str
      sample: null
    transaction_id:
      description: The transaction in the history that the state comes from.
      type: str
      sample: ACT-7140-2210-388
    line_status:
      description: The service's word for the line in that transaction.
      type: str
      sample: Success
    device_status:
      description: The service's word for the status in the device list.
      type: str
      sample: suspended
devices_omitted:
  description: Number of devices not as declared that RV(devices) does not list.
  returned: when the account was compared
  type: int
  sample: 0
lines:
  description: The comparison as a table of devices by carrier and device group, followed by those that differ.
  returned: when the account was compared
  type: list
  elements: str
  sample:
    - "carrier  device group    suspended  active"
    - "Verizon  Transportation          1      39"
    - "all                              1      39"
    - "suspended:"
    - "  Bus 04 (iccid 89148000004821993519, imei 355737368190938): suspended in the account (MDN 201-555-0056)"
msg:
  description: Result of the comparison, in one line.
  returned: always
  type: str
  sample: "1 device is not as declared: 1 suspended"
temporary_files:
  description:
    - Files written by the task that are deleted when the job of an automation controller ends. Files on volumes that
      are mounted into jobs are kept. Empty if no controller runs the task.
  returned: success
  type: list
  elements: str
  sample: [/runner/project/fleet.drift.json]
drift_file:
  description: Absolute path of the JSON file.
  returned: when O(drift_file) was written
  type: str
  sample: /runner/project/fleet.drift.json
junit:
  description: Absolute path of the JUnit XML.
  returned: when O(junit) was written
  type: str
  sample: /runner/project/fleet.drift.xml
requests:
  description:
    - The requests that were sent, without logins.
    - C(reads) is requests that only read, C(writes) always V(0), C(retried) how many of these were retries,
      C(throttled_seconds) the time spent waiting for the service's rate limit.
  returned: when the account was compared
  type: dict
  sample:
    reads: 2
    writes: 0
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Duration of the comparison in seconds.
  returned: when the account was compared
  type: float
  sample: 0.8
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the account could not be compared
  type: dict
  sample:
    kind: scope
    method: GET
    path: /v2.0/activation/transactions
    status: 403
    cure: Grant the missing scope to this user or token, or use one that has it.
"""

from ..module_utils._options import SentinelModule
from ..module_utils._options.drift import drift_spec

_ON_CONTROLLER = (
    "sentinel_drift_info runs on the controller, and cannot run as a module of its own. Call it from a playbook as "
    "kajeet.sentinel.sentinel_drift_info, with the whole collection installed."
)


def main() -> None:
    """Fails, because Ansible runs the action plugin of the same name instead, if it finds it."""
    module = SentinelModule(drift_spec(), supports_check_mode=True)
    module.fail_json(msg=_ON_CONTROLLER)


if __name__ == "__main__":
    main()
