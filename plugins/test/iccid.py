# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: iccid
short_description: Whether a value is an ICCID
version_added: 0.1.0
description:
  - True for 18 to 20 digits that begin with 89. Blanks and dashes between them, and the filler F at the end, do not
    matter.
  - What the activation modules take as an ICCID passes, and nothing else.
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
      - Whether it must have 19 or 20 digits that end in their check digit. Some exports leave that out, so the modules
        only warn, unless their option of the same name is set.
    type: bool
    default: false
seealso:
  - plugin: kajeet.sentinel.normalize_iccid
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at an ICCID
  ansible.builtin.assert:
    that: "'8901 4103 2111 1851 0720' is kajeet.sentinel.iccid"

- name: Select those that end in their check digit
  ansible.builtin.debug:
    msg: "{{ scanned | select('kajeet.sentinel.iccid', strict=true) }}"
  vars:
    scanned: ["89014103211118510720", "89014103211118510721"]
"""

RETURN = r"""
_value:
  description: Whether it is one.
  type: bool
"""

from ..module_utils._declare.identifiers import IdentifierError, check_iccid


def is_iccid(value, strict=False):
    """Whether the value is an ICCID; `strict`: and has nothing odd about it."""
    try:
        checked = check_iccid(value)
    except IdentifierError:
        return False
    return not (strict and checked.warning)


class TestModule:
    """The test ``kajeet.sentinel.iccid``."""

    def tests(self):
        """Its name and what does it."""
        return {"iccid": is_iccid}
