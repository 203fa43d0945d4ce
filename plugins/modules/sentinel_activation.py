#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_activation
short_description: Activate a declared fleet of SIMs through Kajeet Sentinel
version_added: 0.1.0
description:
  - Activates the declared SIMs that are not active yet. Each SIM is declared with its device.
  - First compares the declaration with the activation history and the account's device list. Active devices are left
    alone, pending ones are waited for, all others are submitted once. Suspended and deactivated devices are reported.
    O(on_suspended) and O(on_deactivated) can restore them or activate them again.
  - Check mode makes the same plan and stops before the first write.
  - Activations are billed. A submission whose answer was lost is looked up in the history instead of being repeated.
    If it cannot be found, its devices are reported as unknown.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.activation
  - kajeet.sentinel.outputs
  - kajeet.sentinel.source
  - kajeet.sentinel.source.carriers
  - kajeet.sentinel.waiting
  - kajeet.sentinel.activation.sim
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  request_format:
    description:
      - How to put devices into requests.
      - V(single) sends one device per request, as the vendor documents it. V(batch) sends up to O(batch_size) devices
        that share carrier, groups and the other common fields.
    type: str
    choices: [single, batch]
    default: single
attributes:
  check_mode:
    support: full
    details:
      - Makes the same plan with the same guards and preflight. Nothing is submitted or restored.
      - O(plan_file) and O(result_file) are also written in check mode.
  diff_mode:
    support: full
    details:
      - Returns the plan as lines, see RV(diff).
  idempotent:
    support: partial
    details:
      - Fully idempotent with two exceptions. With O(history=none), devices that the device list does not show are
        submitted on each run. Devices whose activation fails are submitted again, unless O(retry_failed=false).
seealso:
  - module: kajeet.sentinel.sentinel_fleet
  - module: kajeet.sentinel.sentinel_devices_info
  - module: kajeet.sentinel.sentinel_smartsim_activation
  - module: kajeet.sentinel.sentinel_esim_activation
  - plugin: kajeet.sentinel.sentinel_carriers
    plugin_type: lookup
  - plugin: kajeet.sentinel.sentinel_inventory
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Activate one SIM
  kajeet.sentinel.sentinel_activation:
    iccid: "89014103211118510720"
    imei: "355737360073462"
    carrier: VERIZON
    device_group: Transportation
    filter_group: Student_K8
    service_zip_code: "20191"

- name: Activate several SIMs with common fields
  kajeet.sentinel.sentinel_activation:
    carrier: AT&T
    device_group: Transportation
    filter_group: Student_K8
    devices:
      - iccid: "89014103270000000018"
        imei: "355737361000019"
        nickname: Bus 1
      - iccid: "89014103270000000026"
        imei: "355737361000027"
        nickname: Bus 2

- name: Plan a fleet file and keep the plan for approval
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    plan_file: fleet.plan.json
  check_mode: true
  diff: true
  register: plan

- name: Carry out the approved plan, many devices per request
  kajeet.sentinel.sentinel_activation:
    src: fleet.csv
    request_format: batch
    approved_plan: "{{ plan.plan.digest }}"
    max_new_activations: 500
    wait_timeout: 3600
"""

RETURN = r"""
changed:
  description: Whether anything was submitted or restored, or would be in check mode.
  returned: always
  type: bool
  sample: true
msg:
  description:
    - The last line says what happened, or would happen in check mode, and how long it took.
    - If devices need attention, up to 20 of them come first, each with its nickname, the place where it is declared,
      its identifiers, outcome and reason, followed by what to do about them.
  returned: always
  type: str
  sample: 2 activated, 1 already active in 41 s
plan:
  description: The number of devices for each action of the plan, and the digest of what it writes.
  returned: when the plan was made
  type: dict
  contains:
    activate:
      description: Devices to submit, including retries of failed ones.
      type: int
      sample: 2
    restore:
      description: Suspended devices to restore.
      type: int
      sample: 0
    wait:
      description: Devices that are already pending.
      type: int
      sample: 0
    unchanged:
      description: Devices that need no action.
      type: int
      sample: 1
    conflict:
      description: Devices that are active or pending with another partner.
      type: int
      sample: 0
    inactive:
      description: Suspended or deactivated devices that are left alone.
      type: int
      sample: 0
    digest:
      description: 64 hexadecimal digits for O(approved_plan), the same for the same submissions in any order.
      type: str
      sample: 9f1b0b6b2d3c7a57f4a3c1f1d7d6f5a9f9e3b7a1d0c2b4e6f8a0c2e4d6b8f0a2
summary:
  description:
    - Number of devices by outcome. Outcomes without a device are left out.
    - R(Outcomes and actions, ansible_collections.kajeet.sentinel.docsite.outcomes) describes each outcome, such as
      V(activated), V(already_active), V(pending), V(failed), V(unknown), and V(would_activate) in check mode.
  returned: when the plan was made
  type: dict
  sample:
    activated: 2
    already_active: 1
