# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call per term; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel_devices
short_description: Devices of the account
version_added: 0.1.0
description:
  - Returns the account's devices as they are now, with their status, device group, carrier and usage.
  - All terms of a call share one login and one connection.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
  - kajeet.sentinel.listing
options:
  _terms:
    description:
      - Texts to search for in MDN, IMEI, ESN, ICCID, EID, IMSI, MSISDN, MAC address, serial number or nickname. A term
        can be a list of texts. A device that matches several is returned once.
      - Without a term, all devices of the account are returned.
    type: list
    elements: str
  columns:
    description:
      - More columns of the device list to return. See O(kajeet.sentinel.sentinel_devices_info#module:columns).
    type: list
    elements: str
  limit:
    description:
      - Maximum number of devices per term.
    type: int
notes:
  - The device list needs O(corp_id), or a login that reports it.
seealso:
  - module: kajeet.sentinel.sentinel_devices_info
"""

EXAMPLES = r"""
- name: Show the MDNs of the suspended devices
  ansible.builtin.debug:
    msg: "{{ query('kajeet.sentinel.sentinel_devices', statuses=['suspended'], **account) | map(attribute='mdn') }}"
  vars:
    account: {corp_id: NORTHSTAR-ISD}

- name: Stop if a device is not active
  ansible.builtin.assert:
    that: found | map(attribute='state') == ['active']
  vars:
    found: "{{ query('kajeet.sentinel.sentinel_devices', '355737361044124', corp_id='NORTHSTAR-ISD') }}"
"""

RETURN = r"""
_raw:
  description:
    - The matching devices, in the service's order. Their keys are those of
      RV(kajeet.sentinel.sentinel_devices_info#module:devices).
  type: list
  elements: dict
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils._stories.devices import Query, devices_of
from ..plugin_utils._connection import connected, names, set_options
from ..plugin_utils._console import signals_held_back

display = Display()


class LookupModule(LookupBase):
    """The lookup ``kajeet.sentinel.sentinel_devices``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Returns the matching devices. Raises AnsibleError."""
        set_options(self, variables, kwargs)
        found: list[dict[str, Any]] = []
        options = ("statuses", "carriers", "device_groups", "columns", "limit")
        with connected(self) as api:
            query = Query.read({name: self.get_option(name) for name in options})
            for search in names(terms) if terms else [None]:
                listed = devices_of(api, query, search)
                found += [device for device in listed.devices if search is None or device not in found]
                with signals_held_back():
                    for warning in listed.warnings:
                        display.warning(warning)
        return found
