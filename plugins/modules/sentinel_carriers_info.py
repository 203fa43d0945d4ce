#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_carriers_info
short_description: List the carriers of the account
version_added: 0.1.0
description:
  - Returns the names of the carriers that the account can activate SIMs with, or eSIMs with O(esim=true).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  esim:
    description:
      - Whether to list the carriers of eSIMs instead. This needs the scope C(aux_kemp_user).
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
  - module: kajeet.sentinel.sentinel_inventory_info
  - plugin: kajeet.sentinel.sentinel_carriers
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: List the carriers of SIMs
  kajeet.sentinel.sentinel_carriers_info:
  register: known

- name: Stop if the carrier is not one of them
  ansible.builtin.assert:
    that: "'Verizon Priority' in known.carriers"

- name: List the carriers of eSIMs
  kajeet.sentinel.sentinel_carriers_info:
    esim: true
"""

RETURN = r"""
carriers:
  description: Names of carriers, in the service's order and spelling.
  returned: success
  type: list
  elements: str
  sample: [Verizon, Verizon Priority, Verizon BI, AT&T, T-Mobile, FirstNet, FirstNet Extended Primary]
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: scope
    method: GET
    path: /v1.0/activation/carriers
    status: 403
    cure: Grant the scope aux_activation to this user or token, or use one that has it.
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.info import carriers

SPEC = {"esim": {"type": "bool", "default": False}}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: carriers(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
