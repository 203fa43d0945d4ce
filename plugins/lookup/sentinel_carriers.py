# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel_carriers
short_description: Names of the account's carriers
version_added: 0.1.0
description:
  - Returns the names of the carriers that the account can activate SIMs with, or eSIMs with O(esim=true).
  - Takes no terms.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
options:
  esim:
    description:
      - Whether to return the carriers of eSIMs instead. This needs the scope C(aux_kemp_user).
    type: bool
    default: false
seealso:
  - module: kajeet.sentinel.sentinel_carriers_info
  - plugin: kajeet.sentinel.sentinel_inventory
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show the carriers of SIMs as one string
  ansible.builtin.debug:
    msg: "{{ lookup('kajeet.sentinel.sentinel_carriers') }}"

- name: Loop over the carriers of eSIMs
  ansible.builtin.debug:
    msg: "{{ item }}"
  loop: "{{ query('kajeet.sentinel.sentinel_carriers', esim=true) }}"
"""

RETURN = r"""
_raw:
  description: Names of carriers.
  type: list
  elements: str
  sample: [Verizon, AT&T, T-Mobile]
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils._connection import connected, set_options


class LookupModule(LookupBase):
    """The lookup ``kajeet.sentinel.sentinel_carriers``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """Returns names of carriers. Raises AnsibleError."""
        if terms:
            raise AnsibleError(f"sentinel_carriers takes no terms, not {terms!r}; did you mean esim=true?")
        set_options(self, variables, kwargs)
        with connected(self) as api:
            return api.esim_carriers() if self.get_option("esim") else api.carriers()
