# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: normalize_iccid
short_description: Normalize an ICCID to its digits
version_added: 0.1.0
description:
  - Returns the digits of an ICCID, without blanks, dashes and a trailing filler F, as the service has it.
  - Fails if the value cannot be an ICCID, and suggests the likely mistake. A wrong check digit is not a failure. To
    find it, use the test P(kajeet.sentinel.iccid#test) with O(kajeet.sentinel.iccid#test:strict).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The ICCID, 18 to 20 digits that begin with 89. Quote it.
    type: str
    required: true
seealso:
  - plugin: kajeet.sentinel.iccid
    plugin_type: test
"""

EXAMPLES = r"""
- name: Compare ICCIDs in different spellings
  ansible.builtin.assert:
    that: "'8901 4103 2111 1851 0720 F' | kajeet.sentinel.normalize_iccid == '89014103211118510720'"

- name: Normalize a list of ICCIDs
  ansible.builtin.debug:
    msg: "{{ scanned | map('kajeet.sentinel.normalize_iccid') | unique }}"
  vars:
    scanned: ["8901-4103-2111-1851-0720", "89014103211118510720"]
"""

RETURN = r"""
_value:
  description: The ICCID, digits only.
  type: str
  sample: "89014103211118510720"
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._declare.identifiers import IdentifierError, check_iccid
from ..module_utils._text import printable


def normalize_iccid(value):
    """Returns the digits of an ICCID. Raises AnsibleTemplatePluginError."""
    try:
        return check_iccid(value).value
    except IdentifierError as error:
        shown = f"{printable(value[:60])}: " if isinstance(value, str) else ""
        raise AnsibleTemplatePluginError(f"{shown}{error}") from None


class FilterModule:
    """The filter ``kajeet.sentinel.normalize_iccid``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"normalize_iccid": normalize_iccid}
