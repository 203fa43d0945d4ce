# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call per term; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel_inventory
short_description: The account's stock of SIMs or eSIMs
version_added: 0.1.0
description:
  - Returns the inventory of each carrier as the service describes it, or with O(esim=true) the number of available
    eSIMs.
  - All terms of a call share one login and one connection.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
options:
  _terms:
    description: Names of carriers, such as V(Verizon Priority) or V(AT&T). A term can be a list of them.
    type: list
    elements: str
    required: true
  esim:
    description:
      - Whether to count the account's eSIMs of each carrier instead. Needs O(corp_id), or a login that reports it.
    type: bool
    default: false
seealso:
  - module: kajeet.sentinel.sentinel_inventory_info
  - plugin: kajeet.sentinel.sentinel_carriers
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show the inventory of two carriers
  ansible.builtin.debug:
    msg: "{{ query('kajeet.sentinel.sentinel_inventory', 'Verizon Priority', 'AT&T') }}"

- name: Stop if there are too few eSIMs
  ansible.builtin.assert:
    that: stock.available >= 10
  vars:
    stock: "{{ lookup('kajeet.sentinel.sentinel_inventory', 'AT&T', esim=true, corp_id='NORTHSTAR-ISD') }}"
"""

RETURN = r"""
_raw:
  description: One entry per carrier, in the order of the terms.
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
      sample: 120
    inventory:
      description: Answer of the service, as received. Without O(esim=true).
      type: raw
      sample: [{sku: SIM-ATT-4FF, planId: ATT-EDU-10, subType: EDU}]
    available:
      description: Number of available eSIMs. With O(esim=true).
      type: int
      sample: 40
    max_per_request:
      description: Maximum number of eSIMs per request; V(null) if the answer does not say. With O(esim=true).
      type: int
      sample: 25
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..module_utils._stories.info import inventory_of
from ..plugin_utils._connection import connected, names, set_options


class LookupModule(LookupBase):
    """The lookup ``kajeet.sentinel.sentinel_inventory``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Returns one entry per carrier. Raises AnsibleError."""
        carriers = names(terms)
        if not carriers:
            raise AnsibleError("sentinel_inventory needs the names of carriers; sentinel_carriers lists them.")
        set_options(self, variables, kwargs)
        with connected(self) as api:
            return inventory_of(api, carriers, self.get_option("esim"))
