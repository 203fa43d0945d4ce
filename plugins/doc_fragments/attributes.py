# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what modules can do, by Ansible's names for it."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.attributes`: what each module states of itself; `…attributes.sentinel`: what all share."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what it would do, having changed nothing.
  diff_mode:
    description: Says in diff mode what is, or would be, changed.
  idempotent:
    description: Run again with the same parameters, it changes nothing and says so.
"""

    SENTINEL = r"""
options: {}
attributes:
  action_group:
    description: Is in the action group C(group/kajeet.sentinel.sentinel), for C(module_defaults).
    support: full
    membership:
      - kajeet.sentinel.sentinel
  platform:
    description: Where the module can run. It needs a route to the service, so most run it on the controller.
    support: full
    platforms: posix
"""
