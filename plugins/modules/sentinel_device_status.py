#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_device_status
short_description: Suspend devices, restore them, or give them another status
version_added: 0.1.0
description:
  - Declares the status of devices that the account has, such as suspended for the summer. It reads the account's device
    list, and sets the status of those devices only that have another one.
  - Each device is named by its MDN, IMEI, ICCID or EID. With several of them, they must be those of one device.
  - The devices are set in requests of at most 100. Where one is refused, its halves are sent, until it is known for
    which device. That device fails with the reason; all others are set.
  - This module does not activate devices. For that, use M(kajeet.sentinel.sentinel_activation) and its siblings. Their
    option O(kajeet.sentinel.sentinel_activation#module:on_suspended) can restore the suspended devices of a fleet, too.
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
        The status that the devices are to have: V(active), V(suspended), or any word among the account's possible
        statuses, in any case. What the account calls active or suspended is found by the meaning of its words, which
        O(status_words) can extend.
      - A device that the list shows as deactivated cannot become V(active) or V(suspended) by setting a status. It
        fails, and the others are set. Activate it with one of the activation modules, which is billed, or make it an
        exception.
      - Be careful with the account's word for deactivated. What is deactivated has to be activated again.
    type: str
    required: true
  devices:
    description:
      - The devices. Exactly one of O(devices) and O(src) is given.
      - Each has at least one of V(mdn), the phone number that the carrier assigned, V(imei), V(iccid) and V(eid). Quote
        them. The punctuation of an MDN does not matter. V(nickname) is a name for messages; it is not sent.
      - What devices have for the activation modules, or in the result of M(kajeet.sentinel.sentinel_devices_info), is
        ignored. So these lists can be used here as they are.
      - An empty list is a fleet of no devices. Nothing happens then.
    type: list
    elements: dict
  src:
    description:
      - Path of a file with the devices, on the machine that runs the module, as
        O(kajeet.sentinel.sentinel_fleet#module:src) takes it.
      - Headings are understood by their words. V(Phone Number) and V(MSISDN) are V(mdn), and V(UICC) is V(iccid).
      - What files for the activation modules have besides, such as V(carrier), is ignored, and so are the columns of
        the account's device list. So the file that declares the fleet can be used here, too.
    type: path
  except_devices:
    description:
      - Devices that stay as they are, although O(devices) or O(src) has them. Exceptions that it does not have are
        allowed.
      - Where an identifier is that of several listed devices, each of them is an exception.
    type: list
    elements: dict
  except_src:
    description:
      - Path of a file with devices that stay as they are, of the same form as O(src). It may be given beside
        O(except_devices).
    type: path
  missing:
    description:
      - What to do with devices and exceptions that are not in the account's device list.
      - With V(fail), the task fails and names them, and nothing is set. With V(ignore), the devices are reported as
        V(missing); for exceptions there is a warning.
    type: str
    choices: [fail, ignore]
    default: fail
  reason:
    description:
      - Why the status is set. It is sent along.
    type: str
  max_changes:
    description:
      - Refuse, before anything is set, to set the status of more devices than this.
    type: int
  wait:
    description:
      - Whether to wait until the device list shows the status, for at most O(settle_timeout) seconds. With V(false), a
        device counts as set when the service has taken the request.
    type: bool
    default: true
  settle_timeout:
    description:
      - Maximum number of seconds to wait for the device list. Devices that it does not show as wanted by then are
        pending, and the task fails.
    type: float
    default: 30.0
  result_devices:
    description:
      - >-
        Which devices RV(ignore:devices) lists: V(changed) is all but those that have the status already, V(attention)
        those that failed or are pending. The summary always counts all.
    type: str
    choices: [all, changed, attention, none]
    default: changed
  result_limit:
    description:
      - Maximum number of devices that are listed, those that need attention first, from 0 to 1000.
    type: int
    default: 1000
attributes:
  check_mode:
    support: full
    details:
      - Reads the device list and plans; sets nothing. Where a status is to be set, the account's statuses are read,
        too.
  diff_mode:
    support: full
    details:
      - Shows the status of each device that is, or would be, set, before and after.
  idempotent:
    support: full
    details:
      - What has the status already is not set again. Where the list is late, a device may be set again; the same status
        twice does no harm.
notes:
  - The list is that of an account. It needs O(corp_id), or a login that reports it. Setting a status needs one of the
    scopes C(org_super), C(org_tech), C(org_kajeetmanaged) and C(org_managerplus).
  - Rows that do not name one device of the list are errors, and nothing is set. All of them are named at once. A device
    that is in two rows is set once, and a warning names the rows.
  - Of the entries that a row names, those of deactivated devices count only where there is no other.
  - Where the device list can be read only from its pages, there are no ICCIDs. Name the devices by MDN or IMEI then.
  - How soon the list shows a status is not published. Without O(wait), a task that follows may see the status of
    before.
  - Runs that set the same devices do not wait for one another, as those of the activation modules do. The last one
    wins.
seealso:
  - module: kajeet.sentinel.sentinel_devices_info
  - module: kajeet.sentinel.sentinel_activation
"""

EXAMPLES = r"""
# One task for the whole year, to be run each day. The fleet is suspended from the first day of the holidays on, and
# active again from the first day of school. Only what differs is set. The devices in exceptions.csv stay as they are.
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

- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ season.msg }}"

