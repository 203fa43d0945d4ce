# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: eid
short_description: Whether a value is an EID
version_added: 0.1.0
description:
  - True for 32 digits whose check digits fit, which is to say that modulo 97 the number is 1. Blanks and dashes between
    them do not matter.
  - What the activation modules take as an EID passes, and nothing else.
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
- name: Look at an EID
  ansible.builtin.assert:
    that: "'89049032 12345123 45123456 78901235' is kajeet.sentinel.eid"
"""

RETURN = r"""
_value:
  description: Whether it is one.
  type: bool
"""

from ..module_utils._declare.identifiers import IdentifierError, check_eid


def is_eid(value):
    """Whether the value is an EID."""
    try:
        check_eid(value)
    except IdentifierError:
        return False
    return True


class TestModule:
    """The test ``kajeet.sentinel.eid``."""

    def tests(self):
        """Its name and what does it."""
        return {"eid": is_eid}
