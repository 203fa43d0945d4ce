# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: eid
short_description: Check whether a value is an EID
version_added: 0.1.0
description:
  - True for 32 digits with correct check digits, which means that the number modulo 97 is 1. Blanks and dashes are
    ignored.
  - Accepts the same values as the activation modules.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - The value. Quote it.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Check an EID
  ansible.builtin.assert:
    that: "'89049032 12345123 45123456 78901235' is kajeet.sentinel.eid"
"""

RETURN = r"""
_value:
  description: Whether the value is an EID.
  type: bool
"""

from ..module_utils._declare.identifiers import IdentifierError, check_eid


def is_eid(value):
    """Returns whether the value is an EID."""
    try:
        check_eid(value)
    except IdentifierError:
        return False
    return True


class TestModule:
    """The test ``kajeet.sentinel.eid``."""

    def tests(self):
        """Returns the tests of this plugin."""
        return {"eid": is_eid}
