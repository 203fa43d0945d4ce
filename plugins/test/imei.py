# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: imei
short_description: Check whether a value is an IMEI
version_added: 0.1.0
description:
  - True for 15 digits that end in a correct check digit. Blanks and dashes are ignored.
  - Accepts the same values as the activation modules.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The value. Quote it.
    type: raw
    required: true
seealso:
  - plugin: kajeet.sentinel.luhn_check_digit
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse a list with a mistyped IMEI
  ansible.builtin.assert:
    that: scanned | reject('kajeet.sentinel.imei') | length == 0
  vars:
    scanned: ["355737360073462", "35-573736-913909-0"]

- name: Check one IMEI
  ansible.builtin.assert:
    that: "'355737360073463' is not kajeet.sentinel.imei"
"""

RETURN = r"""
_value:
  description: Whether the value is an IMEI.
  type: bool
"""

from ..module_utils._declare.identifiers import IdentifierError, check_imei


def is_imei(value):
    """Returns whether the value is an IMEI."""
    try:
        check_imei(value)
    except IdentifierError:
        return False
    return True


class TestModule:
    """The test ``kajeet.sentinel.imei``."""

    def tests(self):
        """Returns the tests of this plugin."""
        return {"imei": is_imei}
