# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: iccid
short_description: Check whether a value is an ICCID
version_added: 0.1.0
description:
  - True for 18 to 20 digits that begin with 89. Blanks, dashes and a trailing filler F are ignored.
  - Accepts the same values as the activation modules.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The value. Quote it.
    type: raw
    required: true
  strict:
    description:
      - Whether the value must have 19 or 20 digits that end in a correct check digit. Some exports leave it out, so the
        modules only warn, unless their option C(strict) is set.
    type: bool
    default: false
seealso:
  - plugin: kajeet.sentinel.normalize_iccid
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check an ICCID
  ansible.builtin.assert:
    that: "'8901 4103 2111 1851 0720' is kajeet.sentinel.iccid"

- name: Select ICCIDs with a correct check digit
  ansible.builtin.debug:
    msg: "{{ scanned | select('kajeet.sentinel.iccid', strict=true) }}"
  vars:
    scanned: ["89014103211118510720", "89014103211118510721"]
"""

RETURN = r"""
_value:
  description: Whether the value is an ICCID.
  type: bool
"""

from ..module_utils._declare.identifiers import IdentifierError, check_iccid


def is_iccid(value, strict=False):
    """Returns whether the value is an ICCID; with `strict`, one without a warning."""
    try:
        checked = check_iccid(value)
    except IdentifierError:
        return False
    return not (strict and checked.warning)


class TestModule:
    """The test ``kajeet.sentinel.iccid``."""

    def tests(self):
        """Returns the tests of this plugin."""
        return {"iccid": is_iccid}