devices:
  description:
    - The devices and their outcomes. See O(result_devices) and O(result_limit).
    - A task that fails lists only those that need attention, unless O(result_devices=none).
  returned: when the plan was made
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the device.
      type: str
      sample: sim
    imei:
      description: IMEI of the device.
      type: str
      sample: "355737360073462"
    iccid:
      description: ICCID of the SIM.
      type: str
      sample: "89014103211118510720"
    nickname:
      description: The nickname as declared, otherwise the one that the service has.
      type: str
      sample: Bus 12
    carrier:
      description: The carrier as declared.
      type: str
      sample: VERIZON
    device_group:
      description: The device group as declared.
      type: str
      sample: Transportation
    outcome:
      description: Outcome of the device.
      type: str
      sample: activated
    transaction_id:
      description: The transaction in which it was submitted or found.
      type: str
      sample: ACT-2026-0313-001
    line_status:
      description: The service's word for the device's status in that transaction.
      type: str
      sample: COMPLETED
    device_status:
      description: The service's word for the device's status in the device list, when last read.
      type: str
      sample: active
    reason:
      description:
        - Reason for the outcome, if it needs one.
        - A conflict reports only the declared device. The other device or SIM is named here.
      type: str
      sample: IMEI is on the carrier's block list
    mdn:
      description: The phone number that the carrier assigned.
      type: str
      sample: "2015550066"
    ip:
      description: The IP address that the carrier assigned.
      type: str
      sample: 10.0.0.66
    seconds:
      description: Seconds from the device's submission to its end. Only for devices that this run submitted.
      type: float
      sample: 41.5
devices_omitted:
  description: Number of devices not listed because of O(result_limit) and the size that controllers allow.
  returned: when the plan was made
  type: int
  sample: 0
transactions:
  description:
    - The transactions of the declared devices, with the number of those devices in each.
    - A task that fails lists only the transactions with a device that needs attention.
  returned: when the plan was made
  type: list
  elements: dict
  contains:
    transaction_id:
      description: The transaction.
      type: str
      sample: ACT-2026-0313-001
    status:
      description:
        - V(pending) if a declared device in it is pending, else V(unknown) if the outcome of one of them is unknown,
          otherwise V(ended).
      type: str
      sample: ended
    success:
      description: Devices that became active.
      type: int
      sample: 1
    failed:
      description: Devices that failed.
      type: int
      sample: 0
    pending:
      description: Devices that are pending.
      type: int
      sample: 0
transactions_omitted:
  description: Number of transactions not listed.
  returned: when the plan was made
  type: int
  sample: 0
requests:
  description:
    - The requests that were sent, without logins.
    - C(reads) is requests that only read, C(writes) requests that submit devices or set their status, C(retried) how
      many of these were retries, C(throttled_seconds) the time spent waiting for the service's rate limit.
  returned: when the plan was made
  type: dict
  sample:
    reads: 4
    writes: 2
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Duration of the task in seconds.
  returned: when the plan was made
  type: float
  sample: 6.4
account:
  description: The account that the devices are activated in.
  returned: when the plan was made and there are devices
  type: dict
  contains:
    corp_id:
      description: The account, if known.
      type: str
      sample: NORTHSTAR-ISD
    api_url:
      description: URL of the service, without credentials.
      type: str
      sample: https://api.kajeet.dev/sentinel-proxy/sentinel/api
    simulator:
      description: Whether the simulator of this collection answered instead of the service.
      type: bool
      sample: false
source:
  description: The source of the declaration, for people.
  returned: when the plan was made and there are devices
  type: str
  sample: fleet.csv
temporary_files:
  description:
    - Files written by the task that are deleted when the job of an automation controller ends. Files on volumes that
      are mounted into jobs are kept. Empty if no controller runs the task.
  returned: when the plan was made and there are devices
  type: list
  elements: str
  sample: [/runner/project/fleet.plan.json]
planned:
  description: Whether the task only made a plan, as in check mode.
  returned: when the plan was made and there are devices
  type: bool
  sample: false
started_at:
  description: Start time of the task, in UTC.
  returned: when the plan was made and there are devices
  type: str
  sample: "2026-03-13T08:30:00Z"
diff:
  description:
    - C(prepared) is the plan as lines, with C(+) for a device to activate, C(~) for one to restore, and C(!) for one
      that needs attention, followed by the counts and, if the plan writes anything, the digest.
  returned: in diff mode, when the plan was made
  type: dict
  sample:
    prepared: |
      + iccid 89014103211118510720 imei 355737360073462, VERIZON / Transportation
      Plan: 1 to activate, 2 active.
      Digest: 9f1b0b6b2d3c7a57f4a3c1f1d7d6f5a9f9e3b7a1d0c2b4e6f8a0c2e4d6b8f0a2
error:
  description: The error that ended the task before a plan was carried out.
  returned: when the task failed before the first write
  type: dict
  contains:
    kind:
      description: >-
        V(input), V(auth), V(scope), V(preflight), V(guard), V(unreachable), V(throttled), V(refused), V(service),
        V(unexpected_answer) or V(missing_library).
      type: str
      sample: scope
    method:
      description: HTTP method of the call that failed.
      type: str
      sample: GET
    path:
      description: Path of that call.
      type: str
      sample: /v2.0/activation/transactions
    status:
      description: HTTP status of the answer.
      type: int
      sample: 403
    cure:
      description: What to do about it.
      type: str
      sample: Grant the scope aux_activation to this user or token, or use one that has it.
"""

from ..module_utils._decide.kinds import SIM
from ..module_utils._options import SentinelModule, activation_spec
from ..module_utils._stories.activate import activate_in_module
from ..module_utils._stories.tasks import of_kind


def main() -> None:
    """Runs the module."""
    module = SentinelModule(activation_spec(SIM.identity.identifiers, SIM.formats), supports_check_mode=True)
    activate_in_module(of_kind(SIM), module)


if __name__ == "__main__":
    main()
