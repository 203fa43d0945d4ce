#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_transaction_wait
short_description: Wait for activation transactions to end
version_added: 0.1.0
description:
  - Waits until every line of the given transactions is active or has failed. They may have been submitted with
    O(kajeet.sentinel.sentinel_activation#module:wait=false), by an earlier run, or elsewhere.
  - Fails when a device failed, when the service does not know a transaction, and when something is still pending after
    O(wait_timeout). The failure carries the same full result.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.waiting
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  transaction_ids:
    description:
      - The transactions to wait for.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    support: full
    details:
      - Looks once, and does not wait. What is pending does not fail then.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Changes nothing.
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
- name: Submit a device, and go on with something else
  kajeet.sentinel.sentinel_activation:
    iccid: "89014103270000000034"
    imei: "355737361000035"
    carrier: AT&T
    device_group: Transportation
    filter_group: Student_K8
    wait: false
  register: submitted

- name: Wait for it
  kajeet.sentinel.sentinel_transaction_wait:
    transaction_ids: "{{ submitted.transactions | map(attribute='transaction_id') | list }}"
    wait_timeout: 3600
"""

RETURN = r"""
msg:
  description: The outcome in a sentence; of a failure, what needs attention and why.
  returned: always
  type: str
  sample: "1 transaction: 1 activated"
summary:
  description:
    - Devices by outcome; outcomes without a device are left out.
    - Outcomes are V(activated), V(failed), V(pending), and V(unknown) for a transaction that the service does not show.
  returned: when the transactions were looked at
  type: dict
  sample:
    activated: 1
devices:
  description: The devices of the transactions, those that need attention first; at the most 1,000.
  returned: when the transactions were looked at
  type: list
  elements: dict
  sample:
    - transaction_id: ACT-2026-0313-001
      imei: "355737361000035"
      iccid: "89014103270000000034"
      sim_id: null
      eid: null
      carrier: AT&T
      device_group: Transportation
      mdn: "2015550066"
      ip: 10.0.0.66
      outcome: activated
      line_status: COMPLETED
      reason: null
devices_omitted:
  description: How many more devices there are.
  returned: when the transactions were looked at
  type: int
  sample: 0
transactions:
  description:
    - The transactions, with their lines counted by state.
    - C(status) is V(pending) while a line is under way, otherwise V(ended).
  returned: when the transactions were looked at
  type: list
  elements: dict
  sample:
    - transaction_id: ACT-2026-0313-001
      status: ended
      success: 1
      failed: 0
      pending: 0
transactions_omitted:
  description: How many more transactions there are.
  returned: when the transactions were looked at
  type: int
  sample: 0
requests:
  description:
    - What was sent to the service; logins are not counted.
    - C(reads), requests that only read; C(writes), requests that submit devices or set their status; C(retried), how
      many of them were repeats; C(throttled_seconds), for how long the service's rate limit held requests back.
  returned: when the transactions were looked at
  type: dict
  sample:
    reads: 4
    writes: 0
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Seconds that the task took in the module.
  returned: when the transactions were looked at
  type: float
  sample: 6.4
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

from ..module_utils._options import SentinelModule, run_module, secret_receiver, wait_spec
from ..module_utils._stories.wait import wait_for

SPEC = {"transaction_ids": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(wait_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: wait_for(module.params, module.check_mode, secret_receiver(module)))


if __name__ == "__main__":
    main()
