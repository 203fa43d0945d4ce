#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_device_status
short_description: Suspend or restore devices, or set another status
version_added: 0.1.0
description:
  - Sets the status of devices in the account, for example to suspend them for the summer. Reads the account's device
    list and only sets devices that have a different status.
  - Each device is given by its MDN, IMEI, ICCID or EID. Several identifiers must belong to the same device.
  - The status is set in requests of at most 100 devices. If the service refuses a request, the module sends its halves
    until it has found the refused device. That device fails with the reason, and all others are set.
  - This module does not activate devices. For that, use M(kajeet.sentinel.sentinel_activation) and the other activation
    modules. Their option O(kajeet.sentinel.sentinel_activation#module:on_suspended) can also restore suspended devices.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.source
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
requirements:
  - PyYAML, for O(src) and O(except_src) in YAML
options:
  state:
    description:
      - >-
        The status to set. V(active), V(suspended), or any of the account's possible statuses, compared without case.
        V(active) and V(suspended) find the account's own words for them. O(status_words) can add words.
      - A device that is listed as deactivated cannot become V(active) or V(suspended). It fails, and the others are
        set. Activate it with one of the activation modules, which is billed, or make it an exception.
      - Be careful with the account's word for deactivated. A deactivated device has to be activated again.
    type: str
    required: true
  devices:
    description:
      - The devices. Exactly one of O(devices) and O(src) is required.
      - Each device has at least one of V(mdn), the phone number that the carrier assigned, V(imei), V(iccid) and
        V(eid). Quote them. The punctuation of an MDN is ignored. V(nickname) is a name for messages and is not sent.
      - Other fields of the activation modules and of M(kajeet.sentinel.sentinel_devices_info) are ignored, so that
        their lists can be used unchanged.
      - With an empty list, the task does nothing.
    type: list
    elements: dict
  src:
    description:
      - Path of a file with the devices on the machine that runs the module, in any format that
        O(kajeet.sentinel.sentinel_fleet#module:src) takes.
      - Headers are recognised by their words. V(Phone Number) and V(MSISDN) are V(mdn), and V(UICC) is V(iccid).
      - Other columns of the activation modules, such as V(carrier), and of the account's device list are ignored, so
        that the file that declares the fleet can be used unchanged.
    type: path
  except_devices:
    description:
      - Devices of O(devices) or O(src) that are left as they are. Exceptions that are not among them are allowed.
      - If several listed devices have an identifier, each of them is an exception.
    type: list
    elements: dict
  except_src:
    description:
      - Path of a file with devices that are left as they are, in the same format as O(src). It can be combined with
        O(except_devices).
    type: path
  missing:
    description:
      - What to do if devices or exceptions are not in the account's device list.
      - With V(fail), the task fails and lists them, and nothing is set. With V(ignore), the devices are reported as
        V(missing), and exceptions cause a warning.
    type: str
    choices: [fail, ignore]
    default: fail
  reason:
    description:
      - Reason for the change. It is sent to the service.
    type: str
  max_changes:
    description:
      - Maximum number of devices to set. A plan with more is refused before anything is set.
    type: int
  wait:
    description:
      - Whether to wait up to O(settle_timeout) seconds until the device list shows the status. With V(false), a device
        counts as set when the service has accepted the request.
    type: bool
    default: true
  settle_timeout:
    description:
      - Maximum number of seconds to wait until the device list shows the status. Devices without it by then are
        pending, and the task fails.
    type: float
    default: 30.0
  result_devices:
    description:
      - >-
        Which devices to list in RV(ignore:devices). V(changed) lists all but those that have the status already,
        V(attention) those that failed or are pending. The summary counts all.
    type: str
    choices: [all, changed, attention, none]
    default: changed
  result_limit:
    description:
      - Maximum number of devices listed, from 0 to 1000. Devices that need attention come first.
    type: int
    default: 1000
attributes:
  check_mode:
    support: full
    details:
      - Reads the device list and makes the plan, without setting anything. If the plan sets a status, the account's
        statuses are also read.
  diff_mode:
    support: full
    details:
      - Returns the status before and after, of each device that is or would be set.
  idempotent:
    support: full
    details:
      - Devices that have the status are not set again. If the list is late, a device may be set again, which has no
        effect.
notes:
  - The device list needs O(corp_id), or a login that reports it. Setting a status needs one of the
    scopes C(org_super), C(org_tech), C(org_kajeetmanaged) and C(org_managerplus).
  - A row that does not match exactly one listed device is an error. All such rows are reported together, and nothing is
    set. A device in two rows is set once, with a warning.
  - If a row matches several entries, deactivated ones are ignored, unless all are deactivated.
  - If only the pages of the device list can be read, ICCIDs are missing. Use MDNs or IMEIs then.
  - How soon the list shows a new status is not published. With O(wait=false), the next task may still see the old one.
  - Unlike those of the activation modules, runs that set the same devices do not wait for each other. The last one
    wins.
seealso:
  - module: kajeet.sentinel.sentinel_devices_info
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
# One task for the whole year, run daily. The fleet is suspended from the first day of the holidays, and active again
# from the first day of school. Devices in exceptions.csv are left as they are.
- name: Suspend the fleet for the summer, and restore it afterwards
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    src: fleet.csv
    except_src: exceptions.csv
    state: "{{ 'suspended' if first_day <= today < first_day_of_school else 'active' }}"
    reason: Summer
    max_changes: 500
  vars:
    today: "{{ now(fmt='%m-%d') }}"
    first_day: "06-15"
    first_day_of_school: "08-20"
  register: season

- name: Show the result
  ansible.builtin.debug:
    msg: "{{ season.msg }}"

- name: Show which devices would be suspended
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    src: fleet.csv
    state: suspended
  check_mode: true
  diff: true

- name: Suspend a lost router by its IMEI
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    devices:
      - imei: "355737361044124"
        nickname: Bus 12
    state: suspended
    reason: Lost on route 7

- name: List the suspended devices of a device group
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    statuses: [suspended]
    device_groups: [Transportation]
  register: suspended

- name: Restore all but one of them
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    devices: "{{ suspended.devices }}"
    except_devices:
      - iccid: "89148000003100412076"
    state: active
"""

RETURN = r"""
msg:
  description:
    - The last line says what happened, or would happen in check mode.
    - If devices need attention, up to 20 of them come first with their reasons, followed by what to do about them.
  returned: always
  type: str
  sample: 2 set, 1 unchanged
plan:
  description: Number of devices for each decision.
  returned: when the plan was made
  type: dict
  contains:
    set:
      description: Devices whose status is or would be set.
      type: int
      sample: 2
    unchanged:
      description: Devices that already have the status.
      type: int
      sample: 1
    refused:
      description: Deactivated devices, which cannot get the status.
      type: int
      sample: 0
    excepted:
      description: Devices left as they are by O(except_devices) or O(except_src).
      type: int
      sample: 0
    missing:
      description: Devices that are not listed, with O(missing=ignore).
      type: int
      sample: 0
summary:
  description: Number of devices by outcome, V(failed), V(pending), V(set), V(would_set), V(missing), V(excepted) or
    V(unchanged). Outcomes without a device are left out.
  returned: when the plan was made
  type: dict
  sample: {set: 2, unchanged: 1}
devices:
  description:
    - The devices and their outcomes. See O(result_devices) and O(result_limit).
    - A task that fails lists only those that need attention, unless O(result_devices=none).
  returned: when the plan was made
  type: list
  elements: dict
  contains:
    mdn:
      description: The phone number that the carrier assigned.
      type: str
      sample: 201-555-0056
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737361044124"
    iccid:
      description: ICCID of the SIM.
      type: str
      sample: "89148000003100412076"
    eid:
      description: EID of the device's eUICC.
      type: str
      sample: null
    nickname:
      description: The declared nickname, otherwise the listed one.
      type: str
      sample: Bus 12
    status:
      description: The service's word for the status when the plan was made.
      type: str
      sample: active
    device_status:
      description: The service's word for the status when last read; V(null) if it was set and not read again.
      type: str
      sample: suspended
    outcome:
      description:
        - V(set), V(would_set) in check mode, V(unchanged), V(excepted), V(missing) with O(missing=ignore), V(failed),
          or V(pending) if the list does not show the status within O(settle_timeout).
      type: str
      sample: set
    reason:
      description: Reason for the outcome.
      type: str
      sample: was listed as active
devices_omitted:
  description: Number of devices not listed because of O(result_limit) and the size that controllers allow.
  returned: when the plan was made
  type: int
  sample: 0
requests:
  description:
    - The requests that were sent, without logins.
    - C(reads) is requests that only read, C(writes) requests that set a status, C(retried) how many of these were
      retries, C(throttled_seconds) the time spent waiting for the service's rate limit.
  returned: when the plan was made
  type: dict
  sample:
    reads: 3
    writes: 1
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Duration of the task in seconds.
  returned: when the plan was made
  type: float
  sample: 1.4
diff:
  description: C(before) and C(after) have one line per device that is or would be set, sorted by MDN.
  returned: in diff mode, when the plan was made
  type: dict
  sample:
    before: "201-555-0056: active\n"
    after: "201-555-0056: SUSPENDED\n"
error:
  description: The error that ended the task before anything was set, with its kind, the call, and what to do about it.
  returned: when the task failed before the first write
  type: dict
  sample:
    kind: guard
    method: null
    path: null
    status: null
    cure: Look at the plan (check mode, with --diff), then raise the limit or shorten the list.
"""

from ..module_utils._options import SentinelModule
from ..module_utils._options.device_status import device_status_spec
from ..module_utils._stories.device_status import device_status_in_module


def main() -> None:
    """Runs the module."""
    module = SentinelModule(device_status_spec(), supports_check_mode=True)
    device_status_in_module(module)


if __name__ == "__main__":
    main()
