# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_split
short_description: A declared fleet as the arguments of the activation modules
version_added: 0.1.0
description:
  - Reads a fleet whose devices may be of several kinds, gives each device its defaults and checks it, and returns what
    the activation module of each kind is to be given.
  - Fails with every problem of every kind at once, each with its row.
  - A file whose devices are of one kind is handed on as it is, so that its rows keep their names in all messages.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
requirements:
  - voluptuous >= 0.13
extends_documentation_fragment:
  - kajeet.sentinel.declaration
options:
  turn:
    description:
      - The value that the variable C(fleet__present) has for those of the hosts that are meant. Any other choice than
        all of them, or the first one, which stands for all, is an error.
    type: raw
  strict:
    description:
      - Whether what is odd is an error rather than a warning, as with the option of the same name of the modules.
    type: bool
    default: false
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_smartsim_activation
  - module: kajeet.sentinel.sentinel_esim_activation
"""

EXAMPLES = r"""
- name: Split a file with a column for the kind
  ansible.builtin.set_fact:
    kinds: "{{ 'fleet.csv' | kajeet.sentinel.fleet_split(group_defaults=defaults) }}"
  vars:
    defaults:
      Transportation: {filter_group: Student_K8, service_zip_code: "20191"}

- name: Activate its eSIMs
  kajeet.sentinel.sentinel_esim_activation:
    devices: "{{ kinds.esim.devices }}"
  when: kinds.esim is defined
"""

RETURN = r"""
_value:
  description:
    - Arguments by the name of the kind, C(devices), or C(src) with the fields of O(defaults). Kinds of which there is
      no device are left out.
  type: dict
  sample:
    esim:
      devices:
        - imei: "355737362000018"
          carrier: AT&T
"""

from ansible.errors import AnsibleTemplatePluginError
from ansible.utils.display import Display

from ..module_utils._errors import SentinelError
from ..module_utils._text import printable_lines
from ..plugin_utils._fleet.declaration import Declaration


def fleet_split(
    content,
    kind="sim",
    defaults=None,
    carrier_defaults=None,
    group_defaults=None,
    hostvars=None,
    strict=False,
    turn=None,
):
    """Arguments by kind. Raises AnsibleTemplatePluginError with every problem."""
    try:
        declared = Declaration.read(content, kind, defaults, carrier_defaults, group_defaults, strict, hostvars, turn)
        arguments, warnings = declared.arguments()
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None
    for warning in warnings:
        Display().warning(printable_lines(warning))
    return arguments


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_split``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_split": fleet_split}
