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
    O(kajeet.sentinel.sentinel_activation#module:wait=false), by an earlier run, or outside this collection.
  - Fails if a device failed, if the service does not have a transaction, or if a line is still pending after
    O(wait_timeout). The failure has the same full result.
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
      - Reads the transactions once, and does not wait. Pending lines do not make it fail.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - The module changes nothing.
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
- name: Submit a device without waiting
  kajeet.sentinel.sentinel_activation:
    iccid: "89014103270000000034"
    imei: "355737361000035"
    carrier: AT&T
    device_group: Transportation
    filter_group: Student_K8
    wait: false
  register: submitted

- name: Wait for its transaction
  kajeet.sentinel.sentinel_transaction_wait:
    transaction_ids: "{{ submitted.transactions | map(attribute='transaction_id') | list }}"
    wait_timeout: 3600
"""

RETURN = r"""
msg:
  description: The outcome in one sentence. If the task failed, the devices that need attention and the reasons.
  returned: always
  type: str
  sample: "1 transaction: 1 activated"
summary:
  description:
    - Number of devices by outcome. Outcomes without a device are left out.
    - Outcomes are V(activated), V(failed), V(pending), and V(unknown) for a transaction that the service does not show.
  returned: when the transactions were read
  type: dict
  sample:
    activated: 1
devices:
  description: The devices of the transactions, at most 1,000. Devices that need attention come first.
  returned: when the transactions were read
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
  description: Number of devices not listed.
  returned: when the transactions were read
  type: int
  sample: 0
transactions:
  description:
    - The transactions, with the number of lines by state.
    - C(status) is V(pending) if a line is pending, otherwise V(ended).
  returned: when the transactions were read
  type: list
  elements: dict
  sample:
    - transaction_id: ACT-2026-0313-001
      status: ended
      success: 1
      failed: 0
      pending: 0
transactions_omitted:
  description: Number of transactions not listed.
  returned: when the transactions were read
  type: int
  sample: 0
requests:
  description:
    - The requests that were sent, without logins.
    - C(reads) is requests that only read, C(writes) requests that submit devices or set their status, C(retried) how
      many of these were retries, C(throttled_seconds) the time spent waiting for the service's rate limit.
  returned: when the transactions were read
  type: dict
  sample:
    reads: 4
    writes: 0
    retried: 0
    throttled_seconds: 0.0
elapsed:
  description: Duration of the task in seconds.
  returned: when the transactions were read
  type: float
  sample: 6.4
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

from ..module_utils._options import SentinelModule, run_module, secret_receiver, wait_spec
from ..module_utils._stories.wait import wait_for

SPEC = {"transaction_ids": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(wait_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: wait_for(module.params, module.check_mode, secret_receiver(module)))


if __name__ == "__main__":
    main()
