# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a fleet is declared, as the filters of the role fleet take it."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment ``kajeet.sentinel.declaration``."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - What declares the fleet. The path of a file as the option C(src) of the activation modules takes it, a list of
        devices as their option C(devices) does, or with O(hostvars) the names of hosts.
      - A column or key C(kind) may say of which kind each device is, V(sim), V(smartsim) or V(esim).
    type: raw
    required: true
  kind:
    description:
      - The kind of the devices that do not say it.
    type: str
    choices: [sim, smartsim, esim]
    default: sim
  defaults:
    description:
      - >-
        Fields for each device that lacks them, such as C({carrier: Verizon}).
    type: dict
    default: {}
  carrier_defaults:
    description:
      - The same for the devices of a carrier, by its name. They outrank O(defaults).
    type: dict
    default: {}
  group_defaults:
    description:
      - The same for the devices of a device group, by its name. They outrank O(carrier_defaults).
    type: dict
    default: {}
  hostvars:
    description:
      - The variables of the hosts, where hosts are the devices; usually C(hostvars).
      - >-
        A host has variables such as C(sentinel_iccid), C(sentinel_imei) and C(sentinel_carrier), and C(sentinel_kind)
        where it is of another kind than O(kind). A host with C(sentinel_device) declares what that says, and one whose
        C(sentinel_declared) is V(false) nothing.
    type: dict
"""