- name: See which devices would be suspended, and set nothing
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    src: fleet.csv
    state: suspended
  check_mode: true
  diff: true

- name: Suspend a lost router, by whatever is known of it
  kajeet.sentinel.sentinel_device_status:
    corp_id: NORTHSTAR-ISD
    devices:
      - imei: "355737361044124"
        nickname: Bus 12
    state: suspended
    reason: Lost on route 7

- name: Find the suspended devices of a device group
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    statuses: [suspended]
    device_groups: [Transportation]
  register: suspended

- name: Restore them, but for one
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
    - Where devices need attention, at most 20 of them come first, with their reasons, then what to do about them.
  returned: always
  type: str
  sample: 2 set, 1 unchanged
plan:
  description: How many devices there are of each kind of decision.
  returned: when the plan was made
  type: dict
  contains:
    set:
      description: Devices whose status is, or would be, set.
      type: int
      sample: 2
    unchanged:
      description: Devices that have the status already.
      type: int
      sample: 1
    refused:
      description: Deactivated devices, which cannot get the status.
      type: int
      sample: 0
    excepted:
      description: Devices that stay as they are, by O(except_devices) or O(except_src).
      type: int
      sample: 0
    missing:
      description: Devices that are not listed, with O(missing=ignore).
      type: int
      sample: 0
summary:
  description: How many devices have each outcome, V(failed), V(pending), V(set), V(would_set), V(missing), V(excepted)
    or V(unchanged); those that no device has are left out.
  returned: when the plan was made
  type: dict
  sample: {set: 2, unchanged: 1}
devices:
  description:
    - The devices that O(result_devices) wants. A task that fails lists those that need attention, unless
      O(result_devices=none).
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
      description: The declared nickname, else the listed one.
      type: str
      sample: Bus 12
    status:
      description: The service's word for its status when the plan was made.
      type: str
      sample: active
    device_status:
      description: The service's word for its status as it was listed last; V(null) where it was set and not looked up.
      type: str
      sample: suspended
    outcome:
      description:
        - V(set); V(would_set), in check mode; V(unchanged); V(excepted); V(missing), with O(missing=ignore); V(failed);
          V(pending), where the list does not show it within O(settle_timeout).
      type: str
      sample: set
    reason:
      description: Why, in words.
      type: str
      sample: was listed as active
devices_omitted:
  description: How many more devices would be listed but for O(result_limit) and the size that controllers allow.
  returned: when the plan was made
  type: int
  sample: 0
requests:
  description:
    - What was sent to the service; logins are not counted.
    - C(reads), requests that only read; C(writes), requests that set a status; C(retried), how many of them were
      repeats; C(throttled_seconds), for how long the service's rate limit held requests back.
  returned: when the plan was made
  type: dict
  sample:
    reads: 3
    writes: 1
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Seconds that the task took in the module.
  returned: when the plan was made
  type: float
  sample: 1.4
diff:
  description: C(before) and C(after) have a line for each device that is, or would be, set, sorted by MDN.
  returned: in diff mode, when the plan was made
  type: dict
  sample:
    before: "201-555-0056: active\n"
    after: "201-555-0056: SUSPENDED\n"
error:
  description: What kind of error ended the task before anything was set, in which call, and what can be done about it.
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
