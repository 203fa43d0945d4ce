# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the input of filters that take a declared fleet."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.declaration`."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - The declared fleet. The path of a file, like the option C(src) of the activation modules, a list of devices,
        like their option C(devices), or with O(hostvars) the names of hosts.
      - A column or key C(kind) sets the kind of each device, V(sim), V(smartsim) or V(esim).
    type: raw
    required: true
  kind:
    description:
      - The kind of the devices that have no C(kind) of their own.
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
      - Fields for the devices of a carrier, by its name. They take precedence over O(defaults).
    type: dict
    default: {}
  group_defaults:
    description:
      - Fields for the devices of a device group, by its name. They take precedence over O(carrier_defaults).
    type: dict
    default: {}
  hostvars:
    description:
      - The variables of the hosts, if hosts are the devices; usually C(hostvars).
      - >-
        A host has variables such as C(sentinel_iccid), C(sentinel_imei) and C(sentinel_carrier), and C(sentinel_kind)
        if it is not of O(kind). For a host with C(sentinel_device), that mapping is the declaration. A host with
        C(sentinel_declared=false) declares nothing.
    type: dict
"""
