#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_plans_info
short_description: List the rate plans of the account
version_added: 0.1.0
description:
  - Returns the billing plans of the account, the business internet plans, or both.
  - The plans are returned as the service describes them. RV(plan_ids) lists their ids.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  kind:
    description:
      - Which plans to list. V(business_internet) are those that C(plan_id) takes for the carrier Verizon BI.
    type: str
    choices: [billing, business_internet, all]
    default: all
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
seealso:
  - plugin: kajeet.sentinel.sentinel_plans
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: List all plans
  kajeet.sentinel.sentinel_plans_info:
  register: known

- name: Stop if the plan is not one of them
  ansible.builtin.assert:
    that: "'VZBI-200' in known.plan_ids"

- name: List the plans of Verizon BI
  kajeet.sentinel.sentinel_plans_info:
    kind: business_internet
"""

RETURN = r"""
billing_plans:
  description: Billing plans, as received.
  returned: success, unless O(kind=business_internet)
  type: list
  elements: dict
  sample:
    - planId: VZW-EDU-10
      planName: Education 10
      planDescription: Education 10, 10 GB a month
      carrier: Verizon
      dataLimitMb: 10240
      billingCycle: MONTHLY
business_internet_plans:
  description: Business internet plans, as received.
  returned: success, unless O(kind=billing)
  type: list
  elements: dict
  sample:
    - planId: VZBI-100
      planDescription: Business Internet 100 Mbps
      planDescriptionFull: Verizon Business Internet, up to 100 Mbps down, unlimited data
      whPlanId: "48201"
      carrier: Verizon BI
plan_ids:
  description: The id of each plan that has one. Those of billing plans come first.
  returned: success
  type: list
  elements: str
  sample: [VZW-EDU-10, VZW-EDU-UNL, VZP-FLEET-25, VZBI-100, VZBI-200, VZBI-400]
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
from ..module_utils._stories.info import plans

SPEC = {"kind": {"type": "str", "choices": ["billing", "business_internet", "all"], "default": "all"}}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: plans(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
