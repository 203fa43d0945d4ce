# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: luhn_check_digit
short_description: Calculate the check digit of an IMEI or ICCID
version_added: 0.1.0
description:
  - Returns the Luhn check digit for a string of digits that lacks it.
  - IMEIs and ICCIDs end in this digit. It shows whether a number was mistyped, but not whether it exists.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The digits without the check digit. Quote them, because leading zeros matter.
    type: str
    required: true
seealso:
  - plugin: kajeet.sentinel.imei
    plugin_type: test
"""

EXAMPLES = r"""
- name: Complete an IMEI of 14 digits from a label
  ansible.builtin.debug:
    msg: "{{ digits ~ digits | kajeet.sentinel.luhn_check_digit }}" # => 355737360073462
  vars:
    digits: "35573736007346"
"""

RETURN = r"""
_value:
  description: The check digit.
  type: str
  sample: "2"
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._wire.identifiers import luhn_check_digit as check_digit


def luhn_check_digit(digits):
    """Returns the check digit. Raises AnsibleTemplatePluginError for anything but digits."""
    try:
        return check_digit(str(digits))
    except ValueError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.luhn_check_digit``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"luhn_check_digit": luhn_check_digit}
