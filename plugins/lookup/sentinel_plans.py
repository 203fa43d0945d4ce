# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel_plans
short_description: Rate plans of the account
version_added: 0.1.0
description:
  - Returns the billing plans of the account, the business internet plans, or both, as the service describes them.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
options:
  _terms:
    description:
      - Which plans to return, V(billing), V(business_internet) or V(all). The default is all.
      - A term can be a list of them.
    type: list
    elements: str
seealso:
  - module: kajeet.sentinel.sentinel_plans_info
"""

EXAMPLES = r"""
- name: Show the ids of all plans
  ansible.builtin.debug:
    msg: "{{ query('kajeet.sentinel.sentinel_plans') | map(attribute='planId') }}"

- name: Loop over the plans of Verizon BI
  ansible.builtin.debug:
    msg: "{{ item.planId }}: {{ item.planDescription }}"
  loop: "{{ query('kajeet.sentinel.sentinel_plans', 'business_internet') }}"
"""

RETURN = r"""
_raw:
  description: The plans, as received, in the order of the terms. Without terms, billing plans come first.
  type: list
  elements: dict
  sample:
    - planId: VZBI-100
      planDescription: Business Internet 100 Mbps
      planDescriptionFull: Verizon Business Internet, up to 100 Mbps down, unlimited data
      whPlanId: "48201"
      carrier: Verizon BI
"""

from collections.abc import Mapping
from typing import Any

from ansible.plugins.lookup import LookupBase

from ..module_utils._stories.info import plans_of
from ..plugin_utils._connection import connected, names, set_options


class LookupModule(LookupBase):
    """The lookup ``kajeet.sentinel.sentinel_plans``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[Mapping[str, Any]]:
        """Returns the plans. Raises AnsibleError."""
        set_options(self, variables, kwargs)
        with connected(self) as api:
            found = plans_of(api, names(terms) if terms else ["all"])
        return [plan for listed in found.values() for plan in listed]
