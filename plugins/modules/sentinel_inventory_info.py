#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_inventory_info
short_description: Get the account's stock of SIMs or eSIMs
version_added: 0.1.0
description:
  - Returns the inventory of each carrier as the service describes it, or with O(esim=true) the number of available
    eSIMs.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  carriers:
    description:
      - Names of carriers, such as V(Verizon Priority) or V(AT&T).
    type: list
    elements: str
    required: true
  esim:
    description:
      - Whether to count the account's eSIMs of each carrier instead. Needs O(corp_id), or a login that reports it.
    type: bool
    default: false
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
  - module: kajeet.sentinel.sentinel_carriers_info
  - plugin: kajeet.sentinel.sentinel_inventory
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Get the stock of two carriers
  kajeet.sentinel.sentinel_inventory_info:
    carriers:
      - Verizon Priority
      - AT&T
  register: stock

- name: Show the number of SIMs of each carrier
  ansible.builtin.debug:
    msg: "{{ stock.inventory | items2dict(key_name='carrier', value_name='count') }}"

- name: Count the eSIMs
  kajeet.sentinel.sentinel_inventory_info:
    carriers: [AT&T]
    esim: true
    corp_id: NORTHSTAR-ISD
  register: esims

- name: Stop if there are too few
  ansible.builtin.assert:
    that: esims.inventory[0].available >= 10
"""

RETURN = r"""
inventory:
  description: One entry per carrier, in the order of O(carriers).
  returned: success
  type: list
  elements: dict
  contains:
    carrier:
      description: The carrier, as given.
      type: str
      sample: AT&T
    count:
      description: Total number of SIMs in the inventory; V(null) if the answer has no count. Without O(esim=true).
      type: int
      sample: 8510
    inventory:
      description: Answer of the service, as received. Without O(esim=true).
      type: raw
      sample:
        - sku: SIM-ATT-4FF
          carrier: AT&T
          planId: ATT-EDU-10
          subType: Tablet
          subTypeList: [Tablet, Hotspot]
          count: 8200
        - sku: SIM-ATT-BUS
          carrier: AT&T
          planId: ATT-BUS-50
          subType: Vehicle
          subTypeList: [Vehicle]
          count: 310
    available:
      description: Number of available eSIMs. With O(esim=true).
      type: int
      sample: 250
    max_per_request:
      description: Maximum number of eSIMs per request; V(null) if the answer does not say. With O(esim=true).
      type: int
      sample: 100
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: refused
    method: GET
    path: /v1.0/activation/inventory
    status: 400
    cure: null
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.info import inventory

SPEC = {
    "carriers": {"type": "list", "elements": "str", "required": True},
    "esim": {"type": "bool", "default": False},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: inventory(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
